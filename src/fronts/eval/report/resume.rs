//! Earlier reports: an evaluation that goes on with one makes only the attempts that it lacks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::base::{Advice, cause};

use super::VERSION;
use super::record::AttemptRecord;

/// Why a report cannot be gone on with.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum ResumeError {
    #[error("the report `{}` cannot be read: {}", path.display(), cause(source))]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}` is no report of an evaluation: {reason}", path.display())]
    Malformed { path: PathBuf, reason: String },
    #[error("the report `{}` has version {version}, and this codling reads version {VERSION}", path.display())]
    Version { path: PathBuf, version: u32 },
}

impl Advice for ResumeError {
    fn next_step(&self) -> Option<String> {
        let advice = "Name a file that `codling eval --json` wrote, or leave `--resume` out";
        Some(advice.to_owned())
    }
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Deserialize)]
struct Attempts {
    attempts: Vec<AttemptRecord>,
}

/// The attempts of a report that need not be made again: those that say something about a model.
///
/// # Errors
///
/// [`ResumeError`] if the file cannot be read, or is no report of this version.
pub fn earlier_attempts(path: &Path) -> Result<Vec<AttemptRecord>, ResumeError> {
    let read = |source| ResumeError::Read { path: path.to_owned(), source };
    let malformed = |error: serde_json::Error| ResumeError::Malformed {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let text = fs::read_to_string(path).map_err(read)?;
    // Another version may have other attempts.
    let Version { version } = serde_json::from_str(&text).map_err(malformed)?;
    if version != VERSION {
        return Err(ResumeError::Version { path: path.to_owned(), version });
    }
    let Attempts { attempts } = serde_json::from_str(&text).map_err(malformed)?;
    Ok(attempts.into_iter().filter(|attempt| attempt.result.is_final()).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Report;
    use super::super::record::Verdict;
    use super::*;
    use crate::eval::grid::AttemptKey;

    #[test]
    fn a_report_is_read_again_but_for_attempts_that_say_nothing_about_the_model() {
        let attempt = |task: &str, verdict| {
            let key = AttemptKey { task: task.into(), repeat: 1, ..AttemptKey::default() };
            AttemptRecord::new(key, "ses_1".into()).ended((verdict, None))
        };
        let attempts = [
            attempt("a", Verdict::Passed),
            attempt("b", Verdict::Failed),
            attempt("c", Verdict::Broken),
            attempt("d", Verdict::Skipped),
        ];
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.json");
        fs::write(&file, Report { attempts: &attempts, planned: 4 }.json().unwrap()).unwrap();
        assert_eq!(earlier_attempts(&file).unwrap(), attempts[..2]);
        fs::write(&file, r#"{"version":1,"tasks":[]}"#).unwrap();
        assert!(matches!(earlier_attempts(&file), Err(ResumeError::Version { version: 1, .. })));
        fs::write(&file, "{}").unwrap();
        assert!(matches!(earlier_attempts(&file), Err(ResumeError::Malformed { .. })));
        let missing = folder.path().join("missing");
        assert!(matches!(earlier_attempts(&missing), Err(ResumeError::Read { .. })));
    }
}
