//! Blobs: contents of files by their SHA-256, each kept once: small ones in packs, larger ones in
//! files of their own (`<digest>`, 0600 in 0700).

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::base::files;
use crate::base::text::hex;

use super::pack::{Packs, SMALL};

/// More contents than this reach the disk with all others on it.
#[cfg(target_os = "linux")]
const ONE_BY_ONE: usize = 64;
/// Bytes that are held in memory at once.
const PIECE: usize = 256 << 10;
const NO_FILE: &str = "it is not a file";
/// Bytes of a content that is read whole.
const TEXT: u64 = 16 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

/// One folder of contents.
#[derive(Debug)]
pub struct Blobs {
    folder: PathBuf,
    packs: Packs,
    /// Bytes there may be.
    quota: u64,
    /// Bytes there are; `None` until it was looked.
    used: Mutex<Option<u64>>,
}

/// Whether a content is there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The quota is used up.
    Full,
    Here,
}

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of a regular file, however large.
    ///
    /// # Errors
    ///
    /// Fails if nothing is at the path, if it is no regular file, or if it cannot be read.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        if !fs::symlink_metadata(path)?.is_file() {
            return Err(io::Error::other(NO_FILE));
        }
        Self::of_open(File::open(path)?)
    }

    /// The digest of everything that can be read.
    ///
    /// # Errors
    ///
    /// Fails with the first error of a read.
    pub fn of_open(file: impl Read) -> io::Result<Self> {
        Self::of_pieces(file, PIECE)
    }

    /// The digest of a file of this length: room for more would be cleared for each of many files.
    ///
    /// # Errors
    ///
    /// Fails with the first error of a read.
    pub fn of_length(file: impl Read, length: u64) -> io::Result<Self> {
        let piece = usize::try_from(length + 1).map_or(PIECE, |length| length.min(PIECE));
        Self::of_pieces(file, piece)
    }

    fn of_pieces(file: impl Read, piece: usize) -> io::Result<Self> {
        let mut digest = Sha256::new();
        each_piece(file, piece, |piece| {
            digest.update(piece);
            Ok(())
        })?;
        Ok(Self(digest.finalize().into()))
    }

    /// Parses 64 hexadecimal digits; anything else is no digest, and so no file name.
    pub fn parse(digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    pub fn digits(self) -> String {
        hex(&self.0)
    }
}

impl Blobs {
    /// Touches nothing; the folder is made with the first content.
    pub fn new(folder: PathBuf, quota: u64) -> Self {
        Self { packs: Packs::new(folder.clone()), folder, quota, used: Mutex::new(None) }
    }

    /// Keeps a content where the quota allows it.
    ///
    /// # Errors
    ///
    /// Fails if the content cannot be written. A full quota is no error; see [`Kept`].
    pub fn keep(&self, digest: Digest, bytes: &[u8]) -> io::Result<Kept> {
        let length = bytes.len() as u64;
        self.keep_by(digest, length, || {
            if length <= SMALL { self.packs.keep(digest, bytes) } else { self.write(digest, bytes) }
        })
    }

    /// The same, from the file that holds it, so that the disk can share it (`copy_file_range(2)`)
    /// where it knows how to. `is_steady` says afterwards whether the file has held it all the
    /// time.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read or the content cannot be written. A full quota is no error.
    pub fn keep_shared(
        &self,
        digest: Digest,
        bytes: &[u8],
        file: &Path,
        is_steady: impl Fn() -> bool,
    ) -> io::Result<Kept> {
        self.keep_by(digest, bytes.len() as u64, || {
            files::create_private_folder(&self.folder).map_err(io::Error::other)?;
            let mut draft = tempfile::NamedTempFile::new_in(&self.folder)?;
            let copied = io::copy(&mut File::open(file)?, draft.as_file_mut())?;
            if copied != bytes.len() as u64 || !is_steady() {
                return self.write(digest, bytes);
            }
            files::give_to_folders_owner(draft.path(), draft.as_file());
            draft.persist(self.path(digest))?;
            Ok(())
        })
    }

