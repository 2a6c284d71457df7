//! The files that a command sees in a mount namespace of its own: all is read-only but the places
//! it may write to, secrets are covered by empty folders, and terminals, shared memory and `/proc`
//! are private. Makes no namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CString, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::fs::{CWD, StatVfsMountFlags};
use rustix::io::Errno;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount, mount_bind,
    mount_bind_recursive, mount_change, mount_remount, move_mount, open_tree,
};

use super::hidden::{Hidden, Kind};
use super::home;
use super::home::{Overlays, OwnCaches};
use super::temporary;

/// A place, and what could not be done to it.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be {what}: {source}", path.display())]
pub struct MountError {
    pub path: PathBuf,
    what: &'static str,
    source: io::Error,
}

/// The view that the command gets.
#[derive(Clone, Copy, Debug)]
pub struct MountView<'a> {
    pub writable: &'a [&'a Path],
    /// Within what is writable, but not to be written.
    pub kept: &'a [PathBuf],
    pub hidden: &'a Hidden,
    /// Folders in what is hidden that can be read.
    pub shown: &'a [PathBuf],
    /// One of those that are writable: it is in memory, of a bounded size, and empty at the
    /// beginning.
    pub temporary: Option<&'a Path>,
}

/// A place is hidden or kept so often at most, while other files take its name.
const TRIES: usize = 100;
/// So many covers are worth a thread.
const MANY: usize = 64;

/// Private terminals and shared memory.
pub const DEVICES: [&str; 4] = ["/dev/shm", "/dev/pts", "/dev/ptmx", "/dev/tty"];

/// Makes the mounts of this process, which must be in a mount namespace of its own, into that view.
/// What comes back are the caches that the command has for itself.
///
/// # Errors
///
/// Fails at the first mount that the kernel refuses. The namespace is of no use then.
pub fn arrange(view: &MountView<'_>) -> Result<OwnCaches, MountError> {
    let here = std::env::current_dir();
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    at("/", "made private", mount_change("/", private))?;
    let mut overlays = Overlays::default();
    for place in view.writable {
        match view.temporary == Some(*place) {
            true => {
                at(place, "bounded", bounded(place))?;
                overlays = at(place, "divided", Overlays::make(view.hidden, place))?;
            }
            false => at(place, "kept writable", mount_bind_recursive(*place, *place))?,
        }
    }
    close(view.writable)?;
    let kept = kept(view);
    for holder in holders(view, &kept) {
        hold(holder, "kept in its place")?;
    }
    for kept in &kept {
        until_it_stays(|| match hold(kept, "kept")? {
            Held::Gone => Ok(()),
            Held::Yes => read_only(kept, MountFlags::empty()),
        })?;
    }
    terminals();
    arrange_homes(view, &overlays)?;
    let caches = overlays.mount();
    mask(view)?;
    // The folder it stood in is the one on the read-only mount below.
    if let Ok(here) = here {
        at(&here, "entered", std::env::set_current_dir(&here))?;
    }
    Ok(caches)
}

/// Whether a place is still there to be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// Another program removed it since it was looked for, which is as if it had not been there.
    Gone,
    Yes,
}

/// Mounts a place on itself, so that it can be neither moved nor removed.
fn hold(place: &Path, what: &'static str) -> Result<Held, MountError> {
    match mount_bind_recursive(place, place) {
        Err(Errno::NOENT) => Ok(Held::Gone),
        mounted => at(place, what, mounted).map(|()| Held::Yes),
    }
}

/// Those of the places to be kept that are there, with every link followed.
pub fn kept(view: &MountView<'_>) -> Vec<PathBuf> {
    // Most are not there, which takes one call to see.
    let there = view.kept.iter().filter(|kept| kept.symlink_metadata().is_ok());
    there.filter_map(|kept| kept.canonicalize().ok()).collect()
}

