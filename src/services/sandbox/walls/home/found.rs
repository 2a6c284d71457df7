//! The names of a home that were found so far, and whether another one may be shown beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::base::is_secret;

use super::access::HomeAccess;
use super::real_paths::RealPaths;
use super::secret_places::SecretPlaces;
use super::table::SHARED_FOLDERS;
use super::view::{CacheFolder, HomeSource};

/// How a command sees settings that hold secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SettingsMode {
    /// As copies without them.
    #[default]
    Copied,
    /// Not at all.
    OnlyClean,
}

/// The names that are shown so far, and what keeps others from being shown.
pub(super) struct Found {
    pub(super) homes: BTreeSet<PathBuf>,
    /// Homes in which all can be written, of which single names are covered instead.
    pub(super) open: BTreeSet<PathBuf>,
    pub(super) secrets: SecretPlaces,
    pub(super) real: RealPaths,
    pub(super) settings: SettingsMode,
    pub(super) entries: BTreeMap<PathBuf, HomeSource>,
    pub(super) covered: Vec<PathBuf>,
    pub(super) opened: Vec<PathBuf>,
    pub(super) caches: Vec<CacheFolder>,
}

impl Found {
    /// The home that a path lies in, the innermost one.
    pub(super) fn home_of(&self, path: &Path) -> Option<&Path> {
        path.ancestors().skip(1).find_map(|folder| self.homes.get(folder)).map(PathBuf::as_path)
    }

    pub(super) fn homes(&self) -> impl Iterator<Item = &PathBuf> {
        self.homes.iter()
    }

    /// Whether a place is a secret, or lies in one.
    pub(super) fn is_in_secrets(&self, path: &Path) -> bool {
        is_secret(path) || self.secrets.hold(path)
    }

    /// Whether a path lies in what is hidden of a home, and nothing opened it so far.
    pub(super) fn is_hidden(&self, path: &Path) -> bool {
        let is_private = self.home_of(path).is_some_and(|home| {
            let first = path.strip_prefix(home).ok().and_then(|rest| rest.iter().next());
            first.is_some_and(is_private)
        });
        is_private && !path.ancestors().any(|folder| self.entries.contains_key(folder))
    }

    /// Whether many programs share a folder, or it is a home.
    pub(super) fn is_shared(&self, folder: &Path) -> bool {
        self.homes.iter().any(|home| {
            folder == home || SHARED_FOLDERS.iter().any(|shared| folder == home.join(shared))
        })
    }

    /// Whether a place can be shown as a whole: neither a secret nor in one, and no home, folder of
    /// many programs or secret in it.
    fn may_open(&self, path: &Path) -> bool {
        let holds_home = self.homes.iter().any(|home| home.starts_with(path));
        path.is_absolute()
            && !holds_home
            && !self.is_shared(path)
            && !is_secret(path)
            && !self.secrets.hold(path)
            && !self.secrets.are_in(path)
    }

    /// Shows a file or a folder, at its own place and at the one that links lead to; whether it was
    /// there and can be shown.
    pub(super) fn open(&mut self, path: &Path) -> bool {
        let Some(real) = self.real.of(path) else { return false };
        if !self.may_open(path) || !self.may_open(&real) {
            return false;
        }
        let Some(source) = source(&real) else { return false };
        if real != path {
            self.insert(&real, source.clone());
        }
        self.insert(path, source);
        true
    }

    /// Covers what is called like a secret at the top of a folder that is shown.
    pub(super) fn cover_secrets_of(&mut self, folder: &Path) {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        self.covered.extend(entries.map(|entry| entry.path()).filter(|path| is_secret(path)));
    }

    pub(super) fn insert(&mut self, path: &Path, source: HomeSource) {
        if self.is_hidden(path) {
            self.entries.insert(path.to_owned(), source);
        }
    }
}

/// A file or a folder at a real path.
pub(super) fn source(real: &Path) -> Option<HomeSource> {
    let about = fs::symlink_metadata(real).ok()?;
    match () {
        () if about.is_dir() => Some(HomeSource::Folder(real.into())),
        () if about.is_file() => Some(HomeSource::File(real.into())),
        () => None,
    }
}

/// Whether a name at the top of a home is hidden but for the list.
pub(super) fn is_private(name: &OsStr) -> bool {
    name.as_bytes().starts_with(b".") || name == "Library"
}

/// Where a place of the table may be.
pub(super) fn candidates(place: &str, homes: &[PathBuf], access: &HomeAccess) -> Vec<PathBuf> {
    let place = Path::new(place);
    let moved = access.moved.iter().filter_map(|(from, to)| {
        let rest = place.strip_prefix(from).ok()?;
        let to = &to.canonicalize().unwrap_or_else(|_missing| to.clone());
        Some(if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) })
    });
    homes.iter().map(|home| home.join(place)).chain(moved).collect()
}