    fn keep_by(
        &self,
        digest: Digest,
        length: u64,
        write: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<Kept> {
        if self.holds(digest, length) {
            return Ok(Kept::Here);
        }
        if !self.make_room(length) {
            return Ok(Kept::Full);
        }
        write().inspect_err(|_| self.give_back(length))?;
        Ok(Kept::Here)
    }

    /// Keeps what a regular file holds, whatever the quota says: it is about to be replaced or
    /// removed, once [`Blobs::sync`] has returned.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read or its copy cannot be written; the file must not be touched
    /// then.
    pub fn keep_file(&self, mut file: &File) -> io::Result<Digest> {
        files::create_private_folder(&self.folder).map_err(io::Error::other)?;
        let mut bytes = Vec::new();
        file.take(SMALL + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= SMALL {
            let digest = Digest::of(&bytes);
            if !self.has(digest, Some(bytes.len() as u64)) {
                self.packs.keep(digest, &bytes)?;
                self.grow(bytes.len() as u64);
            }
            return Ok(digest);
        }
        let mut draft = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.rewind()?;
        let length = io::copy(&mut file, draft.as_file_mut())?;
        let digest = Digest::of_file(draft.path())?;
        if !self.holds(digest, length) {
            files::give_to_folders_owner(draft.path(), draft.as_file());
            draft.persist(self.path(digest))?;
            self.grow(length);
        }
        Ok(digest)
    }

    /// Keeps what a file holds that nobody else needs: the file itself where it is large and has no
    /// other name. Whatever the quota says, as above. It is not read where its digest is known.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, closed to others or moved, or if its copy cannot be
    /// written.
    pub fn take_over(&self, path: &Path, known: Option<Digest>) -> io::Result<Digest> {
        let about = fs::symlink_metadata(path)?;
        if !is_alone(&about) {
            return self.keep_file(&File::open(path)?);
        }
        // It may have been closed to everybody, and is private from here on.
        close_to_others(path)?;
        if about.len() <= SMALL {
            return self.keep_file(&File::open(path)?);
        }
        let digest = match known {
            Some(digest) => digest,
            None => Digest::of_length(File::open(path)?, about.len())?,
        };
        if self.holds(digest, about.len()) {
            return Ok(digest);
        }
        match self.in_folder(|| fs::rename(path, self.path(digest))) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                return self.keep_file(&File::open(path)?);
            }
            renamed => renamed?,
        }
        self.grow(about.len());
        Ok(digest)
    }

