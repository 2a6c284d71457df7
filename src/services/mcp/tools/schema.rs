//! Schemas of tools, as servers of models take them.

use rmcp::model::JsonObject;
use serde_json::{Map, Value};

/// Bytes of a schema; one of more would fill the context by itself.
const LONGEST: usize = 64 << 10;
/// How deep a schema may be nested.
const DEEPEST: usize = 32;

/// The schema as text. `None` where it is too long or too deep to be sent.
pub fn usable(schema: &JsonObject) -> Option<String> {
    if is_deeper(schema.values(), DEEPEST) {
        return None;
    }
    let mut schema = schema.clone();
    schema.remove("$schema");
    // Servers of models refuse these at the top: all that any of them takes may be given.
    for keyword in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(variants)) = schema.remove(keyword) {
            let own = properties(&mut schema);
            for variant in variants {
                if let Some(Value::Object(more)) = variant.get("properties") {
                    for (name, value) in more {
                        own.entry(name.clone()).or_insert_with(|| value.clone());
                    }
                }
            }
        }
    }
    schema.insert("type".into(), "object".into());
    properties(&mut schema);
    let text = Value::Object(schema).to_string();
    (text.len() <= LONGEST).then_some(text)
}

fn properties(schema: &mut JsonObject) -> &mut Map<String, Value> {
    let entry = schema.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    if !entry.is_object() {
        *entry = Value::Object(Map::new());
    }
    match entry {
        Value::Object(properties) => properties,
        _ => unreachable!("it was made an object"),
    }
}

fn is_deeper<'a>(values: impl Iterator<Item = &'a Value>, left: usize) -> bool {
    if left == 0 {
        return true;
    }
    let mut values = values;
    values.any(|value| match value {
        Value::Object(inner) => is_deeper(inner.values(), left - 1),
        Value::Array(inner) => is_deeper(inner.iter(), left - 1),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn repaired(schema: Value) -> Option<Value> {
        let Value::Object(schema) = schema else { panic!("an object") };
        usable(&schema).map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_schema_is_made_one_that_servers_of_models_take() {
        for (given, taken) in [
            (json!({}), json!({ "type": "object", "properties": {} })),
            (
                json!({ "$schema": "x", "type": "object", "properties": { "a": {} } }),
                json!({ "type": "object", "properties": { "a": {} } }),
            ),
            (
                json!({ "anyOf": [
                    { "properties": { "a": { "type": "string" } }, "required": ["a"] },
                    { "properties": { "a": {}, "b": {} } },
                ] }),
                json!({ "properties": { "a": { "type": "string" }, "b": {} }, "type": "object" }),
            ),
            (json!({ "properties": 7 }), json!({ "properties": {}, "type": "object" })),
        ] {
            assert_eq!(repaired(given.clone()), Some(taken), "{given}");
        }
    }

    #[test]
    fn a_schema_that_is_too_long_or_too_deep_is_none() {
        assert_eq!(repaired(json!({ "description": "x".repeat(2 << 20) })), None);
        let deep = (0..200).fold(json!({}), |inner, _| json!({ "properties": { "a": inner } }));
        assert_eq!(repaired(deep), None);
        // A reference to itself is only a word.
        let cycle = json!({ "properties": { "a": { "$ref": "#" } }, "type": "object" });
        assert_eq!(repaired(cycle.clone()), Some(cycle));
    }
}
