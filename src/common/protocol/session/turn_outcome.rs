//! How a turn or a summary of the conversation ended, and notices: what a person should know of it.

use serde::{Deserialize, Serialize};

use crate::protocol::Problem;

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TurnOutcome {
    /// It came to its end: as a rule, the model answered without calling another tool.
    Done,
    /// A request failed for good; what was completed before is kept.
    Failed(Problem),
    /// Somebody stopped it, or the program ended in it.
    Interrupted,
    /// The turn made all the requests it may (`max_steps`); the last answer sums up and may leave
    /// work open.
    MaxSteps,
}

impl TurnOutcome {
    /// The notice that a person needs at the end of a turn, besides its last words.
    pub fn notice(&self) -> Option<Notice> {
        (*self == Self::MaxSteps).then(|| Notice {
            message:
                "The steps of this turn are used up (`max_steps`), and its work may be unfinished"
                    .into(),
            next: Some("Send a prompt to go on".into()),
        })
    }
}

/// How much a summary saved, in tokens, as far as it can be estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompactionResult {
    /// Size of the conversation before.
    pub before: u64,
    /// Size with the summary in its place.
    pub after: u64,
}

/// Something worth saying that ends nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// One sentence without a full stop.
    pub message: String,
    /// The next step for the person, without a full stop; `None` where there is nothing to do.
    pub next: Option<String>,
}
