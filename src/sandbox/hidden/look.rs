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

/// A file is hidden by naming all that is beside the way to it. With more names than this, starting a command would take too long.
const MOST: usize = 16_384;

/// Bytes of a listing that are asked for at once.
const AT_ONCE: usize = 1 << 15;

impl Hidden {
    /// Looks for absolute paths, each by where it stands and by where it leads; what has no folder yet needs no hiding.
    pub fn look(paths: &[PathBuf]) -> Self {
        let mut listings = Listings::default();
        let places = places(paths, &mut listings);
        if places.is_empty() {
            return Self::default();
        }
        let at = Names::by_folder(&places);
        let above: HashSet<&OsStr> = places
            .iter()
            .flat_map(|place| place.ancestors().skip(1))
            .map(Path::as_os_str)
            .collect();
        let beside = beside(&at, &above, &mut listings);
        Self { standing: standing(&places, &at, &mut listings), beside }
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

/// Where a folder really is, found in what the folders above it list. `known` are those that were looked for before.
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
                // Whoever owns the folder above can open it: that it may be there keeps all of that folder closed.
                None => is_out_of_sight(&path).then(|| Rc::from(path)),
            }
        }),
    };
    known.insert(folder.as_os_str(), found.clone());
    found
}

fn beside(
    at: &HashMap<&OsStr, Names<'_>>,
    above: &HashSet<&OsStr>,
    listings: &mut Listings,
) -> Beside {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("/")];
    while let Some(folder) = folders.pop() {
        let here = at.get(folder.as_os_str());
        for (name, kind) in listings.of(&folder).iter().flat_map(|all| all.iter()) {
            // A link leads to what has rules of its own, or to what is hidden.
            if *kind == Kind::Link || here.is_some_and(|names| names.fit(name)) {
                continue;
            }
            let path = folder.join(name);
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

fn standing(
    places: &[PathBuf],
    at: &HashMap<&OsStr, Names<'_>>,
    listings: &mut Listings,
) -> Vec<(PathBuf, Kind)> {
    let mut standing = Vec::new();
    for (folder, names) in at {
        let folder = Path::new(folder);
        match listings.of(folder) {
            Some(all) => {
                let fitting = all.iter().filter(|(name, _)| names.fit(name));
                standing.extend(fitting.map(|(name, kind)| (folder.join(name), *kind)));
            }
            // Of a folder that may not be listed, what is known by its name.
            None => {
                let inner = places.iter().filter(|place| place.parent() == Some(folder));
                standing.extend(inner.filter_map(|place| Some((place.clone(), kind(place)?))));
            }
        }
    }
    standing.sort_unstable_by(|(one, _), (other, _)| in_order(one).cmp(in_order(other)));
    standing
}

/// With a slash before all else, what a folder holds comes right behind it.
fn in_order(path: &Path) -> impl Iterator<Item = u8> {
    path.as_os_str().as_bytes().iter().map(|byte| if *byte == b'/' { 0 } else { *byte })
}

/// What a folder lists, in the order of the names.
type Listing = Rc<[(OsString, Kind)]>;

/// Folders that were listed by now; `None` is one that may not be listed. By their bytes, which are found much faster than parts of paths.
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

/// With fewer calls than the standard library, of which there would be some for each of hundreds of folders.
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

/// Names of hidden files of one folder, in order, none of which begins with another one.
#[derive(Debug, Default)]
struct Names<'a>(Vec<&'a [u8]>);

impl<'a> Names<'a> {
    /// By their bytes, which are compared much faster than parts of paths; they are real paths, each of which is written in one way.
    fn by_folder(places: &'a [PathBuf]) -> HashMap<&'a OsStr, Self> {
        let mut all: HashMap<&OsStr, Self> = HashMap::new();
        for place in places {
            if let (Some(folder), Some(name)) = (place.parent(), place.file_name()) {
                all.entry(folder.as_os_str()).or_default().0.push(name.as_bytes());
            }
        }
        for Self(names) in all.values_mut() {
            names.sort_unstable();
            names.dedup_by(|name, before| name.starts_with(before));
        }
        all
    }

    /// Whether a name is one of these, or begins with one, with or without a dot before it: drafts, copies.
    fn fit(&self, name: &OsStr) -> bool {
        let Self(names) = self;
        // Whatever lies in order between a name and its beginning has the same beginning.
        let fits = |name: &[u8]| {
            let after = names.partition_point(|other| *other <= name);
            names[..after].last().is_some_and(|before| name.starts_with(before))
        };
        let name = name.as_bytes();
        fits(name) || name.strip_prefix(b".").is_some_and(fits)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use tempfile::TempDir;

    use super::*;

    fn folder(names: &[&str]) -> (TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for name in names {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        (dir, root)
    }

    fn names(hidden: &Hidden, root: &Path) -> (Vec<String>, Vec<String>) {
        let Beside::Names(beside) = &hidden.beside else { panic!("{:?}", hidden.beside) };
        let inner =
            |path: &Path| path.strip_prefix(root).ok().map(|path| path.display().to_string());
        let mut beside: Vec<_> = beside.iter().filter_map(|path| inner(path)).collect();
        beside.sort();
        (hidden.standing.iter().filter_map(|(path, _)| inner(path)).collect(), beside)
    }

    #[test]
    fn all_but_the_hidden_file_and_its_copies_is_named() {
        let all = [
            "beside",
            "data/beside",
            "data/codling/auth.json",
            "data/codling/.auth.json.x.tmp",
            "data/codling/other",
        ];
        let (_dir, root) = folder(&all);
        symlink("data", root.join("link")).unwrap();
        symlink("data/codling/auth.json", root.join("alias")).unwrap();
        let hidden = Hidden::look(&[root.join("alias")]);
        let (standing, beside) = names(&hidden, &root);
        assert_eq!(standing, ["alias", "data/codling/.auth.json.x.tmp", "data/codling/auth.json"]);
        assert_eq!(beside, ["beside", "data/beside", "data/codling/other"]);
        let Beside::Names(all) = &hidden.beside else { panic!("{hidden:?}") };
        assert!(all.iter().all(|path| !root.starts_with(path)));
    }

    #[test]
    fn a_place_is_found_through_links_and_dots_and_with_what_holds_it_before_it() {
        let (_dir, root) = folder(&["real/deep/key", "real/deep/kept", "real/other", "plain"]);
        symlink("real", root.join("way")).unwrap();
        symlink(root.join("way/deep"), root.join("far")).unwrap();
        for path in ["way/deep/key", "far/key", "real/../way/deep/key", "./real/deep/key"] {
            let (standing, beside) = names(
                &Hidden::look(&[root.join(path), root.join("not/there"), root.join("plain/file")]),
                &root,
            );
            assert_eq!(standing, ["real/deep/key"], "{path}");
            assert_eq!(beside, ["plain", "real/deep/kept", "real/other"], "{path}");
        }
        let both = Hidden::look(&[root.join("real/deep/key"), root.join("real/deep")]);
        assert_eq!(
            names(&both, &root),
            (
                vec!["real/deep".into(), "real/deep/key".into()],
                vec!["plain".into(), "real/other".into()]
            )
        );
        assert_eq!(both.standing[0].1, Kind::Folder);
    }

    #[test]
    fn a_name_fits_by_its_beginning_whatever_lies_between() {
        let places: Vec<PathBuf> = ["a", "ab", "ab.c", "b.x", "key"]
            .iter()
            .map(|name| Path::new("/d").join(name))
            .collect();
        let at = Names::by_folder(&places);
        let names = &at[OsStr::new("/d")];
        for (name, fits) in [
            ("a", true),
            ("abz", true),
            (".ab", true),
            ("..ab", false),
            ("b", false),
            ("b.x2", true),
            ("c", false),
            ("ke", false),
            ("key", true),
        ] {
            assert_eq!(names.fit(OsStr::new(name)), fits, "{name}");
        }
    }

    #[test]
    fn in_a_folder_that_may_not_be_listed_names_are_tried() {
        let (_dir, root) = folder(&["auth.json", "auth.json.old", "beside"]);
        let places = ["auth.json", "auth.json.old", "gone"].map(|name| root.join(name));
        let found = standing(
            &places,
            &Names::by_folder(&places),
            &mut Listings(HashMap::from([(root.clone().into(), None)])),
        );
        assert_eq!(
            found,
            [(root.join("auth.json"), Kind::Other), (root.join("auth.json.old"), Kind::Other)]
        );
    }

    #[test]
    fn a_folder_that_one_may_not_look_into_stays_closed() {
        let (_dir, root) = folder(&["closed/deep/key", "open/file"]);
        let closed = root.join("closed");
        let look = || {
            // Root would see it; this is of this thread alone.
            if rustix::process::geteuid().is_root() {
                let nobody = rustix::process::Uid::from_raw(65534);
                rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
            }
            Hidden::look(&[closed.join("deep/key"), root.join("open/none/key")])
        };
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        let hidden = std::thread::scope(|threads| threads.spawn(look).join().unwrap());
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(names(&hidden, &root), (Vec::new(), vec!["open".to_owned()]));
    }

    #[test]
    fn nothing_to_hide_is_everything_and_too_much_beside_it_is_said() {
        assert_eq!(Hidden::look(&[]).beside, Beside::Everything);
        assert_eq!(Hidden::look(&["/not/there/auth.json".into()]).beside, Beside::Everything);
        let (_dir, root) = folder(&[]);
        for number in 0..=MOST {
            fs::write(root.join(number.to_string()), "").unwrap();
        }
        let (_other, other) = folder(&["auth.json"]);
        for paths in [vec![root.join("auth.json")], vec![other.join("auth.json"), root.join("key")]]
        {
            assert_eq!(
                Hidden::look(&paths).beside,
                Beside::TooMany { folder: root.clone() },
                "one of them alone is not hidden either"
            );
        }
    }
}
