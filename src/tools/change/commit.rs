//! Several files changed as one: everything is written beside its place first, and when a step
//! fails, what was done is taken back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use crate::base::files::{FileError, StagedFile, StagingManner};
use crate::tools::read_files::Print;

#[derive(Debug)]
pub struct CommitStep {
    /// Without links.
    pub target: PathBuf,
    /// What stands there; `None`: nothing.
    pub was: Option<Print>,
    pub act: CommitAct,
}

#[derive(Debug)]
pub enum CommitAct {
    Remove,
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
    /// And what had been done could not be taken back here.
    Torn {
        cause: FileError,
        left: Vec<PathBuf>,
    },
    Write(FileError),
}

/// What stands at each target afterwards. After a failure everything is as it was, unless it says otherwise.
pub fn commit(steps: Vec<CommitStep>) -> Result<Vec<(PathBuf, Option<Print>)>, CommitFailure> {
    commit_through(steps, &unchanged)
}

/// `gate` is asked before each file is touched.
fn commit_through(
    steps: Vec<CommitStep>,
    gate: &dyn Fn(&CommitStep) -> Result<(), CommitFailure>,
) -> Result<Vec<(PathBuf, Option<Print>)>, CommitFailure> {
    let mut work = Work::default();
    let done = work.prepare(steps).and_then(|ready| work.apply(ready, gate));
    match done {
        Ok(written) => Ok(written),
        Err(failure) => Err(work.take_back(failure)),
    }
}

/// What has been done so far.
#[derive(Default)]
struct Work {
    folders: Vec<PathBuf>,
    done: Vec<(PathBuf, Option<TempPath>)>,
}

struct Ready {
    step: CommitStep,
    staged: Option<StagedFile>,
    /// A second name of what stands there, by which it can be brought back.
    backup: Option<TempPath>,
}

impl Work {
    fn prepare(&mut self, mut steps: Vec<CommitStep>) -> Result<Vec<Ready>, CommitFailure> {
        // What is removed goes last: by then, what is moved is safe in its new place.
        steps.sort_by_key(|step| matches!(step.act, CommitAct::Remove));
        let alone = steps.len() == 1;
        let mut ready = Vec::with_capacity(steps.len());
        for step in steps {
            let staged = match &step.act {
                CommitAct::Remove => None,
                CommitAct::Write { bytes, like } => {
                    self.make_folders(&step.target)?;
                    let manner = like.as_deref().map_or(StagingManner::New, StagingManner::Like);
                    Some(
                        StagedFile::beside(&step.target, bytes, manner)
                            .map_err(CommitFailure::Write)?,
                    )
                }
            };
            // One step alone is done or not done.
            let backup = if alone || step.was.is_none() {
                None
            } else {
                Some(second_name(&step.target).map_err(CommitFailure::Write)?)
            };
            ready.push(Ready { step, staged, backup });
        }
        Ok(ready)
    }

    fn apply(
        &mut self,
        ready: Vec<Ready>,
        gate: &dyn Fn(&CommitStep) -> Result<(), CommitFailure>,
    ) -> Result<Vec<(PathBuf, Option<Print>)>, CommitFailure> {
        let mut written = Vec::with_capacity(ready.len());
        for Ready { step, staged, backup } in ready {
            gate(&step)?;
            match staged {
                Some(staged) if step.was.is_some() => staged.put(),
                Some(staged) => staged.put_new(),
                None => fs::remove_file(&step.target)
                    .map_err(|source| FileError::Write { path: step.target.clone(), source }),
            }
            .map_err(CommitFailure::Write)?;
            let print = match &step.act {
                CommitAct::Write { bytes, .. } => fs::symlink_metadata(&step.target)
                    .ok()
                    .map(|metadata| Print::new(&metadata, Some(bytes))),
                CommitAct::Remove => None,
            };
            written.push((step.target.clone(), print));
            self.done.push((step.target, backup));
        }
        Ok(written)
    }

