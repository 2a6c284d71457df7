//! The log file: private, opened only when a level asks for it, with codling's own events alone.
//! Events never go to stdout or stderr.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt};

use crate::base::files::{FileError, append_to};

/// The size in bytes beyond which the next start moves the file to `codling.log.1`; one old file is
/// kept.
const LARGEST: u64 = 5 << 20;

/// Writes events to `path` from now on. `OFF` makes and opens nothing.
///
/// # Errors
///
/// Fails if the file or its folder cannot be made or opened.
pub fn open(level: LevelFilter, path: &Path) -> Result<(), FileError> {
    if level == LevelFilter::OFF {
        return Ok(());
    }
    let subscriber = subscriber(level, file(path, LARGEST)?);
    // Only other tests in this process could have set one before; theirs stays.
    let _set_before = tracing::subscriber::set_global_default(subscriber);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), "started");
    Ok(())
}

/// Leaves out the events of other crates: those of an HTTP client may hold headers, and so tokens.
fn subscriber(level: LevelFilter, file: File) -> impl Subscriber + Send + Sync {
    let layer = fmt::layer()
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .with_filter(Targets::new().with_target("codling", level));
    tracing_subscriber::registry().with(layer)
}

fn file(path: &Path, largest: u64) -> Result<File, FileError> {
    if fs::metadata(path).is_ok_and(|found| found.len() > largest) {
        set_aside(path).map_err(|source| FileError::Write { path: path.to_path_buf(), source })?;
    }
    append_to(path)
}

fn set_aside(path: &Path) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    fs::rename(path, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_makes_nothing() {
        let home = tempfile::tempdir().unwrap();
        open(LevelFilter::OFF, &home.path().join("state/codling.log")).unwrap();
        assert!(!home.path().join("state").exists());
    }

    #[test]
    fn only_our_own_events_of_the_level_are_written_plainly_and_privately() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state/codling.log");
        tracing::subscriber::with_default(
            subscriber(LevelFilter::INFO, file(&path, LARGEST).unwrap()),
            || {
                tracing::info!(target: "codling::auth", "ours");
                tracing::debug!(target: "codling::auth", "too fine");
                tracing::error!(target: "hyper::proto", "authorization: Bearer theirs");
                tracing::error!(target: "codlings", "not ours either");
            },
        );
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("ours") && !text.contains("theirs") && !text.contains("too fine"),
            "{text}"
        );
        assert!(!text.contains('\x1b'));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_has_grown_too_large_is_set_aside_once() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("codling.log");
        for (written, largest, left, aside) in [
            ("first", 10, "first", None),
            ("second", 10, "firstsecond", None),
            ("x", 10, "x", Some("firstsecond")),
        ] {
            use std::io::Write;
            file(&path, largest).unwrap().write_all(written.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), left);
            assert_eq!(
                fs::read_to_string(home.path().join("codling.log.1")).ok().as_deref(),
                aside
            );
        }
    }
}
