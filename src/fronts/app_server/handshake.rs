//! `initialize`: the client introduces itself and learns about this server.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::json;

use super::outside::Outside;
use super::setup::COMPATIBLE_VERSION;
use super::transport::connection::{Asker, ClientInfo};
use super::transport::wire::Fault;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Initialize {
    client_info: Introduction,
    capabilities: Option<Capabilities>,
}

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

/// Answers `initialize`, which a client sends first and only once on each connection.
pub fn initialize(outside: &mut Outside, asker: Asker, params: Initialize) {
    let Some(connection) = outside.connections.get_mut(&asker.connection) else { return };
    if connection.client.is_some() {
        return outside.answer(asker, Err(Fault::invalid("Already initialized")));
    }
    let Initialize { client_info, capabilities } = params;
    let capabilities = capabilities.unwrap_or_default();
    let agent = user_agent(&client_info);
    connection.client = Some(ClientInfo {
        experimental: capabilities.experimental_api,
        opted_out: capabilities.opt_out_notification_methods.unwrap_or_default(),
    });
    let answer = json!({
        "userAgent": agent, "codexHome": outside.setup.home,
        "platformFamily": std::env::consts::FAMILY, "platformOs": std::env::consts::OS,
    });
    let connection = asker.connection;
    outside.answer(asker, Ok(answer));
    for warning in &outside.setup.warnings {
        outside.notify_one(connection, "configWarning", warning.json());
    }
}

/// Returns `client/version (os; arch) codling/version (client; version)`.
fn user_agent(client: &Introduction) -> String {
    let Introduction { name, version } = client;
    format!(
        "{name}/{COMPATIBLE_VERSION} ({}; {}) codling/{} ({name}; {version})",
        std::env::consts::OS,
        std::env::consts::ARCH,
        env!("CARGO_PKG_VERSION"),
    )
}
