//! Files that the session's editor has open: what a person has typed there and not saved is what a
//! call reads and changes. Waits for the editor no longer than is said here, and not for a call
//! that was ended.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, mem};

use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use crate::base::is_secret;
use crate::base::text::hex;
use crate::protocol::{Editor, EditorAccess, EditorAnswer, EditorError};

use super::text_file::{ByteOrderMark, Document, MARK};
use super::{ResolvedPath, WorkFolder};
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::call::stop_signal::StopSignal;
use crate::tools::files::matching::LineEnding;

/// How long an editor is waited for.
#[derive(Clone, Copy, Debug)]
pub struct EditorPatience {
    /// To tell a text.
    pub reading: Duration,
    /// To save one: it may format it first.
    pub saving: Duration,
    /// To save one, once its call was ended.
    pub grace: Duration,
}

impl EditorPatience {
    pub const REAL: Self = Self {
        reading: Duration::from_secs(5),
        saving: Duration::from_secs(10),
        grace: Duration::from_secs(1),
    };
}

/// The session's editor, as one call asks it.
#[derive(Debug)]
pub struct OpenFiles<'a> {
    pub editor: Option<&'a dyn Editor>,
    pub patience: EditorPatience,
    /// The folder by the name that the editor knows it by.
    pub folder: &'a Path,
    pub stop: &'a StopSignal,
    pub unsaved: &'a UnsavedTexts,
    pub agreed: &'a AgreedTexts,
}

/// A file's text as the editor has it.
#[derive(Debug)]
pub struct OpenText {
    /// As they would be on the disk, were it saved now.
    pub bytes: Vec<u8>,
    pub state: OpenState,
    /// As the editor shows it.
    pub shown: String,
}

/// Whether the disk holds what the editor shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenState {
    Saved,
    Unsaved,
    /// It does not, and holds what a command made of it: one of both would be lost.
    Crossed,
}

/// How the editor answered the request to save a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Saving {
    Answered,
    /// With the editor's sentence.
    Refused(String),
    /// The editor has not answered yet.
    Silent,
    /// The call was ended meanwhile: nobody knows either.
    Stopped,
}

/// The contents of files at a time when their editor is known to have shown the same. An editor
/// that still shows them, though the disk has moved on, has not noticed that a command or another
/// program changed the file. The person typed nothing there, and saving that text would undo the
/// change.
#[derive(Clone, Debug, Default)]
pub struct AgreedTexts(Arc<Mutex<HashMap<PathBuf, Agreed>>>);

/// SHA-256 in hexadecimal digits.
#[derive(Debug)]
struct Agreed {
    shown: String,
    /// The digest after a command changed it since.
    left: Option<String>,
}

/// How an editor's text stands to a disk that holds another.
enum Difference {
    /// The editor has not noticed what the disk holds.
    Behind,
    /// The disk holds what a command left, and it is not known whether the editor's text has that.
    Crossed,
    Typed,
}

impl AgreedTexts {
    /// `real` is a path without links. A command left it like that, where `left` is known.
    pub fn note(&self, real: &Path, shown: String, left: Option<String>) {
        self.lock().insert(real.to_owned(), Agreed { shown, left });
    }

