//! Files that run by themselves later, or are told to later sessions: which of them came while a command ran. Those that were there before it
//! cannot write to; a name that nothing has cannot be kept from being taken.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Places at which nothing was.
#[derive(Debug)]
pub struct EmptyPlaces(Vec<PathBuf>);

impl EmptyPlaces {
    /// Of these places, those at which nothing is now. A repository, and what is in it, is another matter.
    pub fn among(places: &[PathBuf]) -> Self {
        let is_gits = |place: &Path| place.iter().any(|name| name == ".git");
        let places = places.iter().filter(|place| !is_gits(place) && is_empty(place));
        Self(places.cloned().collect())
    }

    /// What is there by now.
    pub fn taken(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter(|place| !is_empty(place)).map(PathBuf::as_path)
    }
}

/// What cannot be looked at may be there.
fn is_empty(place: &Path) -> bool {
    fs::symlink_metadata(place)
        .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_told_and_what_was_there_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let places =
            [".envrc", ".husky", "AGENTS.md", ".cargo/config.toml", ".git", "b/.git/hooks"]
                .map(|name| dir.path().join(name));
        fs::write(&places[2], "").unwrap();
        let empty = EmptyPlaces::among(&places);
        assert_eq!(empty.taken().count(), 0);
        fs::write(&places[2], "more").unwrap();
        for folder in [".cargo", ".git", ".husky", "b/.git/hooks"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        std::os::unix::fs::symlink("gone", &places[0]).unwrap();
        fs::write(&places[3], "").unwrap();
        let taken: Vec<&Path> = empty.taken().collect();
        assert_eq!(taken, [&places[0], &places[1], &places[3]]);
    }
}
