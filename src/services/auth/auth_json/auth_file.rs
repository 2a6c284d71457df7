//! auth.json on disk, compatible with opencode 1.x: read whole, changed one entry at a time, never
//! losing what it does not know. Blocks.

use std::io::ErrorKind;
use std::mem;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::base::files::{self, FileError, Lock};
use crate::protocol::ProviderId;

use super::credential::Credential;
use super::damage;
use super::json_layout::lay_out;
use super::json_object::JsonObject;
use crate::auth::error::AuthError;

/// How long a file that makes no sense is given to be written to its end: opencode writes in place.
const SETTLING: Duration = Duration::from_millis(40);
/// The largest credential file that is read, in bytes; real ones are a few kB.
const LARGEST: u64 = 32 << 20;
/// How often it is looked at again while it still changes.
const PATIENCE: u32 = 25;

/// The file, by its name. Holds nothing of it.
#[derive(Clone, Debug)]
pub struct AuthStore {
    path: PathBuf,
}

/// The content of the file at the time it was read.
#[derive(Clone, Debug, Default)]
pub struct AuthFile {
    entries: JsonObject,
    /// The mode, where others than the owner may read or write the file.
    pub exposed: Option<u32>,
}

/// How to treat a file that cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damaged {
    /// Nothing is written.
    Refuse,
    /// The person signs in anew: a copy is kept, and a new file takes the place.
    SetAside,
}

/// Whether a change came to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthChange {
    Made,
    NotNeeded,
}

impl AuthStore {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file; one that is missing or blank holds nothing. Takes no lock: a writer of ours
    /// replaces it in one go.
    ///
    /// A copy of a damaged file is kept, and the error names it.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is damaged.
    pub fn read(&self) -> Result<AuthFile, AuthError> {
        self.read_calmly(settle).map_err(|(error, bytes)| damage::with_copy(error, &bytes))
    }

    /// Reads the file as [`AuthStore::read`] does, and leaves nothing behind: for a file that is
    /// another program's.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is damaged.
    pub fn peek(&self) -> Result<AuthFile, AuthError> {
        self.read_calmly(settle).map_err(|(error, _bytes)| error)
    }

    /// Reads again after each `pause` while what is there is blank or broken, and still changes.
    ///
    /// # Errors
    ///
    /// The last error, with the bytes that were in the file.
    pub fn read_calmly(&self, mut pause: impl FnMut()) -> Result<AuthFile, (AuthError, Vec<u8>)> {
        let read = || read(&self.path).map_err(|error| (error, Vec::new()));
        let mut bytes = read()?;
        for _look in 0..PATIENCE {
            let in_doubt = match self.understand(bytes.as_deref()) {
                Ok(_contents) => bytes.as_deref().is_some_and(is_blank),
                Err(error) => matches!(error, AuthError::Damaged { .. }),
            };
            if !in_doubt {
                break;
            }
            // It may be in the middle of being written, by a program that does so in place.
            pause();
            let before = mem::replace(&mut bytes, read()?);
            if before == bytes {
                break;
            }
        }
        self.understand(bytes.as_deref()).map_err(|error| (error, bytes.unwrap_or_default()))
    }

    /// Reads the file once more under its lock, changes it, and replaces it whole. Gives the copy
    /// that a damaged one was kept as.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, or is damaged and may not be replaced.
    pub fn change(
        &self,
        lock: &Lock,
        damaged: Damaged,
        change: impl FnOnce(&mut AuthFile) -> AuthChange,
    ) -> Result<Option<PathBuf>, AuthError> {
        let (mut contents, copy) = match (self.read(), damaged) {
            (Err(AuthError::Damaged { kept: Some(copy), .. }), Damaged::SetAside) => {
                (AuthFile::default(), Some(copy))
            }
            (read, _) => (read?, None),
        };
        if change(&mut contents) == AuthChange::Made {
            lock.replace(lay_out(&contents.entries.to_json()).as_bytes())?;
        }
        Ok(copy)
    }

    fn understand(&self, bytes: Option<&[u8]>) -> Result<AuthFile, AuthError> {
        let Some(bytes) = bytes else { return Ok(AuthFile::default()) };
        let exposed = exposure(&self.path);
        if is_blank(bytes) {
            return Ok(AuthFile { entries: JsonObject::default(), exposed });
        }
        match JsonObject::parse(without_mark(bytes)) {
            Ok(entries) if is_codex(&entries) => {
                Err(AuthError::CodexShape { path: self.path.clone() })
            }
            Ok(entries) => Ok(AuthFile { entries, exposed }),
            Err(e) => Err(AuthError::Damaged {
                path: self.path.clone(),
                line: e.line().max(1),
                column: e.column().max(1),
                kept: None,
            }),
        }
    }
}

impl AuthFile {
    /// All entries in their order, by the name they have in the file.
    pub fn credentials(&self) -> impl Iterator<Item = (ProviderId, Credential)> {
        self.entries.iter().map(|(name, entry)| (ProviderId::new(name), Credential::read(entry)))
    }

    pub fn credential(&self, provider: &ProviderId) -> Option<Credential> {
        self.entries.get(provider.as_str()).map(Credential::read)
    }

    /// Puts a credential into its entry, which keeps its place and the fields we do not know. Final
    /// slashes of a name are cut, and the name with one goes, as opencode does it.
    pub fn set(&mut self, provider: &ProviderId, credential: &Credential) -> AuthChange {
        let name = provider.as_str().trim_end_matches('/');
        let Some(entry) = credential.write(self.entries.get(name)) else {
            return AuthChange::NotNeeded;
        };
        self.entries.remove(&format!("{name}/"));
        self.entries.set(name, entry);
        AuthChange::Made
    }

    /// Takes a provider's entry away, spelled with a final slash or without.
    pub fn remove(&mut self, provider: &ProviderId) -> AuthChange {
        let name = provider.as_str().trim_end_matches('/');
        let names = [provider.as_str().to_owned(), name.to_owned(), format!("{name}/")];
        let removed = names.iter().filter(|name| self.entries.remove(name)).count();
        if removed > 0 { AuthChange::Made } else { AuthChange::NotNeeded }
    }
}

fn settle() {
    thread::sleep(SETTLING);
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, AuthError> {
    match files::read(path, LARGEST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FileError::Read { path: path.to_owned(), source }.into()),
    }
}

/// A byte-order mark is forgiven.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// There is nothing in it that could be lost.
fn is_blank(bytes: &[u8]) -> bool {
    without_mark(bytes).iter().all(u8::is_ascii_whitespace)
}

/// Codex keeps one sign-in under these names, and no entry that has a `type`.
fn is_codex(entries: &JsonObject) -> bool {
    let named =
        ["tokens", "auth_mode", "OPENAI_API_KEY"].iter().any(|name| entries.get(name).is_some());
    named
        && entries.iter().all(|(_name, entry)| {
            Credential::read(entry) == Credential::Unknown { kind: String::new() }
        })
}

fn exposure(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _no_modes = path;
        None
    }
}
