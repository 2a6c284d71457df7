//! The hidden places that a command must not read, found on the disk: those that exist, and the
//! names beside them, for mounts and Landlock alike. The program looks while the processes start
//! that are to hide it, and sends them what it found. Hides nothing.

mod look;
mod looking;

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::home::{CacheFolder, HomeView};
use crate::sandbox::spec::spec_transfer;

pub use looking::Looking;

/// The hidden places, as they were when they were looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// The places that exist, and those beside them under their names: real paths, each folder
    /// right before what it holds.
    pub existing: Vec<(PathBuf, Kind)>,
    pub beside: Beside,
    /// Homes that are seen in part alone, each before those that lie in it.
    pub homes: Vec<HomeView>,
    /// Caches that are seen, and can be written to under overlays.
    pub caches: Vec<CacheFolder>,
    /// Where what commands of the same folder write to them is kept; this command has it alone.
    pub kept_caches: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Folder,
    Link,
    Other,
}

/// Everything that is not hidden, in as few names as possible. A name that appears on the way to
/// something hidden later on is not in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Beside {
    #[default]
    Everything,
    Names(Vec<PathBuf>),
    TooMany {
        folder: PathBuf,
    },
}

const EVERYTHING: &str = "everything";
const NAMES: &str = "names";
const TOO_MANY: &str = "too many";

impl Hidden {
    /// Those of these places that lie in a folder which is hidden, and that are seen all the same:
    /// what is hidden in a place itself keeps it closed.
    pub fn lets_through<'a>(&self, places: &[&'a Path]) -> Vec<&'a Path> {
        let is_seen = |place: &&Path| {
            let mut all = self.existing.iter().map(|(path, _)| path.as_path());
            all.clone().any(|hidden| place.starts_with(hidden) && hidden != *place)
                && !all.any(|hidden| hidden.starts_with(place))
        };
        places.iter().copied().filter(is_seen).collect()
    }

    /// As it is sent: how many existing places there are, each with a letter for its kind before
    /// the path, then what is beside it, then the homes and the caches.
    pub fn words(&self) -> Vec<OsString> {
        let mut words = vec![self.existing.len().to_string().into()];
        words.extend(self.existing.iter().map(|(path, kind)| {
            let path = path.as_os_str();
            let mut word = OsString::with_capacity(path.len() + 1);
            word.push(kind.letter());
            word.push(path);
            word
        }));
        match &self.beside {
            Beside::Everything => words.push(EVERYTHING.into()),
            Beside::Names(names) => {
                words.extend([NAMES.into(), names.len().to_string().into()]);
                words.extend(names.iter().map(|name| name.clone().into()));
            }
            Beside::TooMany { folder } => words.extend([TOO_MANY.into(), folder.into()]),
        }
        words.push(self.homes.len().to_string().into());
        words.extend(self.homes.iter().flat_map(HomeView::words));
        words.push(self.caches.len().to_string().into());
        words.extend(self.caches.iter().flat_map(CacheFolder::words));
        words.push(self.kept_caches.clone().unwrap_or_default().into());
        words
    }

    /// Waits for the words, sent as [`spec_transfer`] does it.
    ///
    /// # Errors
    ///
    /// Fails if the words do not come whole, or are no such list.
    pub fn receive(from: impl AsFd) -> io::Result<Self> {
        let words = spec_transfer::receive(from).ok();
        words
            .and_then(Self::parse)
            .ok_or_else(|| io::Error::other("what is to be hidden was not told whole"))
    }

    /// The words read back; `None` where they are not whole, which must not be taken for nothing to
    /// hide.
    pub fn parse(words: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut words = words.into_iter();
        let count = number(&words.next()?)?;
        let existing = (0..count).map(|_| Kind::with_path(words.next()?)).collect::<Option<_>>()?;
        let beside = match words.next()?.to_str()? {
            EVERYTHING => Beside::Everything,
            NAMES => {
                let count = number(&words.next()?)?;
                let names = words.by_ref().take(count).map(PathBuf::from).collect::<Vec<_>>();
                Beside::Names(Some(names).filter(|names| names.len() == count)?)
            }
            TOO_MANY => Beside::TooMany { folder: words.next()?.into() },
            _ => return None,
        };
        let count = number(&words.next()?)?;
        let homes = (0..count).map(|_| HomeView::parse(&mut words)).collect::<Option<_>>()?;
        let count = number(&words.next()?)?;
        let caches = (0..count).map(|_| CacheFolder::parse(&mut words)).collect::<Option<_>>()?;
        let kept = PathBuf::from(words.next()?);
        let kept_caches = Some(kept).filter(|path| path.is_absolute());
        let found = Self { existing, beside, homes, caches, kept_caches };
        words.next().is_none().then_some(found)
    }
}