    fn difference(&self, real: &Path, shown: &[u8], on_disk: &[u8]) -> Difference {
        match self.lock().get(real) {
            Some(agreed) if agreed.shown == digest(shown) => Difference::Behind,
            Some(Agreed { left: Some(left), .. }) if *left == digest(on_disk) => {
                Difference::Crossed
            }
            _ => Difference::Typed,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, Agreed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Texts that were in the editor alone, and that a call is about to write over.
#[derive(Clone, Default)]
pub struct UnsavedTexts(Arc<Mutex<Vec<UnsavedText>>>);

/// A path without links, and what the editor shows there.
pub type UnsavedText = (PathBuf, Vec<u8>);

impl UnsavedTexts {
    /// `real` is a path without links.
    pub fn add(&self, real: &Path, bytes: Vec<u8>) {
        self.lock().push((real.to_owned(), bytes));
    }

    /// All of them, once.
    pub fn take(&self) -> Vec<UnsavedText> {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<UnsavedText>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without the texts.
impl fmt::Debug for UnsavedTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnsavedTexts").field(&self.lock().len()).finish()
    }
}

enum Asked<T> {
    Answered(T),
    Late,
    Stopped,
}

impl OpenFiles<'_> {
    /// The editor's text of a file that holds `on_disk`; `None` where the disk counts: the file
    /// lies outside of the folder, holds secrets, or the editor does not share it or has not
    /// noticed that it changed.
    ///
    /// # Errors
    ///
    /// Fails if the editor refuses or does not answer in time, or if the call was stopped.
    pub fn text(
        &self,
        folder: &WorkFolder,
        place: &ResolvedPath,
        on_disk: &Document,
    ) -> Result<Option<OpenText>, ToolRefusal> {
        let Some((editor, path)) = self.editor_of(folder, &place.real) else { return Ok(None) };
        match self.wait(editor.read(&path), self.patience.reading, Duration::ZERO) {
            Asked::Answered(Ok(text)) => {
                let bytes = as_saved(&text, on_disk).bytes();
                let disk_bytes = on_disk.bytes();
                if bytes == disk_bytes {
                    self.agree(&place.real, &bytes);
                    return Ok(Some(OpenText { bytes, state: OpenState::Saved, shown: text }));
                }
                let state = match self.agreed.difference(&place.real, &bytes, &disk_bytes) {
                    Difference::Behind => return Ok(None),
                    Difference::Crossed => OpenState::Crossed,
                    Difference::Typed => OpenState::Unsaved,
                };
                Ok(Some(OpenText { bytes, state, shown: text }))
            }
            Asked::Answered(Err(EditorError::NotOpen)) => Ok(None),
            Asked::Answered(Err(EditorError::Failed(why))) => {
                Err(ToolRefusal::EditorFailed { shown: place.shown.clone(), why })
            }
            Asked::Late => Err(ToolRefusal::SilentEditor {
                shown: place.shown.clone(),
                seconds: self.patience.reading.as_secs(),
            }),
            Asked::Stopped => Err(ToolRefusal::Stopped),
        }
    }

    /// The disk holds this, and the editor shows it.
    pub fn agree(&self, real: &Path, bytes: &[u8]) {
        self.agreed.note(real, digest(bytes), None);
    }

    /// Whether there is an editor at all.
    pub fn are_shared(&self) -> bool {
        self.editor.is_some()
    }

    /// Whether the editor takes texts.
    pub fn are_writable(&self) -> bool {
        self.editor.is_some_and(|editor| editor.access() == EditorAccess::ReadAndWrite)
    }

    /// Has the editor save a text that it told before.
    pub fn save(&self, folder: &WorkFolder, real: &Path, text: String) -> Saving {
        let Some((editor, path)) = self.editor_of(folder, real) else {
            return Saving::Refused("it is not the editor's".to_owned());
        };
        match self.wait(editor.write(&path, text), self.patience.saving, self.patience.grace) {
            Asked::Answered(Ok(())) => Saving::Answered,
            Asked::Answered(Err(EditorError::Failed(why))) => Saving::Refused(why),
            Asked::Answered(Err(EditorError::NotOpen)) => {
                Saving::Refused("it is not open there".to_owned())
            }
            Asked::Late => Saving::Silent,
            Asked::Stopped => Saving::Stopped,
        }
    }

    /// The editor, and what it knows a file as; `None` for files that it is not asked about.
    fn editor_of(&self, folder: &WorkFolder, real: &Path) -> Option<(&dyn Editor, PathBuf)> {
        let inside = folder.own(real).filter(|_| !is_secret(real))?;
        Some((self.editor?, self.folder.join(inside)))
    }

    /// Blocks for `limit` at the most, and for `grace` once the call was ended.
    fn wait<T>(
        &self,
        mut answer: EditorAnswer<T>,
        limit: Duration,
        grace: Duration,
    ) -> Asked<Result<T, EditorError>> {
        Handle::current().block_on(async {
            tokio::select! {
                biased;
                answered = &mut answer => return Asked::Answered(answered),
                () = self.stop.dropped() => {}
                () = tokio::time::sleep(limit) => return Asked::Late,
            }
            if grace.is_zero() {
                return Asked::Stopped;
            }
            match tokio::time::timeout(grace, answer).await {
                Ok(answered) => Asked::Answered(answered),
                Err(_late) => Asked::Stopped,
            }
        })
    }
}

/// The text an editor shows, in the form it goes to the disk: editors hide the byte order mark and
/// the line ends, and give them back on saving.
fn as_saved(text: &str, on_disk: &Document) -> Document {
    let plain = text.strip_prefix(MARK).unwrap_or(text);
    let has_mark = on_disk.mark == ByteOrderMark::Present || plain.len() < text.len();
    let mark = if has_mark { ByteOrderMark::Present } else { ByteOrderMark::Absent };
    let text = match LineEnding::of(&on_disk.text) {
        Some(LineEnding::CrLf) if !plain.contains('\r') => LineEnding::CrLf.dress(plain),
        _ => plain.to_owned(),
    };
    Document { text, mark }
}

#[cfg(test)]
mod tests;
