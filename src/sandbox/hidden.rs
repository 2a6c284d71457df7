//! What a command must not read, found on the disk: what there is of it, and what stands beside it, for mounts and Landlock alike. Hides nothing.

mod look;

use std::path::PathBuf;

/// What is hidden, as it was when it was looked at.
#[derive(Debug, Default)]
pub struct Hidden {
    /// What there is of it, and what stands beside that under its name: real paths, what holds others before them.
    pub standing: Vec<(PathBuf, Kind)>,
    pub beside: Beside,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Folder,
    Link,
    Other,
}

/// All that is not hidden, in as few names as possible. What appears on the way to something hidden later on is not in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Beside {
    #[default]
    Everything,
    Names(Vec<PathBuf>),
    TooMany {
        folder: PathBuf,
    },
}
