//! What the stand's own thread and those who hold the stand both see. Decides nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::Timestamp;

use super::answer::ScriptedAnswer;
use super::devices::Devices;
use super::gates::Gates;
use super::issuer::Issuer;
use super::options::Options;
use super::record::RequestLog;

#[derive(Debug)]
pub(super) struct Shared {
    pub options: Options,
    /// `http://127.0.0.1:PORT`
    pub origin: String,
    pub gates: Gates,
    pub record: RequestLog,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    pub devices: Devices,
    pub faults: HashMap<String, VecDeque<ScriptedAnswer>>,
    pub issuer: Issuer,
    pub script: VecDeque<ScriptedAnswer>,
    /// Answers written so far.
    pub written: u64,
    /// What was seen to be wrong as it happened.
    pub violations: Vec<String>,
}

impl Shared {
    pub fn new(options: Options, origin: String) -> Self {
        let state = State {
            devices: Devices::new(options.auto_approve),
            faults: HashMap::new(),
            issuer: Issuer::new(options.person.clone(), origin.clone(), options.access_lifetime),
            script: VecDeque::new(),
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
