//! The small MCP server over standard input and output, a message a line.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The id of its own request to the client.
const QUESTION: &str = "question";
/// Between two steps of a call that waits.
const STEP: Duration = Duration::from_millis(20);

/// Requests that the client does not wait for any more.
type Cancelled = Arc<Mutex<HashSet<String>>>;

/// Names a file: the server tells every few milliseconds that its tools are others, and notes there
/// each time that they are listed.
const RESTLESS: &str = "CODLING_DEMO_RESTLESS";

fn change_always() {
    loop {
        send(&json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" }));
        thread::sleep(Duration::from_millis(10));
    }
}

/// Serves until the input ends.
///
/// # Errors
///
/// Fails if the input cannot be read.
pub fn serve() -> io::Result<()> {
    say("ready to serve");
    // Some servers do so before they are greeted.
    send(&json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" }));
    let restless = std::env::var_os(RESTLESS);
    if restless.is_some() {
        thread::spawn(change_always);
    }
    let cancelled = Cancelled::default();
    let mut asked = None;
    for line in io::stdin().lock().lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else { continue };
        if let Some(file) = restless.as_ref().filter(|_| message["method"] == "tools/list") {
            let mut file = OpenOptions::new().append(true).create(true).open(file)?;
            writeln!(file, "listed")?;
        }
        if message["method"] == "notifications/cancelled" {
            let id = message["params"]["requestId"].to_string();
            cancelled.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
            say("cancelled");
        } else if message["params"]["name"] == "ask" {
            send(
                &json!({ "jsonrpc": "2.0", "id": QUESTION, "method": "elicitation/create", "params": {
                "mode": "form",
                "message": "Where shall it go?",
                "requestedSchema": { "type": "object", "properties": {
                    "place": { "type": "string", "title": "The place" },
                    "sure": { "type": "boolean", "title": "Are you sure?" },
                }, "required": ["place"] },
            } }),
            );
            asked = Some(message);
        } else if message["id"] == QUESTION
            && let Some(call) = asked.take()
        {
            let content = json!([{ "type": "text", "text": message["result"].to_string() }]);
            let result = json!({ "content": content });
            send(&json!({ "jsonrpc": "2.0", "id": call["id"], "result": result }));
        } else if message["params"]["name"] == "wait" {
            let cancelled = Arc::clone(&cancelled);
            thread::spawn(move || wait(&message, &cancelled));
        } else if let Some(answer) = super::answer(&message) {
            send(&answer);
        }
    }
    Ok(())
}

/// Tells its progress until it is through or cancelled.
fn wait(message: &Value, cancelled: &Cancelled) {
    let steps = message["params"]["arguments"]["steps"].as_u64().unwrap_or(3);
    let token = &message["params"]["_meta"]["progressToken"];
    for step in 1..=steps {
        thread::sleep(STEP);
        let ended = cancelled.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.contains(&message["id"].to_string()) {
            return;
        }
        drop(ended);
        send(&json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": {
            "progressToken": token, "progress": step, "total": steps, "message": "waiting",
        } }));
    }
    if let Some(answer) = super::answer(message) {
        send(&answer);
    }
}

/// A client that has gone hears nothing.
fn send(message: &Value) {
    let mut output = io::stdout().lock();
    let _heard = writeln!(output, "{message}").and_then(|()| output.flush());
}

/// Writes a line to the standard error, as servers do.
fn say(line: &str) {
    let _heard = writeln!(io::stderr(), "{line}");
}
