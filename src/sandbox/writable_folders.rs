//! Which of the folders that a person opened can be opened to a command now. Opens none.

use std::path::{Path, PathBuf};

use crate::base::{is_openable, resolved};
use crate::protocol::SandboxOpenings;

/// The same hosts, and those folders that are there and lead, with every link followed, to nothing that stays closed: what was judged when the settings
/// were read may lead elsewhere by now. `closed` are folders and files that hold what is codling's own.
pub fn opened(
    grants: &SandboxOpenings,
    home: Option<&Path>,
    closed: &[PathBuf],
) -> SandboxOpenings {
    let home = home.and_then(resolved);
    let closed: Vec<PathBuf> = closed.iter().filter_map(|path| resolved(path)).collect();
    let is_open = |path: &PathBuf| path.is_dir() && is_openable(path, home.as_deref(), &closed);
    let folders = grants.folders.iter().filter_map(|path| resolved(path)).filter(is_open).collect();
    SandboxOpenings { hosts: grants.hosts.clone(), folders }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_by_now_stays_closed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for name in ["out", "own", "home/work"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        for (to, name) in [("own", "a"), ("out", "b"), ("home", "c")] {
            std::os::unix::fs::symlink(to, root.join(name)).unwrap();
        }
        let grants = SandboxOpenings {
            hosts: Vec::new(),
            folders: ["out", "a", "b", "c", "missing", "c/work"].map(|name| root.join(name)).into(),
        };
        let found = opened(&grants, Some(&root.join("c")), &[root.join("own/auth.json")]);
        assert_eq!(found.folders, ["out", "out", "home/work"].map(|name| root.join(name)));
    }
}
