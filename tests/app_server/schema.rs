//! Checks that whatever goes over the wire in these stories fits the schema that the program
//! writes.

use std::process::Stdio;
use std::sync::OnceLock;

use serde_json::Value;

use crate::stage::{Account, Stage};

/// All definitions, as `codling app-server generate-json-schema --experimental` writes them.
fn definitions() -> &'static Value {
    static WRITTEN: OnceLock<Value> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::new(Account::Nobody);
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_codling"));
        let mut command = stage.command(program, folder.path());
        command.args(["app-server", "generate-json-schema", "--experimental", "--out", "schema"]);
        let ended = command.stderr(Stdio::piped()).output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        let text =
            std::fs::read(folder.path().join("schema/codling_app_server.schema.json")).unwrap();
        serde_json::from_slice::<Value>(&text).unwrap()["definitions"].clone()
    })
}

fn name(method: &str, kind: &str) -> String {
    let parts = method.split('/').map(|part| format!("{}{}", part[..1].to_uppercase(), &part[1..]));
    format!("{}{kind}", parts.collect::<String>())
}

/// Which members a value may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    /// The server ignores members that it does not know.
    Any,
    WrittenDown,
}

/// Fails if what the server sent does not fit, or has members that the schema does not name.
pub fn check(method: &str, kind: &str, value: &Value) {
    hold(method, kind, value, Members::WrittenDown);
}

/// Fails if the server accepted parameters that do not fit. They may be left out if none are
/// needed.
pub fn check_accepted(method: &str, params: &Value) {
    if !params.is_null() {
        hold(method, "Params", params, Members::Any);
    }
}

fn hold(method: &str, kind: &str, value: &Value, members: Members) {
    let definition = &definitions()[name(method, kind)];
    assert!(!definition.is_null(), "the schema has no {method}");
    if let Err(why) = fits(value, definition, members, "") {
        panic!("{method} {kind} is not as it is written down: {why}: {value}");
    }
}

fn fits(value: &Value, schema: &Value, members: Members, at: &str) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        return fits(value, &definitions()[name.rsplit('/').next().unwrap()], members, at);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let misses: Vec<String> =
            choices.iter().filter_map(|one| fits(value, one, members, at).err()).collect();
        return if misses.len() < choices.len() { Ok(()) } else { Err(misses.join(" / ")) };
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return Err(format!("{at} is {value}"));
    }
    let is_type = match schema["type"].as_str() {
        Some("array") => value.is_array(),
        Some("boolean") => value.is_boolean(),
        Some("integer") if schema["minimum"] == 0 => value.is_u64(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("null") => value.is_null(),
        Some("number") => value.is_number(),
        Some("object") => value.is_object(),
        Some("string") => value.is_string(),
        Some(other) => panic!("{other} is no type"),
        None => return Ok(()),
    };
    if !is_type {
        return Err(format!("{at} is {value}, not {}", schema["type"]));
    }
    for (place, one) in value.as_array().into_iter().flatten().enumerate() {
        fits(one, &schema["items"], members, &format!("{at}[{place}]"))?;
    }
    let required = schema["required"].as_array().into_iter().flatten();
    for name in required.map(|name| name.as_str().unwrap()) {
        if value.get(name).is_none() {
            return Err(format!("{at}.{name} is missing"));
        }
    }
    for (name, one) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Null) if members == Members::Any => {}
            (Value::Null, Value::Null) => return Err(format!("{at} is not written down")),
            (Value::Null, others) => fits(one, others, members, &at)?,
            (own, _) => fits(one, own, members, &at)?,
        }
    }
    Ok(())
}
