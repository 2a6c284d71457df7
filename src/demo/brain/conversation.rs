//! A Responses request as the rules see it: the last thing the user said, and what the tools gave back since. Knows no rule.

use serde_json::Value;

pub(super) struct Conversation {
    /// The last message of the user's.
    pub prompt: String,
    /// The calls made since then that were answered, oldest first.
    pub ran: Vec<Ran>,
    /// Names of the tools on offer.
    tools: Vec<String>,
    /// How many calls there were in all.
    pub calls: usize,
    /// Size of the whole request.
    pub bytes: usize,
    /// Whether nothing came before the prompt and nothing after.
    pub is_new: bool,
}

/// A call and what came of it.
pub(super) struct Ran {
    pub tool: String,
    pub arguments: Value,
    pub output: String,
}

impl Conversation {
    pub fn read(body: &Value) -> Self {
        let items = body["input"].as_array().map_or(&[][..], Vec::as_slice);
        let mut prompt = String::new();
        let mut ran = Vec::new();
        let mut calls: Vec<&Value> = Vec::new();
        for item in items {
            match item["type"].as_str().unwrap_or("message") {
                "message" if item["role"] == "user" => {
                    let said = text(&item["content"]);
                    // What a client adds about the place comes in tags, as messages of the user's.
                    if !said.trim_start().starts_with('<') {
                        prompt = said;
                        ran.clear();
                    }
                }
                "function_call" => calls.push(item),
                "function_call_output" => {
                    let call = calls.iter().rfind(|call| call["call_id"] == item["call_id"]);
                    ran.extend(call.map(|call| Ran::read(call, item)));
                }
                _ => {}
            }
        }
        let tools = body["tools"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            prompt,
            ran,
            tools: tools.iter().filter_map(|tool| tool["name"].as_str()).map(str::to_owned).collect(),
            calls: calls.len(),
            bytes: body.to_string().len(),
            is_new: items.len() < 2,
        }
    }

    pub fn offers(&self, tool: &str) -> bool {
        self.tools.iter().any(|offered| offered == tool)
    }

    /// The last answer of a tool since the prompt.
    pub fn last(&self, tool: &str) -> Option<&Ran> {
        self.ran.iter().rfind(|ran| ran.tool == tool)
    }

    pub fn all<'a>(&'a self, tool: &'a str) -> impl Iterator<Item = &'a Ran> {
        self.ran.iter().filter(move |ran| ran.tool == tool)
    }
}

impl Ran {
    fn read(call: &Value, output: &Value) -> Self {
        let arguments = call["arguments"].as_str().unwrap_or_default();
        Self {
            tool: call["name"].as_str().unwrap_or_default().into(),
            arguments: serde_json::from_str(arguments).unwrap_or(Value::Null),
            output: text(&output["output"]),
        }
    }

    pub fn argument(&self, name: &str) -> &str {
        self.arguments[name].as_str().unwrap_or_default()
    }
}

/// Text as it stands, or the text parts of a content array.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}