    /// Makes the folders on the way that are missing.
    fn make_folders(&mut self, target: &Path) -> Result<(), CommitFailure> {
        let missing: Vec<&Path> = target
            .ancestors()
            .skip(1)
            .take_while(|folder| fs::symlink_metadata(folder).is_err())
            .collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).map_err(|source| {
                CommitFailure::Write(FileError::Folder { path: folder.to_owned(), source })
            })?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    fn take_back(self, failure: CommitFailure) -> CommitFailure {
        let mut left = Vec::new();
        for (target, backup) in self.done.into_iter().rev() {
            let back = match backup {
                Some(backup) => backup.persist(&target).map_err(|error| error.error),
                None => fs::remove_file(&target),
            };
            if back.is_err() {
                left.push(target);
            }
        }
        for folder in self.folders.iter().rev() {
            // Somebody else may have put something there meanwhile.
            let _left = fs::remove_dir(folder);
        }
        match failure {
            CommitFailure::Write(cause) if !left.is_empty() => CommitFailure::Torn { cause, left },
            CommitFailure::Changed(path) if !left.is_empty() => CommitFailure::Torn {
                cause: FileError::Write {
                    path,
                    source: io::Error::other("it was changed meanwhile"),
                },
                left,
            },
            other => other,
        }
    }
}

/// Whether what stands at the target is what the change was made for, in the folder it was meant for.
fn unchanged(step: &CommitStep) -> Result<(), CommitFailure> {
    let folder = step.target.parent().unwrap_or(&step.target);
    let stands = match &step.was {
        Some(print) => print.stands_at(&step.target),
        None => fs::symlink_metadata(&step.target).is_err(),
    };
    let unmoved = fs::canonicalize(folder).is_ok_and(|real| real == folder);
    if stands && unmoved { Ok(()) } else { Err(CommitFailure::Changed(step.target.clone())) }
}

/// Needs no room on the disk, and keeps everything about the file; a copy where the disk has no second names.
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
mod tests {
    use std::cell::Cell;

    use super::*;

    fn step(target: PathBuf, act: CommitAct) -> CommitStep {
        let was = fs::metadata(&target)
            .ok()
            .map(|metadata| Print::new(&metadata, Some(&fs::read(&target).unwrap())));
        CommitStep { target, was, act }
    }

    fn write(bytes: &str) -> CommitAct {
        CommitAct::Write { bytes: bytes.into(), like: None }
    }

    fn state(folder: &Path) -> Vec<(PathBuf, Option<String>)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(state(&path));
                found.push((path, None));
            } else {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, Some(text)));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn whichever_step_fails_everything_is_as_it_was() {
        for failing in 0..4 {
            let dir = tempfile::tempdir().unwrap();
            let root = fs::canonicalize(dir.path()).unwrap();
            for name in ["changed", "removed"] {
                fs::write(root.join(name), name).unwrap();
            }
            let before = state(&root);
            let steps = || {
                vec![
                    step(root.join("removed"), CommitAct::Remove),
                    step(root.join("changed"), write("new")),
                    step(root.join("a/b/made"), write("made")),
                    step(root.join("a/other"), write("other")),
                ]
            };
            let count = Cell::new(0);
            let gate = |step: &CommitStep| match count.replace(count.get() + 1) == failing {
                true => Err(CommitFailure::Changed(step.target.clone())),
                false => unchanged(step),
            };
            assert!(
                matches!(commit_through(steps(), &gate), Err(CommitFailure::Changed(_))),
                "{failing}"
            );
            assert_eq!(state(&root), before, "failed at step {failing}");
            commit(steps()).unwrap();
            let names: Vec<_> = state(&root)
                .into_iter()
                .map(|(path, text)| (path.strip_prefix(&root).unwrap().display().to_string(), text))
                .collect();
            let wanted = [
                ("a", None),
                ("a/b", None),
                ("a/b/made", Some("made")),
                ("a/other", Some("other")),
                ("changed", Some("new")),
            ];
            assert_eq!(
                names,
                wanted.map(|(name, text)| (name.to_owned(), text.map(str::to_owned)))
            );
        }
    }

    #[test]
    fn what_cannot_be_staged_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::write(root.join("a"), "a").unwrap();
        let before = state(&root);
        for bad in [
            root.join("a/below"),
            root.join("n".repeat(300)),
            root.join("new/deeper").join("n".repeat(300)),
        ] {
            let steps = vec![step(root.join("a"), write("new")), step(bad, write("x"))];
            assert!(matches!(commit(steps), Err(CommitFailure::Write(_))));
            assert_eq!(state(&root), before);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_becomes_a_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir_all(root.join("in/sub")).unwrap();
        fs::create_dir(root.join("out")).unwrap();
        let steps = vec![step(root.join("in/sub/new"), write("x"))];
        fs::remove_dir(root.join("in/sub")).unwrap();
        std::os::unix::fs::symlink("../out", root.join("in/sub")).unwrap();
        assert!(matches!(commit(steps), Err(CommitFailure::Changed(_))));
        assert!(state(&root.join("out")).is_empty());
    }
}
