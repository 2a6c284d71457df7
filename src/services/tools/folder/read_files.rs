//! Which files the model has seen, and as what: so that nothing is overwritten that somebody
//! changed since. Reads no file itself.

use std::collections::{HashMap, VecDeque};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::protocol::CallId;

/// The files that one session read or wrote, and the states by which its calls were reviewed.
#[derive(Debug, Default)]
pub struct ReadFiles {
    files: Mutex<HashMap<PathBuf, (Print, Knowledge)>>,
    reviews: Mutex<VecDeque<(CallId, ReviewedState)>>,
}

/// How much the model knows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// It changed the file without a look at it.
    Blind,
    /// It has seen lines of it.
    Read,
    /// It has written it.
    Written,
}

/// The marks that tell one state of a file from another.
#[derive(Clone, Debug)]
pub struct Print {
    length: u64,
    modified: Option<SystemTime>,
    /// The disk and the number on it; zeros where there is none.
    inode: (u64, u64),
    /// The digest of the content, where it was read whole.
    digest: Option<[u8; 32]>,
}

/// The files that a call is about, each as it was when the call was understood; `None`: nothing was
/// there.
pub type ReviewedState = Vec<(PathBuf, Option<Print>)>;

/// Reviews that are kept: more than there are calls that wait at once.
const REVIEWS: usize = 64;

impl ReadFiles {
    /// `real` is a path without links.
    pub fn note(&self, real: &Path, print: Print, knowledge: Knowledge) {
        lock(&self.files).insert(real.to_owned(), (print, knowledge));
    }

    pub fn forget(&self, real: &Path) {
        lock(&self.files).remove(real);
    }

    pub fn known(&self, real: &Path) -> Option<(Print, Knowledge)> {
        lock(&self.files).get(real).cloned()
    }

    /// Remembers what a call was understood by.
    pub fn reviewed(&self, call: &CallId, reviewed_state: ReviewedState) {
        let mut reviews = lock(&self.reviews);
        reviews.retain(|(known, _)| known != call);
        if reviews.len() == REVIEWS {
            reviews.pop_front();
        }
        reviews.push_back((call.clone(), reviewed_state));
    }

    /// Takes the state by which a call was reviewed; it is given once.
    pub fn review(&self, call: &CallId) -> Option<ReviewedState> {
        let mut reviews = lock(&self.reviews);
        let at = reviews.iter().position(|(known, _)| known == call)?;
        reviews.remove(at).map(|(_, reviewed_state)| reviewed_state)
    }
}

impl Print {
    /// `bytes` are the whole content, where it was read.
    pub fn new(metadata: &Metadata, bytes: Option<&[u8]>) -> Self {
        Self {
            length: bytes.map_or(metadata.len(), |bytes| bytes.len() as u64),
            modified: metadata.modified().ok(),
            inode: inode(metadata),
            digest: bytes.map(|bytes| Sha256::digest(bytes).into()),
        }
    }

    /// Whether it is still this very file, as far as can be told without reading it. A link in its
    /// place is another file.
    pub fn stands_at(&self, path: &Path) -> bool {
        fs::symlink_metadata(path)
            .is_ok_and(|now| now.is_file() && Self::new(&now, None).is_like(self))
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.length, self.modified, self.inode) == (other.length, other.modified, other.inode)
    }
}

/// Content counts, where it is known: a file that was only touched is the same.
impl PartialEq for Print {
    fn eq(&self, other: &Self) -> bool {
        match (self.digest, other.digest) {
            (Some(own), Some(others)) => own == others,
            _ => self.is_like(other),
        }
    }
}

fn inode(metadata: &Metadata) -> (u64, u64) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (metadata.dev(), metadata.ino())
    }
    #[cfg(not(unix))]
    {
        let _has_none = metadata;
        (0, 0)
    }
}

/// A panic elsewhere leaves the maps whole: each is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(path: &Path) -> Print {
        Print::new(&fs::metadata(path).unwrap(), Some(&fs::read(path).unwrap()))
    }

    #[test]
    fn a_touched_file_is_the_same_and_a_changed_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        fs::write(&file, "one").unwrap();
        let first = print(&file);
        fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
        assert_eq!(print(&file), first);
        assert!(!first.stands_at(&file), "without a look inside, nobody can tell");
        fs::write(&file, "two").unwrap();
        fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
        assert_ne!(print(&file), first, "also with the same length and date");
    }

    #[test]
    fn reviews_are_told_once_and_old_ones_are_let_go() {
        let seen = ReadFiles::default();
        for number in 0..REVIEWS + 1 {
            seen.reviewed(&CallId::new(format!("c{number}")), vec![(PathBuf::from("/a"), None)]);
        }
        assert_eq!(seen.review(&CallId::from("c0")), None);
        assert_eq!(seen.review(&CallId::from("c1")), Some(vec![(PathBuf::from("/a"), None)]));
        assert_eq!(seen.review(&CallId::from("c1")), None);
    }
}
