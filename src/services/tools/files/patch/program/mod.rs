//! `apply_patch` as a program, for lines of the shell that do more than apply one patch. It runs
//! within its command's walls and applies the patch as the tool does, to all files or to none.
//!
//! A person who approves a command does not see the patch as a diff. The program therefore refuses
//! the files about which the tool would always ask.

mod on_path;

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::base::{is_secret, later_effect};
use crate::protocol::{CallId, FileDiff, JobId, PathScope, SecretAccess, ToolFace};
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::call::stop_signal::StopSignal;
use crate::tools::definition::{JobDescription, RunningJobs, ToolContext};
use crate::tools::files::change::ChangeSet;
use crate::tools::folder::WorkFolder;
use crate::tools::folder::open_files::{AgreedTexts, EditorPatience, OpenFiles, UnsavedTexts};
use crate::tools::folder::read_files::ReadFiles;

use super::hunk::SectionAction;
use super::{SPEC, answer, parse, plan};

pub use on_path::ProgramOnPath;

/// The first argument by which codling becomes this program. The session's folder follows it.
const ROLE: &str = "__apply_patch";

/// Bytes of a patch.
const LONGEST: u64 = 64 << 20;
/// The patch was read and could not be applied.
const REFUSED: u8 = 1;
/// There is no patch to apply.
const NO_PATCH: u8 = 2;

#[derive(Debug, thiserror::Error)]
enum PatchProgramError {
    #[error("Give the patch as the one argument, or at the standard input")]
    Arguments,
    #[error("There is no patch: the argument or the standard input is empty")]
    Empty,
    #[error("The patch cannot be read: {source}")]
    Input { source: io::Error },
    #[error("The working folder cannot be used: {source}")]
    Workdir { source: io::Error },
    #[error(
        "`{path}` holds settings, instructions, secrets or programs that start by themselves, and a patch within a command does not change it. No file was changed. Send the change as a call of its own, which the user can review"
    )]
    Guarded { path: String },
    #[error("{}", .0.sentence(SPEC.parameters))]
    Refused(#[from] ToolRefusal),
}

impl PatchProgramError {
    fn exit(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Guarded { .. } | Self::Workdir { .. } => REFUSED,
            // A text that is no patch is a wrong argument.
            Self::Refused(ToolRefusal::Patch { .. }) => NO_PATCH,
            Self::Refused(_) => REFUSED,
            Self::Arguments | Self::Empty | Self::Input { .. } => NO_PATCH,
        })
    }
}

/// Applies a patch where the first argument asks for that; `None` where it does not.
pub fn serve(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let _program = arguments.next();
    if arguments.next()? != ROLE {
        return None;
    }
    let applied = arguments.next().ok_or(PatchProgramError::Arguments).and_then(|folder| {
        let input = input(&arguments.collect::<Vec<_>>(), io::stdin())?;
        let workdir = env::current_dir().map_err(|source| PatchProgramError::Workdir { source })?;
        apply(&input, &workdir, &PathBuf::from(folder))
    });
    Some(match applied {
        Ok(Applied { diffs, warnings }) => {
            let warnings: String = warnings.iter().map(|line| format!("{line}\n")).collect();
            // The files have changed, whether or not anybody reads that.
            let _unread = io::stdout().write_all(answer::as_program(&diffs).as_bytes());
            let _unread = io::stderr().write_all(warnings.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            // The exit code tells of the failure where nobody reads the words.
            let _unread = writeln!(io::stderr(), "{}: {error}", SPEC.name);
            error.exit()
        }
    })
}

/// The patch: the one argument, or else the standard input.
fn input(
    arguments: &[OsString],
    stdin: impl Read + IsTerminal,
) -> Result<String, PatchProgramError> {
    let text = match arguments {
        [] if stdin.is_terminal() => return Err(PatchProgramError::Arguments),
        [] => {
            let mut text = String::new();
            let read = stdin.take(LONGEST + 1).read_to_string(&mut text);
            read.map_err(|source| PatchProgramError::Input { source })?;
            text
        }
        [patch] => {
            let text = patch.to_str().ok_or(PatchProgramError::Arguments)?;
            if text.starts_with('-') {
                return Err(PatchProgramError::Arguments);
            }
            text.to_owned()
        }
        _ => return Err(PatchProgramError::Arguments),
    };
    if text.len() as u64 > LONGEST {
        return Err(PatchProgramError::Input { source: io::ErrorKind::FileTooLarge.into() });
    }
    if text.trim().is_empty() { Err(PatchProgramError::Empty) } else { Ok(text) }
}

/// Changes that were made.
#[derive(Debug)]
struct Applied {
    diffs: Vec<FileDiff>,
    /// Sentences without a full stop.
    warnings: Vec<String>,
}

/// Applies a patch whose paths begin at `workdir`; `session` is the folder of the conversation.
fn apply(input: &str, workdir: &Path, session: &Path) -> Result<Applied, PatchProgramError> {
    // The walls of the command say how far it reaches.
    let folder = WorkFolder::open(workdir)?.reaching(PathScope::Anywhere);
    for section in parse::sections(input)? {
        let to = match section.action {
            SectionAction::Update { to, .. } => to,
            SectionAction::Add(_) | SectionAction::Delete => None,
        };
        for path in [Some(section.path), to].into_iter().flatten() {
            check(&folder, path, session)?;
        }
    }
    let (stop, unsaved, agreed) =
        (StopSignal::default(), UnsavedTexts::default(), AgreedTexts::default());
    let open_files = OpenFiles {
        editor: None,
        patience: EditorPatience::REAL,
        folder: workdir,
        stop: &stop,
        unsaved: &unsaved,
        agreed: &agreed,
    };
    let context = ToolContext {
        folder: &folder,
        stop: &stop,
        read_files: &ReadFiles::default(),
        call: &CallId::from(SPEC.name),
        secrets: SecretAccess::Plain,
        jobs: &NoJobs,
        open_files: &open_files,
        face: ToolFace::Codex,
        skills: None,
    };
    let mut change_set = ChangeSet::new(&context);
    let mut warnings = plan(input, &mut change_set)?;
    let done = change_set.carry_out()?;
    warnings.extend(done.warnings);
    Ok(Applied { diffs: done.diffs, warnings })
}

/// Refuses a file that a person has to be asked about. Where its name leads counts, and so does its
/// name within the conversation's folder, which may itself lie in a place like these.
fn check(folder: &WorkFolder, path: &str, session: &Path) -> Result<(), PatchProgramError> {
    let (place, _side) = folder.changeable(path)?;
    let inside = place.real.strip_prefix(session).unwrap_or(&place.real);
    match later_effect(&inside.to_string_lossy()).is_some() || is_secret(&place.real) {
        true => Err(PatchProgramError::Guarded { path: place.shown }),
        false => Ok(()),
    }
}

/// A program of its own knows no jobs.
#[derive(Debug)]
struct NoJobs;

impl RunningJobs for NoJobs {
    fn describe(&self, id: JobId) -> Result<JobDescription, ToolRefusal> {
        Err(ToolRefusal::NoJob { id: id.0, running: Vec::new() })
    }
}

#[cfg(test)]
mod tests;
