//! One name in a folder that is held open, for all that undo writes: what was looked at is what is acted on, and a folder that another process exchanges
//! for a link meanwhile leads nothing out. Decides nothing.

#[cfg(not(unix))]
mod by_path;
#[cfg(unix)]
mod held;

#[cfg(not(unix))]
pub(super) use by_path::{Draft, Place, Standing};
#[cfg(unix)]
pub(super) use held::{Draft, Place, Standing};

use std::fs::File;
use std::io;
use std::path::Path;

use crate::base::cause;

/// A regular file that stands at an absolute path without links; nobody waits for a pipe.
pub(super) fn open(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    return crate::base::folder_handle::open_file(path);
    #[cfg(not(unix))]
    return Place::of(path)?.open();
}

fn not_given_back(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("its owner cannot be given back: {}", cause(error)))
}
