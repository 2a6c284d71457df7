//! A patch that was understood, before anybody looked at a file. Plain data.

use crate::tools::files::matching::Edit;

/// The change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchSection<'a> {
    pub path: &'a str,
    pub action: SectionAction<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SectionAction<'a> {
    /// With this text.
    Add(String),
    Delete,
    Update {
        /// Where it moves.
        to: Option<&'a str>,
        hunks: Vec<Hunk<'a>>,
    },
}

/// Lines that change together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk<'a> {
    /// Lines that stand somewhere above, each below the one before.
    pub anchors: Vec<&'a str>,
    /// The line (from 1) where it begins, where the patch tells: only a hint.
    pub line: Option<usize>,
    pub edits: Vec<Edit<'a>>,
    pub stand: HunkAnchor,
}

/// Where a hunk ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HunkAnchor {
    #[default]
    Anywhere,
    /// With the last line of the file.
    AtEnd,
}

impl<'a> Hunk<'a> {
    /// The lines that have to be there.
    pub fn old(&self) -> Vec<&'a str> {
        self.edits.iter().filter_map(|edit| edit.old()).collect()
    }

    /// Whether it only adds lines, and nothing says where.
    pub fn names_no_place(&self) -> bool {
        self.old().is_empty() && self.anchors.is_empty() && self.stand == HunkAnchor::Anywhere
    }
}
