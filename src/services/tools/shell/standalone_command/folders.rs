//! The folders of a client's command: which of them it is kept out of, whatever its client asks
//! for. Opens none.

use std::path::{Path, PathBuf};

use crate::base::{is_of_the_system, is_openable, is_secret, resolved, secret_places};
use crate::protocol::Confinement;
#[cfg(unix)]
use crate::sandbox::HomeAccess;

use super::{CommandLimits, StandaloneCommand};

/// The limits with every link followed.
struct Limits {
    home: Option<PathBuf>,
    closed: Vec<PathBuf>,
    hidden: Vec<PathBuf>,
    own: Option<PathBuf>,
    /// The folders that the person opened to commands.
    opened: Vec<PathBuf>,
}

impl StandaloneCommand {
    /// The first of its folders that is not for commands which are kept in: none may lie in what is
    /// hidden, and one that it would write to may not belong to the system, hold secrets or a home
    /// either. `own` is where codling was started; that may belong to the system, and lie in what
    /// is hidden of a home. A folder that is not there is passed over.
    pub fn closed_folder(&self, limits: &CommandLimits, own: &Path) -> Option<&Path> {
        if self.confinement == Confinement::Free {
            return None;
        }
        let limits = Limits::of(limits, own);
        let Ok(folder) = self.folder.canonicalize() else { return None };
        let is_closed = match self.confinement {
            Confinement::Folder => !limits.lets_write(&folder),
            Confinement::ReadOnly | Confinement::Free => limits.hides(&folder),
        };
        let lets_write =
            |path: &PathBuf| resolved(path).is_some_and(|real| limits.lets_write(&real));
        let mut others = self.writable.iter().filter(|path| path.exists());
        let closed = is_closed.then_some(&self.folder);
        closed.or_else(|| others.find(|path| !lets_write(path))).map(PathBuf::as_path)
    }
}

impl Limits {
    fn of(limits: &CommandLimits, own: &Path) -> Self {
        let home = limits.home.as_deref().and_then(resolved);
        let real = |all: &[PathBuf]| all.iter().filter_map(|path| resolved(path)).collect();
        let closed: Vec<PathBuf> = real(&limits.closed);
        let own = own.canonicalize().ok();
        let own = own.filter(|own| is_openable(own, home.as_deref(), &closed));
        let opened = limits.grants.folders.iter().chain(&limits.grants.readable).cloned().collect();
        Self { home, closed, hidden: real(&limits.hidden), own, opened }
    }

    fn lets_write(&self, folder: &Path) -> bool {
        let home = self.home.as_deref();
        let is_own = self.own.as_ref().is_some_and(|own| folder.starts_with(own));
        is_openable(folder, home, &self.closed)
            && (is_own || !is_of_the_system(folder, home) && !self.is_hidden_in_home(folder))
    }

    fn hides(&self, folder: &Path) -> bool {
        let places = secret_places(self.home.as_deref(), Path::new(""));
        let mut places = places.iter().chain(&self.hidden);
        let is_own = self.own.as_ref().is_some_and(|own| folder.starts_with(own));
        is_secret(folder)
            || places.any(|place| folder.starts_with(place))
            || !is_own && self.is_hidden_in_home(folder)
    }

    /// To begin there would show it.
    #[cfg(unix)]
    fn is_hidden_in_home(&self, folder: &Path) -> bool {
        let access = HomeAccess::of_person(self.home.as_deref());
        crate::sandbox::is_hidden(&access, &self.opened, folder)
    }

    /// Nothing can be kept in there.
    #[cfg(not(unix))]
    fn is_hidden_in_home(&self, _folder: &Path) -> bool {
        false
    }
}

#[cfg(all(test, unix))]
mod tests {
    use crate::protocol::SandboxOpenings;

    use super::super::tests::command;
    use super::*;

