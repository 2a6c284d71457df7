//! Uncovered files: those without a copy, and the sentence about them.

use std::path::{Path, PathBuf};

use crate::base::phrases::count;
use crate::base::text::clean_line;

use crate::undo::restore::plan::shown;

/// Files that git does not ignore and that have no copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uncovered {
    /// A few of them, the largest first.
    pub first: Vec<PathBuf>,
    pub files: usize,
    /// Not all was read yet; it goes on.
    pub unfinished: bool,
}

/// In one sentence without a full stop; `None` where all has a copy.
pub fn sentence(folder: &Path, uncovered: &Uncovered) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_one_file_and_counts_the_rest() {
        let kept = "too large, unreadable, or over the 256 MiB kept";
        for (first, files, unfinished, wanted) in [
            (None, 0, false, None),
            (
                None,
                0,
                true,
                Some(
                    "`/undo` could not bring back everything yet: codling is still copying what \
                     this folder holds"
                        .to_owned(),
                ),
            ),
            (
                Some("/w/a\nb"),
                1,
                false,
                Some(format!("`/undo` could not bring back `a b`, which has no copy ({kept})")),
            ),
            (
                Some("/w/a"),
                3,
                true,
                Some(
                    "`/undo` could not bring back `a` and 2 other files, which have no copy \
                     (codling has not copied all of this folder yet)"
                        .to_owned(),
                ),
            ),
        ] {
            let first = first.map(PathBuf::from).into_iter().collect();
            let uncovered = Uncovered { first, files, unfinished };
            assert_eq!(sentence(Path::new("/w"), &uncovered), wanted);
        }
    }
}
