//! `multi_tool_use.parallel`: several tool calls that a model wrote as one, of a tool that is not
//! offered. Each part becomes a call of its own, as if the model had made it so.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::stream::bounds;
use crate::protocol::{CallId, Item, ItemId, ItemKind, ModelDelta, ToolCall};

const NAMES: [&str; 2] = ["multi_tool_use.parallel", "multi_tool_use_parallel"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParallelUse {
    tool_uses: Vec<ToolUse>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolUse {
    recipient_name: String,
    parameters: Map<String, Value>,
}

/// Hands on what came, with each part of such a call as an item of its own. A call that cannot be
/// read stays as it is, and is refused like any tool that there is not.
pub fn split(delta: ModelDelta, mut emit: impl FnMut(ModelDelta)) {
    match &delta {
        ModelDelta::Item(item) => match parts(item) {
            Some(parts) => parts.into_iter().map(ModelDelta::Item).for_each(emit),
            None => emit(delta),
        },
        _ => emit(delta),
    }
}

/// The first part has the item's name, so that what was shown of it ends; none has the server's
/// bytes, which are those of the whole.
fn parts(item: &Item) -> Option<Vec<Item>> {
    let ItemKind::Call(call) = &item.kind else { return None };
    if !NAMES.contains(&call.plain_name()) {
        return None;
    }
    let ParallelUse { tool_uses } = serde_json::from_str(&call.arguments).ok()?;
    if tool_uses.is_empty() || tool_uses.len() > bounds::CALLS {
        return None;
    }
    let part = |(at, part): (usize, ToolUse)| {
        let id = match at {
            0 => item.id.clone(),
            _ => ItemId::new(format!("{}.{at}", item.id)),
        };
        let written = ToolCall {
            id: CallId::new(format!("{}_{}", call.id, at + 1)),
            name: part.recipient_name,
            arguments: Value::Object(part.parameters).to_string(),
        };
        // The name is sent back to the server, which takes no dots in it.
        let call = written.renamed(written.plain_name());
        Item { id, kind: ItemKind::Call(call), wire: None }
    };
    Some(tool_uses.into_iter().enumerate().map(part).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(name: &str, arguments: &str) -> Vec<(String, String, String, String)> {
        let call =
            ToolCall { id: CallId::new("c"), name: name.into(), arguments: arguments.into() };
        let item = Item { id: ItemId::new("r.1"), kind: ItemKind::Call(call), wire: None };
        let mut found = Vec::new();
        split(ModelDelta::Item(item), |delta| match delta {
            ModelDelta::Item(Item { id, kind: ItemKind::Call(call), .. }) => {
                found.push((id.to_string(), call.id.to_string(), call.name, call.arguments));
            }
            other => panic!("{other:?}"),
        });
        found
    }

    #[test]
    fn each_part_is_a_call_of_its_own() {
        let arguments = r#"{"tool_uses":[{"recipient_name":"functions.exec_command","parameters":{"cmd":"ls","workdir":"a"}},{"recipient_name":"read","parameters":{}}]}"#;
        let wanted = [
            ("r.1", "c_1", "exec_command", r#"{"cmd":"ls","workdir":"a"}"#),
            ("r.1.1", "c_2", "read", "{}"),
        ]
        .map(|(item, call, name, arguments)| {
            (item.to_owned(), call.to_owned(), name.to_owned(), arguments.to_owned())
        });
        for name in [
            "multi_tool_use.parallel",
            "functions.multi_tool_use.parallel",
            "multi_tool_use_parallel<|x",
        ] {
            assert_eq!(calls(name, arguments), wanted, "{name}");
        }
    }

    #[test]
    fn a_call_that_cannot_be_read_stays_whole() {
        let part = r#"{"recipient_name":"read","parameters":{}}"#;
        let many = vec![part; bounds::CALLS + 1].join(",");
        for (name, arguments) in [
            ("multi_tool_use.parallel", r#"{"tool_uses":[]}"#.to_owned()),
            ("multi_tool_use.parallel", r#"{"tool_uses":[{"recipient_name":"read"#.to_owned()),
            ("multi_tool_use.parallel", r#"{"tool_uses":[{"recipient_name":"read"}]}"#.to_owned()),
            ("multi_tool_use.parallel", format!(r#"{{"tool_uses":[{part}],"then":"rm"}}"#)),
            ("multi_tool_use.parallel", format!(r#"{{"tool_uses":[{many}]}}"#)),
            ("multi_tool_use", format!(r#"{{"tool_uses":[{part}]}}"#)),
        ] {
            let same = ("r.1".to_owned(), "c".to_owned(), name.to_owned(), arguments.clone());
            assert_eq!(calls(name, &arguments), [same]);
        }
    }
}
