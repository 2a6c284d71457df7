//! Which folders may be opened to sandboxed programs: none that holds a home, secrets or the
//! system.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::{is_secret, secret_places};

/// Folders that hold no ordinary files.
const SYSTEM: [&str; 3] = ["/dev", "/proc", "/sys"];

/// The path with all links followed, as far as it exists. `None` if it is relative or contains
/// `..`.
pub fn resolved(path: &Path) -> Option<PathBuf> {
    if !path.is_absolute() || path.components().any(|part| part == Component::ParentDir) {
        return None;
    }
    let mut missing = Vec::new();
    let mut at = path;
    loop {
        match fs::canonicalize(at) {
            Ok(found) => {
                return Some(missing.iter().rev().fold(found, |path, name| path.join(name)));
            }
            // The target of a dangling link is not known yet.
            Err(_) if fs::symlink_metadata(at).is_ok() => return None,
            Err(_) => {
                missing.push(at.file_name()?);
                at = at.parent()?;
            }
        }
    }
}

/// Whether a folder may be opened, by its resolved path alone. Folders in `closed` are refused, and
/// so is every folder in them or around them.
pub fn is_openable(path: &Path, home: Option<&Path>, closed: &[PathBuf]) -> bool {
    let meets = |place: &Path| path.starts_with(place) || place.starts_with(path);
    let holds_home = home.is_some_and(|home| home.starts_with(path));
    let secrets = secret_places(home, Path::new(""));
    path.is_absolute()
        && path.parent().is_some()
        && !holds_home
        && !is_secret(path)
        && !SYSTEM.iter().any(|place| path.starts_with(place))
        && !secrets.iter().chain(closed).any(|place| meets(place))
}

/// Whether sandboxed programs may read a place, by its resolved path alone. Places with secrets are
/// allowed, because a person named them; hidden places in them stay hidden.
pub fn is_showable(path: &Path, home: Option<&Path>, closed: &[PathBuf]) -> bool {
    let meets = |place: &Path| path.starts_with(place) || place.starts_with(path);
    path.is_absolute()
        && path.parent().is_some()
        && !home.is_some_and(|home| home.starts_with(path))
        && !SYSTEM.iter().any(|place| path.starts_with(place))
        && !closed.iter().any(|place| meets(place))
}

/// Whether a place is named like a secret, or lies in a secret place of a home.
pub fn is_secret_place(path: &Path, home: Option<&Path>) -> bool {
    is_secret(path) || secret_places(home, Path::new("")).iter().any(|at| path.starts_with(at))
}

/// Folders of the system, and those that contain them.
const OF_THE_SYSTEM: [&str; 15] = [
    "/Applications",
    "/Library",
    "/System",
    "/bin",
    "/boot",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/private/etc",
    "/root",
    "/run",
    "/sbin",
    "/usr",
    "/var",
];
/// Folders of a home with programs of the person's shell and programs that start at sign-in.
const OF_A_HOME: [&str; 5] =
    [".config", ".local/bin", ".local/share/applications", ".local/share/systemd", "bin"];

/// Whether a folder may be offered unasked: no system folder, none right below the root, and no
/// other user's home. A person can still name those in the settings.
pub fn is_offerable(path: &Path, home: Option<&Path>, closed: &[PathBuf]) -> bool {
    let is_of_others = path.parent().is_some_and(|above| {
        above.parent().is_none() || home.and_then(Path::parent) == Some(above)
    });
    let starts = |home: &Path| OF_A_HOME.iter().any(|place| path.starts_with(home.join(place)));
    is_openable(path, home, closed)
        && !is_of_others
        && !is_of_the_system(path, home)
        && !home.is_some_and(starts)
}

/// Whether a path is or lies in a system folder, and not in the person's home.
pub fn is_of_the_system(path: &Path, home: Option<&Path>) -> bool {
    let is_own = home.is_some_and(|home| path.starts_with(home));
    !is_own && OF_THE_SYSTEM.iter().any(|place| path.starts_with(place))
}

/// Whether the kernel generates the files at a path: their sizes are wrong, and some never end.
pub fn is_kernels(path: &Path) -> bool {
    cfg!(target_os = "linux")
        && (path.starts_with("/proc")
            || path.starts_with("/sys")
            || path.starts_with("/dev") && !path.starts_with("/dev/shm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_secrets_and_what_stays_closed_are_not_opened() {
        let closed = [PathBuf::from("/home/me/.local/share/codling")];
        for (path, opened) in [
            ("/srv/out", true),
            ("/home/me/work", true),
            ("/home/me/.cache/pip", true),
            ("/home/other", true),
            ("/", false),
            ("/home", false),
            ("/home/me", false),
            ("/home/me/.ssh", false),
            ("/home/me/.ssh/inner", false),
            ("/home/me/.config", false),
            ("/home/me/.aws", false),
            ("/home/me/.local/share", false),
            ("/home/me/.local/share/codling/x", false),
            ("/srv/x/.ssh", false),
            ("/proc/self", false),
            ("/dev/shm", false),
            ("srv", false),
        ] {
            assert_eq!(
                is_openable(Path::new(path), Some(Path::new("/home/me")), &closed),
                opened,
                "{path}"
            );
        }
    }

    #[test]
    fn what_nobody_would_think_of_is_not_offered() {
        let closed = [PathBuf::from("/home/me/.local/share/codling")];
        for (path, offered) in [
            ("/srv/out", true),
            ("/home/me/work", true),
            ("/home/me/.cache/pip", true),
            ("/home/other/shared", true),
            ("/tmp/made", true),
            ("/home/other", false),
            ("/home/me", false),
            ("/", false),
            ("/srv", false),
            ("/tmp", false),
            ("/etc/ssl", false),
            ("/usr/local/bin", false),
            ("/var/lib/x", false),
            ("/root/x", false),
            ("/home/me/.config/fish", false),
            ("/home/me/.local/bin", false),
            ("/home/me/bin", false),
            ("/home/me/.ssh", false),
            ("/home/me/.local/share/codling/x", false),
        ] {
            assert_eq!(
                is_offerable(Path::new(path), Some(Path::new("/home/me")), &closed),
                offered,
                "{path}"
            );
        }
        assert!(is_offerable(Path::new("/root/work"), Some(Path::new("/root")), &closed));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_what_is_missing_stands_where_it_would_be_made() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("a")).unwrap();
        for (to, name) in [("a", "link"), ("/not/there", "lost")] {
            std::os::unix::fs::symlink(to, root.join(name)).unwrap();
        }
        assert_eq!(resolved(&root.join("link/b/c")), Some(root.join("a/b/c")));
        for refused in [root.join("lost"), root.join("lost/b"), root.join("a/../a"), "a".into()] {
            assert_eq!(resolved(&refused), None, "{}", refused.display());
        }
    }
}
