//! Caches of tools: each is written to under an overlay, which is never merged back, where such
//! mounts can be made. Where they cannot, a tool that fails without a cache that it can write to is
//! told of a private one, which is empty. Makes no folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::access::HomeAccess;
use super::found::{Found, candidates};
use super::table::{CACHES, NeedsOfTool, TOOLS};
use super::view::CacheFolder;

/// Caches that a command has for itself.
#[derive(Debug, Default)]
pub struct OwnCaches {
    /// Under overlays.
    pub overlaid: Vec<CacheFolder>,
    /// Those that are there, and can only be read.
    pub read_only: Vec<CacheFolder>,
    /// Where others can be made.
    pub scratch: Vec<PathBuf>,
}

impl OwnCaches {
    /// All places in them that can be written to.
    pub fn writable(&self) -> impl Iterator<Item = &Path> {
        // Most are where tools look for them.
        let elsewhere = self.overlaid.iter().filter(|cache| cache.path != cache.real);
        let overlaid = self.overlaid.iter().map(|cache| &cache.real);
        overlaid
            .chain(elsewhere.map(|cache| &cache.path))
            .chain(&self.scratch)
            .map(PathBuf::as_path)
    }
}

/// Variables for a command that writes in these places alone; `own` are the variables that it
/// has. Those of the person stay that name such a place, and nothing is set for a cache that was
/// opened or is the command's own.
pub fn variables(
    temporary: &Path,
    writable: &[PathBuf],
    caches: &OwnCaches,
    own: impl Fn(&str) -> Option<OsString>,
) -> Vec<(&'static str, PathBuf)> {
    let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
    let is_scratch = own("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| own("HOME").map(|home| Path::new(&home).join(CACHES)))
        .is_some_and(|folder| caches.scratch.contains(&real(folder)));
    let is_writable = |path: &Path| {
        let mut places = writable.iter().map(PathBuf::as_path).chain(caches.writable());
        let is_read_only = caches.read_only.iter().any(|cache| path.starts_with(&cache.path));
        !is_read_only && places.any(|place| path.starts_with(place))
    };
    let has = |tool: &NeedsOfTool, all: &[CacheFolder]| {
        all.iter().any(|cache| places(tool).any(|place| cache.place == Path::new(place)))
    };
    let is_opened = |tool: &NeedsOfTool| {
        let opens = |open: &PathBuf| {
            open.ends_with(CACHES) || places(tool).any(|place| open.ends_with(place))
        };
        writable.iter().any(opens)
            || has(tool, &caches.overlaid)
            || is_scratch && !has(tool, &caches.read_only)
    };
    let fails = |tool: &'static NeedsOfTool| {
        let name = tool.told_by?;
        let is_well = match own(name).map(PathBuf::from) {
            Some(path) => is_writable(&real(path)),
            None => is_opened(tool),
        };
        (!is_well).then_some(name)
    };
    let private = |name: &str| temporary.join("caches").join(name.to_lowercase());
    TOOLS.iter().filter_map(fails).map(|name| (name, private(name))).collect()
}

/// Whether a tool fails without writing there, and loses more than a moment where it begins anew.
#[cfg(target_os = "linux")]
pub fn is_needed(cache: &CacheFolder) -> bool {
    let needing = TOOLS.iter().filter(|tool| tool.told_by.is_some());
    needing.flat_map(places).any(|place| cache.place == Path::new(place))
}

fn places(tool: &NeedsOfTool) -> impl Iterator<Item = &'static str> {
    tool.caches.split_whitespace()
}

/// Those that can be put under overlays: none lies in another one, in what is `open` to the
/// command, or around it.
pub(super) fn apart<'a>(
    all: Vec<CacheFolder>,
    open: impl Iterator<Item = &'a PathBuf>,
) -> Vec<CacheFolder> {
    let open: Vec<&PathBuf> = open.collect();
    let mut apart: Vec<CacheFolder> = Vec::with_capacity(all.len());
    for cache in &all {
        let meets = |path: &PathBuf| cache.real.starts_with(path) || path.starts_with(&cache.real);
        let is_inner =
            |other: &CacheFolder| other.real != cache.real && cache.real.starts_with(&other.real);
        if !open.iter().any(|path| meets(path))
            && !all.iter().any(is_inner)
            && !apart.contains(cache)
        {
            apart.push(cache.clone());
        }
    }
    apart
}

