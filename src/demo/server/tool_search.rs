//! The laws of tool searches that the client answers: the tool on offer, the answers with their
//! namespaces, and the calls of what was found.

use std::collections::HashSet;

use serde_json::Value;

use super::offer::is_name;

/// The first `gpt-` models that know tool searches.
const FIRST: (u32, u32) = (5, 4);

/// Refuses a request whose tool search is not as OpenAI's server takes it.
///
/// # Errors
///
/// Fails with the server's sentence about the first tool or item that is wrong.
pub fn is_well_formed(body: &Value) -> Result<(), String> {
    let items = || body["input"].as_array().into_iter().flatten();
    let mut offers = body["tools"].as_array().into_iter().flatten();
    match offers.find(|tool| tool["type"] == "tool_search") {
        Some(tool) => offer(tool, body["model"].as_str().unwrap_or_default())?,
        None if items().any(is_of_search) => {
            return Err("Items of a tool search need the tool 'tool_search'".into());
        }
        None => {}
    }
    let mut found = HashSet::new();
    for item in items() {
        match item["type"].as_str().unwrap_or_default() {
            "tool_search_call"
                if item["execution"] != "client" || !item["arguments"].is_object() =>
            {
                return Err(format!("Invalid tool_search_call {item}"));
            }
            "tool_search_output" => answer(item, &mut found)?,
            "function_call" if item["namespace"].is_string() => {
                let call = (item["namespace"].as_str(), item["name"].as_str());
                if !found.contains(&call) {
                    return Err(format!("Unknown namespace of function_call {}", item["name"]));
                }
            }
            "function_call" => {
                let name = item["name"].as_str();
                if found.iter().any(|(_, found)| *found == name) && !lists(body, name) {
                    return Err(format!("Missing namespace for function_call {}", item["name"]));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_of_search(item: &Value) -> bool {
    matches!(item["type"].as_str(), Some("tool_search_call" | "tool_search_output"))
        || item["namespace"].is_string()
}

fn lists(body: &Value, name: Option<&str>) -> bool {
    body["tools"].as_array().into_iter().flatten().any(|tool| tool["name"].as_str() == name)
}

fn offer(tool: &Value, model: &str) -> Result<(), String> {
    let version = model.strip_prefix("gpt-").and_then(|rest| {
        let mut parts = rest.split('-').next()?.split('.').map(str::parse::<u32>);
        Some((parts.next()?.ok()?, parts.next().unwrap_or(Ok(0)).ok()?))
    });
    if version.is_some_and(|version| version < FIRST) {
        return Err(format!("Tool 'tool_search' is not supported with {model}."));
    }
    let is_whole = tool["execution"] == "client"
        && tool["description"].is_string()
        && tool["parameters"].is_object()
        && tool["name"].is_null();
    if is_whole { Ok(()) } else { Err("Invalid tool 'tool_search'".into()) }
}

/// Remembers the tools of an answer, as namespace and name.
fn answer<'a>(
    item: &'a Value,
    found: &mut HashSet<(Option<&'a str>, Option<&'a str>)>,
) -> Result<(), String> {
    let bad = |what: &str| Err(format!("Invalid tool_search_output: {what}"));
    if item["execution"] != "client" || item["status"] != "completed" {
        return bad("the client completes it");
    }
    let Some(namespaces) = item["tools"].as_array() else { return bad("it has no tools") };
    let mut names = HashSet::new();
    for namespace in namespaces {
        let name = namespace["name"].as_str();
        let is_whole = namespace["type"] == "namespace" && namespace["description"].is_string();
        if !is_whole || !name.is_some_and(is_name) || !names.insert(name) {
            return bad("a namespace has a name of its own and a description");
        }
        for tool in namespace["tools"].as_array().into_iter().flatten() {
            let is_whole = tool["type"] == "function"
                && tool["defer_loading"] == true
                && tool["strict"] == false
                && tool["description"].is_string()
                && tool["parameters"].is_object()
                && tool["name"].as_str().is_some_and(is_name);
            if !is_whole {
                return bad("a tool is a deferred function with parameters");
            }
            found.insert((name, tool["name"].as_str()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_search_is_offered_answered_and_followed_in_one_form() {
        let offer = json!({ "type": "tool_search", "execution": "client", "description": "d", "parameters": {} });
        let call = json!({ "type": "tool_search_call", "call_id": "a", "execution": "client", "arguments": {} });
        let tool = json!({ "type": "function", "name": "echo", "description": "", "strict": false, "defer_loading": true, "parameters": {} });
        let output = |tools: Value| json!({ "type": "tool_search_output", "call_id": "a", "status": "completed", "execution": "client", "tools": tools });
        let namespace = |tools: Value| json!({ "type": "namespace", "name": "mcp__s", "description": "s", "tools": tools });
        let answer = output(json!([namespace(json!([tool]))]));
        let echo = json!({ "type": "function_call", "namespace": "mcp__s", "name": "echo" });
        let flat = json!({ "type": "function_call", "name": "echo" });
        let bare = json!({ "type": "function", "name": "echo", "parameters": {} });
        for (tools, input, model, is_good) in [
            (json!([offer]), json!([call, answer, echo]), "gpt-5.5", true),
            (json!([offer]), json!([call, output(json!([]))]), "codex-auto-review", true),
            (json!([offer]), json!([]), "gpt-5-codling-demo", false),
            (json!([{ "type": "tool_search", "name": "find" }]), json!([]), "gpt-5.5", false),
            (json!([]), json!([call, answer]), "gpt-5.5", false),
            (json!([]), json!([echo]), "gpt-5.5", false),
            (json!([offer]), json!([echo]), "gpt-5.5", false),
            (json!([offer]), json!([call, answer, flat]), "gpt-5.5", false),
            (json!([offer, bare]), json!([call, answer, flat]), "gpt-5.5", true),
            (json!([offer]), json!([call, output(json!([tool]))]), "gpt-5.5", false),
            (
                json!([offer]),
                json!([call, output(json!([namespace(json!([bare]))]))]),
                "gpt-5.5",
                false,
            ),
            (
                json!([offer]),
                json!([{ "type": "tool_search_call", "execution": "client", "arguments": "{}" }]),
                "gpt-5.5",
                false,
            ),
        ] {
            let body = json!({ "model": model, "tools": tools, "input": input });
            assert_eq!(is_well_formed(&body).is_ok(), is_good, "{body}");
        }
    }
}
