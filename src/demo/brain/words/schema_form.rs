//! An answer in the form of a JSON Schema: text where there is to be text, the least of everything
//! else. Checks nothing.

use serde_json::{Map, Value, json};

/// Deeper than any form that a person writes.
const DEEPEST: usize = 16;
/// Characters of the answer in one field.
const FIELD: usize = 200;

/// The JSON text of an answer.
pub fn fill(schema: &Value, answer: &str) -> String {
    let words = answer.split_whitespace().collect::<Vec<_>>().join(" ");
    value(schema, &words.chars().take(FIELD).collect::<String>(), 0).to_string()
}

fn value(schema: &Value, text: &str, depth: usize) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    if let Some(first) = schema["anyOf"].get(0).filter(|_| depth < DEEPEST) {
        return value(first, text, depth + 1);
    }
    // Where several types fit, the first does.
    match schema["type"].as_str().or_else(|| schema["type"][0].as_str()) {
        Some("array") => Value::Array(items(schema, text, depth)),
        Some("boolean") => json!(true),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("null") => Value::Null,
        Some("object") => object(schema, text, depth),
        None if schema["properties"].is_object() => object(schema, text, depth),
        _ => json!(text),
    }
}

fn items(schema: &Value, text: &str, depth: usize) -> Vec<Value> {
    let is_wanted = depth < DEEPEST && schema["items"].is_object();
    is_wanted.then(|| value(&schema["items"], text, depth + 1)).into_iter().collect()
}

fn object(schema: &Value, text: &str, depth: usize) -> Value {
    let mut fields = Map::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        if depth < DEEPEST {
            fields.insert(name.clone(), value(field, text, depth + 1));
        }
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_there_and_of_its_type() {
        let schema = json!({ "type": "object", "properties": {
            "name": { "type": "string" }, "kind": { "enum": ["a", "b"] }, "many": { "type": "array", "items": { "type": "integer" } },
            "deep": { "properties": { "maybe": { "type": ["null", "string"] }, "yes": { "type": "boolean" } } },
        } });
        let filled: Value = serde_json::from_str(&fill(&schema, "Two\n words")).unwrap();
        assert_eq!(
            filled,
            json!({ "name": "Two words", "kind": "a", "many": [1], "deep": { "maybe": null, "yes": true } })
        );
        let mut endless = json!({ "type": "string" });
        for _ in 0..100 {
            endless = json!({ "type": "array", "items": endless });
        }
        assert!(fill(&endless, "x").starts_with("[[["));
    }
}
