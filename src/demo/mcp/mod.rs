//! A small MCP server, for trying and for tests: over standard input and output, or over HTTP at
//! `/mcp` of the [`super::Stand`].

mod serve;
pub mod sign_in;
mod tools;

pub use serve::serve;

use serde_json::{Value, json};

use crate::demo::answer::ScriptedAnswer;
use crate::demo::server::record::SeenRequest;
use crate::demo::server::shared::Shared;

/// Answers a message as JSON-RPC; `None` for a notification.
fn answer(message: &Value) -> Option<Value> {
    let id = message.get("id").filter(|_| message.get("method").is_some())?;
    let params = &message["params"];
    let result = match message["method"].as_str().unwrap_or_default() {
        "initialize" => Ok(json!({
            "protocolVersion": params["protocolVersion"],
            "capabilities": { "tools": { "listChanged": true }, "prompts": {}, "resources": {} },
            "serverInfo": { "name": "codling's stand-in", "version": env!("CARGO_PKG_VERSION") },
            "instructions": "Tools for trying a client",
        })),
        "ping" => Ok(json!({})),
        "prompts/list" => Ok(json!({ "prompts": [{
            "name": "greet",
            "description": "Greets somebody",
            "arguments": [{ "name": "name", "required": true }],
        }] })),
        "prompts/get" => {
            let words =
                format!("Say hello to {}", params["arguments"]["name"].as_str().unwrap_or("all"));
            Ok(
                json!({ "messages": [{ "role": "user", "content": { "type": "text", "text": words } }] }),
            )
        }
        "resources/list" => {
            Ok(json!({ "resources": [{ "uri": "demo://notes", "name": "Notes of the day" }] }))
        }
        "resources/read" => {
            Ok(json!({ "contents": [{ "uri": params["uri"], "text": "It rains." }] }))
        }
        "tools/list" => Ok(json!({ "tools": tools::all() })),
        "tools/call" => tools::call(&params["name"], &params["arguments"]),
        other => Err(json!({ "code": -32601, "message": format!("No method {other}") })),
    };
    Some(match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
    })
}

/// `POST /mcp`, where every token begins with `mcp-`; without one the request is refused.
pub fn over_http(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    let takes = |token: &str| shared.state().mcp_issuer.takes(token);
    if request.path.ends_with("/open") || request.bearer().is_some_and(takes) {
        return match answer(&request.json()) {
            Some(answer) => ScriptedAnswer::json(&answer),
            None => ScriptedAnswer::status(202),
        };
    }
    let wanted = "Bearer resource_metadata=\"/.well-known/oauth-protected-resource/mcp\"";
    ScriptedAnswer::status(401).header("www-authenticate", wanted)
}
