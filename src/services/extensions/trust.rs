//! The trust store: which definitions of programs a person said yes to, for each project.
//!
//! It is one file, `trust.json` in the folder for state, mode 0600. A definition is trusted only if
//! its SHA-256 is there under the canonical path of the project. All functions block.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::files::{self, Lock};
use crate::base::text::{head, hex};

use super::trust_error::TrustError;

/// The file, in the folder for state.
const NAME: &str = "trust.json";
const LARGEST: u64 = 4 * 1024 * 1024;
/// Longer texts are kept cut, to show what changed; their hash is of all.
const LONGEST_TEXT: usize = 16 * 1024;

/// The kind of a program that a project brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefinitionKind {
    /// A server for the Model Context Protocol.
    McpServer,
    /// Commands of a shell in a slash command.
    ShellInCommand,
}

impl DefinitionKind {
    /// The word for it in the file and to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::McpServer => "mcp",
            Self::ShellInCommand => "command",
        }
    }
}

/// A program that a project brings, as far as a person's yes covers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The kind of program.
    pub kind: DefinitionKind,
    /// The name, which together with the kind is unique in the project.
    pub name: String,
    /// All that it would run, in one canonical form for people and for the hash.
    pub text: String,
}

impl Definition {
    /// The SHA-256 of kind, name and text, as 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.kind.as_str(), &self.name, &self.text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hex(&hash.finalize())
    }

    fn key(&self) -> String {
        format!("{}:{}", self.kind.as_str(), self.name)
    }
}

/// Whether a definition may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustState {
    /// A person said yes to exactly this definition.
    Trusted,
    /// Nobody was asked about a definition of this kind and name.
    New,
    /// A person said yes to another text.
    Changed {
        /// That text, cut if it is very long.
        before: String,
    },
}

/// The trust store of a person. Cloning it is cheap; every question reads the file again.
#[derive(Clone, Debug)]
pub struct TrustStore {
    file: PathBuf,
}

/// The file as it is written.
#[derive(Default, Deserialize, Serialize)]
struct Contents {
    projects: BTreeMap<String, BTreeMap<String, Kept>>,
}

#[derive(Deserialize, Serialize)]
struct Kept {
    sha256: String,
    text: String,
}

impl TrustStore {
    /// The store in this folder, which need not exist.
    pub fn new(state_folder: &Path) -> Self {
        Self { file: state_folder.join(NAME) }
    }

    /// Whether a definition of this project may run.
    ///
    /// # Errors
    ///
    /// [`TrustError`] if the file cannot be used or the project is not there. Nothing is trusted
    /// then.
    pub fn state(&self, project: &Path, definition: &Definition) -> Result<TrustState, TrustError> {
        let project = canonical(project)?;
        let contents = self.read()?;
        let kept = contents.projects.get(&project).and_then(|all| all.get(&definition.key()));
        Ok(match kept {
            None => TrustState::New,
            Some(kept) if kept.sha256 == definition.hash() => TrustState::Trusted,
            Some(kept) => TrustState::Changed { before: kept.text.clone() },
        })
    }

    /// Keeps that a person said yes to exactly these definitions. A text that was trusted under
    /// the same kind and name no longer is.
    ///
    /// # Errors
    ///
    /// [`TrustError`] if this could not be kept; the file is then as it was.
    pub fn trust(&self, project: &Path, definitions: &[Definition]) -> Result<(), TrustError> {
        self.change(project, |of_project| {
            for definition in definitions {
                let text = head(&definition.text, LONGEST_TEXT).to_owned();
                let kept = Kept { sha256: definition.hash(), text };
                of_project.insert(definition.key(), kept);
            }
        })
    }

    /// Forgets what was trusted under the kind and name of a definition, whatever its text.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::trust`].
    pub fn withdraw(&self, project: &Path, definition: &Definition) -> Result<(), TrustError> {
        self.change(project, |of_project| drop(of_project.remove(&definition.key())))
    }

    fn change(
        &self,
        project: &Path,
        change: impl FnOnce(&mut BTreeMap<String, Kept>),
    ) -> Result<(), TrustError> {
        let project = canonical(project)?;
        let lock = Lock::take(&self.file).map_err(|source| TrustError::Write { source })?;
        let mut contents = self.read()?;
        change(contents.projects.entry(project).or_default());
        contents.projects.retain(|_, definitions| !definitions.is_empty());
        let mut text =
            serde_json::to_vec_pretty(&contents).map_err(|error| self.damaged(&error))?;
        text.push(b'\n');
        if text.len() as u64 > LARGEST {
            return Err(TrustError::Full { path: self.file.clone() });
        }
        lock.replace(&text).map_err(|source| TrustError::Write { source })
    }

    fn read(&self) -> Result<Contents, TrustError> {
        let bytes = match read_own(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Contents::default()),
            Err(source) => return Err(TrustError::Read { path: self.file.clone(), source }),
            Ok(bytes) => bytes,
        };
        serde_json::from_slice(&bytes).map_err(|error| self.damaged(&error))
    }

    fn damaged(&self, error: &serde_json::Error) -> TrustError {
        // The text of the error may quote the file, so it says only where it stopped.
        let detail = format!("line {} cannot be read", error.line());
        TrustError::Damaged { path: self.file.clone(), detail }
    }
}

