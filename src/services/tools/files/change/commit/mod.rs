//! Several files changed as one: everything is written beside its place first, what the editor has
//! open is handed to it last, and when a step fails, what was done is taken back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use crate::base::files::{FileError, StagedFile, StagingManner};
use crate::tools::folder::read_files::Print;

use super::held_target::{HeldTarget, MadeFolder};
use super::saving::{EditorDoor, SavedText, TextToSave};

#[derive(Debug)]
pub struct CommitStep {
    /// Without links.
    pub target: PathBuf,
    /// The file that stands there; `None`: no file.
    pub was: Option<Print>,
    pub act: CommitAct,
}

#[derive(Debug)]
pub enum CommitAct {
    Remove,
    /// By the editor, which has it open.
    Save(TextToSave),
    /// With the permissions of another file, or of any new one.
    Write {
        bytes: Vec<u8>,
        like: Option<PathBuf>,
    },
}

#[derive(Debug)]
pub enum CommitFailure {
    /// It is not what it was.
    Changed(PathBuf),
    /// The editor would not save it, and why.
    EditorRefusal(PathBuf, String),
    /// The editor did not say whether it saved it.
    SilentEditor(PathBuf),
    /// The call was ended before that was there.
    Stopped(PathBuf),
    /// And what had been done could not be taken back here.
    Torn {
        cause: FileError,
        left: Vec<PathBuf>,
    },
    Write(FileError),
}

/// The file that stands at a target afterwards.
#[derive(Debug)]
pub struct Committed {
    pub target: PathBuf,
    /// `None`: nothing.
    pub print: Option<Print>,
    /// Where the editor saved another text than it was given.
    pub other: Option<Vec<u8>>,
    /// Extended attributes that it had and does not have any more, by name.
    pub lost: Vec<String>,
}

impl CommitFailure {
    /// Whether nothing was changed, for certain.
    pub fn left_all_as_it_was(&self) -> bool {
        match self {
            Self::Changed(_) | Self::EditorRefusal(..) | Self::Write(_) => true,
            Self::SilentEditor(_) | Self::Stopped(_) | Self::Torn { .. } => false,
        }
    }

    /// The same, with files that could not be put back.
    fn leaving(self, mut more: Vec<PathBuf>) -> Self {
        let write = |path: PathBuf, reason: &str| FileError::Write {
            path,
            source: io::Error::other(reason.to_owned()),
        };
        let cause = match self {
            Self::Write(cause) => cause,
            Self::Torn { cause, mut left } => {
                more.append(&mut left);
                cause
            }
            Self::Changed(path) => write(path, "it was changed meanwhile"),
            Self::EditorRefusal(path, reason) => write(path, &reason),
            Self::SilentEditor(path) => write(path, "the editor did not answer"),
            Self::Stopped(path) => write(path, "the call was ended"),
        };
        Self::Torn { cause, left: more }
    }
}

/// Carries out all steps and returns the file at each target. After a failure everything is as it
/// was, unless the error says otherwise.
///
/// # Errors
///
/// Fails at the first step that cannot be carried out, or whose file is not what it was.
pub fn commit(
    steps: Vec<CommitStep>,
    editor: &EditorDoor<'_>,
) -> Result<Vec<Committed>, CommitFailure> {
    commit_through(steps, editor, &unchanged)
}

/// Says whether a file may be touched now.
type Gate<'a> = &'a dyn Fn(&CommitStep, &HeldTarget) -> Result<(), CommitFailure>;

/// `gate` is asked before each file is touched.
fn commit_through(
    steps: Vec<CommitStep>,
    editor: &EditorDoor<'_>,
    gate: Gate<'_>,
) -> Result<Vec<Committed>, CommitFailure> {
    let mut work = Work::default();
    let done = work.prepare(steps).and_then(|ready| work.apply(ready, editor, gate));
    match done {
        Ok(written) => Ok(written),
        Err(failure) => Err(work.take_back(failure, editor)),
    }
}

/// The steps done so far.
#[derive(Default)]
struct Work {
    folders: Vec<MadeFolder>,
    done: Vec<(WayBack, HeldTarget)>,
}

/// How a step that was done is taken back.
enum WayBack {
    /// The former file comes back by its second name.
    Backup(TempPath),
    /// The editor gets what it showed.
    Editor(String),
    /// Nothing stood there.
    Removal,
}

struct Ready {
    step: CommitStep,
    staged: Option<StagedFile>,
    /// A second name of what stands there, by which it can be brought back.
    backup: Option<TempPath>,
    /// The last to go.
    held: HeldTarget,
}

