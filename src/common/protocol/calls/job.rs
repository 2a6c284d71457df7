//! Jobs: commands that go on running after their call was answered, until they end by themselves,
//! are stopped, or the conversation ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::{CallId, CommandExit, JobId, TurnId};

/// A command that goes on running after its call was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its number, which the model and the person name it by.
    pub id: JobId,
    /// The call that started it.
    pub call: CallId,
    /// The turn that started it; what it changes belongs to that turn.
    pub turn: TurnId,
    /// The first line of the command.
    pub title: String,
    /// The last lines that it has shown; empty until there are some.
    pub tail: String,
}

/// The TCP ports on which the processes of a job listen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPorts {
    /// The job.
    pub job: JobId,
    /// The ports, the lowest first; never empty.
    pub ports: Vec<u16>,
}

impl JobPorts {
    /// `listens on 8000, 8080`.
    pub fn words(&self) -> String {
        let ports: Vec<String> = self.ports.iter().map(u16::to_string).collect();
        format!("listens on {}", ports.join(", "))
    }
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobEnd {
    /// How its command ended.
    pub exit: CommandExit,
    /// How long it ran in all.
    pub duration: Duration,
    /// Whether the model has been told in the answer to a call.
    pub is_told: bool,
    /// Notes for people and the model, one sentence each without a full stop.
    pub notes: Vec<String>,
}
