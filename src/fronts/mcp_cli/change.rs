//! `codling mcp add` and `codling mcp remove`: write `[mcp.NAME]` of the person's own settings.

use std::path::PathBuf;

use url::Url;

use crate::auth_cli::EngineQuestion;
use crate::base::Secret;
use crate::base::text::clean_line;
use crate::protocol::{
    Command, ConfigCommand, ConfigEdit, ConfigMerge, ConfigValue, ConfigView, Exit, McpOwner,
    McpServer, Origin, Problem, ProblemKind, Reply,
};

use super::{listing, server_words, unknown};

/// A server to write into the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddedServer {
    /// A program with its arguments, and variables as `NAME=VALUE`.
    Program {
        /// The program and its arguments.
        command: Vec<String>,
        /// Variables that it gets, as `NAME=VALUE`.
        variables: Vec<Secret>,
    },
    /// An address, and the variable that holds its token.
    Address {
        /// Where it is.
        url: String,
        /// The variable whose value is sent as a bearer token.
        token_variable: Option<String>,
    },
}

/// Writes a server into the settings, in place of one of the same name there.
pub async fn add(mut engine: EngineQuestion<'_>, name: String, added: AddedServer) -> Exit {
    let value = match McpServer::check_name(&name).and_then(|()| entry(added)) {
        Ok(value) => value,
        Err(why) => {
            let message = format!("The MCP server `{}` was not added: {why}", clean_line(&name));
            return engine.fail(&Problem::new(ProblemKind::Config, message));
        }
    };
    let is_address = matches!(&value, ConfigValue::Table(fields) if fields[0].0 == "url");
    let edit = edit("mcp", &name, Some(value));
    let file = match write(&mut engine, vec![edit]).await {
        Ok(view) => {
            server_words::whence(&McpOwner::Settings(view.file), engine.place.home.as_deref())
        }
        Err(exit) => return exit,
    };
    engine.console.line(&format!("Added the MCP server `{name}` to {file}"));
    if is_address {
        let next = "Name the variable of its token with `--bearer-token-env-var` if it wants one"
            .to_owned();
        engine.console.line(&next);
    }
    engine.console.flush();
    Exit::Done
}

/// Takes a server out of the settings.
pub async fn remove(mut engine: EngineQuestion<'_>, folder: PathBuf, name: String) -> Exit {
    match taken_out(&mut engine, folder, &name).await {
        Ok(file) => {
            engine.console.line(&format!("Removed the MCP server `{name}` from {file}"));
            engine.console.flush();
            Exit::Done
        }
        Err(exit) => exit,
    }
}

async fn taken_out(
    engine: &mut EngineQuestion<'_>,
    folder: PathBuf,
    name: &str,
) -> Result<String, Exit> {
    let read = Command::Config(ConfigCommand::Read);
    let before = engine
        .pick(read, |reply| if let Reply::Config(view) = reply { Some(view.version) } else { None })
        .await?;
    let edits = ["mcp", "mcp_servers"].map(|table| edit(table, name, None));
    let view = write(engine, edits.into()).await?;
    if view.version != before {
        let owner = McpOwner::Settings(view.file);
        return Ok(server_words::whence(&owner, engine.place.home.as_deref()));
    }
    let servers = listing(engine, folder).await?.servers;
    let problem = match servers.iter().find(|listed| listed.server.name == name) {
        Some(listed) => {
            let home = engine.place.home.as_deref();
            let file = server_words::whence(&listed.server.owner, home);
            let message = format!("The MCP server `{name}` does not stand in codling's settings");
            Problem::new(ProblemKind::Config, message).with_next(format!("Remove it from {file}"))
        }
        None => unknown(name, &servers),
    };
    Err(engine.fail(&problem))
}

fn edit(table: &str, name: &str, value: Option<ConfigValue>) -> ConfigEdit {
    ConfigEdit { path: vec![table.into(), name.into()], value, merge: ConfigMerge::Replace }
}

async fn write(
    engine: &mut EngineQuestion<'_>,
    edits: Vec<ConfigEdit>,
) -> Result<Box<ConfigView>, Exit> {
    let written = engine
        .pick(
            Command::Config(ConfigCommand::Write { edits, expected: None }),
            |reply| match reply {
                Reply::Config(view) => Some(Ok(view)),
                Reply::ConfigRefused(refusal) => Some(Err(refusal)),
                _ => None,
            },
        )
        .await?;
    written.map_err(|refusal| engine.fail(&Problem::new(ProblemKind::Config, refusal.message)))
}

/// The entry of a server in the settings, in Codex's words.
fn entry(added: AddedServer) -> Result<ConfigValue, String> {
    let fields = match added {
        AddedServer::Program { command, variables } => {
            let mut words = command.into_iter();
            let program =
                words.next().filter(|word| !word.is_empty()).ok_or("it has no command")?;
            let mut fields = vec![("command".to_owned(), ConfigValue::Text(program))];
            let rest: Vec<_> = words.map(ConfigValue::Text).collect();
            if !rest.is_empty() {
                fields.push(("args".into(), ConfigValue::List(rest)));
            }
            let variables = variables.iter().map(variable).collect::<Result<Vec<_>, _>>()?;
            if !variables.is_empty() {
                fields.push(("env".into(), ConfigValue::Table(variables)));
            }
            fields
        }
        AddedServer::Address { url, token_variable } => {
            let origin = Url::parse(&url).map_err(|_malformed| "its address is none")?.origin();
            Origin::parse(&origin.ascii_serialization())
                .map_err(|_elsewhere| "its address is neither https nor http on this machine")?;
            let mut fields = vec![("url".to_owned(), ConfigValue::Text(url))];
            let variable = token_variable.map(ConfigValue::Text);
            fields.extend(variable.map(|variable| ("bearer_token_env_var".to_owned(), variable)));
            fields
        }
    };
    Ok(ConfigValue::Table(fields))
}

fn variable(pair: &Secret) -> Result<(String, ConfigValue), String> {
    match pair.expose().split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok((name.to_owned(), ConfigValue::Text(value.to_owned())))
        }
        // The value may be a secret, so nothing of it is repeated.
        _ => Err("a variable is written as `NAME=VALUE`".into()),
    }
}
