//! An editor at the other end of the pipe.

use std::collections::VecDeque;
use std::io::Write;
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::messages;

/// How long anything may take on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(30);

pub struct Editor {
    input: Option<ChildStdin>,
    incoming: Receiver<(Value, String)>,
    /// Messages that have come and that no test has asked for yet.
    waiting: VecDeque<Value>,
    /// Every message that ever came, in order.
    pub heard: Vec<Value>,
    last: i64,
}

impl Editor {
    pub fn new(input: ChildStdin, output: ChildStdout) -> Self {
        let waiting = VecDeque::new();
        Self { input: Some(input), incoming: messages(output), waiting, heard: Vec::new(), last: 0 }
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub fn send(&mut self, message: &Value) {
        self.send_bytes(format!("{message}\n").as_bytes());
    }

    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// Sends a request under an id of any kind, and does not wait for its answer.
    pub fn ask_as(&mut self, id: &Value, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = json!(self.last);
        self.ask_as(&id, method, params);
        id
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Returns the whole answer to a request, be it an error or a result.
    pub fn answer(&mut self, id: &Value) -> Value {
        self.until(&format!("the answer to {id}"), |it| it["id"] == *id && it["method"].is_null())
    }

    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(&id);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends a request that has to fail; returns the error.
    pub fn refusal(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.answer(&id);
        assert!(answer["error"]["code"].is_i64(), "{method} was granted: {answer}");
        answer["error"].clone()
    }

    /// Returns the agent's next request of this name, whole.
    pub fn asked(&mut self, method: &str) -> Value {
        self.until(method, |it| it["method"] == method && !it["id"].is_null())
    }

    pub fn reply(&mut self, request: &Value, result: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }));
    }

    pub fn reply_error(&mut self, request: &Value, code: i64, message: &str) {
        let error = json!({ "code": code, "message": message });
        self.send(&json!({ "jsonrpc": "2.0", "id": request["id"], "error": error }));
    }

    /// Returns the parameters of the next notification of this name.
    pub fn news(&mut self, method: &str) -> Value {
        self.until(method, |it| it["method"] == method && it["id"].is_null())["params"].clone()
    }

    /// Returns the next update of this kind.
    pub fn update(&mut self, kind: &str) -> Value {
        let found = self.until(kind, |it| it["params"]["update"]["sessionUpdate"] == kind);
        found["params"]["update"].clone()
    }

    /// Returns the first message that fits; keeps those that came before it.
    pub fn until(&mut self, awaited: &str, mut fits: impl FnMut(&Value) -> bool) -> Value {
        if let Some(at) = self.waiting.iter().position(&mut fits) {
            return self.waiting.remove(at).unwrap();
        }
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (message, _) = self.incoming.recv_timeout(left).unwrap_or_else(|error| {
                panic!("{awaited} did not come ({error}); heard: {:#?}", self.waiting)
            });
            assert_eq!(message["jsonrpc"], "2.0", "{message}");
            self.heard.push(message.clone());
            if fits(&message) {
                return message;
            }
            self.waiting.push_back(message);
        }
    }

    /// All updates of this kind so far, in order, whether or not they were asked for.
    pub fn updates(&self, kind: &str) -> Vec<Value> {
        let all = self.heard.iter().map(|it| &it["params"]["update"]);
        all.filter(|update| update["sessionUpdate"] == kind).cloned().collect()
    }

    /// The text of all chunks of this kind so far.
    pub fn text(&self, kind: &str) -> String {
        let chunks = self.updates(kind);
        chunks.iter().map(|chunk| chunk["content"]["text"].as_str().unwrap_or("")).collect()
    }

    /// How many messages of this name came so far.
    pub fn count(&self, method: &str) -> usize {
        self.heard.iter().filter(|it| it["method"] == method).count()
    }

    /// Returns whether the agent has closed its end; takes in what it said before.
    pub fn is_let_go(&mut self) -> bool {
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.incoming.recv_timeout(left) {
                Ok((message, _)) => {
                    self.heard.push(message.clone());
                    self.waiting.push_back(message);
                }
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    /// Says hello as a client with these capabilities.
    pub fn initialize(&mut self, capabilities: Value) -> Value {
        self.request(
            "initialize",
            json!({
                "protocolVersion": 1, "clientCapabilities": capabilities,
                "clientInfo": { "name": "story", "version": "1.0" },
            }),
        )
    }

    /// Sends a prompt; returns its request id.
    pub fn prompt(&mut self, session: &str, text: &str) -> Value {
        let block = json!({ "type": "text", "text": text });
        self.ask("session/prompt", json!({ "sessionId": session, "prompt": [block] }))
    }

    /// Returns why the prompt's turn stopped.
    pub fn stopped(&mut self, prompt: &Value) -> String {
        let answer = self.answer(prompt);
        let reason = answer["result"]["stopReason"].as_str();
        reason.unwrap_or_else(|| panic!("the prompt failed: {answer}")).to_owned()
    }
}
