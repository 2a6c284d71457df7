//! A server in the words of lists, for people and as JSON: names of variables and headers, and none
//! of their values.

use std::path::Path;

use serde_json::{Value, json};

use crate::base::Secret;
use crate::protocol::{ListedMcpServer, McpOwner, McpTransport, McpTrustState};

/// Whether a conversation would start it.
pub fn status(listed: &ListedMcpServer) -> &'static str {
    match listed.trust {
        _ if !listed.server.is_enabled => "disabled",
        McpTrustState::Changed => "changed, not trusted",
        McpTrustState::New => "not trusted",
        McpTrustState::Own | McpTrustState::Trusted => "enabled",
    }
}

/// How it is told who asks, in words for people.
pub fn access(listed: &ListedMcpServer) -> &'static str {
    match auth_status(listed) {
        "bearer_token" => "header",
        _ => "-",
    }
}

/// In Codex's words.
fn auth_status(listed: &ListedMcpServer) -> &'static str {
    match &listed.server.transport {
        McpTransport::Stdio { .. } => "unsupported",
        McpTransport::Http { headers, .. } if has_authorization(headers) => "bearer_token",
        McpTransport::Http { .. } => "unknown",
    }
}

fn has_authorization(headers: &[(String, Secret)]) -> bool {
    headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
}

/// The file that describes it, with `~` for the home folder.
pub fn whence(owner: &McpOwner, home: Option<&Path>) -> String {
    let (McpOwner::Project(file) | McpOwner::Settings(file)) = owner else {
        return "a client".into();
    };
    match home.and_then(|home| file.strip_prefix(home).ok()) {
        Some(rest) => format!("~/{}", rest.display()),
        None => file.display().to_string(),
    }
}

/// One server of `--json`, with the fields of Codex's list.
pub fn json(listed: &ListedMcpServer) -> Value {
    let server = &listed.server;
    let names = |pairs: &[(String, Secret)]| {
        pairs.iter().map(|(name, _)| Value::from(name.as_str())).collect::<Value>()
    };
    let transport = match &server.transport {
        McpTransport::Stdio { command, variables, workdir } => json!({
            "type": "stdio",
            "command": command.first(),
            "args": command.get(1..).unwrap_or_default(),
            "env": names(variables),
            "cwd": workdir,
        }),
        McpTransport::Http { url, headers, .. } => json!({
            "type": "streamable_http",
            "url": url,
            "http_headers": names(headers),
        }),
    };
    let file = match &server.owner {
        McpOwner::Client => None,
        McpOwner::Project(file) | McpOwner::Settings(file) => Some(file),
    };
    let is_trusted = match listed.trust {
        McpTrustState::Own => None,
        McpTrustState::Trusted => Some(true),
        McpTrustState::Changed | McpTrustState::New => Some(false),
    };
    json!({
        "name": server.name,
        "enabled": server.is_enabled,
        "transport": transport,
        "startup_timeout_sec": server.start_limit.as_secs_f64(),
        "tool_timeout_sec": server.call_limit.as_secs_f64(),
        "auth_status": auth_status(listed),
        "file": file,
        "trusted": is_trusted,
    })
}
