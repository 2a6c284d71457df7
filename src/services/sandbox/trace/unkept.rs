//! The file that a command was about to destroy and that could not be kept, in memory and as words
//! between processes.

use crate::base::phrases::size;
use crate::base::text::clean_line;

/// A content that a command was about to destroy, and that could not be kept before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unkept {
    /// The file, within the folder.
    pub name: String,
    /// How many bytes it holds; 0 where that is not known.
    pub length: u64,
    /// Why it could not be kept.
    pub why: UnkeptReason,
}

/// Why a content was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnkeptReason {
    /// With it, too much would have been copied for one command.
    Copied,
    /// The disk did not let it be copied.
    Failed,
    /// With it, too many files would have been kept for one command.
    Files,
    /// With it, too much would have been kept for one command.
    Kept,
    /// It is not known which file it is: the program does not let itself be looked at, and the name
    /// is the program's.
    Unseen,
}

impl UnkeptReason {
    const ALL: [Self; 5] = [Self::Copied, Self::Failed, Self::Files, Self::Kept, Self::Unseen];

    fn as_str(self) -> &'static str {
        match self {
            Self::Copied => "copied",
            Self::Failed => "failed",
            Self::Files => "files",
            Self::Kept => "kept",
            Self::Unseen => "unseen",
        }
    }
}

impl Unkept {
    /// The loss by a program of that name whose calls cannot be looked at.
    pub fn unseen(program: &str) -> Self {
        Self { name: program.to_owned(), length: 0, why: UnkeptReason::Unseen }
    }

    /// The reason, the length and the name, with blanks between them.
    pub fn words(&self) -> String {
        format!("{} {} {}", self.why.as_str(), self.length, self.name)
    }

    /// The words read back.
    pub fn parse(words: &str) -> Option<Self> {
        let (word, rest) = words.split_once(' ')?;
        let (length, name) = rest.split_once(' ')?;
        let why = UnkeptReason::ALL.into_iter().find(|why| why.as_str() == word)?;
        Some(Self { name: name.to_owned(), length: length.parse().ok()?, why })
    }

    /// For people and models: one sentence without a full stop.
    pub fn sentence(&self) -> String {
        format!("It was about to destroy {}", self.what())
    }

    /// For a person whom the command waits for: one sentence without a full stop.
    pub fn question(&self) -> String {
        format!(
            "It is about to destroy {}. If it goes on, it may also lose what else is too much to keep",
            self.what()
        )
    }

    fn what(&self) -> String {
        let name = clean_line(&self.name);
        let why = match self.why {
            UnkeptReason::Copied => "more than 256 MiB would have to be copied first",
            UnkeptReason::Failed => "no copy of it could be made",
            UnkeptReason::Files => "more than 100,000 files would have to be kept first",
            UnkeptReason::Kept => "more than 2 GiB would have to be kept first",
            UnkeptReason::Unseen => {
                return format!(
                    "or change a file, and codling cannot see which, so that `/undo` may not bring it back: `{name}` does not let itself be looked at"
                );
            }
        };
        let length = match self.length {
            0 => String::new(),
            length => format!(" ({})", size(length)),
        };
        format!("what `{name}` holds{length}, and `/undo` could not bring that back: {why}")
    }
}
