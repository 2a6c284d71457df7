//! What has no copy, and how that is told.

use std::path::{Path, PathBuf};

use crate::base::phrases::count;
use crate::base::text::clean_line;

use super::plan::shown;

/// What has no copy of the files that git does not ignore.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uncovered {
    /// A few of them, the largest first.
    pub first: Vec<PathBuf>,
    pub files: usize,
    /// Not all was read yet; it goes on.
    pub unfinished: bool,
}

/// In one sentence without a full stop; `None` where all has a copy.
pub(super) fn sentence(folder: &Path, uncovered: &Uncovered) -> Option<String> {
    let Some(first) =
        uncovered.first.first().map(|path| clean_line(&shown(folder, path)).into_owned())
    else {
        let is_open = "`/undo` could not bring back everything yet: codling is still copying what this folder holds";
        return uncovered.unfinished.then(|| is_open.to_owned());
    };
    let why = if uncovered.unfinished {
        "codling has not copied all of this folder yet"
    } else {
        "too large, unreadable, or over the 256 MiB kept"
    };
    Some(match uncovered.files {
        1 => format!("`/undo` could not bring back `{first}`, which has no copy ({why})"),
        more => format!(
            "`/undo` could not bring back `{first}` and {}, which have no copy ({why})",
            count(more as u64 - 1, "other file")
        ),
    })
}
