//! Puts a new program in the place of the old one: tried first, and then renamed, so that the old
//! or the new one is whole at any moment. Processes that run the old one keep it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::Builder;

use crate::base::{cause, start};

use super::error::UpdateError;
use super::version::Version;

/// How often a program is tried that another thread holds open, as one that starts a program does
/// for a moment, and how long between two tries.
const TRIES: usize = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// Replaces the program, and returns how the new one names itself.
///
/// # Errors
///
/// The folder cannot be written, or the program does not start there or is another version.
pub fn replace(program: &Path, bytes: &[u8], version: &Version) -> Result<String, UpdateError> {
    let folder = program.parent().unwrap_or(Path::new("."));
    let failed = |source| UpdateError::Folder { folder: folder.to_owned(), source };
    let mut staged =
        Builder::new().prefix(".codling-update.").tempfile_in(folder).map_err(|error| {
            // The path of the temporary file says nothing.
            failed(error.kind().into())
        })?;
    staged.write_all(bytes).map_err(failed)?;
    let permissions = fs::metadata(program).map_err(failed)?.permissions();
    staged.as_file().set_permissions(permissions).map_err(failed)?;
    staged.as_file().sync_all().map_err(failed)?;
    // A program that is open for writing cannot be run.
    let staged = staged.into_temp_path();
    let said = first_words(&staged).map_err(|reason| UpdateError::Start { reason })?;
    if said.split_whitespace().nth(1) != Some(&version.to_string()) {
        return Err(UpdateError::Start { reason: format!("it says that it is `{said}`") });
    }
    staged.persist(program).map_err(|error| failed(error.error))?;
    // Windows opens no folders; the rename has happened in any case.
    let _synced = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(said)
}

/// The output of `--version`, or why there is none.
fn first_words(program: &Path) -> Result<String, String> {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null());
    let mut tries = 0;
    let output = loop {
        match start::output(&mut command) {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && tries < TRIES => {
                tries += 1;
                std::thread::sleep(PAUSE);
            }
            other => break other.map_err(|error| cause(&error))?,
        }
    };
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(format!("it ended with {}", output.status)),
    }
}
