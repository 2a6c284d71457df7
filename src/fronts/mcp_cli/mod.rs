//! `codling mcp`: the MCP servers of the settings and of a folder on a plain terminal. Decides
//! nothing.

#![warn(missing_docs)]

mod change;
mod list;
mod server_words;

use std::path::PathBuf;

use crate::auth_cli::EngineQuestion;
use crate::protocol::{
    Command, Exit, ListedMcpServer, McpListing, McpServersCommand, Problem, ProblemKind, Reply,
};

pub use change::{AddedServer, add, remove};
pub use list::{ListForm, get, list};

/// Forgets the tokens of a server.
pub async fn logout(mut engine: EngineQuestion<'_>, name: String) -> Exit {
    let command = Command::McpServers(McpServersCommand::SignOut(name.clone()));
    match engine.ask(command).await {
        Ok(_) => {
            let name = crate::base::text::clean_line(&name);
            engine.console.line(&format!("Signed out of the MCP server `{name}`"));
            engine.console.flush();
            Exit::Done
        }
        Err(exit) => exit,
    }
}

/// The servers of a folder; notices about the files that describe them are printed to stderr.
async fn listing(engine: &mut EngineQuestion<'_>, folder: PathBuf) -> Result<McpListing, Exit> {
    let command = Command::McpServers(McpServersCommand::List(folder));
    let listing = engine
        .pick(command, |reply| match reply {
            Reply::McpServers(listing) => Some(listing),
            _ => None,
        })
        .await?;
    for notice in &listing.notices {
        engine.notice(notice);
    }
    Ok(listing)
}

/// The server of this name.
async fn named(
    engine: &mut EngineQuestion<'_>,
    folder: PathBuf,
    name: &str,
) -> Result<ListedMcpServer, Exit> {
    let servers = listing(engine, folder).await?.servers;
    match servers.iter().find(|listed| listed.server.name == name) {
        Some(listed) => Ok(listed.clone()),
        None => Err(engine.fail(&unknown(name, &servers))),
    }
}

fn unknown(name: &str, servers: &[ListedMcpServer]) -> Problem {
    let names: Vec<_> = servers.iter().map(|listed| format!("`{}`", listed.server.name)).collect();
    let next = match names.is_empty() {
        true => "Add one with `codling mcp add`".to_owned(),
        false => format!("There are: {}", names.join(", ")),
    };
    let message = format!("There is no MCP server `{}`", crate::base::text::clean_line(name));
    Problem::new(ProblemKind::Config, message).with_next(next)
}
