//! Refusals that nobody was asked about: what forbids a call, for people. The model has a sentence
//! of its own.

use serde::{Deserialize, Serialize};

/// Why a call was refused without a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// The setting, mode or sandbox that forbids it.
    pub cause: DenialCause,
    /// The part of the call that is forbidden, where that needs saying: a sentence without a full
    /// stop.
    pub detail: Option<String>,
}

/// The cause of a denial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DenialCause {
    /// The agent that changes nothing.
    Plan,
    /// The approval mode of that name.
    ReadOnly,
    /// A permission rule, as settings have it: `shell: rm *`.
    Rule(String),
}

impl Denial {
    /// Nothing about the call but what it is.
    pub fn by(cause: DenialCause) -> Self {
        Self { cause, detail: None }
    }

    /// For a person, without a full stop: why, and what that person can do in any front.
    pub fn sentence(&self) -> String {
        self.with_advice(match &self.cause {
            DenialCause::Plan => "switch to Build to have it done",
            DenialCause::ReadOnly => "another approval mode allows it",
            DenialCause::Rule(_) => "change the rule to allow it",
        })
    }

    /// The same, with other advice.
    pub fn with_advice(&self, advice: &str) -> String {
        let detail = self.detail.iter().map(|detail| format!("{detail}. ")).collect::<String>();
        let cause = match &self.cause {
            DenialCause::Plan => "Plan changes nothing".to_owned(),
            DenialCause::ReadOnly => "The approval mode is `read-only`".to_owned(),
            DenialCause::Rule(rule) => format!("A permission rule forbids this (`{rule}`)"),
        };
        format!("{detail}{cause}: {advice}")
    }
}