/// Reads a file that nobody but this user, or root, may write.
fn read_own(file: &Path) -> io::Result<Vec<u8>> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let user = rustix::process::geteuid();
        // Under `sudo` the file belongs to the person.
        if !user.is_root() && fs::metadata(file)?.uid() != user.as_raw() {
            let why = format!("it belongs to another user: remove `{}`", file.display());
            return Err(io::Error::new(ErrorKind::PermissionDenied, why));
        }
    }
    files::read_private(file, LARGEST)
}

fn canonical(project: &Path) -> Result<String, TrustError> {
    let failed = |source| TrustError::Project { path: project.to_owned(), source };
    let path = fs::canonicalize(project).map_err(failed)?;
    match path.into_os_string().into_string() {
        Ok(path) => Ok(path),
        Err(_not_text) => Err(failed(io::Error::other("its path is not text"))),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    struct Fixture {
        _temporary: tempfile::TempDir,
        project: PathBuf,
        store: TrustStore,
    }

    fn fixture() -> Fixture {
        let temporary = tempfile::tempdir().unwrap();
        let project = temporary.path().join("project");
        fs::create_dir(&project).unwrap();
        let store = TrustStore::new(&temporary.path().join("state"));
        Fixture { _temporary: temporary, project, store }
    }

    fn server(name: &str, text: &str) -> Definition {
        Definition { kind: DefinitionKind::McpServer, name: name.into(), text: text.into() }
    }

    #[test]
    fn only_exactly_what_a_person_said_yes_to_is_trusted() {
        let Fixture { project, store, _temporary } = fixture();
        let now = server("db", "node server.js");
        assert_eq!(store.state(&project, &now).unwrap(), TrustState::New);
        store.trust(&project, std::slice::from_ref(&now)).unwrap();
        assert_eq!(store.state(&project, &now).unwrap(), TrustState::Trusted);
        let before = || "node server.js".to_owned();
        let changed = server("db", "node server.js; touch PWNED");
        let is_changed = TrustState::Changed { before: before() };
        assert_eq!(store.state(&project, &changed).unwrap(), is_changed);
        let renamed = Definition { kind: DefinitionKind::ShellInCommand, ..now.clone() };
        for other in [server("db2", "node server.js"), renamed] {
            assert_eq!(store.state(&project, &other).unwrap(), TrustState::New);
        }
        let other_project = project.parent().unwrap();
        assert_eq!(store.state(other_project, &now).unwrap(), TrustState::New);
        store.withdraw(&project, &changed).unwrap();
        assert_eq!(store.state(&project, &now).unwrap(), TrustState::New);
    }

    #[test]
    fn a_project_is_known_by_its_canonical_path() {
        let Fixture { project, store, _temporary } = fixture();
        let link = project.with_file_name("link");
        symlink(&project, &link).unwrap();
        store.trust(&link, &[server("a", "b")]).unwrap();
        assert_eq!(store.state(&project, &server("a", "b")).unwrap(), TrustState::Trusted);
        let missing = store.state(&project.join("missing"), &server("a", "b"));
        assert!(matches!(missing, Err(TrustError::Project { .. })));
    }

    #[test]
    fn parts_of_a_definition_cannot_be_moved_into_each_other() {
        assert_ne!(server("ab", "c").hash(), server("a", "bc").hash());
        assert_eq!(server("ab", "c").hash().len(), 64);
    }

    #[test]
    fn a_damaged_file_trusts_nothing_and_is_left_as_it_is() {
        let Fixture { project, store, _temporary } = fixture();
        store.trust(&project, &[server("a", "b")]).unwrap();
        let mode = fs::metadata(&store.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let whole = fs::read_to_string(&store.file).unwrap();
        for text in ["", "[]", &whole[..whole.len() / 2], "{\"projects\": 3}"] {
            fs::write(&store.file, text).unwrap();
            let state = store.state(&project, &server("a", "b"));
            assert!(matches!(state, Err(TrustError::Damaged { .. })), "{text}");
            let trusted = store.trust(&project, &[server("a", "b")]);
            assert!(matches!(trusted, Err(TrustError::Damaged { .. })), "{text}");
            assert_eq!(fs::read_to_string(&store.file).unwrap(), text);
        }
    }

    #[test]
    fn a_file_that_others_can_write_is_refused() {
        let Fixture { project, store, _temporary } = fixture();
        store.trust(&project, &[server("a", "b")]).unwrap();
        fs::set_permissions(&store.file, fs::Permissions::from_mode(0o622)).unwrap();
        let state = store.state(&project, &server("a", "b"));
        assert!(matches!(state, Err(TrustError::Read { .. })));
    }

    #[test]
    fn many_writers_lose_nothing() {
        let Fixture { project, store, _temporary } = fixture();
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let (store, project) = (&store, &project);
                scope.spawn(move || {
                    store.trust(project, &[server(&format!("s{writer}"), "b")]).unwrap();
                });
            }
        });
        for writer in 0..8 {
            let one = server(&format!("s{writer}"), "b");
            assert_eq!(store.state(&project, &one).unwrap(), TrustState::Trusted);
        }
    }

    #[test]
    fn a_very_long_text_is_told_from_another_by_its_end() {
        let Fixture { project, store, _temporary } = fixture();
        let long = "é".repeat(LONGEST_TEXT);
        let (one, other) = (server("a", &format!("{long}1")), server("a", &format!("{long}2")));
        store.trust(&project, std::slice::from_ref(&one)).unwrap();
        assert_eq!(store.state(&project, &one).unwrap(), TrustState::Trusted);
        assert_ne!(store.state(&project, &other).unwrap(), TrustState::Trusted);
        assert!(fs::metadata(&store.file).unwrap().len() < 2 * LONGEST_TEXT as u64);
    }
}
