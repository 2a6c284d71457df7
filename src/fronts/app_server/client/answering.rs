//! Answers approval requests of a server, and shows each of them as one line.

use std::io;

use serde_json::{Value, json};

use crate::base::{Console, text};

/// The way to answer approval requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// Accepts each of them.
    Accept,
    /// Asks for a line of standard input each time.
    Ask,
    /// Declines each of them.
    Decline,
}

impl Answering {
    /// The message that answers a request of the server: a result or an error.
    pub(super) fn answer(self, request: &Value, console: &mut Console) -> Value {
        let method = request["method"].as_str().unwrap_or_default();
        if !method.ends_with("/requestApproval") {
            console.note(&clean(&format!("Not answered: {method}")));
            let message = format!("this client does not answer `{method}`");
            let error = json!({ "code": -32601, "message": message });
            return json!({ "id": request["id"], "error": error });
        }
        let asked = asked(&request["params"]);
        let (decision, word) = match self.decides(&asked, console) {
            true => ("accept", "Accepted"),
            false => ("decline", "Declined"),
        };
        console.note(&clean(&format!("{word}: {asked}")));
        json!({ "id": request["id"], "result": { "decision": decision } })
    }

    fn decides(self, asked: &str, console: &mut Console) -> bool {
        match self {
            Self::Accept => true,
            Self::Decline => false,
            Self::Ask => {
                console.ask(&format!("{asked}? [y/N] "));
                let mut line = String::new();
                // The end of the input, or input that is not text, counts as no.
                let read = io::stdin().read_line(&mut line).unwrap_or_default();
                if read > 0 {
                    console.answered();
                }
                ["y", "yes"].iter().any(|yes| line.trim().eq_ignore_ascii_case(yes))
            }
        }
    }
}

/// The command, or the reason for changing files.
fn asked(params: &Value) -> String {
    let why = params["reason"].as_str().map(|why| format!(" ({why})")).unwrap_or_default();
    let line = match params["command"].as_str() {
        Some(command) => format!("Run `{command}`{why}"),
        None => format!("Change files{why}"),
    };
    clean(&line)
}

/// Removes control characters, since a server's text may hold anything.
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
