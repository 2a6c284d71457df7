//! Approvals that a server asks for: what is asked, as one line, and what it is answered.

use std::io;

use serde_json::{Value, json};

use crate::base::{Console, text};

/// What approvals are answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    Accept,
    /// By a line of standard input each.
    Ask,
    Decline,
}

impl Answering {
    /// The result or the error that a request of the server's is answered with.
    pub(super) fn answer(self, request: &Value, console: &mut Console) -> Value {
        let method = request["method"].as_str().unwrap_or_default();
        if !method.ends_with("/requestApproval") {
            console.note(&clean(&format!("Not answered: {method}")));
            let message = format!("this client does not answer `{method}`");
            let error = json!({ "code": -32601, "message": message });
            return json!({ "id": request["id"], "error": error });
        }
        let asked = asked(&request["params"]);
        let (decision, told) = match self.decides(&asked, console) {
            true => ("accept", "Accepted"),
            false => ("decline", "Declined"),
        };
        console.note(&clean(&format!("{told}: {asked}")));
        json!({ "id": request["id"], "result": { "decision": decision } })
    }

    fn decides(self, asked: &str, console: &mut Console) -> bool {
        match self {
            Self::Accept => true,
            Self::Decline => false,
            Self::Ask => {
                console.ask(&format!("{asked}? [y/N] "));
                let mut line = String::new();
                // At the end of the input, and where it is no text, nobody has said yes.
                let read = io::stdin().read_line(&mut line).unwrap_or_default();
                if read > 0 {
                    console.answered();
                }
                ["y", "yes"].iter().any(|yes| line.trim().eq_ignore_ascii_case(yes))
            }
        }
    }
}

/// The command, or why files are to be changed.
fn asked(params: &Value) -> String {
    let why = params["reason"].as_str().map(|why| format!(" ({why})")).unwrap_or_default();
    let line = match params["command"].as_str() {
        Some(command) => format!("Run `{command}`{why}"),
        None => format!("Change files{why}"),
    };
    clean(&line)
}

/// What a server says may hold anything.
fn clean(line: &str) -> String {
    text::clean_line(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Reader, recording};

    #[test]
    fn approvals_are_answered_as_one_says_and_nothing_else_is() {
        let (mut console, _, _) = recording::console(Reader::Program, Reader::Program);
        let asked = |method: &str| json!({ "id": 7, "method": method, "params": { "command": "touch x", "reason": "new" } });
        for (answering, decision) in
            [(Answering::Accept, "accept"), (Answering::Decline, "decline")]
        {
            for kind in ["commandExecution", "fileChange"] {
                let request = asked(&format!("item/{kind}/requestApproval"));
                let answer = answering.answer(&request, &mut console);
                assert_eq!(answer, json!({ "id": 7, "result": { "decision": decision } }));
            }
            let other = answering.answer(&asked("item/tool/call"), &mut console);
            assert_eq!(other["error"]["code"], -32601);
        }
    }
}
