//! The two sets of tools that a request may offer: the rules speak codling's own, and here their
//! calls are put into Codex's where those are offered, and calls of Codex's back into what the
//! rules know. Decides nothing.

use serde_json::{Value, json};

use super::job_answer::JobAnswer;
use super::shell_reading;

/// A call that the rules make, in their own words.
pub struct NextCall {
    pub tool: &'static str,
    /// A text where the tool takes text, else an object.
    pub arguments: Value,
}

/// A call and what it gave back, in the words of the rules.
pub struct MeantCall {
    pub tool: String,
    pub arguments: Value,
    pub output: String,
}

/// The tool of Codex's that does what one of codling's own does.
pub fn stand_in(tool: &str) -> Option<&'static str> {
    match tool {
        "glob" | "grep" | "read" | "shell" => Some("exec_command"),
        "question" => Some("request_user_input"),
        "todo" => Some("update_plan"),
        _ => None,
    }
}

/// A call of the rules' as Codex's tool of this name takes it.
pub fn spoken(call: &NextCall, tool: &'static str) -> NextCall {
    let given = &call.arguments;
    let arguments = match call.tool {
        "question" => json!({ "questions": [given] }),
        "shell" => json!({ "cmd": given["command"], "justification": given["reason"] }),
        "todo" => {
            let items = given["items"].as_array().into_iter().flatten();
            let steps = items
                .map(|item| json!({ "step": item["text"], "status": status(&item["state"]) }))
                .collect::<Vec<_>>();
            json!({ "plan": steps })
        }
        _ => json!({ "cmd": shell_reading::command(call.tool, given) }),
    };
    NextCall { tool, arguments }
}

/// The call in the rules' own words, by the name it was made under.
pub fn meant(name: &str, arguments: Value, output: String) -> MeantCall {
    let same =
        |tool: &str, arguments, output| MeantCall { tool: tool.to_owned(), arguments, output };
    match name {
        "exec_command" => {
            let command = arguments["cmd"].as_str().unwrap_or_default();
            // A command that the person asked for says so, and is not a reading of the rules.
            let is_own = arguments["justification"].is_null();
            if let Some((tool, read)) = shell_reading::meant(command).filter(|_| is_own) {
                let output = match JobAnswer::read(&output) {
                    Some(answer) => shell_reading::output(tool, &read, &answer),
                    None => output,
                };
                return same(tool, read, output);
            }
            let output = as_shell(output);
            match arguments["tty"] == true {
                true => same(name, arguments, output),
                false => same("shell", json!({ "command": command }), output),
            }
        }
        "request_user_input" => {
            same("question", arguments["questions"][0].clone(), answered(output))
        }
        "update_plan" => same("todo", arguments, output),
        "write_stdin" => same(name, arguments, as_shell(output)),
        _ => same(name, arguments, output),
    }
}

/// The answer to the only question, as other models are told of it.
fn answered(output: String) -> String {
    let read = serde_json::from_str::<Value>(&output).ok();
    let words = read.as_ref().and_then(|read| read.pointer("/answers/1/answers/0")?.as_str());
    words.map(|words| format!("The user answered: {words}")).unwrap_or(output)
}

fn as_shell(output: String) -> String {
    JobAnswer::read(&output).map(|answer| answer.as_shell()).unwrap_or(output)
}

fn status(state: &Value) -> &'static str {
    match state.as_str() {
        Some("doing") => "in_progress",
        Some("done") => "completed",
        _ => "pending",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::brain::words::replies;

    #[test]
    fn a_command_that_the_person_asked_for_is_never_taken_for_a_reading() {
        let past = |justification: Value, tty: bool| {
            let arguments =
                json!({ "cmd": "cat -n -- a.md", "tty": tty, "justification": justification });
            meant("exec_command", arguments, "Refused".into()).tool
        };
        assert_eq!(past(Value::Null, false), "read");
        assert_eq!(past(replies::ASKED_FOR.into(), false), "shell");
        assert_eq!(past(replies::ASKED_FOR.into(), true), "exec_command");
    }
}