/// The folders that hold them in a writable place: where something is mounted, nothing can be moved
/// away, and no other folder takes its name. What holds a repository can be moved all the same, as
/// people do.
pub fn holders<'a>(view: &MountView<'_>, kept: &'a [PathBuf]) -> BTreeSet<&'a Path> {
    let is_within = |place: &Path, holder: &Path| holder != place && holder.starts_with(place);
    kept.iter()
        .filter(|kept| !kept.iter().any(|name| name == ".git"))
        .filter_map(|kept| kept.parent())
        .filter(|holder| view.writable.iter().any(|place| is_within(place, holder)))
        .collect()
}

/// A temporary folder that holds so much and no more.
fn bounded(place: &Path) -> io::Result<()> {
    let options = CString::new(format!("mode=0700,size={}", temporary::bound()))?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    Ok(mount("tmpfs", place, "tmpfs", flags, Some(options.as_c_str()))?)
}

fn arrange_homes(view: &MountView<'_>, overlays: &Overlays) -> Result<(), MountError> {
    if view.hidden.homes.is_empty() {
        return Ok(());
    }
    let shown: Vec<PathBuf> =
        view.shown.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let shown = shown.iter().map(PathBuf::as_path);
    let also: Vec<&Path> = view.writable.iter().copied().chain(shown).collect();
    home::arrange(&view.hidden.homes, &also, overlays.scratch())
}

/// A `/proc` of the processes of this namespace alone.
///
/// # Errors
///
/// Fails if the kernel refuses the mount.
pub fn processes() -> Result<(), MountError> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    at(PROC, "mounted", mount("proc", PROC, "proc", flags | MountFlags::RDONLY, None))
}

const PROC: &str = "/proc";

/// Makes every mount read-only that is not in a writable place.
fn close(writable: &[&Path]) -> Result<(), MountError> {
    let table = fs::read("/proc/self/mountinfo");
    let table = at("/proc/self/mountinfo", "read", table)?;
    for (path, flags) in mounts(&table) {
        if flags.contains(MountFlags::RDONLY)
            || writable.iter().any(|place| path.starts_with(place))
        {
            continue;
        }
        let Err(error) = remount(&path, flags) else { continue };
        // A mount that lies below another one, or cannot be reached, cannot be written to either.
        let open = rustix::fs::statvfs(&path)
            .is_ok_and(|about| !about.f_flag.contains(StatVfsMountFlags::RDONLY));
        if open {
            return at(&path, "made read-only", Err(error));
        }
    }
    Ok(())
}

/// Makes a mount read-only and gives it these flags.
///
/// # Errors
///
/// Fails if `path` is no mount, or if `flags` lack one that is locked.
pub fn remount(path: &Path, flags: MountFlags) -> Result<(), Errno> {
    mount_remount(path, MountFlags::BIND | MountFlags::RDONLY | flags, "")
}

/// With the flags that are locked to it.
fn read_only(path: &Path, more: MountFlags) -> Result<(), MountError> {
    let about = at(path, "looked at", rustix::fs::statvfs(path))?;
    let kept = [
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
        (StatVfsMountFlags::NODIRATIME, MountFlags::NODIRATIME),
        (StatVfsMountFlags::RELATIME, MountFlags::RELATIME),
    ];
    let flags = kept
        .into_iter()
        .filter(|(had, _)| about.f_flag.contains(*had))
        .fold(more, |all, (_, flag)| all | flag);
    at(path, "made read-only", remount(path, flags))
}

/// Each place where something is mounted, and the flags of what is on top there.
fn mounts(table: &[u8]) -> BTreeMap<PathBuf, MountFlags> {
    let parse = |line: &[u8]| {
        let mut words = line.split(|byte| *byte == b' ');
        let (path, options) = (words.nth(4)?, words.next()?);
        let flags = options.split(|byte| *byte == b',').map(|option| match option {
            b"ro" => MountFlags::RDONLY,
            b"nosuid" => MountFlags::NOSUID,
            b"nodev" => MountFlags::NODEV,
            b"noexec" => MountFlags::NOEXEC,
            b"noatime" => MountFlags::NOATIME,
            b"nodiratime" => MountFlags::NODIRATIME,
            b"relatime" => MountFlags::RELATIME,
            b"nosymfollow" => MountFlags::NOSYMFOLLOW,
            _ => MountFlags::empty(),
        });
        Some((
            PathBuf::from(OsString::from_vec(plain(path))),
            flags.fold(MountFlags::empty(), |all, flag| all | flag),
        ))
    };
    table.split(|byte| *byte == b'\n').filter_map(parse).collect()
}

