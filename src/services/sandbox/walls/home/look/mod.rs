//! Looks in the person's homes for what of the table is there, and for what their `PATH` leads to.
//! It follows links, and opens no secret.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::base::{is_secret, secret_places};

use super::access::HomeAccess;
use super::found::{Found, SettingsMode, candidates, is_private, source};
use super::real_paths::RealPaths;
use super::secret_places::SecretPlaces;
use super::settings::without_secrets;
use super::table::{OF_A_REPOSITORY, TOOLS};
use super::view::{CacheFolder, HomeEntry, HomeSource, HomeView};

/// Longer settings are read by nobody.
const LONGEST_SETTINGS: u64 = 256 << 10;
/// How many files of git's settings lead to each other.
const DEEPEST: usize = 4;

/// The paths that a command reads and writes besides its home.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The folder it works in first.
    pub writable: Vec<PathBuf>,
    pub readable: Vec<PathBuf>,
    pub settings: SettingsMode,
}

/// The homes as they were when they were looked at.
#[derive(Debug, Default)]
pub struct Homes {
    /// Each before those that lie in it.
    pub views: Vec<HomeView>,
    /// Places that have to be covered one by one: in a home in which all can be written, and
    /// secrets in what is seen.
    pub covered: Vec<PathBuf>,
    /// Places that are seen although they are named like secrets: settings without their secrets,
    /// and places that the person opened by its whole name.
    pub opened: Vec<PathBuf>,
    /// Caches that are seen, none in another one.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "overlays are Linux's"))]
    pub caches: Vec<CacheFolder>,
}

/// Looks for all that is seen of the homes.
pub fn look(access: &HomeAccess, around: &Surroundings) -> Homes {
    let real = |path: &PathBuf| path.canonicalize().ok();
    let homes: BTreeSet<PathBuf> =
        access.homes.iter().filter_map(real).filter(|home| home.is_dir()).collect();
    let writable: Vec<PathBuf> = around.writable.iter().filter_map(real).collect();
    let secrets = homes.iter().flat_map(|home| secret_places(Some(home), Path::new("")));
    let mut found = Found {
        secrets: SecretPlaces::new(secrets),
        real: RealPaths::default(),
        // The root itself cannot be exchanged for another folder.
        open: homes
            .iter()
            .filter(|home| {
                home.parent().is_none() || writable.iter().any(|place| home.starts_with(place))
            })
            .cloned()
            .collect(),
        homes,
        settings: around.settings,
        entries: BTreeMap::new(),
        covered: Vec::new(),
        opened: Vec::new(),
        caches: Vec::new(),
    };
    found.plain_names();
    found.table(access);
    super::programs::open(&mut found, &access.programs);
    if let Some(folder) = writable.first() {
        found.repository_around(folder);
        super::repository::open(&mut found, folder);
    }
    let readable: Vec<(&PathBuf, PathBuf)> =
        around.readable.iter().filter_map(|path| Some((path, real(path)?))).collect();
    for path in writable.iter().chain(readable.iter().map(|(_, real)| real)) {
        if let Some(source) = source(path) {
            found.insert(path, source);
        }
    }
    // A folder of secrets is opened by its own name, and never by that of what holds it.
    let named = readable.iter().filter(|(path, real)| *path == real && found.is_in_secrets(real));
    let named: Vec<PathBuf> = named.map(|(path, _)| (*path).clone()).collect();
    found.opened.extend(named);
    let scratch = super::caches::scratch(&found, access);
    found.prune();
    let open = writable.iter().chain(readable.iter().map(|(_, real)| real));
    let caches = super::caches::apart(std::mem::take(&mut found.caches), open);
    let mut homes = found.divide(writable.first());
    for view in &mut homes.views {
        let own = scratch.iter().filter(|(home, _)| *home == view.folder);
        view.scratch = own.map(|(_, path)| path.clone()).collect();
    }
    Homes { caches, ..homes }
}

/// Whether a real path lies in what commands see nothing of, unless it is opened to them. Looks at
/// the disk.
pub fn is_hidden(access: &HomeAccess, opened: &[PathBuf], path: &Path) -> bool {
    let around = Surroundings { readable: opened.to_owned(), ..Surroundings::default() };
    super::view::hides(&look(access, &around).views, path)
}

impl Found {
    /// Shows names that do not begin with a dot, except files that are named like secrets.
    fn plain_names(&mut self) {
        let homes: Vec<PathBuf> = self.homes.difference(&self.open).cloned().collect();
        for home in homes {
            for entry in fs::read_dir(home).into_iter().flatten().flatten() {
                let path = entry.path();
                let Ok(kind) = entry.file_type() else { continue };
                if is_private(&entry.file_name()) || is_secret(&path) {
                    continue;
                }
                let source = match () {
                    () if kind.is_symlink() => fs::read_link(&path).ok().map(HomeSource::Link),
                    () if kind.is_dir() => Some(HomeSource::Folder(path.clone())),
                    () if kind.is_file() => Some(HomeSource::File(path.clone())),
                    () => None,
                };
                self.entries.extend(source.map(|source| (path, source)));
            }
        }
    }

    fn table(&mut self, access: &HomeAccess) {
        let homes: Vec<PathBuf> = self.homes.iter().cloned().collect();
        for tool in TOOLS {
            for place in tool.programs.split_whitespace() {
                for path in candidates(place, &homes, access) {
                    self.open(&path);
                }
            }
            for place in tool.caches.split_whitespace() {
                for path in candidates(place, &homes, access) {
                    let real = self.real.of(&path).filter(|real| real.is_dir());
                    if let (true, Some(real)) = (self.open(&path), real) {
                        self.caches.push(CacheFolder { place: place.into(), path, real });
                    }
                }
            }
            for place in tool.settings.split_whitespace() {
                for path in candidates(place, &homes, access) {
                    match place.strip_suffix('*') {
                        None => self.show_settings(&path, DEEPEST),
                        Some(_) => beginning_like(&path)
                            .iter()
                            .for_each(|path| self.show_settings(path, DEEPEST)),
                    }
                }
            }
        }
    }

