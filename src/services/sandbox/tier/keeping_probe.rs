//! Whether contents are kept here before a command destroys them, found by having one destroy a
//! file. Keeps nothing itself.

use std::path::Path;

/// Whether the calls of commands that are kept in can be seen here, so that what they destroy in
/// their folder is kept first. Tried once for each program, unless that is remembered from an
/// earlier start; after that it costs nothing.
#[cfg(target_os = "linux")]
pub fn keeps_contents(program: &Path) -> bool {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::sync::{Mutex, PoisonError};

    use super::detection::memory;

    static FOUND: Mutex<BTreeMap<PathBuf, bool>> = Mutex::new(BTreeMap::new());
    let mut all = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    *all.entry(program.to_owned()).or_insert_with(|| {
        if memory::recall(program).is_some_and(|remembered| remembered.keeps_contents) {
            return true;
        }
        let keeps = attempt(program).unwrap_or_else(|error| {
            tracing::warn!(%error, "it could not be tried whether contents are kept");
            false
        });
        if keeps {
            memory::keep(program, super::detection::found(program).sandbox, keeps);
        }
        keeps
    })
}

/// No calls are shown on other systems.
#[cfg(not(target_os = "linux"))]
pub fn keeps_contents(_program: &Path) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn attempt(program: &Path) -> std::io::Result<bool> {
    use std::fs;
    use std::time::Duration;

    use crate::protocol::Confinement;

    use super::detection::found;
    use crate::sandbox::process::kill_switch::kill_switch;
    use crate::sandbox::program::{EMPTIES, PROBE};
    use crate::sandbox::spec::command_spec::CommandSpec;
    use crate::sandbox::trace::{KeepSpec, TraceSpec, WhenUnkept, read_kept, read_trace};

    const PATIENCE: Duration = Duration::from_secs(10);
    let sandbox = found(program).sandbox;
    if !sandbox.is_present() {
        return Ok(false);
    }
    let trial = trial_folder(super::detection::memory::folder())?;
    let place = trial.path().canonicalize()?;
    let folder = place.join("folder");
    fs::create_dir(&folder)?;
    let file = folder.join("file");
    fs::write(&file, "x")?;
    let store = place.join("kept");
    let keep = KeepSpec { store: store.clone(), exempt: Vec::new(), otherwise: WhenUnkept::GoOn };
    let trace = TraceSpec { file: place.join("trace"), keep: Some(keep) };
    let command = vec![program.into(), PROBE.into(), EMPTIES.into(), file.into()];
    let bare = CommandSpec::bare(command, folder, (sandbox, Confinement::Folder), PATIENCE);
    let spec = CommandSpec { trace: Some(trace.clone()), ..bare };
    let (_held, switch) = kill_switch()?;
    spec.run(program, switch, &mut |_| {});
    let is_whole = read_trace(&trace.file).is_some_and(|trace| trace.complete);
    Ok(is_whole && read_kept(&store).len() == 1)
}

/// Begins the names of folders for attempts.
#[cfg(target_os = "linux")]
const TRIAL: &str = "trial-";

/// Makes the folder for an attempt: in the folder for state, if there is one, and otherwise among
/// temporary files. A program that ends during its attempt leaves the folder behind, and the next
/// attempt removes it.
///
/// # Errors
///
/// Fails if no folder can be made in either place.
#[cfg(target_os = "linux")]
fn trial_folder(state: Option<&Path>) -> std::io::Result<tempfile::TempDir> {
    let in_state = state.and_then(|state| {
        crate::base::files::create_private_folder(state).ok()?;
        remove_abandoned(state);
        tempfile::Builder::new().prefix(TRIAL).tempdir_in(state).ok()
    });
    in_state.map_or_else(tempfile::tempdir, Ok)
}

/// Removes folders of attempts that must have ended by now.
#[cfg(target_os = "linux")]
fn remove_abandoned(state: &Path) {
    const LONG: std::time::Duration = std::time::Duration::from_secs(60);
    for entry in std::fs::read_dir(state).into_iter().flatten().flatten() {
        let begun = entry.metadata().and_then(|about| about.modified()).ok();
        let is_old = begun.and_then(|begun| begun.elapsed().ok()).is_some_and(|age| age > LONG);
        if is_old && entry.file_name().as_encoded_bytes().starts_with(TRIAL.as_bytes()) {
            // Another program may have removed it.
            let _gone = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn an_attempt_lies_in_the_state_folder_and_removes_those_that_were_given_up() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        let running = trial_folder(Some(&state)).unwrap();
        assert_eq!(running.path().parent(), Some(&*state));
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        for name in ["trial-old", "other"] {
            fs::create_dir_all(state.join(name).join("folder")).unwrap();
            let folder = fs::File::open(state.join(name)).unwrap();
            folder.set_modified(hour_ago).unwrap();
        }
        let next = trial_folder(Some(&state)).unwrap();
        assert!(running.path().exists() && next.path().exists() && state.join("other").exists());
        assert!(!state.join("trial-old").exists());
        drop((running, next));
        assert_eq!(fs::read_dir(&state).unwrap().count(), 1, "only the other folder stays");
        assert!(trial_folder(Some(home.path().join("no\0name").as_path())).is_ok());
    }
}
