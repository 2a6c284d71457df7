//! The view of one home that a command has, as it was when it was looked at, and as the words that
//! go to the processes that arrange it.

#[cfg(target_os = "linux")]
use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A home, and all of it that is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeView {
    /// A real path.
    pub folder: PathBuf,
    /// By their paths; none lies in a folder that is another one.
    pub entries: Vec<HomeEntry>,
    /// Folders that are empty and can be written to, where mounts can be made: what is written
    /// there is gone with the command.
    pub scratch: Vec<PathBuf>,
}

/// A cache of the table that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheFolder {
    /// As the table names it, from the home on.
    pub place: PathBuf,
    /// Where tools look for it.
    pub path: PathBuf,
    /// Where it is, with every link followed.
    pub real: PathBuf,
}

/// Something of a home that is seen.
#[derive(Clone, PartialEq, Eq)]
pub struct HomeEntry {
    pub path: PathBuf,
    pub source: HomeSource,
}

/// The entries that are seen there.
#[derive(Clone, PartialEq, Eq)]
pub enum HomeSource {
    /// A copy of a file, without the secrets in it.
    Copy(OsString),
    /// A file at a real path.
    File(PathBuf),
    /// A folder at a real path.
    Folder(PathBuf),
    /// A link that leads there.
    Link(PathBuf),
}

const COPY: &str = "copy";
const FILE: &str = "file";
const FOLDER: &str = "folder";
const LINK: &str = "link";

/// Whether a path lies in one of these homes and is not seen. Where one home lies in another, it is
/// the inner one that counts.
pub fn hides(homes: &[HomeView], path: &Path) -> bool {
    let around = homes.iter().filter(|home| path.starts_with(&home.folder));
    let innermost = around.max_by_key(|home| home.folder.as_os_str().len());
    innermost.is_some_and(|home| home.hides(path))
}

#[cfg(target_os = "linux")]
/// Other paths by which a place is seen, where links in a home lead to what holds it.
pub fn ways_to(homes: &[HomeView], path: &Path) -> Vec<PathBuf> {
    let entries = homes.iter().flat_map(|home| &home.entries);
    let way = |entry: &HomeEntry| match &entry.source {
        HomeSource::Folder(real) if *real != entry.path => {
            Some(entry.path.join(path.strip_prefix(real).ok()?))
        }
        HomeSource::File(real) if *real != entry.path && real == path => Some(entry.path.clone()),
        _ => None,
    };
    entries.filter_map(way).collect()
}

impl HomeView {
    /// Whether a path lies in the home and is not seen. What holds something that is seen is there,
    /// but empty.
    pub fn hides(&self, path: &Path) -> bool {
        path != self.folder
            && path.starts_with(&self.folder)
            && !self.entries.iter().any(|entry| path.starts_with(&entry.path))
    }

    #[cfg(target_os = "linux")]
    pub fn words(&self) -> impl Iterator<Item = OsString> {
        let entries = self.entries.iter().flat_map(|HomeEntry { path, source }| {
            let (kind, more) = match source {
                HomeSource::Copy(text) => (COPY, text.clone()),
                HomeSource::File(from) => (FILE, from.into()),
                HomeSource::Folder(from) => (FOLDER, from.into()),
                HomeSource::Link(to) => (LINK, to.into()),
            };
            [kind.into(), path.into(), more]
        });
        let scratch = self.scratch.iter().map(|path| path.clone().into());
        [self.folder.clone().into(), self.entries.len().to_string().into()]
            .into_iter()
            .chain(entries)
            .chain([self.scratch.len().to_string().into()])
            .chain(scratch)
    }

    /// The words read back; `None` where they are not whole.
    #[cfg(target_os = "linux")]
    pub fn parse(words: &mut impl Iterator<Item = OsString>) -> Option<Self> {
        let folder = words.next()?.into();
        let count: usize = words.next()?.to_str()?.parse().ok()?;
        let entries = (0..count).map(|_| HomeEntry::parse(words)).collect::<Option<_>>()?;
        let count: usize = words.next()?.to_str()?.parse().ok()?;
        let scratch = (0..count).map(|_| words.next().map(PathBuf::from)).collect::<Option<_>>()?;
        Some(Self { folder, entries, scratch })
    }
}

#[cfg(target_os = "linux")]
impl CacheFolder {
    pub fn words(&self) -> impl Iterator<Item = OsString> {
        [&self.place, &self.path, &self.real].into_iter().map(|path| path.clone().into())
    }

    /// The words read back; `None` where they are not whole.
    pub fn parse(words: &mut impl Iterator<Item = OsString>) -> Option<Self> {
        let mut path = || words.next().map(PathBuf::from);
        Some(Self { place: path()?, path: path()?, real: path()? })
    }
}

#[cfg(target_os = "linux")]
impl HomeEntry {
    fn parse(words: &mut impl Iterator<Item = OsString>) -> Option<Self> {
        let (kind, path, more) = (words.next()?, words.next()?.into(), words.next()?);
        let is = |name: &str| kind == OsStr::new(name);
        let source = match () {
            () if is(COPY) => HomeSource::Copy(more),
            () if is(FILE) => HomeSource::File(more.into()),
            () if is(FOLDER) => HomeSource::Folder(more.into()),
            () if is(LINK) => HomeSource::Link(more.into()),
            () => return None,
        };
        Some(Self { path, source })
    }
}

/// Without what settings hold.
impl std::fmt::Debug for HomeEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("HomeEntry");
        shown.field("path", &self.path);
        match &self.source {
            HomeSource::Copy(_) => shown.field("source", &COPY),
            HomeSource::File(from) => shown.field(FILE, from),
            HomeSource::Folder(from) => shown.field(FOLDER, from),
            HomeSource::Link(to) => shown.field(LINK, to),
        };
        shown.finish()
    }
}
