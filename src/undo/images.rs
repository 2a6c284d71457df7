//! Contents of files by their SHA-256 (`images/<digest>`, 0600 in 0700), each kept once. Does not know whose contents they are.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::base::files;

/// Bytes of one content.
pub(super) const LARGEST: u64 = 4 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; 32]);

#[derive(Debug)]
pub(super) struct Images {
    folder: PathBuf,
    /// Bytes there may be.
    quota: u64,
    /// Bytes there are; `None` until it was looked.
    used: Mutex<Option<u64>>,
    full: AtomicBool,
}

/// Whether a content is there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// The quota is used up.
    Full,
    Here,
}

impl Digest {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// From 64 hexadecimal digits; anything else is no digest, and so no file name.
    pub(super) fn parse(digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    pub(super) fn digits(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Images {
    /// Touches nothing; the folder is made with the first image.
    pub(super) fn new(folder: PathBuf, quota: u64) -> Self {
        Self { folder, quota, used: Mutex::new(None), full: AtomicBool::new(false) }
    }

    /// Keeps a content where the quota allows it.
    pub(super) fn keep(&self, digest: Digest, bytes: &[u8]) -> io::Result<Kept> {
        if self.holds_whole(digest, bytes) {
            return Ok(Kept::Here);
        }
        if !self.make_room(bytes.len() as u64) {
            self.full.store(true, Ordering::Relaxed);
            return Ok(Kept::Full);
        }
        self.write(digest, bytes).inspect_err(|_| self.give_back(bytes.len() as u64))?;
        Ok(Kept::Here)
    }

    /// Counts these bytes before they are written, so that others can write at the same time.
    fn make_room(&self, bytes: u64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let after = used.get_or_insert_with(|| size(&self.folder)).saturating_add(bytes);
        let fits = after <= self.quota;
        if fits {
            *used = Some(after);
        }
        fits
    }

    fn give_back(&self, bytes: u64) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.map(|used| used.saturating_sub(bytes));
    }

    /// Keeps a content whatever the quota says: it is about to be overwritten.
    pub(super) fn keep_anyway(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        if self.holds_whole(digest, bytes) {
            return Ok(());
        }
        self.write(digest, bytes)?;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.map(|used| used.saturating_add(bytes.len() as u64));
        Ok(())
    }

    pub(super) fn holds(&self, digest: Digest) -> bool {
        fs::symlink_metadata(self.path(digest)).is_ok_and(|about| about.is_file())
    }

    fn holds_whole(&self, digest: Digest, bytes: &[u8]) -> bool {
        fs::symlink_metadata(self.path(digest)).is_ok_and(|about| about.is_file() && about.len() == bytes.len() as u64)
    }

    /// A content as it was kept; `None` where it is gone or damaged.
    pub(super) fn fetch(&self, digest: Digest) -> Option<Vec<u8>> {
        let bytes = files::read(&self.path(digest), LARGEST).ok()?;
        (Digest::of(&bytes) == digest).then_some(bytes)
    }

    /// Whether a content was refused for the quota's sake.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(digest.digits())
    }

    /// It is not waited until it reaches the disk: thousands are written before a command, and one that a power cut damages is found out by
    /// its digest. For their number's sake, too, they are written where they stay: one that a kill cut off is too short, and written anew.
    fn write(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(digest);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(mut file) => return file.write_all(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => files::create_private_folder(&self.folder).map_err(io::Error::other)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        let mut draft = tempfile::NamedTempFile::new_in(&self.folder)?;
        draft.write_all(bytes)?;
        draft.persist(path)?;
        Ok(())
    }
}

fn size(folder: &Path) -> u64 {
    let Ok(files) = fs::read_dir(folder) else { return 0 };
    files.flatten().filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
}
