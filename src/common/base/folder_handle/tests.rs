//! Acts in a folder, also while another thread exchanges entries for links to outside.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

fn fixture() -> (TempDir, FolderHandle) {
    let dir = tempfile::tempdir().unwrap();
    let handle = FolderHandle::open(dir.path()).unwrap();
    (dir, handle)
}

fn name(text: &str) -> &OsStr {
    OsStr::new(text)
}

fn names(folder: &FolderHandle) -> Vec<String> {
    let mut names: Vec<String> = folder
        .list()
        .unwrap()
        .into_iter()
        .map(|listed| listed.name.into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn seen(folder: &FolderHandle, text: &str) -> NodeStat {
    *folder.look(name(text)).unwrap().unwrap().stat()
}

fn draft(folder: &FolderHandle, text: &str) -> DraftFile {
    let mut draft = folder.draft(0o600).unwrap();
    draft.file().write_all(text.as_bytes()).unwrap();
    draft
}

/// A draft with a name, as on a disk without nameless files.
fn named_draft(folder: &FolderHandle, text: &str) -> DraftFile {
    let mut draft = draft(folder, text);
    let stands_for = name(".codling.named.tmp");
    if draft.name.is_none() {
        draft.link(stands_for).unwrap();
        draft.name = Some(stands_for.to_owned());
    }
    draft
}

#[test]
fn a_walk_follows_no_link_and_never_goes_up() {
    let (dir, folder) = fixture();
    fs::create_dir_all(dir.path().join("a/b")).unwrap();
    fs::write(dir.path().join("a/b/file"), "x").unwrap();
    symlink("a", dir.path().join("link")).unwrap();
    assert_eq!(names(&folder.walk(Path::new("a/b")).unwrap()), ["file"]);
    assert_eq!(names(&folder.walk(Path::new("")).unwrap()), ["a", "link"]);
    let (holder, last) = folder.holder(Path::new("a/b/file")).unwrap();
    assert_eq!(holder.read(last, 10).unwrap().0, b"x");
    let real = dir.path().canonicalize().unwrap();
    assert_eq!(names(&FolderHandle::at(&real.join("a")).unwrap()), ["b"]);
    let held = folder.walk(Path::new("a/b")).unwrap();
    fs::rename(dir.path().join("a"), dir.path().join("c")).unwrap();
    assert!(held.path().is_none_or(|path| path == real.join("c/b")));
    fs::rename(dir.path().join("c"), dir.path().join("a")).unwrap();
    for path in ["link", "link/b", "a/../a", "..", "/", "a/b/file"] {
        assert!(folder.walk(Path::new(path)).is_err(), "{path}");
    }
    assert!(FolderHandle::at(&real.join("link")).is_err());
    for odd in ["", ".", "..", "a/b", "/"] {
        let refused = folder.look(name(odd)).unwrap_err().kind();
        assert_eq!(refused, ErrorKind::InvalidInput, "{odd}");
    }
}

#[test]
fn a_look_sees_the_link_and_a_read_takes_files_alone() {
    let (dir, folder) = fixture();
    fs::write(dir.path().join("file"), "12345").unwrap();
    symlink("file", dir.path().join("link")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(dir.path().join("pipe")).status();
    assert!(made.unwrap().success());
    assert!(seen(&folder, "link").is_link() && seen(&folder, "file").is_file());
    assert!(folder.look(name("gone")).unwrap().is_none());
    assert_eq!(folder.read_link(name("link")).unwrap(), "file");
    assert_eq!(folder.read(name("file"), 5).unwrap().0, b"12345");
    assert_eq!(folder.read(name("file"), 4).unwrap_err().kind(), ErrorKind::FileTooLarge);
    for other in ["link", "pipe"] {
        assert!(folder.read(name(other), 10).is_err(), "{other}");
    }
}

#[test]
fn what_is_set_aside_keeps_what_was_set_aside_before() {
    let (dir, folder) = fixture();
    for (text, wanted) in [("1", "a.set-aside"), ("2", "a.set-aside-2"), ("3", "a.set-aside-3")] {
        fs::write(dir.path().join("a"), text).unwrap();
        assert_eq!(folder.set_aside(name("a"), &seen(&folder, "a")).unwrap(), wanted);
        assert_eq!(fs::read_to_string(dir.path().join(wanted)).unwrap(), text);
    }
    fs::create_dir_all(dir.path().join("d/full")).unwrap();
    folder.set_aside(name("d"), &seen(&folder, "d")).unwrap();
    assert!(dir.path().join("d.set-aside/full").is_dir());
    // A name that now stands for another file stays.
    fs::write(dir.path().join("a"), "4").unwrap();
    let before = folder.look(name("a")).unwrap().unwrap();
    fs::remove_file(dir.path().join("a")).unwrap();
    fs::write(dir.path().join("a"), "5").unwrap();
    let refused = folder.set_aside(name("a"), before.stat()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ResourceBusy);
    assert_eq!(fs::read_to_string(dir.path().join("a")).unwrap(), "5");
    assert_eq!(folder.remove(name("a"), before.stat()).unwrap_err().kind(), refused.kind());
    folder.remove(name("a"), &seen(&folder, "a")).unwrap();
    assert_eq!(names(&folder), ["a.set-aside", "a.set-aside-2", "a.set-aside-3", "d.set-aside"]);
}

#[test]
fn a_new_file_takes_no_place_and_one_that_is_put_over_another_keeps_that_ones_other_names() {
    for make in [draft, named_draft] {
        let (dir, folder) = fixture();
        let at = |name: &str| dir.path().join(name);
        make(&folder, "new").put_new(name("a")).unwrap();
        let taken = make(&folder, "other").put_new(name("a")).unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
        symlink("gone", at("link")).unwrap();
        assert!(make(&folder, "other").put_new(name("link")).is_err());
        fs::hard_link(at("a"), at("second")).unwrap();
        let before = seen(&folder, "a");
        let over = make(&folder, "newer");
        over.set_mode(0o640).unwrap();
        over.put_over(name("a"), &before).unwrap();
        let read = |name: &str| fs::read_to_string(at(name)).unwrap();
        assert_eq!((read("a").as_str(), read("second").as_str()), ("newer", "new"));
        assert_eq!(fs::metadata(at("a")).unwrap().mode() & 0o7777, 0o640);
        let late = make(&folder, "late").put_over(name("a"), &before).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::ResourceBusy);
        drop(make(&folder, "dropped"));
        assert_eq!(names(&folder), ["a", "link", "second"]);
    }
}

#[test]
fn folders_links_and_modes_are_made_where_nothing_is() {
    let (dir, folder) = fixture();
    let made = folder.make_folder(name("d"), 0o755).unwrap();
    made.symlink(name("/etc"), name("l")).unwrap();
    assert!(folder.make_folder(name("d"), 0o755).is_err());
    assert!(made.symlink(name("/"), name("l")).is_err());
    draft(&made, "x").put_new(name("f")).unwrap();
    made.link(name("f"), &folder, name("g")).unwrap();
    made.rename_new(name("l"), &folder, name("m")).unwrap();
    assert!(made.rename_new(name("f"), &folder, name("g")).is_err());
    let file = folder.look(name("g")).unwrap().unwrap();
    folder.set_mode_of(name("g"), &file, 0o4750).unwrap();
    assert_eq!(seen(&folder, "g").mode, 0o4750);
    // A folder without any rights is opened by its own handle.
    fs::set_permissions(dir.path().join("d"), fs::Permissions::from_mode(0o000)).unwrap();
    made.set_mode(0o700).unwrap();
    made.sync().unwrap();
    assert!(folder.remove_folder(name("d")).is_err(), "it is not empty");
    made.remove(name("f"), &seen(&made, "f")).unwrap();
    folder.remove_folder(name("d")).unwrap();
    assert_eq!(names(&folder), ["g", "m"]);
}

/// All entries below a folder, with status that shows a change.
fn picture(folder: &Path) -> BTreeMap<PathBuf, (u32, i64, i64, Vec<u8>)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let about = fs::symlink_metadata(&path).unwrap();
        if about.is_dir() {
            all.extend(picture(&path));
        }
        let bytes = if about.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        all.insert(path, (about.mode(), about.ctime(), about.ctime_nsec(), bytes));
    }
    all
}

