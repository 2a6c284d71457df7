//! The files that one call is about, as they are and as they will be.

use std::path::PathBuf;

use crate::base::files::FileError;
use crate::base::phrases::{count, shorten, size};
use crate::protocol::{ActionKind, DiffKind, FileDiff, PathScope, PlannedAction, Target};
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::ToolContext;
use crate::tools::files::diff;
use crate::tools::folder::WorkFolder;
use crate::tools::folder::read_files::{Knowledge, Print, ReviewedState};
use crate::tools::folder::similar_names;
use crate::tools::folder::text_file::{Document, Foreign, LIMIT};

use super::commit::{CommitAct, CommitFailure, CommitStep, Committed, commit};
use super::file::{EditedFile, FileOnDisk};
use super::saving::{EditorDoor, TextToSave};

/// Bytes that the files of one call may hold together, before and after.
const TOGETHER: u64 = 64 << 20;

/// A plan that is made file by file. Nothing is changed before it is carried out.
#[derive(Debug)]
pub struct ChangeSet<'a> {
    context: &'a ToolContext<'a>,
    folder: WorkFolder,
    files: Vec<EditedFile>,
    bytes: u64,
}

/// The changes that were carried out.
#[derive(Debug)]
pub struct ChangeOutcome {
    pub diffs: Vec<FileDiff>,
    /// The changed lines of each diff, for the model.
    pub excerpts: Vec<String>,
    /// Sentences without a full stop.
    pub warnings: Vec<String>,
}

impl<'a> ChangeSet<'a> {
    /// For a plan that is told to a person first: it may reach anywhere.
    pub fn draft(context: &'a ToolContext<'a>) -> Self {
        Self { folder: context.folder.clone().reaching(PathScope::Anywhere), ..Self::new(context) }
    }

    /// For a plan that is carried out, as far as the call may reach.
    pub fn new(context: &'a ToolContext<'a>) -> Self {
        Self { context, folder: context.folder.clone(), files: Vec::new(), bytes: 0 }
    }

    /// The number of a file in this change set, by its path. One that changed since the model saw
    /// it is refused.
    ///
    /// # Errors
    ///
    /// Refuses a path that may not be changed, a file that changed since the model saw it, and more
    /// text than one call may hold.
    pub fn open(&mut self, path: &str) -> Result<usize, ToolRefusal> {
        let (place, side) = self.folder.changeable(path)?;
        if let Some(known) = self.files.iter().position(|file| file.place.real == place.real) {
            return Ok(known);
        }
        let file = EditedFile::load(&self.folder, self.context.open_files, place, side)?;
        // A change made without a look is known by its context only, and that context still has to
        // fit.
        if let (Some((known, knowledge)), Some(print)) =
            (self.context.read_files.known(&file.place.real), &file.print)
            && knowledge != Knowledge::Blind
            && known != *print
        {
            // Reminds the model once that it has not read this file with a tool; a command may also
            // have shown it.
            if knowledge == Knowledge::Written {
                self.context.read_files.note(&file.place.real, print.clone(), Knowledge::Blind);
            }
            return Err(ToolRefusal::Stale { shown: file.place.shown });
        }
        self.add_size(file.before.text().len())?;
        self.files.push(file);
        Ok(self.files.len() - 1)
    }

    pub fn shown(&self, file: usize) -> &str {
        &self.files[file].place.shown
    }

    pub fn is_there(&self, file: usize) -> bool {
        self.files[file].after != FileOnDisk::Absent
    }

    /// Whether the model has seen it: its lines may be told.
    pub fn is_known(&self, file: usize) -> bool {
        self.knowledge(&self.files[file]) != Knowledge::Blind
    }

    /// Refused for a link: taking it away or moving it would be about what it leads to.
    ///
    /// # Errors
    ///
    /// Refuses a path that is a link.
    pub fn own_name(&self, path: &str) -> Result<(), ToolRefusal> {
        if self.folder.is_link(path) {
            Err(ToolRefusal::Link { shown: shorten(path, 200) })
        } else {
            Ok(())
        }
    }

