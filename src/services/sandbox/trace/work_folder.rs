//! The folder whose contents are kept: finds a file's place in it by descriptors, follows no link,
//! and knows what is exempt.

use std::collections::HashSet;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};

use super::not_kept::NotKept;
use super::unkept::UnkeptReason;

/// Somebody else may put another folder in a folder's place after that.
const MOMENT: Duration = Duration::from_millis(20);

pub const PLACE: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// The folder that is kept, and the one within that was looked into last: files mostly go folder by
/// folder.
#[derive(Debug)]
pub struct WorkFolder {
    /// Without a slash at its end.
    path: Vec<u8>,
    place: Option<Arc<OwnedFd>>,
    exempt: HashSet<Vec<u8>>,
    last: Option<(Vec<u8>, Arc<OwnedFd>, Instant)>,
}

/// A folder that is open.
pub type Place = Result<Arc<OwnedFd>, NotKept>;

impl WorkFolder {
    /// `folder` with links followed; nothing is kept of the exempt ones.
    pub fn open(folder: &Path, exempt: &[PathBuf]) -> Self {
        Self {
            path: folder.as_os_str().as_bytes().to_vec(),
            place: openat(CWD, folder, PLACE, Mode::empty()).ok().map(Arc::new),
            exempt: exempt.iter().map(|path| path.as_os_str().as_bytes().to_vec()).collect(),
            last: None,
        }
    }

    /// The folder itself; `None` where it could not be opened.
    pub fn root(&self) -> Option<&OwnedFd> {
        self.place.as_deref()
    }

    /// A real path as it is called within.
    pub fn name<'a>(&self, path: &'a [u8]) -> &'a [u8] {
        let name = path.strip_prefix(self.path.as_slice()).unwrap_or(path);
        name.strip_prefix(b"/").unwrap_or(name)
    }

    /// A name may lead elsewhere from now on.
    pub fn forget(&mut self) {
        self.last = None;
    }

    /// The folder that a real path is in, and its name there; `None` where nothing is kept at that
    /// path.
    pub fn find<'a>(&mut self, path: &'a [u8]) -> Option<(Place, &'a [u8])> {
        let inside = path.strip_prefix(self.path.as_slice())?.strip_prefix(b"/")?;
        let at = inside.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        let (above, name) = inside.split_at(at);
        if name.is_empty() || self.is_exempt(path) {
            return None;
        }
        Some((self.place(above), name))
    }

    fn place(&mut self, above: &[u8]) -> Place {
        let place = self.place.as_ref().ok_or(UnkeptReason::Failed)?;
        if above.is_empty() {
            return Ok(Arc::clone(place));
        }
        if let Some((known, found, at)) = &self.last
            && known == above
            && at.elapsed() < MOMENT
        {
            return Ok(Arc::clone(found));
        }
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let found = Arc::new(openat2(place, above, PLACE, Mode::empty(), beneath)?);
        self.last = Some((above.to_vec(), Arc::clone(&found), Instant::now()));
        Ok(found)
    }

    /// Tools make anew what is there, or git keeps it itself: objects are named by what they hold,
    /// and never change.
    pub fn is_exempt(&self, path: &[u8]) -> bool {
        let inside = &path[self.path.len().min(path.len())..];
        let parts = inside.split(|byte| *byte == b'/');
        let mut in_git = false;
        let mut end = self.path.len();
        for part in parts.skip(1) {
            end += part.len() + 1;
            if in_git && part == b"objects" {
                return true;
            }
            in_git |= part == b".git";
            if !self.exempt.is_empty() && self.exempt.contains(&path[..end]) {
                return true;
            }
        }
        false
    }
}