    fn grow(&self, bytes: u64) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.map(|used| used.saturating_add(bytes));
    }

    /// Waits until these reach the disk: one by one where they are few, with all others on it where
    /// they are many.
    ///
    /// # Errors
    ///
    /// Fails if a content is gone, or if the disk does not take it.
    pub fn sync(&self, digests: &[Digest]) -> io::Result<()> {
        let (packed, files): (Vec<Digest>, Vec<Digest>) =
            digests.iter().partition(|digest| self.packs.length(**digest).is_some());
        self.packs.sync(&packed)?;
        #[cfg(target_os = "linux")]
        if files.len() > ONE_BY_ONE {
            return Ok(rustix::fs::syncfs(File::open(&self.folder)?)?);
        }
        files.iter().try_for_each(|digest| File::open(self.path(*digest))?.sync_data())
    }

    /// Takes a content over from another folder; shared, where the disk can do that.
    ///
    /// # Errors
    ///
    /// Fails if `from` does not hold the content (`NotFound`) or if it cannot be written here.
    pub fn adopt(&self, from: &Self, digest: Digest) -> io::Result<()> {
        if let Some(content) = from.packs.read(digest)? {
            return self.packs.keep(digest, &content);
        }
        let (from, to) = (from.path(digest), self.path(digest));
        match self.in_folder(|| fs::hard_link(&from, &to)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(error),
            Err(_no_links_here) => fs::copy(&from, &to).map(drop),
            Ok(()) => Ok(()),
        }
    }

    /// Whether a content of this length is there, whole.
    pub fn holds(&self, digest: Digest, length: u64) -> bool {
        self.packs.length(digest) == Some(length)
            || fs::symlink_metadata(self.path(digest))
                .is_ok_and(|about| about.is_file() && about.len() == length)
    }

    /// Whether a content is on the disk now, of this length where that is known.
    pub fn has(&self, digest: Digest, length: Option<u64>) -> bool {
        let is_long = |found: u64| length.is_none_or(|length| length == found);
        self.packs
            .length(digest)
            .is_some_and(|packed| is_long(packed) && self.packs.is_there(digest))
            || fs::symlink_metadata(self.path(digest))
                .is_ok_and(|about| about.is_file() && is_long(about.len()))
    }

    /// A short content that is text.
    pub fn text(&self, digest: Digest) -> Option<String> {
        String::from_utf8(self.bytes(digest).ok()?).ok()
    }

    /// A short content.
    ///
    /// # Errors
    ///
    /// Fails if the content is missing, longer than a text may be, unreadable or damaged.
    pub fn bytes(&self, digest: Digest) -> io::Result<Vec<u8>> {
        match self.packs.read(digest)? {
            Some(content) => Ok(content),
            None => files::read(&self.path(digest), TEXT),
        }
    }

    /// Writes a content into a new file.
    ///
    /// # Errors
    ///
    /// Fails with `InvalidData` if the content is damaged, and otherwise if it is missing or `file`
    /// cannot be written. Part of it may have been written by then.
    pub fn copy_to(&self, digest: Digest, file: &mut File) -> io::Result<()> {
        let damaged = || io::Error::new(ErrorKind::InvalidData, "its copy is damaged");
        match self.packs.read(digest) {
            Ok(Some(content)) => return file.write_all(&content),
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::InvalidData => return Err(damaged()),
            Err(error) => return Err(error),
        }
        let mut found = Sha256::new();
        each_piece(File::open(self.path(digest))?, PIECE, |piece| {
            found.update(piece);
            file.write_all(piece)
        })?;
        if Digest(found.finalize().into()) == digest { Ok(()) } else { Err(damaged()) }
    }

    /// Removes the contents that nobody names.
    pub fn retain(&self, named: impl Fn(Digest) -> bool) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut left = self.packs.retain(&named);
        for entry in entries.flatten().filter(|entry| !Packs::is_part(&entry.path())) {
            let digest = entry.file_name().to_str().and_then(Digest::parse);
            if digest.is_some_and(&named) {
                left += entry.metadata().map_or(0, |about| about.len());
            } else if let Err(error) = fs::remove_file(entry.path()) {
                tracing::debug!(%error, "a kept content could not be removed");
            }
        }
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Some(left);
    }

    /// Bytes that are there, from somebody who knows: looking at tens of thousands of blobs would
    /// take longer than the command that waits for it.
    pub fn begin_with(&self, bytes: u64) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(bytes);
    }

    /// Looks at what is there.
    pub fn get_ready(&self) {
        self.packs.get_ready();
    }

    /// Bytes that may still be kept.
    pub fn room(&self) -> u64 {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        self.quota.saturating_sub(*used.get_or_insert_with(|| size(&self.folder)))
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

    /// Puts a content into the folder, which is made where there is none yet.
    fn in_folder(&self, put: impl Fn() -> io::Result<()>) -> io::Result<()> {
        match put() {
            Err(error) if error.kind() == ErrorKind::NotFound && !self.folder.is_dir() => {
                files::create_private_folder(&self.folder).map_err(io::Error::other)?;
                put()
            }
            done => done,
        }
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(digest.digits())
    }

    /// It is not waited until it reaches the disk: many are written before a command, and one that
    /// a power cut damages is found out by its digest. They are written where they stay: one that a
    /// kill cut off is too short, and written anew.
    fn write(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(digest);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(mut file) => {
                files::give_to_folders_owner(&path, &file);
                return file.write_all(bytes);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                files::create_private_folder(&self.folder).map_err(io::Error::other)?
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        let mut draft = tempfile::NamedTempFile::new_in(&self.folder)?;
        draft.write_all(bytes)?;
        files::give_to_folders_owner(draft.path(), draft.as_file());
        draft.persist(path)?;
        Ok(())
    }
}

/// Whether a regular file has one name alone.
#[cfg(unix)]
fn is_alone(about: &fs::Metadata) -> bool {
    about.is_file() && std::os::unix::fs::MetadataExt::nlink(about) == 1
}

#[cfg(not(unix))]
fn is_alone(_about: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn close_to_others(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn close_to_others(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// A file, in pieces of so many bytes.
fn each_piece(
    mut file: impl Read,
    piece: usize,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut piece = vec![0; piece];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => each(&piece[..length])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn size(folder: &Path) -> u64 {
    let Ok(files) = fs::read_dir(folder) else { return 0 };
    files.flatten().filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
}