    /// The text as it is in this change set; refused for what has none.
    ///
    /// # Errors
    ///
    /// Refuses a file that is missing, too large, or no UTF-8 text.
    pub fn text(&self, file: usize) -> Result<&str, ToolRefusal> {
        let EditedFile { place, after, .. } = &self.files[file];
        let shown = || place.shown.clone();
        match after {
            FileOnDisk::Text(document) => Ok(&document.text),
            FileOnDisk::Absent => Err(ToolRefusal::Missing {
                shown: shown(),
                near: similar_names::names(&self.folder, place),
            }),
            FileOnDisk::Large(bytes) => Err(ToolRefusal::LargeChange {
                shown: shown(),
                size: size(*bytes),
                limit: size(LIMIT),
            }),
            FileOnDisk::Foreign(Foreign::Binary) => {
                Err(ToolRefusal::BinaryChange { shown: shown() })
            }
            FileOnDisk::Foreign(Foreign::Utf16) => Err(ToolRefusal::Encoding {
                shown: shown(),
                found: "it looks like UTF-16".to_owned(),
            }),
            FileOnDisk::Foreign(Foreign::Encoding(line)) => {
                Err(ToolRefusal::Encoding { shown: shown(), found: format!("line {line} is not") })
            }
        }
    }

    /// Gives a file another text, or makes it.
    ///
    /// # Errors
    ///
    /// Refuses a text that is too long, and more text than one call may hold.
    pub fn write(&mut self, file: usize, text: String) -> Result<(), ToolRefusal> {
        if text.len() as u64 > LIMIT {
            let shown = self.shown(file).to_owned();
            return Err(ToolRefusal::LargeChange {
                shown,
                size: size(text.len() as u64),
                limit: size(LIMIT),
            });
        }
        self.add_size(text.len())?;
        let document = match (&self.files[file].after, &self.files[file].before) {
            (FileOnDisk::Text(document), _) | (FileOnDisk::Absent, FileOnDisk::Text(document)) => {
                document.with(text)
            }
            _ => Document { text, ..Document::default() },
        };
        self.files[file].after = FileOnDisk::Text(document);
        Ok(())
    }

    pub fn remove(&mut self, file: usize) {
        self.files[file].after = FileOnDisk::Absent;
        self.files[file].from = None;
    }

    /// Any content at `to` is lost.
    pub fn rename(&mut self, from: usize, to: usize) {
        let source = &mut self.files[from];
        let state = std::mem::replace(&mut source.after, FileOnDisk::Absent);
        // A file that came here from elsewhere comes from there.
        let origin = source.from.take().or((source.before != FileOnDisk::Absent).then_some(from));
        self.files[to].after = state;
        self.files[to].from = origin.filter(|origin| *origin != to);
    }

    /// The plan for a person. What it was made by is remembered under the call.
    ///
    /// # Errors
    ///
    /// Refuses a change that changes nothing.
    pub fn action(self) -> Result<PlannedAction, ToolRefusal> {
        let diffs = self.diffs();
        let changed: Vec<&EditedFile> = self.files.iter().filter(|file| file.changes()).collect();
        let (Some(first), Some(diff)) = (changed.first(), diffs.first()) else {
            return Err(ToolRefusal::NothingChanges);
        };
        let title = match diffs.len() - 1 {
            0 => diff.path.clone(),
            more => format!("{} and {}", first.place.shown, count(more as u64, "other file")),
        };
        let target = |file: &&EditedFile| Target {
            path: file.place.real.clone(),
            shown: file.place.shown.clone(),
            location: file.side,
        };
        let targets = changed.iter().map(target).collect();
        self.context.read_files.reviewed(self.context.call, self.reviewed_state());
        Ok(PlannedAction::new(title, ActionKind::Change { targets, diffs }))
    }