/// `\040` is a blank, and so on.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, more)) = rest.split_first() {
        let digits = more
            .get(..3)
            .filter(|_| *first == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                plain.push(byte);
                rest = &more[3..];
            }
            None => {
                plain.push(*first);
                rest = more;
            }
        }
    }
    plain
}

/// Some programs want them; what cannot be had is as it was, read-only.
fn terminals() {
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    let _without = mount("tmpfs", "/dev/shm", "tmpfs", flags, Some(c"mode=1777"));
    let pts = mount(
        "devpts",
        "/dev/pts",
        "devpts",
        MountFlags::NOSUID | MountFlags::NOEXEC,
        Some(c"newinstance,ptmxmode=0666,mode=620"),
    );
    if pts.is_ok() {
        let _without = mount_bind("/dev/pts/ptmx", "/dev/ptmx");
    }
}

/// Something that is hidden, and there.
#[derive(Debug)]
pub struct MountCover {
    pub path: PathBuf,
    /// Places in it that can be read, or written to, all the same: those that hold others first.
    pub shows: Vec<PathBuf>,
    pub is_folder: bool,
}

/// The places to cover; one that holds others comes before them, and they need no cover of their
/// own.
pub fn covers(view: &MountView<'_>) -> Vec<MountCover> {
    let shown: Vec<PathBuf> =
        view.shown.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let let_through = view.hidden.lets_through(view.writable);
    let mut folder: Option<&Path> = None;
    let mut all = Vec::new();
    for (path, kind) in &view.hidden.existing {
        // A name that its home does not show is not there to be covered.
        if *kind == Kind::Link
            || home::hides(&view.hidden.homes, path)
            || folder.is_some_and(|folder| path.starts_with(folder))
            || view.writable.contains(&path.as_path())
        {
            continue;
        }
        let is_folder = *kind == Kind::Folder;
        if is_folder {
            folder = Some(path);
        }
        let open = let_through.iter().copied().chain(shown.iter().map(PathBuf::as_path));
        let shows: BTreeSet<&Path> =
            open.filter(|open| is_folder && open.starts_with(path)).collect();
        let shows = shows.into_iter().map(Path::to_owned).collect();
        for path in home::ways_to(&view.hidden.homes, path) {
            all.push(MountCover { path, shows: Vec::new(), is_folder });
        }
        all.push(MountCover { path: path.clone(), shows, is_folder });
    }
    all
}

/// Covers folders by empty ones, and files by a device that cannot be opened there.
fn mask(view: &MountView<'_>) -> Result<(), MountError> {
    let mut covers = covers(view);
    // One empty folder does for all.
    let is_plain = |cover: &MountCover| cover.is_folder && cover.shows.is_empty();
    let mut empty = None;
    while let (None, Some(first)) = (&empty, covers.iter().position(is_plain)) {
        let place = covers.swap_remove(first).path;
        let covered = cover(&place, &[]);
        empty = covered.is_ok().then_some(place);
        unless_gone(covered)?;
    }
    let hide = |MountCover { path, shows, is_folder }: &MountCover| {
        until_it_stays(|| match &empty {
            _ if !is_folder => at(path, "hidden", mount_bind("/dev/null", path.as_path()))
                .and_then(|()| read_only(path, MountFlags::NODEV)),
            Some(empty) if shows.is_empty() => {
                at(path, "hidden", mount_bind(empty.as_path(), path.as_path()))
            }
            _ => cover(path, shows),
        })
    };
    // None lies in another one, so that it does not matter which comes first.
    let (one, other) = covers.split_at(if covers.len() < MANY { 0 } else { covers.len() / 2 });
    thread::scope(|threads| {
        let begun = (!one.is_empty())
            .then(|| thread::Builder::new().spawn_scoped(threads, || one.iter().try_for_each(hide)))
            .transpose();
        let done = other.iter().try_for_each(hide);
        match begun {
            Ok(None) => done,
            Ok(Some(begun)) => begun.join().unwrap_or_else(|panic| resume_unwind(panic)).and(done),
            // There is no room for another thread.
            Err(_) => one.iter().try_for_each(hide).and(done),
        }
    })
}

