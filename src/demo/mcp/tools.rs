//! The tools of the small MCP server.

use serde_json::{Value, json};

/// One white pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";

pub fn all() -> Value {
    let tool = |name: &str, description: &str, properties: Value, reads: bool| {
        json!({
            "name": name,
            "description": description,
            "inputSchema": { "type": "object", "properties": properties },
            "annotations": { "readOnlyHint": reads },
        })
    };
    json!([
        tool("echo", "Says what it is told", json!({ "text": { "type": "string" } }), true),
        tool(
            "get-sum",
            "Adds two numbers",
            json!({ "a": { "type": "number" }, "b": { "type": "number" } }),
            true
        ),
        tool("write", "Makes a file", json!({ "path": { "type": "string" } }), false),
        tool(
            "wait",
            "Answers after a while, and tells how far it is",
            json!({ "steps": { "type": "integer" } }),
            true
        ),
        tool("flood", "Answers a great deal", json!({}), true),
        tool("picture", "Shows one pixel", json!({}), true),
        tool("environment", "Names its variables", json!({}), true),
        tool("ask", "Asks the person", json!({}), true),
        tool("fail", "Fails", json!({}), true),
        tool("die", "Ends the server", json!({}), false),
    ])
}

/// Calls a tool.
///
/// # Errors
///
/// Fails with an error of JSON-RPC if there is no such tool.
pub fn call(name: &Value, arguments: &Value) -> Result<Value, Value> {
    let text = |text: String| Ok(json!({ "content": [{ "type": "text", "text": text }] }));
    match name.as_str().unwrap_or_default() {
        "echo" => text(format!("Echo: {}", arguments["text"].as_str().unwrap_or_default())),
        "get-sum" => {
            let number = |name: &str| arguments[name].as_f64().unwrap_or_default();
            text(format!("The sum is {}", number("a") + number("b")))
        }
        "write" => {
            match std::fs::write(arguments["path"].as_str().unwrap_or_default(), "written\n") {
                Ok(()) => text("Written".into()),
                Err(error) => Ok(
                    json!({ "isError": true, "content": [{ "type": "text", "text": error.to_string() }] }),
                ),
            }
        }
        "wait" => text("Done waiting".into()),
        "flood" => text("all work and no play\n".repeat(10_000)),
        "picture" => {
            Ok(json!({ "content": [{ "type": "image", "data": PIXEL, "mimeType": "image/png" }] }))
        }
        "environment" => {
            let mut names: Vec<_> =
                std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
            names.sort();
            text(names.join(" "))
        }
        "fail" => Ok(
            json!({ "isError": true, "content": [{ "type": "text", "text": "It did not work" }] }),
        ),
        "die" => std::process::exit(7),
        other => Err(json!({ "code": -32602, "message": format!("No tool {other}") })),
    }
}
