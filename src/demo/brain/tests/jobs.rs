//! Commands that stay, over several prompts.

use serde_json::{Value, json};

use super::changes::CODEX;
use super::{items, ran, turn};
use crate::demo::brain::words::replies;

/// A conversation with somebody who runs what is called.
struct Conversation(Vec<Value>);

impl Conversation {
    /// The call that a prompt leads to, and the answer once that gave back this.
    fn say(&mut self, prompt: &str, output: &str) -> (Value, String) {
        self.0.push(json!({ "role": "user", "content": prompt }));
        let call = self.next().remove(2);
        let id = call["call_id"].clone();
        self.0.push(json!({ "type": "function_call_output", "call_id": id, "output": output }));
        (call, self.answer())
    }

    fn answer(&mut self) -> String {
        self.next()[1]["content"][0]["text"].as_str().unwrap().to_owned()
    }

    fn next(&mut self) -> Vec<Value> {
        let tools: Vec<Value> = ["exec_command", "write_stdin"]
            .map(|name| json!({ "type": "function", "name": name, "parameters": {} }))
            .into();
        let items = items(&json!({ "input": self.0, "tools": tools }));
        self.0.extend(items.clone());
        items
    }
}

fn arguments(call: &Value) -> Value {
    serde_json::from_str(call["arguments"].as_str().unwrap()).unwrap()
}

#[test]
fn a_command_stays_is_typed_into_and_is_heard_to_the_end() {
    let mut conversation = Conversation(Vec::new());
    let running = "Process running with session ID 7";
    let (call, reply) = conversation.say("start `python3 -i`", &ran(running, "Python 3\n>>> "));
    assert_eq!(call["name"], "exec_command");
    assert_eq!(
        arguments(&call),
        json!({ "cmd": "python3 -i", "tty": true, "yield_time_ms": 2000, "justification": replies::ASKED_FOR })
    );
    assert!(
        reply.starts_with("`python3 -i` goes on, as session 7.")
            && reply.contains("\n\n```\nPython 3\n>>> \n```"),
        "{reply}"
    );
    let (call, reply) = conversation.say("type `1 + 1` into it", &ran(running, "1 + 1\n2\n>>> "));
    assert_eq!(call["name"], "write_stdin");
    assert_eq!(
        arguments(&call),
        json!({ "session_id": 7, "chars": "1 + 1\n", "yield_time_ms": 1000 })
    );
    assert!(reply.contains("`python3 -i` goes on") && reply.contains("\n2\n"), "{reply}");
    let (call, reply) = conversation.say("what does it say?", &ran(running, ""));
    assert_eq!(arguments(&call), json!({ "session_id": 7, "yield_time_ms": 5000 }));
    assert!(reply.contains(replies::NOTHING_NEW), "{reply}");
    let (_, reply) =
        conversation.say("type exit() into it", &ran("Process exited with code 3", ""));
    assert!(reply.contains("`python3 -i` has ended (`Process exited with code 3`)"), "{reply}");
    conversation.0.push(json!({ "role": "user", "content": "wait for it" }));
    assert_eq!(conversation.answer(), replies::nothing_runs());
}

#[test]
fn what_a_client_tells_of_its_end_is_no_prompt_and_its_last_words_can_be_had() {
    let mut conversation = Conversation(Vec::new());
    conversation.say("start make", &ran("Process running with session ID 1", ""));
    let note =
        "(Session 1 (`make`) ended with exit code 0. `write_stdin` shows what it wrote last.)";
    conversation.0.push(json!({ "role": "user", "content": "what does it say?" }));
    conversation.0.push(json!({ "role": "user", "content": note }));
    assert_eq!(conversation.next()[2]["name"], "write_stdin");
}

#[test]
fn run_says_when_its_command_goes_on() {
    let mut conversation = Conversation(Vec::new());
    let running = "Process running with session ID 2";
    let (call, reply) = conversation.say("run sleep 60", &ran(running, ""));
    assert!(arguments(&call)["tty"].is_null());
    assert!(
        reply.starts_with("`sleep 60` goes on, as session 2.")
            && reply.contains(replies::NOTHING_NEW),
        "{reply}"
    );
    let (call, _) = conversation.say("wait for it", &ran(running, ""));
    assert_eq!(arguments(&call), json!({ "session_id": 2, "yield_time_ms": 30_000 }));
}

#[test]
fn what_cannot_be_started_is_said() {
    let refused = turn("start `rm -rf x`", CODEX, |_, _| "The user refused this call".into());
    assert!(refused[1].contains("I would have started `rm -rf x`"), "{refused:?}");
    let failed = turn("start `cat`", CODEX, |_, _| "There is no terminal for it".into());
    assert!(
        failed[1].contains("Nothing came of `cat`") && failed[1].contains("no terminal"),
        "{failed:?}"
    );
    let own = turn("start `cat`", &["shell", "read"], |_, _| String::new());
    assert!(own[0].contains("the model `gpt-5-codling-demo` with `/model`"), "{own:?}");
    let none = turn("type a into it", CODEX, |_, _| String::new());
    assert!(none[0].contains(&replies::nothing_runs()), "{none:?}");
    assert_eq!((own.len(), none.len()), (1, 1));
}
