//! The offer of a request to the model: its tools, and the form asked of its answer.

use std::collections::HashSet;

use serde_json::Value;

use crate::demo::accounts::catalogue::Catalogue;

/// Refuses tools that the server would turn down.
///
/// # Errors
///
/// Fails with the sentence the server would answer, about the first tool or format that is wrong.
pub fn well_formed(body: &Value) -> Result<(), String> {
    tools(body)?;
    format(&body["text"]["format"])
}

/// Refuses tools that the server takes and the model does not: free text for a model that knows
/// JSON arguments only.
///
/// # Errors
///
/// Fails with a sentence that names the first such tool.
pub fn fits_the_model(body: &Value, catalogue: Catalogue) -> Result<(), String> {
    let model = body["model"].as_str().unwrap_or_default();
    match offered(body).find(|tool| tool["type"] == "custom") {
        Some(tool) if !catalogue.takes_free_text(model) => Err(format!(
            "the tool {} takes free text, which `{model}` does not write",
            tool["name"]
        )),
        _ => Ok(()),
    }
}

fn offered(body: &Value) -> impl Iterator<Item = &Value> {
    body["tools"].as_array().into_iter().flatten()
}

fn tools(body: &Value) -> Result<(), String> {
    let mut names = HashSet::new();
    for tool in offered(body) {
        // The server's own: it has no name, and comes behind the client's.
        if tool["type"] == "web_search" {
            if offered(body).last() != Some(tool) || !tool["external_web_access"].is_boolean() {
                return Err("`web_search` is the last tool, and says how far it reaches".into());
            }
            continue;
        }
        // Its form is a law of tool searches.
        if tool["type"] == "tool_search" {
            continue;
        }
        let name = tool["name"].as_str().unwrap_or_default();
        if !is_name(name) {
            return Err(format!("Invalid tool name {}", tool["name"]));
        }
        if !names.insert(name) {
            return Err(format!("Tool names must be unique: `{name}` is there twice"));
        }
        let is_whole = match tool["type"].as_str() {
            Some("function") => tool["parameters"].is_object(),
            Some("custom") => match tool["format"]["type"].as_str() {
                None | Some("text") => true,
                Some("grammar") => {
                    matches!(tool["format"]["syntax"].as_str(), Some("lark" | "regex"))
                        && tool["format"]["definition"]
                            .as_str()
                            .is_some_and(|definition| !definition.trim().is_empty())
                }
                Some(_) => false,
            },
            _ => false,
        };
        if !is_whole {
            return Err(format!(
                "The tool `{name}` is neither a function with parameters nor a custom tool with a format"
            ));
        }
    }
    Ok(())
}

fn format(format: &Value) -> Result<(), String> {
    match format["type"].as_str() {
        None if format.is_null() => Ok(()),
        Some("text" | "json_object") => Ok(()),
        Some("json_schema") => {
            let named = format["name"].as_str().is_some_and(is_name);
            let strict = format["strict"].is_null() || format["strict"].is_boolean();
            match named && strict && format["schema"].is_object() {
                true => Ok(()),
                false => Err("`text.format` needs a name, a schema that is an object, and `strict` as a boolean".into()),
            }
        }
        _ => Err("`text.format` is of no known type".into()),
    }
}

pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn function(name: &str) -> Value {
        json!({ "type": "function", "name": name, "parameters": {} })
    }

    fn custom(name: &str) -> Value {
        json!({ "type": "custom", "name": name, "format": { "type": "grammar", "syntax": "lark", "definition": "start: \"a\"" } })
    }

    #[test]
    fn tools_are_whole_and_each_is_there_once() {
        let bare = json!({ "type": "function", "name": "a" });
        let empty = json!({ "type": "custom", "name": "a", "format": { "type": "grammar", "syntax": "lark", "definition": " " } });
        for (tools, said) in [
            (json!([]), ""),
            (json!([function("a"), custom("b"), { "type": "custom", "name": "c" }]), ""),
            (json!([function("a"), { "type": "web_search", "external_web_access": false }]), ""),
            (
                json!([{ "type": "web_search", "external_web_access": false }, function("a")]),
                "last",
            ),
            (json!([{ "type": "web_search" }]), "reaches"),
            (json!([function("a"), custom("a")]), "unique"),
            (json!([function("a b")]), "name"),
            (json!([function("")]), "name"),
            (json!([bare]), "neither"),
            (json!([empty]), "neither"),
            (json!([{ "type": "file_search", "name": "a" }]), "neither"),
        ] {
            let found = well_formed(&json!({ "tools": tools })).err().unwrap_or_default();
            assert!(
                found.contains(said) && found.is_empty() == said.is_empty(),
                "{tools}: {found}"
            );
        }
    }

    #[test]
    fn the_form_of_an_answer_is_told_in_full() {
        let schema = |format: Value| {
            well_formed(&json!({ "text": { "verbosity": "low", "format": format } })).is_ok()
        };
        assert!(well_formed(&json!({ "text": { "verbosity": "low" } })).is_ok());
        assert!(schema(
            json!({ "type": "json_schema", "name": "n", "strict": true, "schema": {} })
        ));
        for bad in [
            json!({ "type": "json_schema", "strict": true, "schema": {} }),
            json!({ "type": "json_schema", "name": "n", "strict": "yes", "schema": {} }),
            json!({ "type": "json_schema", "name": "n", "strict": true, "schema": "{}" }),
            json!({ "type": "json_schema", "json_schema": { "name": "n", "schema": {} } }),
            json!({ "name": "n" }),
            json!("json"),
        ] {
            assert!(!schema(bad.clone()), "{bad}");
        }
    }

    #[test]
    fn free_text_is_for_models_that_write_it() {
        for (model, catalogue, takes) in [
            ("codling-demo", Catalogue::Demo, false),
            ("gpt-5-codling-demo", Catalogue::Demo, true),
            ("gpt-5.5", Catalogue::Codex, true),
            ("gpt-5-codex", Catalogue::Demo, true),
            ("gpt-4.1", Catalogue::Codex, false),
            ("o3", Catalogue::Codex, false),
            ("codex-mini-latest", Catalogue::Demo, true),
        ] {
            let body = |tool| json!({ "model": model, "tools": [tool] });
            assert_eq!(
                fits_the_model(&body(custom("apply_patch")), catalogue).is_ok(),
                takes,
                "{model}"
            );
            assert!(fits_the_model(&body(function("apply_patch")), catalogue).is_ok());
        }
    }
}
