//! A Responses request as the rules see it: the last thing the user said, and what the tools gave
//! back since.

use serde_json::Value;

use super::job_answer::JobAnswer;
use super::summary::{self, PastCall};
use super::tool_sets;
use super::tool_sets::MeantCall;

pub struct SeenConversation {
    /// The last message of the user's.
    pub prompt: String,
    /// The calls made since then that were answered, oldest first.
    pub ran: Vec<PastOutput>,
    tools: Vec<Tool>,
    /// The command that was started or visited last, of those that went on.
    pub job: Option<SeenJob>,
    /// How many calls there were in all.
    pub calls: usize,
    /// Size of the whole request.
    pub bytes: usize,
    /// Whether nothing came before the prompt and nothing after.
    pub is_new: bool,
    /// A JSON Schema that the answer has to fit.
    pub schema: Option<Value>,
    /// The conversation is to be summed up: what there was to it.
    pub past: Option<PastCall>,
    /// In words that the client cannot read.
    pub is_sealed: bool,
}

/// A command that went on when its call was answered.
pub struct SeenJob {
    pub session: u64,
    pub command: String,
    /// A call was told of its end.
    pub is_over: bool,
}

/// A call and what came of it, in the words of the rules.
pub struct PastOutput {
    pub tool: String,
    /// The tool's name in the conversation.
    pub called: String,
    /// The arguments; free text is under `input`.
    pub arguments: Value,
    pub output: String,
    /// Calls of one response have the same.
    step: usize,
}

struct Tool {
    name: String,
    input: RequestInput,
}

/// How a tool is to be called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RequestInput {
    Json,
    Text,
}

impl SeenConversation {
    pub fn read(body: &Value) -> Self {
        let items = body["input"].as_array().map_or(&[][..], Vec::as_slice);
        let mut prompt = String::new();
        let mut ran = Vec::new();
        let mut calls: Vec<(&Value, usize)> = Vec::new();
        let mut past = PastCall::default();
        let mut job = None;
        let (mut step, mut answered) = (0, false);
        for item in items {
            match item["type"].as_str().unwrap_or("message") {
                "message" if item["role"] == "user" => {
                    let said = text(&item["content"]);
                    if let Some(earlier) = summary::prompt_in(&said) {
                        earlier.clone_into(&mut prompt);
                        past.prompts.push(prompt.clone());
                    } else if !is_of_the_client(&said) {
                        past.prompts.push(said.clone());
                        prompt = said;
                        ran.clear();
                    }
                }
                "message" if item["role"] == "assistant" => {
                    past.last_answer = text(&item["content"])
                }
                "compaction" => {
                    if let Some(earlier) =
                        summary::unsealed(item).as_deref().and_then(summary::prompt_in)
                    {
                        earlier.clone_into(&mut prompt);
                        past.prompts.push(prompt.clone());
                    }
                }
                "function_call" | "custom_tool_call" | "tool_search_call" => {
                    step += usize::from(answered);
                    answered = false;
                    calls.push((item, step));
                    past.files.extend(path_of(item));
                }
                "function_call_output" | "custom_tool_call_output" | "tool_search_output" => {
                    answered = true;
                    let call = calls.iter().rfind(|(call, _)| call["call_id"] == item["call_id"]);
                    if let Some((call, step)) = call {
                        job = SeenJob::after(job, call, item);
                        ran.push(PastOutput::read(call, item, *step));
                    }
                }
                _ => {}
            }
        }
        let tools: Vec<Tool> =
            body["tools"].as_array().into_iter().flatten().filter_map(Tool::read).collect();
        let may_call = !tools.is_empty() && body["tool_choice"] != "none";
        let is_sealed = items.last().is_some_and(|item| item["type"] == "compaction_trigger");
        let asks_in_words = !may_call && items.len() > 1 && summary::is_wanted(&prompt);
        Self {
            ran,
            tools,
            job,
            calls: calls.len(),
            bytes: body.to_string().len(),
            is_new: items.len() < 2,
            schema: body["text"]["format"].get("schema").cloned(),
            past: (asks_in_words || is_sealed).then(|| {
                if !is_sealed {
                    past.prompts.pop();
                }
                past
            }),
            is_sealed,
            prompt,
        }
    }

