//! The places of secrets in homes. There are hundreds, and every path that is shown is compared
//! with all of them: by bytes, which takes much less time than by parts of paths. Reads no folder.

use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// In order; each as it is written in one way, with a slash at its end.
#[derive(Debug)]
pub(super) struct SecretPlaces(Vec<Vec<u8>>);

impl SecretPlaces {
    pub(super) fn new(places: impl Iterator<Item = PathBuf>) -> Self {
        let mut all: Vec<Vec<u8>> = places.map(|place| written(&place)).collect();
        all.sort_unstable();
        Self(all)
    }

    /// Whether a path is one of them, or lies in one.
    pub(super) fn hold(&self, path: &Path) -> bool {
        let path = written(path);
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        slashes
            .map(|(at, _)| &path[..=at])
            .any(|above| self.0.binary_search_by(|place| place.as_slice().cmp(above)).is_ok())
    }

    /// Whether one of them is this path, or lies in it.
    pub(super) fn are_in(&self, path: &Path) -> bool {
        let path = written(path);
        let first = self.0.partition_point(|place| *place < path);
        self.0.get(first).is_some_and(|place| place.starts_with(&path))
    }
}

fn written(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.as_os_str().len() + 1);
    for part in path.components() {
        if part != Component::RootDir {
            bytes.extend_from_slice(part.as_os_str().as_bytes());
        }
        bytes.push(b'/');
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_compared_as_paths_are() {
        let places = ["/h/.ssh", "/h/.config/gh", "/h/.config/gh-x", "/h/.a"].map(PathBuf::from);
        let all = SecretPlaces::new(places.iter().cloned());
        for path in [
            "/",
            "/h",
            "/h/.ssh",
            "/h/.ssh/",
            "/h//.ssh/./id",
            "/h/.sshd",
            "/h/.ss",
            "/h/.config",
            "/h/.config/g",
            "/h/.config/gh/x",
            "/h/.config/gh-x",
            "/h/.config/gh-",
            "/h/.b",
            "h",
            "/h/.a/../b",
            "",
        ] {
            let path = Path::new(path);
            let holds = places.iter().any(|place| path.starts_with(place));
            assert_eq!(all.hold(path), holds, "{}", path.display());
            let is_around = places.iter().any(|place| place.starts_with(path));
            assert_eq!(all.are_in(path), is_around, "{}", path.display());
        }
    }
}
