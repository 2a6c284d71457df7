//! The look on the disk: places are resolved, and every folder is listed once. Follows no change.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustix::fs::{CWD, FileType, Mode, OFlags, RawDir, openat};

use super::{Beside, Hidden, Kind};
use crate::sandbox::walls::home::{HomeSource, HomeView, Homes};

/// A file is hidden by naming all that is beside the way to it. With more names than this, starting
/// a command would take too long.
const MOST: usize = 16_384;

/// Bytes of a listing that are asked for at once.
const AT_ONCE: usize = 1 << 15;

impl Hidden {
    /// Looks for absolute paths, each by where it stands and by where it leads; what has no folder
    /// yet needs no hiding.
    pub fn look(paths: &[PathBuf], homes: Homes) -> Self {
        let Homes { views: homes, covered, opened, caches } = homes;
        let is_opened = |path: &PathBuf| opened.iter().any(|place| path.starts_with(place));
        let paths: Vec<PathBuf> = paths.iter().filter(|path| !is_opened(path)).cloned().collect();
        let mut listings = Listings::default();
        let mut places = places(&paths, &mut listings);
        places.extend(covered);
        if places.is_empty() && homes.is_empty() {
            return Self::default();
        }
        let ways = ways(&homes);
        let at = Names::by_folder(&places);
        let above: HashSet<&OsStr> = places
            .iter()
            .flat_map(|place| place.ancestors().skip(1))
            .chain(ways.iter().flat_map(|way| Path::new(way).ancestors()))
            .map(Path::as_os_str)
            .collect();
        let beside = beside(&at, &above, (&homes, &ways), &mut listings);
        let existing = existing(&places, &at, &mut listings);
        Self { existing, beside, homes, caches, kept_caches: None }
    }
}

fn places(paths: &[PathBuf], listings: &mut Listings) -> Vec<PathBuf> {
    let mut folders = HashMap::new();
    let mut places = Vec::with_capacity(paths.len());
    for path in paths {
        let Some((folder, name)) = path.parent().zip(path.file_name()) else { continue };
        let Some(folder) = real(folder, &mut folders, listings) else { continue };
        let named = folder.join(name);
        if listings.kind(&folder, name) == Some(Kind::Link) {
            places.extend(fs::canonicalize(&named));
        }
        places.push(named);
    }
    places
}

/// Where a folder really is, found in what the folders above it list. `known` are those that were
/// looked for before.
fn real<'a>(
    folder: &'a Path,
    known: &mut HashMap<&'a OsStr, Option<Rc<Path>>>,
    listings: &mut Listings,
) -> Option<Rc<Path>> {
    if let Some(known) = known.get(folder.as_os_str()) {
        return known.clone();
    }
    let asked = || fs::canonicalize(folder).ok().map(Rc::from);
    let found = match folder.parent().filter(|_| folder.is_absolute()).zip(folder.file_name()) {
        None => asked(),
        Some((above, name)) => real(above, known, listings).and_then(|above| {
            let path = above.join(name);
            match listings.kind(&above, name) {
                Some(Kind::Folder) => Some(Rc::from(path)),
                Some(Kind::Link) => asked(),
                Some(Kind::Other) => None,
                // The owner of the folder above can open it: because it may exist, all of that
                // folder closed.
                None => is_out_of_sight(&path).then(|| Rc::from(path)),
            }
        }),
    };
    known.insert(folder.as_os_str(), found.clone());
    found
}

/// Folders of homes of which only that is seen which the homes show: themselves, and those on the
/// way to what is shown.
fn ways(homes: &[HomeView]) -> HashSet<OsString> {
    let own = homes.iter().flat_map(|home| {
        let shown = home.entries.iter().map(|entry| &entry.path);
        let inner = homes.iter().map(|other| &other.folder);
        let inner = inner.filter(|inner| home.hides(inner));
        let ways = shown
            .chain(inner)
            .flat_map(|path| path.ancestors().skip(1).take_while(|folder| *folder != home.folder));
        ways.filter(|way| home.hides(way)).chain([home.folder.as_path()]).map(OsString::from)
    });
    own.collect()
}

fn beside(
    at: &HashMap<&OsStr, Names<'_>>,
    above: &HashSet<&OsStr>,
    (homes, ways): (&[HomeView], &HashSet<OsString>),
    listings: &mut Listings,
) -> Beside {
    let entries = homes.iter().flat_map(|home| &home.entries);
    let entries: HashMap<&OsStr, &HomeSource> =
        entries.map(|entry| (entry.path.as_os_str(), &entry.source)).collect();
    // They are no files on the disk, where there may be a link.
    let copies = entries.iter().filter(|(_, source)| matches!(source, HomeSource::Copy(_)));
    let mut found: Vec<PathBuf> = copies.map(|(path, _)| path.into()).collect();
    let mut folders = vec![PathBuf::from("/")];
    while let Some(folder) = folders.pop() {
        let here = at.get(folder.as_os_str());
        let is_way = ways.contains(folder.as_os_str());
        for (name, kind) in listings.of(&folder).iter().flat_map(|all| all.iter()) {
            // A link leads to what has rules of its own, or to what is hidden.
            if *kind == Kind::Link || here.is_some_and(|names| names.fit(name, *kind)) {
                continue;
            }
            let path = folder.join(name);
            let is_seen = ways.contains(path.as_os_str()) || entries.contains_key(path.as_os_str());
            if is_way && !is_seen {
                continue;
            }
            if above.contains(path.as_os_str()) {
                folders.push(path);
            } else {
                found.push(path);
            }
            if found.len() > MOST {
                return Beside::TooMany { folder };
            }
        }
    }
    Beside::Names(found)
}

