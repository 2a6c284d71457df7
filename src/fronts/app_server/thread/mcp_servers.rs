//! MCP servers in the protocol's shapes.

use serde_json::{Map, Value, json};

use crate::protocol::{McpState, McpStatus};

/// An entry of `mcpServerStatus/list`.
pub fn entry(status: &McpStatus) -> Value {
    let tools = status.tools.iter().filter(|tool| tool.is_on).map(|tool| {
        let shown = json!({
            "name": tool.name,
            "description": tool.summary,
            "inputSchema": { "type": "object" },
            "annotations": { "readOnlyHint": tool.is_read_only },
        });
        (tool.name.to_string(), shown)
    });
    let (runtime, auth) = match &status.state {
        McpState::Off => ("disabled", "unknown"),
        McpState::Untrusted { .. } => ("notStarted", "unknown"),
        McpState::Connecting => ("starting", "unknown"),
        McpState::Ready => ("connected", "unsupported"),
        McpState::SignInNeeded => ("authenticationRequired", "notLoggedIn"),
        McpState::Failed { .. } => ("failed", "unknown"),
    };
    json!({
        "name": status.name,
        "tools": tools.collect::<Map<_, _>>(),
        "resources": [],
        "resourceTemplates": [],
        "authStatus": auth,
        "runtimeStatus": runtime,
    })
}

/// The parameters of `mcpServer/startupStatus/updated`; `None` where the state is not told.
pub fn startup(thread: &str, status: &McpStatus) -> Option<Value> {
    let (state, error) = match &status.state {
        McpState::Off | McpState::Untrusted { .. } => return None,
        McpState::Connecting => ("starting", None),
        McpState::Ready => ("ready", None),
        McpState::SignInNeeded => ("failed", Some("it wants a token".into())),
        McpState::Failed { reason } => ("failed", Some(reason.clone())),
    };
    Some(json!({ "threadId": thread, "name": status.name, "status": state, "error": error }))
}
