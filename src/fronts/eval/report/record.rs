//! The record of an attempt: what came of it and what it took, as a report keeps it and as a later
//! evaluation reads it again.

use serde::{Deserialize, Serialize};

use crate::protocol::Usage;

use crate::eval::grid::AttemptKey;

/// The outcome of an attempt in a word or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    #[serde(rename = "passed")]
    Passed,
    /// The turn ended, and the check failed.
    #[serde(rename = "failed")]
    Failed,
    #[serde(rename = "check timed out")]
    CheckTimedOut,
    #[serde(rename = "out of steps")]
    OutOfSteps,
    #[serde(rename = "out of time")]
    OutOfTime,
    #[serde(rename = "out of tokens")]
    OutOfTokens,
    /// The turn failed, or the task could not be set up.
    #[serde(rename = "broken")]
    Broken,
    /// A program that the task needs is missing.
    #[serde(rename = "skipped")]
    Skipped,
    /// Somebody stopped the evaluation.
    #[serde(rename = "interrupted")]
    Interrupted,
}

/// An attempt that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptRecord {
    #[serde(flatten)]
    pub key: AttemptKey,
    pub result: Verdict,
    pub passed: bool,
    /// The end of the check's output, the problem, or the program that is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    pub session: String,
    /// How the model was asked; `None` where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    pub tokens: Tokens,
    /// In US dollars; `None` where a plan pays, or no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// Answered requests to the model.
    pub steps: u64,
    /// The turn's duration, without setup and check.
    pub seconds: f64,
    pub calls: CallCounts,
    /// Requests that were sent again.
    pub retries: u64,
    /// Those among them that a lost connection was the reason for.
    pub reconnects: u64,
    /// How often the conversation was summarized.
    pub compactions: u64,
    /// The size of the changes since the start; `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<DiffSize>,
}

/// How a model was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub model: String,
    pub effort: Option<String>,
    pub verbosity: Option<String>,
    pub face: String,
}

/// Tokens of all requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    pub input: u64,
    pub cached: u64,
    pub output: u64,
    pub reasoning: u64,
}

/// The model's calls of tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallCounts {
    pub made: u64,
    /// Those that were not permitted.
    pub refused: u64,
    /// Those that did not do what was asked, but for the refused ones and for commands that ran and
    /// ended with another exit code than 0.
    pub failed: u64,
    /// Those among the failed ones that were to change files.
    pub failed_patches: u64,
}

/// The size of changes to files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffSize {
    pub files: u64,
    /// Lines.
    pub added: u64,
    /// Lines.
    pub removed: u64,
}

impl Verdict {
    /// The verdict for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::CheckTimedOut => "check timed out",
            Self::OutOfSteps => "out of steps",
            Self::OutOfTime => "out of time",
            Self::OutOfTokens => "out of tokens",
            Self::Broken => "broken",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether it says something about the model, so that the attempt need not be made again.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Broken | Self::Skipped | Self::Interrupted)
    }
}

impl AttemptRecord {
    /// A record of an attempt that took nothing so far.
    pub fn new(key: AttemptKey, session: String) -> Self {
        Self {
            key,
            result: Verdict::Interrupted,
            passed: false,
            why: None,
            session,
            sent: None,
            tokens: Tokens::default(),
            cost_usd: None,
            steps: 0,
            seconds: 0.0,
            calls: CallCounts::default(),
            retries: 0,
            reconnects: 0,
            compactions: 0,
            diff: None,
        }
    }

    /// The same with its outcome.
    pub fn ended(self, (result, why): (Verdict, Option<String>)) -> Self {
        Self { result, passed: result == Verdict::Passed, why, ..self }
    }
}

impl Tokens {
    /// Those that were sent and received.
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// Adds those of another attempt.
    pub fn add(&mut self, more: Self) {
        self.input = self.input.saturating_add(more.input);
        self.cached = self.cached.saturating_add(more.cached);
        self.output = self.output.saturating_add(more.output);
        self.reasoning = self.reasoning.saturating_add(more.reasoning);
    }

    /// The share of the input tokens that came from the cache.
    pub fn cached_share(self) -> String {
        let share = self.cached.saturating_mul(100).checked_div(self.input);
        share.map_or_else(|| "-".into(), |percent| format!("{percent}%"))
    }
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        let Usage { input, cached, output, reasoning, .. } = usage;
        Self { input, cached, output, reasoning }
    }
}

/// Seconds as they are kept and shown.
pub fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_says_its_verdict_in_the_words_of_the_table() {
        for verdict in [
            Verdict::Passed,
            Verdict::Failed,
            Verdict::CheckTimedOut,
            Verdict::OutOfSteps,
            Verdict::OutOfTime,
            Verdict::OutOfTokens,
            Verdict::Broken,
            Verdict::Skipped,
            Verdict::Interrupted,
        ] {
            let key = AttemptKey { task: "a".into(), repeat: 2, ..AttemptKey::default() };
            let record = AttemptRecord::new(key, "ses_1".into()).ended((verdict, None));
            let json = serde_json::to_value(&record).unwrap();
            assert_eq!(json["result"], verdict.word());
            assert_eq!((&json["task"], &json["repeat"]), (&"a".into(), &2.into()));
            assert!(json["model"].is_null() && json.get("why").is_none());
            assert_eq!(serde_json::from_value::<AttemptRecord>(json).unwrap(), record);
        }
    }
}
