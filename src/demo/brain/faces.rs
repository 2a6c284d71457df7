//! The two sets of tools that a request may offer: the rules speak codling's own, and here their calls are put into Codex's where those are offered, and calls of
//! Codex's back into what the rules know. Decides nothing.

use serde_json::{Value, json};

use super::plan::NextCall;
use super::reading;

/// A call and what it gave back, in the words of the rules.
pub(super) struct MeantCall {
    pub tool: String,
    pub arguments: Value,
    pub output: String,
}

/// How a command stands, out of the answer of `exec_command` or `write_stdin`.
pub(super) struct JobAnswer<'a> {
    /// `Process exited with code 0`
    pub standing: &'a str,
    /// Sentences about it, a line each.
    pub notes: Vec<&'a str>,
    /// What it wrote.
    pub body: &'a str,
    /// Something is missing in the middle of that.
    pub is_cut: bool,
}

/// Before the number of a command that goes on.
pub(super) const RUNNING: &str = "Process running with session ID ";

impl<'a> JobAnswer<'a> {
    /// `None` where nothing was run: the answer says why.
    pub fn read(output: &'a str) -> Option<Self> {
        let (head, body) = output.strip_prefix("Wall time: ")?.split_once("\nOutput:\n")?;
        let mut lines = head.lines().skip(1);
        let standing = lines.next()?;
        let (counts, notes): (Vec<_>, Vec<_>) =
            lines.partition(|line| line.starts_with("Original token count: "));
        Some(Self { standing, notes, body, is_cut: !counts.is_empty() })
    }

    /// The number under which it goes on.
    pub fn session(&self) -> Option<u64> {
        self.standing.strip_prefix(RUNNING)?.parse().ok()
    }

    /// How it stands, then what it wrote, as `shell` tells it.
    fn told(&self) -> String {
        let notes: String = self.notes.iter().map(|note| format!("{note}\n")).collect();
        format!("{}\n{notes}\n{}", self.standing, self.body)
    }
}

/// The tool of Codex's that does what one of codling's own does.
pub(super) fn stand_in(tool: &str) -> Option<&'static str> {
    match tool {
        "glob" | "grep" | "read" | "shell" => Some("exec_command"),
        "question" => Some("request_user_input"),
        "todo" => Some("update_plan"),
        _ => None,
    }
}

/// A call of the rules' as Codex's tool of this name takes it.
pub(super) fn spoken(call: &NextCall, tool: &'static str) -> NextCall {
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
        _ => json!({ "cmd": reading::command(call.tool, given) }),
    };
    NextCall { tool, arguments }
}

/// What a call was about that was made under this name.
pub(super) fn meant(name: &str, arguments: Value, output: String) -> MeantCall {
    let same =
        |tool: &str, arguments, output| MeantCall { tool: tool.to_owned(), arguments, output };
    match name {
        "exec_command" => {
            let command = arguments["cmd"].as_str().unwrap_or_default();
            // What the person asked for says so, and is no reading of the rules'.
            let is_own = arguments["justification"].is_null();
            if let Some((tool, read)) = reading::meant(command).filter(|_| is_own) {
                let output = match JobAnswer::read(&output) {
                    Some(answer) => reading::output(tool, &read, &answer),
                    None => output,
                };
                return same(tool, read, output);
            }
            let output = told(output);
            match arguments["tty"] == true {
                true => same(name, arguments, output),
                false => same("shell", json!({ "command": command }), output),
            }
        }
        "request_user_input" => {
            same("question", arguments["questions"][0].clone(), answered(output))
        }
        "update_plan" => same("todo", arguments, output),
        "write_stdin" => same(name, arguments, told(output)),
        _ => same(name, arguments, output),
    }
}

/// The answer to the only question, as other models are told of it.
fn answered(output: String) -> String {
    let read = serde_json::from_str::<Value>(&output).ok();
    let words = read.as_ref().and_then(|read| read.pointer("/answers/1/answers/0")?.as_str());
    words.map(|words| format!("The user answered: {words}")).unwrap_or(output)
}

fn told(output: String) -> String {
    JobAnswer::read(&output).map(|answer| answer.told()).unwrap_or(output)
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

    #[test]
    fn the_answer_of_a_command_tells_how_it_stands() {
        let answer = "Wall time: 0.1000 seconds\nProcess exited with code 2\nA note\nOriginal token count: 9\n3 bytes left out\nOutput:\na\nOutput:\nb";
        let read = JobAnswer::read(answer).unwrap();
        assert_eq!((read.standing, read.session()), ("Process exited with code 2", None));
        assert_eq!((&read.notes[..], read.is_cut), (&["A note", "3 bytes left out"][..], true));
        assert_eq!(read.body, "a\nOutput:\nb");
        assert_eq!(
            read.told(),
            "Process exited with code 2\nA note\n3 bytes left out\n\na\nOutput:\nb"
        );
        let running = format!("Wall time: 1.0000 seconds\n{RUNNING}7\nOutput:\n");
        let read = JobAnswer::read(&running).unwrap();
        assert_eq!((read.session(), read.body, read.is_cut), (Some(7), "", false));
        assert!(JobAnswer::read("The user refused this call").is_none());
    }

    #[test]
    fn a_command_that_the_person_asked_for_is_never_taken_for_a_reading() {
        let past = |justification: Value, tty: bool| {
            let arguments =
                json!({ "cmd": "cat -n -- a.md", "tty": tty, "justification": justification });
            meant("exec_command", arguments, "Refused".into()).tool
        };
        assert_eq!(past(Value::Null, false), "read");
        assert_eq!(past("You asked for it".into(), false), "shell");
        assert_eq!(past("You asked for it".into(), true), "exec_command");
    }
}