    /// Changes the files, all of them or none: refused when any is not what it was when the plan
    /// was told.
    ///
    /// # Errors
    ///
    /// Refuses files that changed since the plan was made, and a change that changes nothing. Fails
    /// if a file cannot be written; unless the refusal says otherwise, all files are as they were
    /// then.
    pub fn carry_out(mut self) -> Result<ChangeOutcome, ToolRefusal> {
        let reviewed = self.context.read_files.review(self.context.call);
        if let Some(reviewed) = reviewed
            && let Some(path) = difference(&reviewed, &self.reviewed_state())
        {
            return Err(ToolRefusal::Stale { shown: self.folder.shown(&path) });
        }
        if self.diffs().is_empty() {
            return Err(ToolRefusal::NothingChanges);
        }
        let steps = self.steps()?;
        self.context.stop.check()?;
        self.report_unsaved();
        let door = EditorDoor { folder: &self.folder, open_files: self.context.open_files };
        let written = commit(steps, &door).map_err(|failure| {
            if failure.left_all_as_it_was() {
                self.context.open_files.unsaved.take();
            }
            self.refusal(failure)
        })?;
        let mut warnings = Vec::new();
        for Committed { target, print, other, lost } in written {
            if !lost.is_empty() {
                warnings.push(format!(
                    "`{}` does not have these attributes any more, which it could not be given: {}",
                    self.folder.shown(&target),
                    lost.join(", ")
                ));
            }
            let file = self.files.iter_mut().find(|file| file.place.real == target);
            if let (Some(bytes), Some(file)) = (other, file) {
                file.after = FileOnDisk::of(bytes);
                warnings.push(format!("The editor saved `{}` with other text than this (it may format what it saves): read it before you change it again", file.place.shown));
            }
            let file = self.files.iter().find(|file| file.place.real == target);
            match (print, file) {
                (Some(print), Some(file)) => {
                    self.context.read_files.note(&target, print, self.knowledge(file))
                }
                _ => self.context.read_files.forget(&target),
            }
        }
        let changed = || self.files.iter().filter(|file| file.changes());
        let linked = changed().filter(|file| file.names > 1 && file.open.is_none());
        warnings.extend(linked.map(|file| format!("`{}` had another name on the disk (a hard link), under which the old content stays", file.place.shown)));
        let unsaved = changed().filter(|file| file.is_unsaved());
        warnings.extend(unsaved.map(|file| match file.after {
            FileOnDisk::Absent => {
                format!("`{}` had unsaved changes in the editor", file.place.shown)
            }
            _ => format!(
                "`{}` had unsaved changes in the editor, which are saved with this",
                file.place.shown
            ),
        }));
        let excerpts = self
            .changed_files()
            .map(|(file, before)| diff::excerpt(before, file.after.text()))
            .collect();
        Ok(ChangeOutcome { diffs: self.diffs(), excerpts, warnings })
    }

    /// Says what is in the editor alone, so that it can be given back.
    fn report_unsaved(&self) {
        for file in self.files.iter().filter(|file| file.changes() && file.is_unsaved()) {
            if let FileOnDisk::Text(document) = &file.before {
                self.context.open_files.unsaved.add(&file.place.real, document.bytes());
            }
        }
    }

    /// How much the model knows of a file after the change: all of it, when the model wrote it.
    fn knowledge(&self, file: &EditedFile) -> Knowledge {
        let origin = file.from.map_or(file, |from| &self.files[from]);
        match self.context.read_files.known(&origin.place.real) {
            Some((_, knowledge)) => knowledge,
            None if origin.before == FileOnDisk::Absent => Knowledge::Written,
            None => Knowledge::Blind,
        }
    }

    fn add_size(&mut self, bytes: usize) -> Result<(), ToolRefusal> {
        self.bytes += bytes as u64;
        if self.bytes > TOGETHER {
            Err(ToolRefusal::TooMuch { limit: size(TOGETHER) })
        } else {
            Ok(())
        }
    }