    #[test]
    fn a_client_cannot_have_a_command_begin_where_it_could_not_have_it_write() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for folder in [
            "home/.ssh",
            "home/work/x",
            "home/.local/share/codling/s",
            "home/.config/gh",
            "home/.fly/x",
            "home/.opened",
            "home/.cache/pip",
        ] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        std::os::unix::fs::symlink("../.ssh", root.join("home/work/link")).unwrap();
        let home = root.join("home");
        let data = vec![home.join(".local/share/codling")];
        let limits = CommandLimits {
            hidden: data.clone(),
            closed: data,
            home: Some(home.clone()),
            grants: SandboxOpenings {
                readable: vec![home.join(".opened")],
                ..SandboxOpenings::default()
            },
            ..CommandLimits::default()
        };
        let work = home.join("work");
        for (folder, is_written, is_read) in [
            (work.clone(), true, true),
            (work.join("x"), true, true),
            (work.join("x/../../work"), true, true),
            (work.join("missing"), true, true),
            ("/".into(), false, true),
            ("/dev".into(), false, true),
            ("/etc".into(), false, true),
            ("/usr/bin".into(), false, true),
            (home.clone(), false, true),
            (root.clone(), false, true),
            (work.join(".."), false, true),
            (home.join(".local/share/codling"), false, false),
            (home.join(".local/share/codling/s"), false, false),
            (home.join(".local"), false, false),
            (home.join(".config"), false, false),
            (home.join(".fly"), false, false),
            (home.join(".fly/x"), false, false),
            (home.join(".opened"), true, true),
            (home.join(".cache/pip"), true, true),
            (home.join(".ssh"), false, false),
            (home.join(".config/gh"), false, false),
            (work.join("link"), false, false),
        ] {
            for (confinement, is_open) in [
                (Confinement::Folder, is_written),
                (Confinement::ReadOnly, is_read),
                (Confinement::Free, true),
            ] {
                let command = StandaloneCommand {
                    folder: folder.clone(),
                    confinement,
                    ..command(&["true"], &[])
                };
                let closed = command.closed_folder(&limits, &work);
                assert_eq!(closed.is_none(), is_open, "{} {confinement:?}", folder.display());
            }
            let more = StandaloneCommand {
                folder: work.clone(),
                confinement: Confinement::Folder,
                writable: vec![folder.clone()],
                ..command(&["true"], &[])
            };
            // No root climbs.
            let climbs = folder.components().any(|part| part.as_os_str() == "..");
            let is_open = more.closed_folder(&limits, &work).is_none();
            assert_eq!(is_open, is_written && !climbs, "{}", folder.display());
        }
    }

    #[test]
    fn a_server_that_was_started_in_a_hidden_folder_runs_commands_there() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap();
        let own = home.join(".dotfiles/nvim");
        std::fs::create_dir_all(own.join("lua")).unwrap();
        let limits = CommandLimits { home: Some(home.clone()), ..CommandLimits::default() };
        for (folder, is_open) in
            [(own.join("lua"), true), (own.clone(), true), (home.join(".dotfiles"), false)]
        {
            for confinement in [Confinement::Folder, Confinement::ReadOnly] {
                let command = StandaloneCommand {
                    folder: folder.clone(),
                    confinement,
                    ..command(&["true"], &[])
                };
                assert_eq!(command.closed_folder(&limits, &own).is_none(), is_open, "{folder:?}");
            }
        }
    }

    #[test]
    fn a_server_that_was_started_in_a_folder_of_the_system_runs_commands_there() {
        let limits = CommandLimits { home: Some("/home/me".into()), ..CommandLimits::default() };
        let begun = |folder: &str, own: &str| {
            let confinement = Confinement::Folder;
            let folder = folder.into();
            let command = StandaloneCommand { folder, confinement, ..command(&["true"], &[]) };
            command.closed_folder(&limits, own.as_ref()).is_none()
        };
        assert!(begun("/usr/share", "/usr/share") && begun("/usr/share", "/usr"));
        assert!(!begun("/usr/share", "/") && !begun("/usr/share", "/usr/bin"));
    }
}
