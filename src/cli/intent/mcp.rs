//! The arguments of `codling mcp`, as meant.

use std::path::PathBuf;

use crate::base::Secret;
use crate::mcp_cli::{AddedServer, ListForm};

use super::super::args::{McpAddArgs, McpArgs};
use super::super::error::CliError;
use super::{Here, folder};

/// A command about the MCP servers of the settings and of a folder.
#[derive(Debug, PartialEq, Eq)]
pub struct McpIntent {
    pub folder: PathBuf,
    pub action: McpAction,
}

/// The action of such a command.
#[derive(Debug, PartialEq, Eq)]
pub enum McpAction {
    Add(String, AddedServer),
    Get(String, ListForm),
    List(ListForm),
    Login { name: String, scopes: Vec<String> },
    Logout(String),
    Remove(String),
}

pub(super) fn mcp(command: McpArgs, here: &Here) -> Result<McpIntent, CliError> {
    let form = |is_json| if is_json { ListForm::Json } else { ListForm::Text };
    let action = match command {
        McpArgs::List { json } => McpAction::List(form(json)),
        McpArgs::Get { name, json } => McpAction::Get(name, form(json)),
        McpArgs::Add(McpAddArgs { name, env, url, bearer_token_env_var, command }) => {
            let added = match url {
                Some(url) => AddedServer::Address { url, token_variable: bearer_token_env_var },
                None => AddedServer::Program {
                    command,
                    variables: env.into_iter().map(Secret::new).collect(),
                },
            };
            McpAction::Add(name, added)
        }
        McpArgs::Login { name, scopes } => McpAction::Login { name, scopes },
        McpArgs::Logout { name } => McpAction::Logout(name),
        McpArgs::Remove { name } => McpAction::Remove(name),
    };
    Ok(McpIntent { folder: folder(None, here)?, action })
}
