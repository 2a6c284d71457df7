//! Which of the folders that a person opened can be opened to a command now. Opens none.

use std::path::{Path, PathBuf};

use crate::base::{is_openable, is_showable, resolved};
use crate::protocol::SandboxOpenings;

/// The same hosts, and those folders that are there and lead, with every link followed, to nothing
/// that stays closed: what was judged when the settings were read may lead elsewhere by now. The
/// same of what can be read, which must be where it was. `closed` are folders and files that hold
/// what is codling's own.
pub fn opened(
    grants: &SandboxOpenings,
    home: Option<&Path>,
    closed: &[PathBuf],
) -> SandboxOpenings {
    let home = home.and_then(resolved);
    let closed: Vec<PathBuf> = closed.iter().filter_map(|path| resolved(path)).collect();
    let is_open = |path: &PathBuf| path.is_dir() && is_openable(path, home.as_deref(), &closed);
    let folders = grants.folders.iter().filter_map(|path| resolved(path)).filter(is_open).collect();
    let is_where_it_was = |path: &&PathBuf| resolved(path).as_ref() == Some(*path);
    let is_shown = |path: &&PathBuf| path.exists() && is_showable(path, home.as_deref(), &closed);
    let readable = grants.readable.iter().filter(is_where_it_was).filter(is_shown).cloned();
    SandboxOpenings { hosts: grants.hosts.clone(), folders, readable: readable.collect() }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_by_now_stays_closed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for name in ["out", "own", "home/work", "home/.ssh", "home/.tool"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        for (to, name) in [("own", "a"), ("out", "b"), ("home", "c"), ("home/.ssh", "d")] {
            std::os::unix::fs::symlink(to, root.join(name)).unwrap();
        }
        let grants = SandboxOpenings {
            hosts: Vec::new(),
            folders: ["out", "a", "b", "c", "missing", "c/work"].map(|name| root.join(name)).into(),
            readable: ["home/.tool", "home/.ssh", "d", "own", "home", "missing", "c/.tool"]
                .map(|name| root.join(name))
                .into(),
        };
        let found = opened(&grants, Some(&root.join("c")), &[root.join("own/auth.json")]);
        assert_eq!(found.folders, ["out", "out", "home/work"].map(|name| root.join(name)));
        assert_eq!(found.readable, ["home/.tool", "home/.ssh"].map(|name| root.join(name)));
    }
}
