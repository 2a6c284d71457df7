//! Caches without which tools fail, and not only run more slowly: where the person's own cannot be written to, such a tool is told of a private one, which is
//! empty. Makes no folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The variable that a tool heeds, and where the tool writes in a home otherwise.
const WRITTEN: [(&str, &[&str]); 4] = [
    ("CCACHE_DIR", &[".cache/ccache", ".ccache"]),
    ("GOCACHE", &[".cache/go-build"]),
    ("UV_CACHE_DIR", &[".cache/uv"]),
    ("ZIG_GLOBAL_CACHE_DIR", &[".cache/zig"]),
];

/// What is set for a command that writes in these places alone; `own` are the variables that it has. Those of the person stay that name such a place, and
/// nothing is set for a cache that was opened.
pub fn variables(
    temporary: &Path,
    writable: &[PathBuf],
    own: impl Fn(&str) -> Option<OsString>,
) -> Vec<(&'static str, PathBuf)> {
    let is_writable = |path: &Path| writable.iter().any(|place| path.starts_with(place));
    let is_opened = |places: &[&str]| {
        let opens = |open: &PathBuf| {
            open.ends_with(".cache") || places.iter().any(|place| open.ends_with(place))
        };
        writable.iter().any(opens)
    };
    let missing = WRITTEN.into_iter().filter(|(name, places)| {
        !is_opened(places) && !own(name).is_some_and(|path| is_writable(Path::new(&path)))
    });
    missing.map(|(name, _)| (name, temporary.join("caches").join(name.to_lowercase()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_can_be_written_to_stays_where_it_is() {
        let names = |writable: &[&str], own: Option<&str>| {
            let writable: Vec<PathBuf> = writable.iter().map(PathBuf::from).collect();
            let own = |name: &str| own.filter(|_| name == "GOCACHE").map(OsString::from);
            let set = variables(Path::new("/tmp/t"), &writable, own);
            assert!(set.iter().all(|(_, path)| path.starts_with("/tmp/t")), "{set:?}");
            set.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let all = WRITTEN.map(|(name, _)| name);
        assert_eq!(names(&["/w"], None), all);
        assert_eq!(names(&["/w"], Some("/home/a/.cache/go-build")), all);
        assert!(!names(&["/w"], Some("/w/.go")).contains(&"GOCACHE"));
        assert!(!names(&["/home/a/.cache/go-build"], None).contains(&"GOCACHE"));
        assert!(!names(&["/w", "/home/a/.ccache"], None).contains(&"CCACHE_DIR"));
        assert!(names(&["/w", "/home/a/.cache"], None).is_empty());
    }
}
