//! The MCP servers of a thread, as Codex's clients list them.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::fronts::app_server::outside::Outside;
use crate::fronts::app_server::request::params::Params;
use crate::fronts::app_server::thread::mcp_servers::entry;
use crate::fronts::app_server::threads::loaded_threads::Threads;
use crate::fronts::app_server::transport::connection::Asker;
use crate::protocol::McpStatus;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListServers {
    thread_id: Option<String>,
    server_name: Option<String>,
}

impl Params for ListServers {}

/// The servers of a thread; of the one that was loaded last where none is named.
pub fn list(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: ListServers) {
    let servers = threads.mcp_servers(params.thread_id.as_deref());
    let wanted =
        |status: &&McpStatus| params.server_name.as_ref().is_none_or(|name| **name == *status.name);
    let data: Vec<Value> = servers.iter().filter(wanted).map(entry).collect();
    outside.answer(asker, Ok(json!({ "data": data, "nextCursor": null })));
}
