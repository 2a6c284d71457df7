//! The JSON Schema of the messages that this server takes and sends, written down in
//! `protocol.txt`. Tests compare that file with the methods and with every message they send.

mod notation;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

pub use notation::Gated;
use notation::Notation;

const PROTOCOL: &str = include_str!("protocol.txt");
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";
/// The file with all definitions.
const WHOLE: &str = "codling_app_server.schema.json";
/// The kinds of messages, each with a file of its own.
const KINDS: [&str; 3] = ["ClientRequest", "ServerNotification", "ServerRequest"];

/// Writes the schema into a folder, which is created if missing: one file with all definitions, and
/// one for each kind of message that refers to it. Returns the files written.
///
/// # Errors
///
/// Fails if the folder or a file cannot be written. `InvalidData` is a mistake in the schema
/// itself.
pub fn write(folder: &Path, gate: Gated) -> io::Result<Vec<PathBuf>> {
    let whole = schema(gate).map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
    fs::create_dir_all(folder)?;
    let kinds = KINDS.map(|kind| {
        let schema = json!({ "$schema": DRAFT, "$ref": format!("{WHOLE}#/definitions/{kind}") });
        (format!("{kind}.json"), schema)
    });
    let mut written = Vec::new();
    for (name, schema) in std::iter::once((WHOLE.to_owned(), whole)).chain(kinds) {
        let path = folder.join(name);
        fs::write(&path, format!("{schema:#}\n"))?;
        written.push(path);
    }
    Ok(written)
}

/// The whole schema. Fails only if `protocol.txt` cannot be parsed, and says where.
fn schema(gate: Gated) -> Result<Value, String> {
    let mut definitions = Map::new();
    let (mut requests, mut asks, mut notifications) = (Vec::new(), Vec::new(), Vec::new());
    let lines = PROTOCOL.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        let read = |text: &str| {
            Notation::new(text, gate).whole().map_err(|why| format!("{why}, in `{line}`"))
        };
        let (kind, rest) = line.split_once(' ').ok_or_else(|| line.to_owned())?;
        let (name, rest) = rest.split_once(' ').ok_or_else(|| line.to_owned())?;
        if kind == "type" {
            definitions.insert(name.to_owned(), read(rest.trim_start_matches('='))?);
            continue;
        }
        let method = name.trim_end_matches('!');
        if method != name && gate == Gated::LeftOut {
            continue;
        }
        let pascal = pascal(method);
        let (params, result) = match rest.split_once(" -> ") {
            Some((params, result)) => (params, Some(result)),
            None => (rest, None),
        };
        let named = match kind {
            "notification" => format!("{pascal}Notification"),
            _ => format!("{pascal}Params"),
        };
        let message = message(method, &named, kind);
        definitions.insert(named, read(params)?);
        if let Some(result) = result {
            definitions.insert(format!("{pascal}Response"), read(result)?);
        }
        match kind {
            "request" => requests.push(message),
            "ask" => asks.push(message),
            _ => notifications.push(message),
        }
    }
    for (kind, messages) in KINDS.into_iter().zip([requests, notifications, asks]) {
        definitions.insert(kind.to_owned(), json!({ "oneOf": messages }));
    }
    Ok(json!({
        "$schema": DRAFT, "title": "codling app-server", "definitions": definitions,
    }))
}

/// The schema of a message with this method.
fn message(method: &str, params: &str, kind: &str) -> Value {
    let mut schema = json!({
        "type": "object",
        "properties": {
            "method": { "type": "string", "enum": [method] },
            "params": { "$ref": format!("#/definitions/{params}") },
        },
        "required": ["method", "params"],
    });
    if kind != "notification" {
        schema["properties"]["id"] = json!({ "type": ["string", "integer"] });
        schema["required"] = json!(["id", "method", "params"]);
    }
    schema
}

/// Turns `thread/name/set` into `ThreadNameSet`.
fn pascal(method: &str) -> String {
    let parts = method.split('/').map(|part| {
        let (first, rest) = part.split_at(part.len().min(1));
        format!("{}{rest}", first.to_uppercase())
    });
    parts.collect()
}

#[cfg(test)]
mod tests;