/// Hides or keeps a place again whose name another file took in between, as when a file is written
/// anew: the kernel then finds no place to mount at, or no mount there.
fn until_it_stays(mounted: impl Fn() -> Result<(), MountError>) -> Result<(), MountError> {
    use io::ErrorKind::{InvalidInput, NotFound};

    let mut done = unless_gone(mounted());
    for _try in 1..TRIES {
        match &done {
            Err(error) if [NotFound, InvalidInput].contains(&error.source.kind()) => {
                done = unless_gone(mounted());
            }
            _ => break,
        }
    }
    done
}

/// A place that is not there any more, such as another program's folder for temporary files, has
/// nothing to hide.
fn unless_gone(done: Result<(), MountError>) -> Result<(), MountError> {
    let is_gone = |path: &Path| {
        path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    match &done {
        Err(error) if error.source.kind() == io::ErrorKind::NotFound && is_gone(&error.path) => {
            Ok(())
        }
        _ => done,
    }
}

fn cover(folder: &Path, shows: &[PathBuf]) -> Result<(), MountError> {
    let clone = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    let saved: Vec<_> = shows
        .iter()
        .filter_map(|path| Some((open_tree(CWD, path, clone).ok()?, path, path.is_file())))
        .collect();
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    at(folder, "hidden", mount("tmpfs", folder, "tmpfs", flags, Some(c"mode=0555,size=64k")))?;
    for (tree, path, is_file) in saved {
        let made = match path.parent().filter(|_| is_file) {
            Some(folder) => fs::create_dir_all(folder)
                .and_then(|()| fs::File::options().create(true).append(true).open(path).map(drop)),
            None => fs::create_dir_all(path),
        };
        let back = made.and_then(|()| {
            Ok(move_mount(&tree, "", CWD, path, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?)
        });
        at(path, "shown", back)?;
    }
    at(folder, "hidden", remount(folder, flags))
}

/// Adds to an error which `path` could not be `what`, a participle such as `mounted`.
///
/// # Errors
///
/// Fails with the error of `done`, and says which path it was about.
pub fn at<T, E: Into<io::Error>>(
    path: impl AsRef<Path>,
    what: &'static str,
    done: Result<T, E>,
) -> Result<T, MountError> {
    done.map_err(|source| MountError {
        path: path.as_ref().to_owned(),
        what,
        source: source.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_was_removed_meanwhile_is_as_one_that_was_never_there() {
        assert_eq!(hold(Path::new("/no/such/place"), "kept").unwrap(), Held::Gone);
    }

    #[test]
    fn the_topmost_mount_of_a_place_counts_and_odd_names_are_read() {
        let table = b"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
            23 22 0:5 / /a\\040b rw,nosuid,nodev,noexec - tmpfs t rw\n\
            24 22 0:6 / /a\\040b ro,noatime - tmpfs t rw\n\
            25 22 0:7 /x /c\\134d rw - tmpfs t rw\n\nnonsense\n";
        let found: Vec<_> = mounts(table).into_iter().collect();
        assert_eq!(
            found,
            [
                ("/".into(), MountFlags::RELATIME),
                ("/a b".into(), MountFlags::RDONLY | MountFlags::NOATIME),
                ("/c\\d".into(), MountFlags::empty()),
            ]
        );
    }
}
