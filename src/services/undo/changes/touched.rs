//! Names that a command's own processes touched, as far as is known. Does not know how that was
//! found out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Names that a command's own processes touched, as absolute paths with links followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// All names, those of the two sets below included.
    pub paths: BTreeSet<PathBuf>,
    /// Names that came or went by renaming, with all below them.
    pub renamed: BTreeSet<PathBuf>,
    /// Paths at which nothing stood when the command first did something there.
    pub absent: BTreeSet<PathBuf>,
    /// Nothing is missing.
    pub complete: bool,
}

impl Touched {
    /// Whether nothing stood at a path before: it was not there, and in no folder that went
    /// elsewhere.
    pub fn made(&self, path: &Path) -> bool {
        self.absent.contains(path) && self.renamed_above(path).is_none()
    }

    /// Whether the command touched a path, or renamed it or a folder above it.
    pub fn did(&self, path: &Path) -> bool {
        self.paths.contains(path) || self.renamed_above(path).is_some()
    }

    /// The name that was renamed: this one, or that of a folder above it.
    pub fn renamed_above<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        path.ancestors().find(|above| self.renamed.contains(*above))
    }
}