    pub fn offers(&self, tool: &str) -> bool {
        self.input(tool).is_some() || self.stand_in(tool).is_some()
    }

    /// The tool on offer that does the work of one that is not.
    pub fn stand_in(&self, tool: &str) -> Option<&'static str> {
        let other = tool_sets::stand_in(tool).filter(|_| self.input(tool).is_none())?;
        self.input(other).map(|_input| other)
    }

    /// How a tool is called, where it is offered.
    pub fn input(&self, tool: &str) -> Option<RequestInput> {
        self.tools.iter().find(|offered| offered.name == tool).map(|offered| offered.input)
    }

    /// The last answer of a tool since the prompt.
    pub fn last(&self, tool: &str) -> Option<&PastOutput> {
        self.ran.iter().rfind(|ran| ran.tool == tool)
    }

    pub fn all<'a>(&'a self, tool: &'a str) -> impl Iterator<Item = &'a PastOutput> {
        self.ran.iter().filter(move |ran| ran.tool == tool)
    }

    /// The outputs of the calls in the last response.
    pub fn latest(&self) -> impl Iterator<Item = &PastOutput> {
        let step = self.ran.iter().map(|ran| ran.step).max();
        self.ran.iter().filter(move |ran| Some(ran.step) == step)
    }
}

impl PastOutput {
    fn read(call: &Value, output: &Value, step: usize) -> Self {
        let called = call["name"].as_str().unwrap_or_default();
        let MeantCall { tool, arguments, output } =
            tool_sets::meant(called, arguments(call), text(&output["output"]));
        Self { tool, called: called.to_owned(), arguments, output, step }
    }

    pub fn argument(&self, name: &str) -> &str {
        self.arguments[name].as_str().unwrap_or_default()
    }
}

impl SeenJob {
    /// The state of the last command after a call was answered.
    fn after(before: Option<Self>, call: &Value, output: &Value) -> Option<Self> {
        let output = text(&output["output"]);
        let Some(answer) = JobAnswer::read(&output) else { return before };
        let arguments = arguments(call);
        match answer.session() {
            Some(session) if call["name"] == "exec_command" => {
                let command = arguments["cmd"].as_str().unwrap_or_default().to_owned();
                Some(Self { session, command, is_over: false })
            }
            Some(_) => before,
            None => before.map(|job| {
                let is_over = job.is_over || arguments["session_id"] == job.session;
                Self { is_over, ..job }
            }),
        }
    }
}

impl Tool {
    fn read(tool: &Value) -> Option<Self> {
        let input = if tool["type"] == "custom" { RequestInput::Text } else { RequestInput::Json };
        // The server's own tools are known by their type alone.
        let name = tool["name"].as_str().or(tool["type"].as_str());
        Some(Self { name: name?.to_owned(), input })
    }
}

/// Notes of the client about the folder and about events come as messages of the user's too.
fn is_of_the_client(said: &str) -> bool {
    let said = said.trim();
    let begins = [
        "<",
        "# Where you work",
        "The user switched to ",
        "The conversation before this was summed up",
    ];
    let wrapped = ["(The ", "(Session "];
    begins.iter().any(|begin| said.starts_with(begin))
        || wrapped.iter().any(|begin| said.starts_with(begin)) && said.ends_with(')')
}

fn path_of(call: &Value) -> Option<String> {
    let name = call["name"].as_str()?;
    let meant = tool_sets::meant(name, arguments(call), String::new());
    meant.arguments["filePath"].as_str().map(str::to_owned)
}

/// Free text as `input`, and nothing where there are none that can be read.
fn arguments(call: &Value) -> Value {
    match call["input"].as_str() {
        Some(input) => serde_json::json!({ "input": input }),
        None => serde_json::from_str(call["arguments"].as_str().unwrap_or_default())
            .unwrap_or(Value::Null),
    }
}

/// Text as it stands, or the text parts of a content array.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
