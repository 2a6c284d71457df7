//! The diff of a folder: how its files differ from the last commit, or from what they were when the
//! conversation began.

use serde::{Deserialize, Serialize};

use crate::protocol::FileDiff;

/// The state that the files of a folder are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiffBase {
    /// The last commit of the repository around the folder.
    Head,
    /// The files before the conversation changed them. Other files are not compared.
    Start,
}

/// The changed files of a folder, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderDiff {
    /// The state they are compared with: [`DiffBase::Start`] wherever there is no repository.
    pub base: DiffBase,
    /// Whether the folder lies in the working tree of a git repository.
    pub has_repository: bool,
    /// The changed files, sorted by path.
    pub files: Vec<ChangedFile>,
    /// How many further files changed that are too many to be listed.
    pub more: u64,
}

/// A file of a [`FolderDiff`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Its path relative to the folder, if it lies inside, and its changed lines.
    pub diff: FileDiff,
    /// A remark on the file without a full stop, such as why its lines are not shown.
    pub note: Option<String>,
}

impl DiffBase {
    /// Each with the word that a person types for it.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Head, "head"), (Self::Start, "start")];

    /// The state with this name; case is ignored.
    pub fn named(word: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(_, name)| word.eq_ignore_ascii_case(name));
        found.map(|(base, _)| base)
    }
}
