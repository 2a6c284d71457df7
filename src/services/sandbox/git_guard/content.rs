//! The content of a name before a command, and putting it back.

use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::base::folder_handle::FolderHandle;

/// Larger files are not kept: nobody's settings are.
pub(super) const LARGEST: u64 = 1 << 20;
/// Another command may come between as often.
const TRIES: u32 = 3;

/// A change by a command.
#[derive(Debug, PartialEq, Eq)]
pub struct GuardedChange {
    pub path: PathBuf,
    /// The name beside it that what was found there has now.
    pub aside: Option<OsString>,
    pub now: GuardOutcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardOutcome {
    AsBefore,
    /// It could not be put back.
    Changed,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    File {
        bytes: Vec<u8>,
        mode: u32,
        owner: [u32; 2],
    },
    Folder,
    Link(OsString),
    Nothing,
    /// Too large, or closed: it cannot be brought back.
    Other,
}

pub(super) fn content(folder: &FolderHandle, name: &OsStr) -> Content {
    let about = match folder.look(name) {
        Ok(Some(about)) => *about.stat(),
        Ok(None) => return Content::Nothing,
        Err(_closed) => return Content::Other,
    };
    if about.is_link() {
        return folder.read_link(name).map_or(Content::Other, Content::Link);
    }
    if about.is_folder() {
        return Content::Folder;
    }
    match folder.read(name, LARGEST) {
        Ok((bytes, stat)) => Content::File { bytes, mode: stat.mode, owner: stat.owner },
        Err(_no_file) => Content::Other,
    }
}

/// Sets aside what stands at a name, and puts there what stood there before. `path` is the
/// folder's, for who is told of it: the folder may have been moved, and then it is said where it
/// is.
pub(super) fn restore(
    folder: &FolderHandle,
    path: &Path,
    name: &OsStr,
    before: &Content,
) -> GuardedChange {
    let mut aside = None;
    let mut now = GuardOutcome::Changed;
    for _try in 0..TRIES {
        match attempt(folder, name, before, &mut aside) {
            Ok(()) => {
                now = GuardOutcome::AsBefore;
                break;
            }
            Err(error) if is_overtaken(&error) => {}
            Err(_refused) => break,
        }
    }
    let path = folder.path().unwrap_or_else(|| path.to_owned());
    GuardedChange { path: path.join(name), aside, now }
}

fn attempt(
    folder: &FolderHandle,
    name: &OsStr,
    before: &Content,
    aside: &mut Option<OsString>,
) -> io::Result<()> {
    if let Some(found) = folder.look(name)? {
        *aside = Some(folder.set_aside(name, found.stat())?);
    }
    match before {
        Content::File { bytes, mode, owner } => {
            let mut draft = folder.draft(0o600)?;
            draft.file().write_all(bytes)?;
            if draft.stat()?.owner != *owner {
                // Only root may give files away; for anyone else it stays their own, as any new
                // file.
                let _refused = draft.set_owner(*owner);
            }
            draft.set_mode(*mode)?;
            draft.put_new(name)
        }
        // The content of a repository that was moved away cannot be found again.
        Content::Folder if name == ".git" => Ok(()),
        Content::Folder => folder.make_folder(name, 0o755).map(drop),
        Content::Link(to) => folder.symlink(to, name),
        Content::Nothing | Content::Other => Ok(()),
    }
}

/// Whether somebody else was quicker.
fn is_overtaken(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound | ErrorKind::ResourceBusy)
}

/// A folder that a command closed can be looked into and written to again.
pub(super) fn open_up(folder: &FolderHandle) {
    const OWN: u32 = 0o700;
    if let Ok(about) = folder.stat()
        && about.mode & OWN != OWN
    {
        // Where that is not allowed, what is in it cannot be put back, and that is told.
        let _refused = folder.set_mode(about.mode | OWN);
    }
}