impl Work {
    fn prepare(&mut self, mut steps: Vec<CommitStep>) -> Result<Vec<Ready>, CommitFailure> {
        // Removals go last: by then, moved files are safe in their new place. Saves that the editor
        // may refuse go before them.
        steps.sort_by_key(|step| match step.act {
            CommitAct::Write { .. } => 0,
            CommitAct::Save(_) => 1,
            CommitAct::Remove => 2,
        });
        let alone = steps.len() == 1;
        let mut ready = Vec::with_capacity(steps.len());
        for step in steps {
            let held = HeldTarget::hold(&step.target, &mut self.folders)?;
            let staged = match &step.act {
                CommitAct::Remove | CommitAct::Save(_) => None,
                CommitAct::Write { bytes, like } => {
                    let like = like.as_deref().map(|like| match like == step.target {
                        true => held.act(),
                        false => like,
                    });
                    let manner = like.map_or(StagingManner::New, StagingManner::Like);
                    Some(
                        StagedFile::beside(held.act(), bytes, manner)
                            .map_err(|error| held.failure(error))?,
                    )
                }
            };
            // One step alone is done or not done.
            let backup = if alone || step.was.is_none() || matches!(step.act, CommitAct::Save(_)) {
                None
            } else {
                Some(second_name(held.act()).map_err(|error| held.failure(error))?)
            };
            ready.push(Ready { step, staged, backup, held });
        }
        Ok(ready)
    }

    fn apply(
        &mut self,
        ready: Vec<Ready>,
        editor: &EditorDoor<'_>,
        gate: Gate<'_>,
    ) -> Result<Vec<Committed>, CommitFailure> {
        let mut written = Vec::with_capacity(ready.len());
        for Ready { held, step, staged, backup } in ready {
            gate(&step, &held)?;
            if let (CommitAct::Save(text), Some(was)) = (&step.act, &step.was) {
                let SavedText { print, other } = editor.save(&step.target, text, was)?;
                let target = step.target.clone();
                written.push(Committed { target, print: Some(print), other, lost: Vec::new() });
                self.done.push((WayBack::Editor(text.shown.clone()), held));
                continue;
            }
            let lost = staged.as_ref().map(|staged| staged.refused().to_vec()).unwrap_or_default();
            match staged {
                Some(staged) if step.was.is_some() => staged.put(),
                Some(staged) => staged.put_new(),
                None => held.remove(),
            }
            .map_err(|error| held.failure(error))?;
            let print = match &step.act {
                CommitAct::Write { bytes, .. } => fs::symlink_metadata(held.act())
                    .ok()
                    .map(|metadata| Print::new(&metadata, Some(bytes))),
                CommitAct::Remove | CommitAct::Save(_) => None,
            };
            written.push(Committed { target: step.target.clone(), print, other: None, lost });
            let way_back = backup.map_or(WayBack::Removal, WayBack::Backup);
            self.done.push((way_back, held));
        }
        Ok(written)
    }

    fn take_back(self, failure: CommitFailure, editor: &EditorDoor<'_>) -> CommitFailure {
        let mut left = Vec::new();
        for (way_back, held) in self.done.into_iter().rev() {
            let is_back = match way_back {
                WayBack::Backup(backup) => backup.persist(held.act()).is_ok(),
                WayBack::Editor(shown) => editor.give_back(held.path(), shown),
                WayBack::Removal => held.remove().is_ok(),
            };
            if !is_back {
                left.push(held.into_path());
            }
        }
        self.folders.iter().rev().for_each(MadeFolder::take_back);
        if left.is_empty() { failure } else { failure.leaving(left) }
    }
}

/// Whether what stands at the target is what the change was made for, in the folder it was meant
/// for.
fn unchanged(step: &CommitStep, held: &HeldTarget) -> Result<(), CommitFailure> {
    let stands = match &step.was {
        Some(print) => print.stands_at(held.act()),
        None => fs::symlink_metadata(held.act()).is_err(),
    };
    match stands && held.is_in_place() {
        true => Ok(()),
        false => Err(CommitFailure::Changed(step.target.clone())),
    }
}

/// Needs no room on the disk, and keeps everything about the file; a copy where the disk has no
/// second names.
fn second_name(target: &Path) -> Result<TempPath, FileError> {
    let folder = target.parent().unwrap_or(target);
    let link = |path: &Path| match fs::hard_link(target, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            fs::copy(target, path).map(drop)
        }
        other => other,
    };
    let backup = Builder::new().prefix(".codling.").suffix(".tmp").make_in(folder, link);
    backup
        .map(tempfile::NamedTempFile::into_temp_path)
        .map_err(|source| FileError::Write { path: target.to_owned(), source })
}

#[cfg(test)]
mod tests;
