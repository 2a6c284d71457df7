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
    let place = tempfile::tempdir()?;
    let place = place.path().canonicalize()?;
    let folder = place.join("folder");
    fs::create_dir(&folder)?;
    let file = folder.join("file");
    fs::write(&file, "x")?;
    let store = place.join("kept");
    let keep = KeepSpec { store: store.clone(), exempt: Vec::new(), otherwise: WhenUnkept::GoOn };
    let trace = TraceSpec { file: place.join("trace"), keep: Some(keep) };
    let spec = CommandSpec {
        command: vec![program.into(), PROBE.into(), EMPTIES.into(), file.into()],
        workdir: folder.clone(),
        confinement: Confinement::Folder,
        sandbox,
        kept: Vec::new(),
        folder,
        hidden: Vec::new(),
        home: Default::default(),
        shown: Vec::new(),
        grants: Default::default(),
        network: Default::default(),
        loopback: None,
        limit: PATIENCE,
        trace: Some(trace.clone()),
        variables: Vec::new(),
    };
    let (_held, switch) = kill_switch()?;
    spec.run(program, switch, &mut |_| {});
    let is_whole = read_trace(&trace.file).is_some_and(|trace| trace.complete);
    Ok(is_whole && read_kept(&store).len() == 1)
}
