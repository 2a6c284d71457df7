//! A text that the editor saves: handed over, looked for on the disk, and given back to the editor
//! where it did not come there. What the disk holds counts, whatever the editor says of it.

use std::io;
use std::path::Path;

use crate::base::files::{self, FileError};
use crate::tools::files::matching::{LineEnding, unify};
use crate::tools::folder::open_files::{OpenFiles, Saving};
use crate::tools::folder::read_files::Print;
use crate::tools::folder::text_file::{Document, LIMIT, MARK};
use crate::tools::folder::{WorkFolder, open_itself};

use super::commit::CommitFailure;

/// The way to the editor for the files of one change.
#[derive(Debug)]
pub struct EditorDoor<'a> {
    pub folder: &'a WorkFolder,
    pub open_files: &'a OpenFiles<'a>,
}

/// A text that the editor is to save.
#[derive(Debug)]
pub struct TextToSave {
    pub text: String,
    /// The text that it shows until then.
    pub shown: String,
}

/// The file on the disk after the save.
#[derive(Debug)]
pub struct SavedText {
    pub print: Print,
    /// Where that is another text than the editor was given: it may format what it saves.
    pub other: Option<Vec<u8>>,
}

impl TextToSave {
    /// In the form in which the editor showed its own.
    pub fn new(document: &Document, shown: &str) -> Self {
        let text = match shown.contains('\r') {
            true => document.text.clone(),
            false => LineEnding::Lf.dress(&document.text),
        };
        let mark = if shown.starts_with(MARK) { MARK } else { "" };
        Self { text: [mark, &text].concat(), shown: shown.to_owned() }
    }
}

impl EditorDoor<'_> {
    /// Has a file saved that the disk holds as `was`. After a failure the editor shows what it
    /// showed, unless that says otherwise.
    ///
    /// # Errors
    ///
    /// Fails if the editor refuses or does not answer, if the call was stopped, or if the disk does
    /// not hold the text afterwards.
    pub fn save(
        &self,
        target: &Path,
        wanted: &TextToSave,
        was: &Print,
    ) -> Result<SavedText, CommitFailure> {
        let saving = self.open_files.save(self.folder, target, wanted.text.clone());
        let found = on_disk(target);
        let is_changed = found.as_ref().is_ok_and(|(now, _)| now != was);
        let holds_it = found.as_ref().is_ok_and(|(_, bytes)| is_text(bytes, &wanted.text));
        match (&saving, found) {
            (Saving::Answered, Ok((print, bytes))) if is_changed || holds_it => {
                Ok(self.saved(target, print, bytes, holds_it))
            }
            (_, Ok((print, bytes))) if is_changed && holds_it => {
                Ok(self.saved(target, print, bytes, holds_it))
            }
            (Saving::Answered, _) => {
                let reason = "it took the text, and the disk does not hold it".to_owned();
                Err(self.back_to(target, wanted, reason))
            }
            (Saving::Refused(reason), Ok(_)) if !is_changed => {
                Err(CommitFailure::EditorRefusal(target.to_owned(), reason.clone()))
            }
            (Saving::Refused(reason), _) => Err(self.back_to(target, wanted, reason.clone())),
            (Saving::Silent, _) => Err(CommitFailure::SilentEditor(target.to_owned())),
            (Saving::Stopped, _) => Err(CommitFailure::Stopped(target.to_owned())),
        }
    }

    /// Disk and editor have the same text again, which may be another one than was asked for.
    fn saved(&self, target: &Path, print: Print, bytes: Vec<u8>, holds_it: bool) -> SavedText {
        self.open_files.agree(target, &bytes);
        SavedText { print, other: (!holds_it).then_some(bytes) }
    }

    /// Gives the editor what it showed; whether it took it.
    pub fn give_back(&self, target: &Path, shown: String) -> bool {
        self.open_files.save(self.folder, target, shown) == Saving::Answered
    }

    fn back_to(&self, target: &Path, wanted: &TextToSave, reason: String) -> CommitFailure {
        match self.give_back(target, wanted.shown.clone()) {
            true => CommitFailure::EditorRefusal(target.to_owned(), reason),
            false => CommitFailure::Torn {
                cause: FileError::Write {
                    path: target.to_owned(),
                    source: io::Error::other(reason),
                },
                left: vec![target.to_owned()],
            },
        }
    }
}

fn on_disk(target: &Path) -> io::Result<(Print, Vec<u8>)> {
    let file = open_itself(target)?;
    let metadata = file.metadata()?;
    let bytes = files::read_open(file, LIMIT)?;
    Ok((Print::new(&metadata, Some(&bytes)), bytes))
}

/// Whether the disk holds a text, but for what editors keep to themselves: the mark at the
/// beginning and the ends of lines.
fn is_text(bytes: &[u8], text: &str) -> bool {
    let plain = |text: &str| unify(text.strip_prefix(MARK).unwrap_or(text)).into_owned();
    str::from_utf8(bytes).is_ok_and(|found| plain(found) == plain(text))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_whose_folder_became_a_link_is_not_read_through_it() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let file = root.join("src/a.txt");
        for folder in ["src", "outside"] {
            fs::create_dir(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("a.txt"), folder).unwrap();
        }
        assert_eq!(on_disk(&file).unwrap().1, b"src");
        fs::rename(root.join("src"), root.join("away")).unwrap();
        symlink("outside", root.join("src")).unwrap();
        assert!(on_disk(&file).is_err());
    }
}
