//! Dynamic tools: tools that a client brings to a thread, and runs itself when the model calls them
//! (`item/tool/call`).

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;

use crate::engine::is_built_in;
use crate::protocol::{CallId, ClientTool, Command, SessionId, ToolAnswer, TurnCommand};

use super::picture::picture;
use crate::app_server::outside::Outside;
use crate::app_server::transport::wire::Fault;

/// The largest number of tools in a thread: a model reads all of them with each request.
const MOST: usize = 128;

/// One tool, or several in a namespace.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum DynamicTool {
    Namespace { name: String, tools: Vec<Function> },
    Function(Function),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Function {
    name: String,
    description: String,
    input_schema: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    content_items: Vec<Content>,
    success: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Content {
    InputText {
        text: String,
    },
    InputImage {
        image_url: String,
    },
    #[serde(other)]
    Other,
}

/// The tools as the engine names them: `namespace.name`, or the name alone.
///
/// # Errors
///
/// Fails at the first tool whose name is malformed, taken or a built-in tool's, or whose schema is
/// no object.
pub fn offered(tools: &[DynamicTool]) -> Result<Vec<ClientTool>, Fault> {
    let all = tools.iter().flat_map(|tool| match tool {
        DynamicTool::Namespace { name, tools } => {
            tools.iter().map(|tool| (Some(name.as_str()), tool)).collect::<Vec<_>>()
        }
        DynamicTool::Function(tool) => vec![(None, tool)],
    });
    let mut taken = HashSet::new();
    let mut offered = Vec::new();
    for (namespace, tool) in all {
        let parts = namespace.into_iter().chain([tool.name.as_str()]);
        if let Some(bad) = parts.clone().find(|part| !is_name(part)) {
            let message =
                format!("dynamic tool name must be letters, digits, `_` and `-`: {bad:?}");
            return Err(Fault::invalid(message));
        }
        let name = parts.collect::<Vec<_>>().join(".");
        if !tool.input_schema.is_object() {
            let message = format!("dynamic tool input schema must be an object: {name}");
            return Err(Fault::invalid(message));
        }
        if is_built_in(&name) {
            let message = format!("dynamic tool name is a built-in tool's: {name}");
            return Err(Fault::invalid(message));
        }
        if !taken.insert(name.clone()) {
            return Err(Fault::invalid(format!("duplicate dynamic tool name: {name}")));
        }
        offered.push(ClientTool {
            name: name.into(),
            description: tool.description.as_str().into(),
            parameters: tool.input_schema.to_string().into(),
        });
    }
    match offered.len() > MOST {
        true => Err(Fault::invalid(format!("more than {MOST} dynamic tools"))),
        false => Ok(offered),
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.len() <= 64 && name.chars().all(is_part)
}

/// Hands on the result of a client's tool. An answer that cannot be read is a failure of the tool.
pub fn answered(outside: &Outside, session: SessionId, call: CallId, result: Result<Value, Fault>) {
    let failed = |why: String| ToolAnswer { text: why, images: Vec::new(), ok: false };
    // Pictures are decoded beside the loop.
    let read =
        tokio::task::spawn_blocking(move || match result.map(serde_json::from_value::<Answer>) {
            Ok(Ok(answer)) => answer.read(),
            Ok(Err(error)) => failed(format!("The client's answer could not be read: {error}")),
            Err(fault) => failed(format!("The client could not run the tool: {}", fault.message)),
        });
    outside.beside(read, move |outside, read| {
        let answer =
            read.unwrap_or_else(|_panic| failed("The client's answer could not be read".into()));
        let command = TurnCommand::AnswerTool { call, answer };
        outside.send(Command::Turn(session, command));
    });
}

impl Answer {
    fn read(self) -> ToolAnswer {
        let (mut text, mut images) = (Vec::new(), Vec::new());
        for item in self.content_items {
            match item {
                Content::InputText { text: words } => text.push(words),
                Content::InputImage { image_url } => match picture(&image_url) {
                    Ok(picture) => images.push(picture),
                    Err(why) => text.push(format!("[a picture that could not be read: {why}]")),
                },
                Content::Other => text.push("[content that the model cannot take]".to_owned()),
            }
        }
        ToolAnswer { text: text.join("\n"), images, ok: self.success }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::text::says;

    fn names(tools: Value) -> Result<Vec<String>, String> {
        let tools: Vec<DynamicTool> = serde_json::from_value(tools).unwrap();
        let offered = offered(&tools).map_err(|fault| fault.message)?;
        Ok(offered.into_iter().map(|tool| tool.name.to_string()).collect())
    }

    #[test]
    fn tools_are_known_by_their_names_and_namespaces() {
        let tool = |name: &str| json!({ "type": "function", "name": name, "description": "", "inputSchema": {} });
        let space = |name: &str, tools: Value| json!({ "type": "namespace", "name": name, "description": "", "tools": tools });
        assert_eq!(
            names(json!([tool("look"), space("ui", json!([tool("look"), tool("shell")]))])),
            Ok(vec!["look".into(), "ui.look".into(), "ui.shell".into()])
        );
        for (tools, why) in [
            (json!([tool("a b")]), "must be letters"),
            (json!([tool("")]), "must be letters"),
            (json!([space("a.b", json!([tool("c")]))]), "must be letters"),
            (json!([tool("shell")]), "built-in tool's: shell"),
            (json!([tool("apply_patch")]), "built-in tool's: apply_patch"),
            (json!([tool("a"), tool("a")]), "duplicate … : a"),
            (json!([{ "name": "a", "description": "", "inputSchema": 7 }]), "schema … object"),
        ] {
            let refused = names(tools.clone()).unwrap_err();
            assert!(says(&refused, why), "{tools}: {refused}");
        }
    }
}
