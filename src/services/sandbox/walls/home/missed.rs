//! Whether a command missed a file because its home was hidden, and what would have to be opened
//! for it to be read. Opens nothing.

use std::path::{Component, Path, PathBuf};

use crate::base::{is_secret, is_secret_place, secret_places};

use super::look::{Homes, look};
use super::table::SHARED_FOLDERS;
use super::view::HomeView;
use crate::sandbox::spec::command_spec::CommandSpec;

/// The first of these paths that is there, but was hidden from the command with all of a program's
/// own: what that is, from `~/` on. A place that is known to hold sign-ins is not offered. Looks at
/// the disk.
pub fn missed(spec: &CommandSpec, paths: &[PathBuf]) -> Option<PathBuf> {
    let is_in_home = |path: &&PathBuf| {
        let is_plain = path.components().all(|part| part != Component::ParentDir);
        is_plain && spec.home.homes.iter().any(|home| path.starts_with(home))
    };
    let mut paths = paths.iter().filter(is_in_home).peekable();
    paths.peek()?;
    let Homes { views, .. } = look(&spec.home, &spec.surroundings());
    paths.find_map(|path| {
        // As the views name it.
        let home = spec.home.homes.iter().find(|home| path.starts_with(home))?;
        let real = home.canonicalize().ok()?;
        let view = views.iter().find(|view| view.folder == real)?;
        place(view, path.strip_prefix(home).ok()?)
    })
}

fn place(view: &HomeView, inner: &Path) -> Option<PathBuf> {
    let whole = view.folder.join(inner);
    let is_shared = |path: &Path| {
        SHARED_FOLDERS.iter().any(|shared| path == view.folder.join(shared))
            || view.entries.iter().any(|entry| entry.path.starts_with(path))
    };
    let mut at = view.folder.clone();
    let place = inner.iter().find_map(|part| {
        at.push(part);
        (!is_shared(&at)).then(|| at.clone())
    })?;
    let holds_secret =
        secret_places(Some(&view.folder), Path::new("")).iter().any(|at| at.starts_with(&place));
    let is_sign_in =
        holds_secret || is_secret_place(&place, Some(&view.folder)) || is_secret(&whole);
    let is_missed = view.hides(&place) && whole.symlink_metadata().is_ok() && !is_sign_in;
    is_missed.then(|| Path::new("~").join(place.strip_prefix(&view.folder).unwrap_or(&place)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use crate::protocol::{Confinement, Sandbox};

    use super::*;
    use crate::sandbox::walls::home::access::HomeAccess;

    #[test]
    fn what_a_program_keeps_for_itself_is_offered_and_no_sign_in() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        for file in [
            ".tool/data/x",
            ".config/tool/y",
            ".config/gh/hosts.yml",
            ".cargo/bin/cargo",
            ".cargo/other/z",
            ".cargo/credentials",
            ".ssh/id",
            ".keys/server.pem",
            ".docker/config.json",
            ".docker/other",
            "plain",
        ] {
            fs::create_dir_all(home.join(file).parent().unwrap()).unwrap();
            fs::write(home.join(file), "").unwrap();
        }
        let spec = CommandSpec {
            home: HomeAccess { homes: vec![home.clone()], ..HomeAccess::default() },
            ..CommandSpec::bare(
                Vec::new(),
                dir.path().join("work"),
                (Sandbox::Namespaces, Confinement::Folder),
                Duration::ZERO,
            )
        };
        for (path, offered) in [
            (".tool/data/x", Some("~/.tool")),
            (".config/tool/y", Some("~/.config/tool")),
            (".cargo/other/z", Some("~/.cargo/other")),
            (".cargo/other/../../.tool", None),
            (".tool/none", None),
            (".none", None),
            (".config", None),
            (".config/gh/hosts.yml", None),
            (".cargo/bin/cargo", None),
            (".cargo/credentials", None),
            (".ssh/id", None),
            (".keys/server.pem", None),
            (".docker/config.json", None),
            (".docker/other", None),
            ("plain", None),
            ("", None),
        ] {
            let offer = missed(&spec, &[dir.path().join("x"), home.join(path)]);
            assert_eq!(offer, offered.map(PathBuf::from), "{path}");
        }
    }
}
