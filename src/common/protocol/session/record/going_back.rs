//! Going back to before a turn: the turns to choose from, what goes back, and the prompt that a
//! person has again.

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;
use crate::protocol::{ChosenStep, Picture, TurnId};

/// The part of a conversation that goes back to before a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoBackPart {
    /// The conversation; files stay as they are.
    Words,
    /// These files, as they were reviewed; the conversation stays.
    Files(Vec<ChosenStep>),
    /// These files, and then the conversation.
    Both(Vec<ChosenStep>),
}

/// The prompts of a turn that was left, to be edited again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftPrompt {
    /// The typed text; several prompts have an empty line between them.
    pub text: String,
    /// The pictures that went along with it.
    pub images: Vec<Picture>,
}

/// A turn that a conversation can go back to before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineTurn {
    /// The turn.
    pub turn: TurnId,
    /// When it began; `None` if the log does not say.
    pub began: Option<Timestamp>,
    /// The first line of its first prompt.
    pub prompt: String,
    /// How many files it changed.
    pub files: usize,
}

/// The point up to which a session is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForkPoint {
    /// Its end.
    End,
    /// The beginning of this turn.
    Before(TurnId),
    /// The end of this branch, by its place in [`crate::protocol::Reply::Branches`].
    Branch(usize),
}
