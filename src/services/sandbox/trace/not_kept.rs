//! Why a content could not be kept, while it is not yet known whether that matters.

use std::io;

use rustix::io::Errno;

use super::unkept::UnkeptReason;

/// Why a content was not kept.
pub enum NotKept {
    /// It is not there.
    Gone,
    /// With the file it is about, where that is known.
    Refused(UnkeptReason, Option<FileAtStake>),
}

/// A file that was looked at.
#[derive(Default)]
pub struct FileAtStake {
    /// Where it is below the path that a call names, with a slash before it.
    pub below: Vec<u8>,
    pub length: u64,
}

impl From<UnkeptReason> for NotKept {
    fn from(why: UnkeptReason) -> Self {
        Self::Refused(why, None)
    }
}

impl From<Errno> for NotKept {
    fn from(error: Errno) -> Self {
        match error {
            // A link in a folder's place is no folder, and leads to somewhere else.
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP => Self::Gone,
            _ => UnkeptReason::Failed.into(),
        }
    }
}

impl From<io::Error> for NotKept {
    fn from(error: io::Error) -> Self {
        error
            .raw_os_error()
            .map_or(UnkeptReason::Failed.into(), |code| Errno::from_raw_os_error(code).into())
    }
}
