//! `codling mcp list` and `codling mcp get`. No value of a variable or a header reaches them.

use std::path::PathBuf;

use serde_json::Value;

use crate::auth_cli::{EngineQuestion, table};
use crate::base::text::clean_line;
use crate::protocol::{Exit, ListedMcpServer, McpTransport};

use super::{listing, named, server_words};

const HEADS: [&str; 5] = ["NAME", "COMMAND OR ADDRESS", "STATUS", "AUTH", "FROM"];

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListForm {
    /// JSON for programs.
    Json,
    /// Text for people.
    Text,
}

/// Prints all servers that a conversation in this folder would have.
pub async fn list(mut engine: EngineQuestion<'_>, folder: PathBuf, form: ListForm) -> Exit {
    let servers = match listing(&mut engine, folder).await {
        Ok(listing) => listing.servers,
        Err(exit) => return exit,
    };
    if form == ListForm::Json {
        let all = servers.iter().map(server_words::json).collect();
        return print_json(&mut engine, &Value::Array(all));
    }
    if servers.is_empty() {
        engine.console.line("No MCP servers yet; `codling mcp add NAME -- COMMAND` adds one");
    } else {
        let home = engine.place.home.clone();
        let row = |listed: &ListedMcpServer| {
            [
                listed.server.name.clone(),
                listed.server.summary(),
                server_words::status(listed).into(),
                server_words::access(listed).into(),
                server_words::whence(&listed.server.owner, home.as_deref()),
            ]
            .map(|cell| clean_line(&cell).into_owned())
        };
        let rows: Vec<_> = servers.iter().map(row).collect();
        for line in table(HEADS, &rows) {
            engine.console.line(&line);
        }
    }
    engine.console.flush();
    Exit::Done
}

/// Prints one server, field by field.
pub async fn get(
    mut engine: EngineQuestion<'_>,
    folder: PathBuf,
    name: String,
    form: ListForm,
) -> Exit {
    let listed = match named(&mut engine, folder, &name).await {
        Ok(listed) => listed,
        Err(exit) => return exit,
    };
    if form == ListForm::Json {
        return print_json(&mut engine, &server_words::json(&listed));
    }
    let server = &listed.server;
    let names = |pairs: &[(String, _)]| match pairs.is_empty() {
        true => "-".to_owned(),
        false => {
            pairs.iter().map(|(name, _)| format!("{name}=*****")).collect::<Vec<_>>().join(", ")
        }
    };
    let mut fields = vec![("status", server_words::status(&listed).to_owned())];
    match &server.transport {
        McpTransport::Stdio { variables, workdir, .. } => {
            fields.push(("transport", "stdio".into()));
            fields.push(("command", server.summary()));
            let workdir = workdir.as_ref().map(|folder| folder.display().to_string());
            fields.push(("cwd", workdir.unwrap_or_else(|| "-".into())));
            fields.push(("env", names(variables)));
        }
        McpTransport::Http { url, headers, .. } => {
            fields.push(("transport", "streamable_http".into()));
            fields.push(("url", url.clone()));
            fields.push(("http_headers", names(headers)));
            fields.push(("auth", server_words::access(&listed).into()));
        }
    }
    let whence = server_words::whence(&server.owner, engine.place.home.as_deref());
    fields.push(("from", whence));
    engine.console.line(&server.name);
    for (field, value) in fields {
        engine.console.line(&format!("  {field}: {}", clean_line(&value)));
    }
    if !server.owner.is_project() {
        engine.console.line(&format!("  remove: codling mcp remove {}", server.name));
    }
    engine.console.flush();
    Exit::Done
}

fn print_json(engine: &mut EngineQuestion<'_>, value: &Value) -> Exit {
    engine.console.line(&format!("{value:#}"));
    engine.console.flush();
    Exit::Done
}
