//! `initialize`: who the client is, and what it is told of this server.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::json;

use super::connection::{Asker, ClientInfo};
use super::methods::Params;
use super::server::Server;
use super::setup::COMPATIBLE_VERSION;
use super::wire::Fault;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Initialize {
    client_info: Introduction,
    capabilities: Option<Capabilities>,
}

impl Params for Initialize {}

#[derive(Debug, Deserialize)]
struct Introduction {
    name: String,
    version: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Capabilities {
    experimental_api: bool,
    opt_out_notification_methods: Option<HashSet<String>>,
}

/// Once on each connection, and before anything else.
pub fn initialize(server: &mut Server, asker: Asker, params: Initialize) {
    let Some(connection) = server.connections.get_mut(&asker.connection) else { return };
    if connection.client.is_some() {
        return server.answer(asker, Err(Fault::invalid("Already initialized")));
    }
    let Initialize { client_info, capabilities } = params;
    let capabilities = capabilities.unwrap_or_default();
    let agent = user_agent(&client_info);
    connection.client = Some(ClientInfo {
        experimental: capabilities.experimental_api,
        opted_out: capabilities.opt_out_notification_methods.unwrap_or_default(),
    });
    let answer = json!({
        "userAgent": agent, "codexHome": server.setup.home,
        "platformFamily": std::env::consts::FAMILY, "platformOs": std::env::consts::OS,
    });
    let connection = asker.connection;
    server.answer(asker, Ok(answer));
    for warning in &server.setup.warnings {
        server.tell_one(connection, "configWarning", warning.json());
    }
}

/// `client/version (os; arch) codling/version (client; version)`
fn user_agent(client: &Introduction) -> String {
    let Introduction { name, version } = client;
    format!(
        "{name}/{COMPATIBLE_VERSION} ({}; {}) codling/{} ({name}; {version})",
        std::env::consts::OS,
        std::env::consts::ARCH,
        env!("CARGO_PKG_VERSION"),
    )
}
