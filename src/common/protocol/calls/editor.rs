//! The editor behind a session: a client that shares the text files that a person has open in it,
//! with what they have typed and not saved.

use std::fmt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

/// The editor's answer, whenever it comes. Dropping it tells the editor that no one waits for it.
pub type EditorAnswer<T> = Pin<Box<dyn Future<Output = Result<T, EditorError>> + Send>>;

/// A client that shares open files. It is asked about text files in the session's folder alone, by
/// absolute paths, and about none that holds secrets.
pub trait Editor: fmt::Debug + Send + Sync {
    /// Says which requests it takes.
    fn access(&self) -> EditorAccess;

    /// The whole text of a file as its person sees it. `EditorError::NotOpen` says that the file is
    /// not the editor's: it is on the disk alone.
    fn read(&self, path: &Path) -> EditorAnswer<String>;

    /// Puts a whole text in the place of what the editor has of a file, and saves it.
    fn write(&self, path: &Path, text: String) -> EditorAnswer<()>;
}

/// Requests that an editor takes. An editor that takes texts but shows none is never asked:
/// nobody could tell what would be written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditorAccess {
    /// Texts can be read.
    Read,
    /// And written.
    ReadAndWrite,
}

/// Why the editor did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditorError {
    /// It could not, in one sentence of its own for people. What it shows is not known.
    Failed(String),
    /// It has no such file.
    NotOpen,
}

/// An editor as a session is opened with it. Two are the same where they are one.
#[derive(Clone, Debug)]
pub struct SessionEditor(pub Arc<dyn Editor>);

impl PartialEq for SessionEditor {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for SessionEditor {}