impl Kind {
    const ALL: [Self; 3] = [Self::Folder, Self::Link, Self::Other];

    fn letter(self) -> &'static str {
        match self {
            Self::Folder => "f",
            Self::Link => "l",
            Self::Other => "o",
        }
    }

    fn with_path(word: OsString) -> Option<(PathBuf, Self)> {
        let mut bytes = word.into_vec();
        let letter = bytes.first().copied()?;
        let kind = Self::ALL.into_iter().find(|kind| kind.letter().as_bytes() == [letter])?;
        bytes.remove(0);
        Some((OsString::from_vec(bytes).into(), kind))
    }
}

fn number(word: &OsStr) -> Option<usize> {
    std::str::from_utf8(word.as_bytes()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::walls::home::HomeEntry;
    use crate::sandbox::walls::home::HomeSource;

    fn existing() -> Vec<(PathBuf, Kind)> {
        vec![
            ("/a b".into(), Kind::Folder),
            (OsStr::from_bytes(b"/a b/\xff").into(), Kind::Link),
            ("/c".into(), Kind::Other),
        ]
    }

    fn homes() -> Vec<HomeView> {
        let entry = |name: &str, source| HomeEntry { path: Path::new("/h").join(name), source };
        let entries = vec![
            entry(".a", HomeSource::Copy("x = 1\n".into())),
            entry("b", HomeSource::File("/r".into())),
            entry("c", HomeSource::Folder("/h/c".into())),
            entry("d", HomeSource::Link("../d".into())),
        ];
        vec![
            HomeView { folder: "/h".into(), entries, scratch: vec!["/h/.cache".into()] },
            HomeView { folder: "/h/c/h".into(), entries: Vec::new(), scratch: Vec::new() },
        ]
    }

    fn found(beside: Beside) -> Hidden {
        let cache =
            CacheFolder { place: ".ccache".into(), path: "/h/.ccache".into(), real: "/c".into() };
        let kept_caches = Some("/k".into());
        Hidden { existing: existing(), beside, homes: homes(), caches: vec![cache], kept_caches }
    }

    #[test]
    fn what_was_found_arrives() {
        let names = Beside::Names(vec!["/d".into(), OsStr::from_bytes(b"/\xfe\n").into()]);
        let many = Beside::TooMany { folder: "/m".into() };
        for beside in [Beside::Everything, names, Beside::Names(Vec::new()), many] {
            let found = found(beside);
            assert_eq!(Hidden::parse(found.words()), Some(found));
        }
        assert_eq!(Hidden::parse(Hidden::default().words()), Some(Hidden::default()));
    }

    #[test]
    fn what_is_not_whole_is_never_taken_for_less_to_hide() {
        let names = Beside::Names(vec!["/d".into(), "/e".into()]);
        for beside in [names, Beside::Everything, Beside::TooMany { folder: "/m".into() }] {
            let words = found(beside).words();
            for length in 0..words.len() {
                assert_eq!(Hidden::parse(words[..length].to_vec()), None, "{length} of {words:?}");
            }
            let longer = words.iter().cloned().chain(["/more".into()]);
            assert_eq!(Hidden::parse(longer), None);
        }
        for words in [
            &["1", "x/a", EVERYTHING, "0", "0", ""][..],
            &["1", "", EVERYTHING, "0", "0", ""],
            &["-1", EVERYTHING, "0", "0", ""],
            &["0", EVERYTHING, "1", "/h", "1", "x", "/h/a", "b", "0", "0", ""],
        ] {
            assert_eq!(Hidden::parse(words.iter().map(OsString::from)), None, "{words:?}");
        }
    }

    #[test]
    fn what_is_let_through_lies_in_something_hidden_and_holds_nothing_hidden() {
        let found = Hidden { existing: existing(), ..Hidden::default() };
        let places = ["/a b/c", "/a b", "/c", "/d", "/a b/c/d"].map(Path::new);
        assert_eq!(found.lets_through(&places), ["/a b/c", "/a b/c/d"].map(Path::new));
        let existing = vec![("/a".into(), Kind::Folder), ("/a/b/.env".into(), Kind::Other)];
        let found = Hidden { existing, ..Hidden::default() };
        assert_eq!(found.lets_through(&["/a/b", "/a/c"].map(Path::new)), [Path::new("/a/c")]);
    }
}
