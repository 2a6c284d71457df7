//! The written schema matches the parameters that the methods read.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Gated, pascal, schema};
use crate::app_server::methods::{Gate, METHODS};

/// All definitions.
fn definitions(gate: Gated) -> Value {
    schema(gate).unwrap()["definitions"].clone()
}

/// A minimal value that fits the schema; for a choice, its first option.
fn sample(schema: &Value, all: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return sample(&all[name.rsplit('/').next().unwrap()], all);
    }
    if let Some(first) = schema["anyOf"].as_array().map(|choices| &choices[0]) {
        return sample(first, all);
    }
    if let Some(word) = schema["enum"].as_array().map(|words| words[0].clone()) {
        return word;
    }
    match schema["type"].as_str() {
        Some("array") => json!([]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        Some("null") => Value::Null,
        Some("string") => json!("/text"),
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten();
            let required = required.map(|name| name.as_str().unwrap());
            let members: Map<String, Value> = required
                .map(|name| (name.to_owned(), sample(&schema["properties"][name], all)))
                .collect();
            Value::Object(members)
        }
        _ => json!({ "any": "thing" }),
    }
}

/// The options of a choice, each with its own members.
fn choices<'a>(schema: &'a Value, all: &'a Value) -> Vec<&'a Value> {
    if let Some(name) = schema["$ref"].as_str() {
        return choices(&all[name.rsplit('/').next().unwrap()], all);
    }
    match schema["anyOf"].as_array() {
        Some(several) => several.iter().flat_map(|one| choices(one, all)).collect(),
        None => vec![schema],
    }
}

fn is_any(schema: &Value) -> bool {
    schema.as_object().is_some_and(Map::is_empty)
}

#[test]
fn every_method_is_written_down_and_no_other() {
    let all = definitions(Gated::Told);
    let messages = all["ClientRequest"]["oneOf"].as_array().unwrap().iter();
    let shown: BTreeSet<&str> = messages
        .map(|message| message["properties"]["method"]["enum"][0].as_str().unwrap())
        .collect();
    let read: BTreeSet<&str> = METHODS.iter().map(|method| method.name).collect();
    assert_eq!(shown, read);
    let open = definitions(Gated::LeftOut);
    for method in METHODS {
        let is_told = !open[format!("{}Params", pascal(method.name))].is_null();
        assert_eq!(is_told, method.gate != Gate::Experimental, "{}", method.name);
    }
    assert!(open["ThreadStartParams"]["properties"]["dynamicTools"].is_null());
}

#[test]
fn methods_read_what_is_written_down_and_refuse_what_is_not() {
    let all = definitions(Gated::Told);
    for method in METHODS {
        let name = method.name;
        let read = |params: Value| (method.read)(Some(params)).map(drop).map_err(|it| it.message);
        for params in choices(&all[format!("{}Params", pascal(name))], &all) {
            let least = sample(params, &all);
            assert_eq!(read(least.clone()), Ok(()), "{name} {least}");
            for (member, schema) in params["properties"].as_object().unwrap() {
                let with = |value: Value| {
                    let mut params = least.clone();
                    params[member] = value;
                    params
                };
                for choice in choices(schema, &all) {
                    let good = with(sample(choice, &all));
                    assert_eq!(read(good.clone()), Ok(()), "{name}.{member} {good}");
                }
                let is_required =
                    params["required"].as_array().into_iter().flatten().any(|it| it == member);
                if is_required && !is_any(schema) {
                    let mut without = least.clone();
                    without.as_object_mut().unwrap().remove(member);
                    assert!(read(without).is_err(), "{name} does without {member}");
                }
                // No member is only a list of lists.
                let is_typed = choices(schema, &all).into_iter().all(|choice| !is_any(choice));
                if is_typed {
                    assert!(read(with(json!([[1]]))).is_err(), "{name}.{member} is not read");
                }
            }
        }
    }
}

#[test]
fn every_name_that_is_used_is_a_type() {
    let all = definitions(Gated::Told);
    let text = all.to_string();
    for used in text.split("#/definitions/").skip(1) {
        let name = used.split('"').next().unwrap();
        assert!(!all[name].is_null(), "{name}");
    }
}