/// Exchanges a folder and a file in it for links to outside, over and over, by the folder's
/// descriptor.
#[cfg(target_os = "linux")]
#[test]
fn nothing_outside_changes_while_folders_and_files_are_exchanged_for_links() {
    use std::sync::atomic::{AtomicU32, Ordering};

    use rustix::fs::{RenameFlags, renameat_with};

    const ROUNDS: u32 = 200;
    let (dir, root) = fixture();
    let at = |name: &str| dir.path().join(name);
    for (folder, text) in [("work/repo", "ours"), ("outside", "theirs")] {
        fs::create_dir_all(at(folder)).unwrap();
        fs::write(at(folder).join("config"), text).unwrap();
    }
    symlink(at("outside"), at("work/link")).unwrap();
    symlink(at("outside/config"), at("work/repo/other")).unwrap();
    let before = picture(&at("outside"));
    let (work, stop, exchanges) =
        (root.walk(Path::new("work")).unwrap(), AtomicU32::new(0), AtomicU32::new(0));
    let held = work.walk(Path::new("repo")).unwrap();
    let (mut acted, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while stop.load(Ordering::Relaxed) == 0 {
                let flags = RenameFlags::EXCHANGE;
                let _busy = renameat_with(&work.0, "repo", &work.0, "link", flags);
                let _busy = renameat_with(&held.0, "config", &held.0, "other", flags);
                exchanges.fetch_add(1, Ordering::Relaxed);
            }
        });
        while acted < ROUNDS || refused == 0 || exchanges.load(Ordering::Relaxed) < ROUNDS {
            let round = || -> io::Result<()> {
                let (folder, last) = work.holder(Path::new("repo/config"))?;
                folder.set_mode(0o755)?;
                if let Some(there) = folder.look(last)? {
                    let aside = folder.set_aside(last, there.stat())?;
                    folder.remove(&aside, there.stat())?;
                }
                let new = draft(&folder, "back");
                new.set_mode(0o644)?;
                new.put_new(last)?;
                let put = folder.look(last)?.ok_or(ErrorKind::NotFound)?;
                if put.stat().is_file() {
                    draft(&folder, "over").put_over(last, put.stat())?;
                }
                folder.make_folder(name("made"), 0o755)?;
                folder.symlink(name("x"), name("sym"))?;
                folder.remove_folder(name("made"))?;
                let sym = folder.look(name("sym"))?.ok_or(ErrorKind::NotFound)?;
                folder.remove(name("sym"), sym.stat())
            };
            match round() {
                Ok(()) => acted += 1,
                Err(_overtaken) => refused += 1,
            }
            // Keeps a link to exchange with.
            let other = held.look(name("other")).ok().flatten();
            if other.as_ref().is_none_or(|other| other.stat().is_file()) {
                let _gone = other.map(|other| held.remove(name("other"), other.stat()));
                let _there = held.symlink(at("outside/config").as_os_str(), name("other"));
            }
        }
        stop.store(1, Ordering::Relaxed);
    });
    assert_eq!(picture(&at("outside")), before);
}
