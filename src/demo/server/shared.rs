//! The state shared by the stand's own thread and its holders. Decides nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::record::RequestLog;
use crate::base::Timestamp;
use crate::demo::accounts::devices::Devices;
use crate::demo::accounts::issuer::Issuer;
use crate::demo::answer::ScriptedAnswer;
use crate::demo::answer::gates::Gates;
use crate::demo::mcp::sign_in::McpIssuer;
use crate::demo::options::Options;

#[derive(Debug)]
pub struct Shared {
    pub options: Options,
    /// `http://127.0.0.1:PORT`
    pub origin: String,
    pub gates: Gates,
    pub record: RequestLog,
    state: Mutex<State>,
}

#[derive(Debug)]
pub struct State {
    pub devices: Devices,
    pub faults: HashMap<String, VecDeque<ScriptedAnswer>>,
    pub issuer: Issuer,
    pub mcp_issuer: McpIssuer,
    pub script: VecDeque<ScriptedAnswer>,
    /// Those of conversations in which a prompt with this text stands.
    pub scripts: Vec<(String, VecDeque<ScriptedAnswer>)>,
    /// Answers written so far.
    pub written: u64,
    /// The violations that were seen as they happened.
    pub violations: Vec<String>,
}

impl State {
    /// The next answer of the script for this conversation, or of the one for all.
    pub fn next_scripted(&mut self, body: &Value) -> Option<ScriptedAnswer> {
        let texts: Vec<&str> = prompts(body).collect();
        let own = self
            .scripts
            .iter_mut()
            .find(|(prompt, _)| texts.iter().any(|text| text.contains(prompt.as_str())));
        match own {
            Some((_, answers)) => answers.pop_front(),
            None => self.script.pop_front(),
        }
    }
}

/// The texts in the user's role.
fn prompts(body: &Value) -> impl Iterator<Item = &str> {
    let items = body["input"].as_array().into_iter().flatten();
    let content = items.filter(|item| item["role"] == "user").map(|item| &item["content"]);
    content.flat_map(|content| {
        let parts = content.as_array().into_iter().flatten();
        parts.filter_map(|part| part["text"].as_str()).chain(content.as_str())
    })
}

impl Shared {
    pub fn new(options: Options, origin: String) -> Self {
        let state = State {
            devices: Devices::new(options.auto_approve),
            faults: HashMap::new(),
            mcp_issuer: McpIssuer::default(),
            issuer: Issuer::new(options.person.clone(), origin.clone(), options.access_lifetime),
            script: VecDeque::new(),
            scripts: Vec::new(),
            written: 0,
            violations: Vec::new(),
        };
        Self {
            gates: Gates::new(),
            record: RequestLog::new(options.keep),
            state: Mutex::new(state),
            options,
            origin,
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes an answer out under ids of its own.
    pub fn write(&self, answer: ScriptedAnswer) -> ScriptedAnswer {
        let number = {
            let mut state = self.state();
            state.written += 1;
            state.written
        };
        answer.written(number)
    }

    pub fn now(&self) -> Timestamp {
        self.options.clock.now()
    }
}