fn existing(
    places: &[PathBuf],
    at: &HashMap<&OsStr, Names<'_>>,
    listings: &mut Listings,
) -> Vec<(PathBuf, Kind)> {
    let mut existing = Vec::new();
    for (folder, names) in at {
        let folder = Path::new(folder);
        match listings.of(folder) {
            Some(all) => {
                let fitting = all.iter().filter(|(name, kind)| names.fit(name, *kind));
                existing.extend(fitting.map(|(name, kind)| (folder.join(name), *kind)));
            }
            // In a folder that may not be listed, a name is looked at by itself.
            None => {
                let inner = places.iter().filter(|place| place.parent() == Some(folder));
                existing.extend(inner.filter_map(|place| Some((place.clone(), kind(place)?))));
            }
        }
    }
    existing.sort_unstable_by(|(one, _), (other, _)| in_order(one).cmp(in_order(other)));
    existing
}

/// With a slash before all else, what a folder holds comes right behind it.
fn in_order(path: &Path) -> impl Iterator<Item = u8> {
    path.as_os_str().as_bytes().iter().map(|byte| if *byte == b'/' { 0 } else { *byte })
}

/// The listing of a folder, in the order of the names.
type Listing = Rc<[(OsString, Kind)]>;

/// Folders that were listed by now; `None` is one that may not be listed. By their bytes, which are
/// found much faster than parts of paths.
#[derive(Debug, Default)]
struct Listings(HashMap<OsString, Option<Listing>>);

impl Listings {
    fn of(&mut self, folder: &Path) -> Option<Listing> {
        if let Some(known) = self.0.get(folder.as_os_str()) {
            return known.clone();
        }
        let listed = list(folder).ok();
        self.0.insert(folder.into(), listed.clone());
        listed
    }

    fn kind(&mut self, folder: &Path, name: &OsStr) -> Option<Kind> {
        match self.of(folder) {
            Some(all) => all
                .binary_search_by(|(other, _)| other.as_os_str().cmp(name))
                .ok()
                .map(|at| all[at].1),
            None => kind(&folder.join(name)),
        }
    }
}

/// Whether it cannot be told what is there, since no one may look.
fn is_out_of_sight(path: &Path) -> bool {
    fs::symlink_metadata(path)
        .is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
}

/// `None` where there is nothing.
fn kind(path: &Path) -> Option<Kind> {
    let about = fs::symlink_metadata(path).ok()?.file_type();
    Some(match () {
        () if about.is_dir() => Kind::Folder,
        () if about.is_symlink() => Kind::Link,
        () => Kind::Other,
    })
}

/// With fewer calls than the standard library, of which there would be some for each of hundreds of
/// folders.
fn list(folder: &Path) -> rustix::io::Result<Listing> {
    let opened =
        openat(CWD, folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut buffer = [MaybeUninit::uninit(); AT_ONCE];
    let mut entries = RawDir::new(opened, &mut buffer);
    let mut all = Vec::new();
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let kind = match entry.file_type() {
            _ if name == "." || name == ".." => continue,
            FileType::Directory => Kind::Folder,
            FileType::Symlink => Kind::Link,
            // Not every file system says it; what is gone by now is nothing.
            FileType::Unknown => match kind(&folder.join(name)) {
                Some(kind) => kind,
                None => continue,
            },
            _ => Kind::Other,
        };
        all.push((name.to_owned(), kind));
    }
    all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all.into())
}

/// Names of what is hidden in one folder, in order, each with where the longest one stands that it
/// begins with.
#[derive(Debug, Default)]
struct Names<'a>(Vec<(&'a [u8], Option<usize>)>);

impl<'a> Names<'a> {
    /// By their bytes, which are compared much faster than parts of paths; they are real paths,
    /// each of which is written in one way.
    fn by_folder(places: &'a [PathBuf]) -> HashMap<&'a OsStr, Self> {
        let mut all: HashMap<&OsStr, Vec<&[u8]>> = HashMap::new();
        for place in places {
            if let (Some(folder), Some(name)) = (place.parent(), place.file_name()) {
                all.entry(folder.as_os_str()).or_default().push(name.as_bytes());
            }
        }
        all.into_iter().map(|(folder, names)| (folder, Self::new(names))).collect()
    }

    fn new(mut names: Vec<&'a [u8]>) -> Self {
        names.sort_unstable();
        names.dedup();
        let mut all: Self = Self(Vec::with_capacity(names.len()));
        for name in names {
            let before = all.beginnings(name).next();
            all.0.push((name, before));
        }
        all
    }

    /// Where those stand that a name begins with, the longest first. The names between one of them
    /// and the place of this name in the order begin with it, too.
    fn beginnings<'b>(&'b self, name: &'b [u8]) -> impl Iterator<Item = usize> + 'b {
        let Self(names) = self;
        let last = names.partition_point(|(other, _)| *other <= name).checked_sub(1);
        std::iter::successors(last, |at| names[*at].1).filter(|at| name.starts_with(names[*at].0))
    }

    /// Whether a name is one of these, or begins with one, with or without a dot before it: drafts,
    /// copies. A folder whose name goes on with a letter belongs to another program (`.opam` is
    /// none of `.op`).
    fn fit(&self, name: &OsStr, kind: Kind) -> bool {
        let goes_on = |rest: &[u8]| {
            kind != Kind::Folder
                || !rest.first().is_some_and(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
        };
        let fits =
            |name: &[u8]| self.beginnings(name).any(|at| goes_on(&name[self.0[at].0.len()..]));
        let name = name.as_bytes();
        fits(name) || name.strip_prefix(b".").is_some_and(fits)
    }
}

#[cfg(test)]
mod tests;
