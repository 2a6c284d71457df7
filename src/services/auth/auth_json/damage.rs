//! Keeps a copy of a credential file that cannot be understood, so that nothing in it is lost
//! whatever comes next. Mends nothing.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::auth::error::AuthError;
use crate::base::files::{create_private, resolve};

/// The same error, naming the copy if it is of a damaged file.
pub fn with_copy(error: AuthError, bytes: &[u8]) -> AuthError {
    match error {
        AuthError::Damaged { path, line, column, kept: None } => {
            let kept = resolve(&path).ok().and_then(|target| keep(&target, bytes));
            AuthError::Damaged { path, line, column, kept }
        }
        other => other,
    }
}

/// `auth.json.damaged-<time>`, by the time the file was last changed: the same damage, met again,
/// makes no second copy.
fn keep(target: &Path, bytes: &[u8]) -> Option<PathBuf> {
    let name = target.file_name()?.to_string_lossy().into_owned();
    let time = stamp(target);
    for suffix in ["", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9"] {
        let copy = target.with_file_name(format!("{name}.damaged-{time}{suffix}"));
        match fs::read(&copy) {
            Ok(kept) if kept == bytes => return Some(copy),
            Err(e) if e.kind() == ErrorKind::NotFound => match create_private(&copy, bytes) {
                Ok(()) => return Some(copy),
                Err(error) => {
                    tracing::warn!(%error, "no copy of the damaged credential file could be made");
                    return None;
                }
            },
            Ok(_other) => {}
            Err(_unreadable) => {}
        }
    }
    None
}

fn stamp(target: &Path) -> String {
    let modified = fs::metadata(target).and_then(|file| file.modified()).ok();
    let at = modified.and_then(|at| jiff::Timestamp::try_from(at).ok()).unwrap_or_default();
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