/// Folders of caches that are hidden but for what the table knows, each with its home: other caches
/// can be made there.
pub(super) fn scratch(found: &Found, access: &HomeAccess) -> Vec<(PathBuf, PathBuf)> {
    let homes: Vec<PathBuf> = found.homes().cloned().collect();
    let with_home = |path: PathBuf| Some((found.home_of(&path)?.to_owned(), path));
    let holds_home = |path: &PathBuf| homes.iter().any(|home| home.starts_with(path));
    let mut all: Vec<(PathBuf, PathBuf)> = candidates(CACHES, &homes, access)
        .into_iter()
        .filter(|path| found.is_hidden(path) && !found.is_in_secrets(path) && !holds_home(path))
        .filter_map(with_home)
        .collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(place: &str) -> CacheFolder {
        let path = Path::new("/home/a").join(place);
        CacheFolder { place: place.into(), real: path.clone(), path }
    }

    fn names(writable: &[&str], caches: &OwnCaches, own: &[(&str, &str)]) -> Vec<&'static str> {
        let writable: Vec<PathBuf> = writable.iter().map(PathBuf::from).collect();
        let own = |name: &str| {
            own.iter().find(|(one, _)| *one == name).map(|(_, value)| OsString::from(value))
        };
        let set = variables(Path::new("/tmp/t"), &writable, caches, own);
        assert!(set.iter().all(|(_, path)| path.starts_with("/tmp/t")), "{set:?}");
        set.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn a_cache_that_can_be_written_to_stays_where_it_is() {
        let none = &OwnCaches::default();
        let all: Vec<&str> = TOOLS.iter().filter_map(|tool| tool.told_by).collect();
        assert!(all.contains(&"GOCACHE"));
        assert_eq!(names(&["/w"], none, &[]), all);
        assert_eq!(names(&["/w"], none, &[("GOCACHE", "/home/a/.cache/go-build")]), all);
        assert!(!names(&["/w"], none, &[("GOCACHE", "/w/.go")]).contains(&"GOCACHE"));
        assert!(!names(&["/home/a/.cache/go-build"], none, &[]).contains(&"GOCACHE"));
        assert!(!names(&["/w", "/home/a/.ccache"], none, &[]).contains(&"CCACHE_DIR"));
        assert!(names(&["/w", "/home/a/.cache"], none, &[]).is_empty());
    }

    #[test]
    fn a_cache_of_the_commands_own_stays_where_it_is() {
        let home = ("HOME", "/home/a");
        let overlaid = OwnCaches { overlaid: vec![cache(".ccache")], ..OwnCaches::default() };
        assert!(!names(&["/w"], &overlaid, &[home]).contains(&"CCACHE_DIR"));
        assert!(names(&["/w"], &overlaid, &[home, ("CCACHE_DIR", "/c")]).contains(&"CCACHE_DIR"));
        let scratch = || vec![PathBuf::from("/home/a/.cache")];
        let all = OwnCaches { scratch: scratch(), ..OwnCaches::default() };
        assert!(names(&["/w"], &all, &[home]).is_empty());
        assert!(!names(&["/w"], &all, &[home, ("XDG_CACHE_HOME", "/c")]).is_empty());
        // This cache could not be put under an overlay.
        let read_only = vec![cache(".cache/go-build")];
        let caches = OwnCaches { read_only, scratch: scratch(), ..OwnCaches::default() };
        assert_eq!(names(&["/w"], &caches, &[home]), ["GOCACHE"]);
        let own = ("GOCACHE", "/home/a/.cache/go-build");
        assert_eq!(names(&["/w"], &caches, &[home, own]), ["GOCACHE"]);
    }

    #[test]
    fn nothing_that_is_open_lies_under_an_overlay() {
        let all = || [".cache/uv", ".cache/pypoetry", ".npm/_npx"].map(cache).to_vec();
        let apart = |open: &[&str]| {
            let open: Vec<PathBuf> = open.iter().map(PathBuf::from).collect();
            let left = super::apart(all(), open.iter());
            left.into_iter().map(|cache| cache.place).collect::<Vec<_>>()
        };
        assert_eq!(apart(&["/w"]).len(), 3);
        assert_eq!(apart(&["/home/a/.cache"]), [Path::new(".npm/_npx")]);
        assert_eq!(apart(&["/home/a/.cache/uv/x", "/home/a/.npm"]), [Path::new(".cache/pypoetry")]);
        assert!(apart(&["/home/a"]).is_empty());
        let inner = super::apart(vec![cache("a/b"), cache("a")], std::iter::empty());
        assert_eq!(inner, [cache("a")]);
    }
}
