//! The look for what is hidden from a command, on a thread of its own while its processes start,
//! and how they are told of it.

use std::io;
use std::path::PathBuf;
use std::thread::{Builder, JoinHandle};

use crate::protocol::Confinement;

use super::Hidden;
use crate::sandbox::spec::command_spec::CommandSpec;
use crate::sandbox::spec::spec_transfer;
use crate::sandbox::walls::home;
use crate::sandbox::walls::home::{KeptCaches, SettingsMode, Surroundings};

/// The result as it is sent, with the caches to hold while the command runs.
type Found = (Vec<u8>, Option<KeptCaches>);

/// A look that was begun, or why there is no thread for it.
#[derive(Debug)]
pub struct Looking(io::Result<JoinHandle<io::Result<Found>>>);

impl Looking {
    /// Begins for a command that is kept in; there is nothing to look for otherwise.
    pub fn begin(spec: &CommandSpec) -> Option<Self> {
        let (paths, around) = (spec.hidden.clone(), spec.surroundings());
        let mut home = spec.home.clone();
        // A login profile may look for programs in more places than this process does.
        for (_, path) in spec.variables.iter().filter(|(name, _)| name == "PATH") {
            let folders = path.iter().flat_map(std::env::split_paths);
            home.programs.extend(folders.filter(|folder| folder.is_absolute()));
        }
        // Caches of a command that only reads are used by none that may do more.
        let is_keeping = spec.confinement == Confinement::Folder && spec.sandbox.has_mounts();
        let look = move || {
            let homes = home::look(&home, &around);
            let mut hidden = Hidden::look(&paths, homes);
            let kept = if is_keeping && hidden.caches.iter().any(home::is_needed) {
                KeptCaches::of(&home, &around.writable)
            } else {
                None
            };
            hidden.kept_caches = kept.as_ref().map(|kept| kept.folder().to_owned());
            Ok((spec_transfer::packed(&hidden.words())?, kept))
        };
        (spec.confinement != Confinement::Free)
            .then(|| Self(Builder::new().name("look".to_owned()).spawn(look)))
    }

    /// Waits for what was found and tells it. Processes that do not hear all of it do not run the
    /// command.
    pub fn send(self, mut supervisor: impl io::Write) -> Option<KeptCaches> {
        let broken = |_panic| Err(io::Error::other("looking for it failed"));
        match self.0.and_then(|looking| looking.join().unwrap_or_else(broken)) {
            Ok((message, kept)) => {
                if let Err(error) = supervisor.write_all(&message) {
                    tracing::debug!(%error, "the supervisor does not listen");
                }
                kept
            }
            Err(error) => {
                tracing::warn!(%error, "it is not known what to hide from a command");
                None
            }
        }
    }
}

impl CommandSpec {
    /// The paths that it reads and writes, wherever they are.
    pub(in crate::sandbox) fn surroundings(&self) -> Surroundings {
        let folder = (self.confinement != Confinement::Free).then(|| self.folder.clone());
        let opened = self.grants.folders.iter().filter(|_| self.confinement == Confinement::Folder);
        let settings = match self.sandbox.has_mounts() {
            true => SettingsMode::Copied,
            false => SettingsMode::OnlyClean,
        };
        let readable: Vec<PathBuf> =
            self.shown.iter().chain(&self.grants.readable).cloned().collect();
        Surroundings {
            writable: folder.into_iter().chain(opened.cloned()).collect(),
            readable,
            settings,
        }
    }
}