    /// The files of the diffs in their order, each with its text before. One that was moved away is
    /// told where it went.
    fn changed_files(&self) -> impl Iterator<Item = (&EditedFile, &str)> {
        let moved_on = |at: usize| self.files.iter().any(|file| file.from == Some(at));
        self.files.iter().enumerate().filter_map(move |(at, file)| match file.from {
            Some(from) => Some((file, self.files[from].before.text())),
            None if !file.changes() || file.after == FileOnDisk::Absent && moved_on(at) => None,
            None => Some((file, file.before.text())),
        })
    }

    fn diffs(&self) -> Vec<FileDiff> {
        let diff = |(file, before): (&EditedFile, &str)| {
            let kind = match (file.from, &file.before, &file.after) {
                (Some(from), _, _) => {
                    DiffKind::Moved { from: self.files[from].place.shown.clone() }
                }
                (None, FileOnDisk::Absent, _) => DiffKind::Added,
                (None, _, FileOnDisk::Absent) => DiffKind::Deleted,
                (None, _, _) => DiffKind::Updated,
            };
            diff::diff(&file.place.shown, kind, before, file.after.text())
        };
        self.changed_files().map(diff).collect()
    }

    fn reviewed_state(&self) -> ReviewedState {
        self.files.iter().map(|file| (file.place.real.clone(), file.print.clone())).collect()
    }

    fn steps(&self) -> Result<Vec<CommitStep>, ToolRefusal> {
        let are_writable = self.context.open_files.are_writable();
        let step = |file: &EditedFile| {
            let own = (file.before != FileOnDisk::Absent).then_some(file);
            let like =
                own.or(file.from.map(|from| &self.files[from])).map(|file| file.place.real.clone());
            let act = match (&file.after, &file.open) {
                (FileOnDisk::Text(document), Some(open)) if are_writable => {
                    CommitAct::Save(TextToSave::new(document, &open.text))
                }
                (FileOnDisk::Text(_), _) if file.is_unsaved() => {
                    return Err(ToolRefusal::Unsaved { shown: file.place.shown.clone() });
                }
                (FileOnDisk::Text(document), _) => {
                    CommitAct::Write { bytes: document.bytes(), like }
                }
                (FileOnDisk::Absent | FileOnDisk::Foreign(_) | FileOnDisk::Large(_), _) => {
                    CommitAct::Remove
                }
            };
            Ok(CommitStep { target: file.place.real.clone(), was: file.disk.clone(), act })
        };
        self.files.iter().filter(|file| file.changes()).map(step).collect()
    }

    fn refusal(&self, failure: CommitFailure) -> ToolRefusal {
        let shown = |path: &PathBuf| self.folder.shown(path);
        let named = |error: &FileError| {
            (self.folder.shown(error.path()), error.io().kind(), error.io().to_string())
        };
        match failure {
            CommitFailure::Changed(path) => ToolRefusal::Stale { shown: shown(&path) },
            CommitFailure::EditorRefusal(path, reason) => {
                ToolRefusal::EditorRefusal { shown: shown(&path), reason: shorten(&reason, 200) }
            }
            CommitFailure::SilentEditor(path) => ToolRefusal::SilentSave { shown: shown(&path) },
            CommitFailure::Stopped(_) => ToolRefusal::Stopped,
            CommitFailure::Write(error) => {
                let (shown, kind, words) = named(&error);
                ToolRefusal::unwritten(shown, kind, words)
            }
            CommitFailure::Torn { cause, left } => {
                let (shown, _, reason) = named(&cause);
                ToolRefusal::Torn {
                    shown,
                    reason,
                    left: left.iter().map(|path| self.folder.shown(path)).collect(),
                }
            }
        }
    }
}

/// The first file that is not the same in both.
fn difference(
    reviewed: &[(PathBuf, Option<Print>)],
    now: &[(PathBuf, Option<Print>)],
) -> Option<PathBuf> {
    let longest = reviewed.len().max(now.len());
    let at = (0..longest).find(|at| reviewed.get(*at) != now.get(*at))?;
    now.get(at).or(reviewed.get(at)).map(|(path, _)| path.clone())
}
