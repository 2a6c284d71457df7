//! The room on the disk for long outputs: so much for each file, and so much for all files of one
//! conversation. Writes none of them.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::phrases::size;

/// Bytes that the file of one output holds at the most, and all files of a conversation together.
const EACH: u64 = 256 << 20;
const ALL: u64 = 1 << 30;

/// Shared by the commands of one conversation.
#[derive(Clone, Debug)]
pub struct OutputRoom {
    each: u64,
    all: u64,
    /// Bytes that are written; `None` until it was seen what earlier openings of the conversation
    /// left.
    used: Arc<Mutex<Option<u64>>>,
}

impl Default for OutputRoom {
    fn default() -> Self {
        Self::of(EACH, ALL)
    }
}

impl OutputRoom {
    pub fn of(each: u64, all: u64) -> Self {
        Self { each, all, used: Arc::default() }
    }

    /// Why no file is to be begun: words that follow a colon. To be asked before anything is
    /// taken: it looks once at what the folder holds already.
    pub fn is_used_up(&self, folder: &Path) -> Option<String> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let used = *used.get_or_insert_with(|| held(folder));
        (used >= self.all).then(|| self.all_is_full())
    }

    /// How many of so many bytes may be written to a file that holds `written`. They are used up
    /// then, also where the disk refuses them.
    pub fn take(&self, written: u64, bytes: usize) -> usize {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let used = used.get_or_insert(0);
        let room = self.each.saturating_sub(written).min(self.all.saturating_sub(*used));
        let taken = usize::try_from(room).unwrap_or(usize::MAX).min(bytes);
        *used += taken as u64;
        taken
    }

    /// Why a file ended that holds `written`: words that follow a colon.
    pub fn why(&self, written: u64) -> String {
        match written >= self.each {
            true => format!("a file of output ends at {}", size(self.each)),
            false => self.all_is_full(),
        }
    }

    fn all_is_full(&self) -> String {
        format!("the outputs kept for this conversation have reached {}", size(self.all))
    }
}

/// Bytes of the files in a folder.
fn held(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|about| about.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_and_all_of_them_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let room = OutputRoom::of(10, 25);
        assert_eq!(room.is_used_up(folder.path()), None);
        assert_eq!([room.take(0, 8), room.take(8, 8), room.take(10, 8)], [8, 2, 0]);
        // Clones are the same room.
        let other = room.clone();
        assert_eq!([other.take(0, 10), other.take(0, 10), room.take(0, 1)], [10, 5, 0]);
        assert!(room.is_used_up(folder.path()).is_some());
        assert_ne!(room.why(10), room.why(5));
    }

    #[test]
    fn files_of_an_earlier_opening_count() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), [0; 20]).unwrap();
        let room = OutputRoom::of(10, 25);
        assert_eq!(room.is_used_up(folder.path()), None);
        assert_eq!(room.take(0, 10), 5);
        assert!(room.is_used_up(folder.path()).is_some());
    }
}