    /// Shows a file of settings as far as it holds no secret, and those that it names where it is
    /// git's.
    fn show_settings(&mut self, path: &Path, depth: usize) {
        let Some(real) = self.real.of(path) else { return };
        let is_secret = real != path && self.secrets.hold(&real);
        let is_short = fs::metadata(&real)
            .is_ok_and(|about| about.is_file() && about.len() <= LONGEST_SETTINGS);
        if depth == 0 || is_secret || !is_short || !self.is_hidden(path) {
            return;
        }
        let Ok(text) = fs::read_to_string(&real) else { return };
        let Some(left) = without_secrets(path, &text) else { return };
        let is_in_open = self.home_of(path).is_some_and(|home| self.open.contains(home));
        let named = if is_gits(path) { named_by_git(&left, path) } else { Vec::new() };
        match () {
            () if left == text && (self.settings == SettingsMode::OnlyClean || is_in_open) => {
                self.insert(&real, HomeSource::File(real.clone()));
                self.insert(path, HomeSource::File(real));
                self.opened.push(path.to_owned());
            }
            () if self.settings == SettingsMode::Copied && !is_in_open => {
                self.insert(path, HomeSource::Copy(left.into()));
                self.opened.push(path.to_owned());
            }
            () => {}
        }
        let home = self.home_of(path).map(Path::to_owned);
        for named in named {
            let path = match (named.strip_prefix("~/"), &home) {
                (Ok(rest), Some(home)) => home.join(rest),
                _ => named,
            };
            self.show_settings(&path, depth - 1);
        }
    }

    /// The repository that a folder in what is hidden belongs to.
    fn repository_around(&mut self, folder: &Path) {
        if !self.is_hidden(folder) {
            return;
        }
        let Some(home) = self.home_of(folder).map(Path::to_owned) else { return };
        let above = folder.ancestors().skip(1).take_while(|above| *above != home);
        let top = above.filter(|above| above.join(".git").exists()).last().map(Path::to_owned);
        if let Some(top) = top {
            self.open(&top);
        }
    }

    /// Drops entries that lie in a folder that is shown as a whole.
    fn prune(&mut self) {
        let mut folder: Option<PathBuf> = None;
        let homes = &self.homes;
        self.entries.retain(|path, source| {
            let is_inner = folder.as_ref().is_some_and(|folder| {
                let innermost = path.ancestors().skip(1).find(|above| homes.contains(*above));
                path.starts_with(folder) && innermost.is_none_or(|home| folder.starts_with(home))
            });
            if !is_inner && matches!(source, HomeSource::Folder(_)) {
                folder = Some(path.clone());
            }
            !is_inner
        });
    }

    fn divide(mut self, folder: Option<&PathBuf>) -> Homes {
        let (covered, opened) =
            (std::mem::take(&mut self.covered), std::mem::take(&mut self.opened));
        let mut homes = Homes { covered, opened, ..Homes::default() };
        for home in &self.homes {
            if self.open.contains(home) {
                let is_folder = folder == Some(home);
                self.cover(home, home, is_folder, &mut homes.covered);
                continue;
            }
            let own = self.entries.iter().filter(|(path, _)| self.home_of(path) == Some(home));
            let entries = own
                .map(|(path, source)| HomeEntry { path: path.clone(), source: source.clone() })
                .collect();
            homes.views.push(HomeView { folder: home.clone(), entries, scratch: Vec::new() });
        }
        homes
    }

    /// All names of a home that nothing shows, as they are now, and files in it that are called
    /// like secrets.
    fn cover(&self, home: &Path, folder: &Path, is_project: bool, covered: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let is_own = is_project && OF_A_REPOSITORY.iter().any(|own| name == *own);
            let is_open = !is_private(&name) && !is_secret(&path);
            let is_plain = folder == home && (is_open || is_own);
            if is_plain || self.entries.contains_key(&path) || self.homes.contains(&path) {
                continue;
            }
            let mut behind = self.entries.range(path.clone()..);
            if behind.next().is_some_and(|(entry, _)| entry.starts_with(&path)) {
                self.cover(home, &path, is_project, covered);
            } else {
                covered.push(path);
            }
        }
    }
}

/// Files whose names begin as the last part of a path does, up to its star.
fn beginning_like(path: &Path) -> Vec<PathBuf> {
    let Some((folder, name)) = path.parent().zip(path.file_name()) else { return Vec::new() };
    let start = name.as_bytes().strip_suffix(b"*").unwrap_or(name.as_bytes());
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().as_bytes().starts_with(start))
        .map(|entry| entry.path())
        .collect()
}

fn is_gits(path: &Path) -> bool {
    path.ends_with(".gitconfig") || path.ends_with("git/config")
}

/// Files that settings of git name, whole or from the home on.
fn named_by_git(text: &str, from: &Path) -> Vec<PathBuf> {
    let value = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let name = name.trim().to_lowercase();
        let is_file = ["path", "excludesfile", "attributesfile"].contains(&name.as_str());
        let value = value.trim().trim_matches('"');
        is_file.then(|| match value.starts_with(['/', '~']) {
            true => PathBuf::from(value),
            false => from.with_file_name(value),
        })
    };
    text.lines().filter_map(value).collect()
}

#[cfg(test)]
mod tests;
