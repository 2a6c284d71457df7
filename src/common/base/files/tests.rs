//! Private files: replacing, locking and reading them.

use std::fs;
use std::io::Write;
use std::mem;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::replace::FileDraft;
use super::*;

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("notes");
    (folder, file)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn replacing_makes_what_is_missing_and_overwrites_what_is_there() {
    let (folder, _file) = folder();
    let file = folder.path().join("a/b/notes");
    for text in ["first", "a longer second", ""] {
        replace(&file, text.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    assert_eq!(names(&folder.path().join("a/b")), ["notes"], "no temporary file is left");
}

#[cfg(unix)]
#[test]
fn what_is_made_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _file) = folder();
    let file = folder.path().join("a/b/notes");
    replace(&file, b"x").unwrap();
    append_to(&folder.path().join("a/log")).unwrap();
    create_private(&folder.path().join("a/copy"), b"x").unwrap();
    let _lock = Lock::take(&file).unwrap();
    for (name, wanted) in [
        ("a", 0o700),
        ("a/b", 0o700),
        ("a/b/notes", 0o600),
        ("a/b/notes.lock", 0o600),
        ("a/log", 0o600),
        ("a/copy", 0o600),
    ] {
        assert_eq!(mode(&folder.path().join(name)), wanted, "{name}");
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    replace(&file, b"y").unwrap();
    assert_eq!(mode(&file), 0o600, "a readable file is tightened");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_one_and_its_target_is_replaced() {
    use std::os::unix::fs::symlink;
    let (folder, file) = folder();
    fs::create_dir(folder.path().join("dots")).unwrap();
    let target = folder.path().join("dots/real");
    // Two links lead to a file; then the last leads to nothing.
    symlink("dots/hop", &file).unwrap();
    symlink("real", folder.path().join("dots/hop")).unwrap();
    for text in ["made", "replaced"] {
        replace(&file, text.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), text);
        assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    }
    assert_eq!(names(folder.path()), ["dots", "notes"]);
    assert_eq!(Lock::take(&file).unwrap().target(), target, "both names lead to one lock");
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_are_an_error() {
    let (folder, file) = folder();
    std::os::unix::fs::symlink("other", &file).unwrap();
    std::os::unix::fs::symlink("notes", folder.path().join("other")).unwrap();
    assert!(replace(&file, b"x").unwrap_err().to_string().contains("circle"));
}

#[test]
fn a_stop_between_any_two_steps_leaves_the_old_or_the_new_file() {
    for (steps, wanted) in [(0, "old"), (1, "old"), (2, "old"), (3, "old"), (4, "new")] {
        let (folder, file) = folder();
        replace(&file, b"old").unwrap();
        // Forgetting the draft leaves the same files as `kill -9`: nothing is cleaned up.
        let stop_after = |done: usize| done == steps;
        if !stop_after(0) {
            let mut draft = FileDraft::begin(&file).unwrap();
            let mut done = 1;
            if !stop_after(done) {
                draft.write(b"new").unwrap();
                done += 1;
            }
            if !stop_after(done) {
                draft.sync().unwrap();
                done += 1;
            }
            if stop_after(done) {
                mem::forget(draft);
            } else {
                draft.commit().unwrap();
            }
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), wanted, "stopped after {steps} steps");
        // The next holder of the lock removes the leftovers.
        Lock::take(&file).unwrap().replace(b"next").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "next");
        assert_eq!(names(folder.path()), ["notes", "notes.lock"]);
    }
}

#[test]
fn a_lock_keeps_others_out_until_it_is_let_go() {
    let (_folder, file) = folder();
    let first = Lock::try_take(&file).unwrap().expect("free");
    assert!(Lock::try_take(&file).unwrap().is_none());
    drop(first);
    let _second = Lock::try_take(&file).unwrap().expect("free again");
}

#[test]
fn a_waiting_taker_gets_the_lock_when_it_is_let_go() {
    let (_folder, file) = folder();
    let first = Lock::take(&file).unwrap();
    let (started, start) = std::sync::mpsc::channel();
    let waiting = std::thread::spawn({
        let file = file.clone();
        move || {
            started.send(()).unwrap();
            Lock::take(&file).unwrap().replace(b"second").unwrap();
        }
    });
    start.recv().unwrap();
    first.replace(b"first").unwrap();
    drop(first);
    waiting.join().unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "second");
}

#[test]
fn creating_never_overwrites() {
    let (_folder, file) = folder();
    create_private(&file, b"first").unwrap();
    assert!(create_private(&file, b"second").is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), "first");
}

#[test]
fn appending_goes_to_the_end() {
    let (_folder, file) = folder();
    for line in ["a\n", "b\n"] {
        append_to(&file).unwrap().write_all(line.as_bytes()).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "a\nb\n");
}

#[test]
fn an_error_names_the_path() {
    let (_folder, file) = folder();
    replace(&file, b"x").unwrap();
    let below = file.join("below");
    let error = replace(&below, b"y").unwrap_err();
    assert!(error.to_string().contains(&file.display().to_string()), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_could_read_is_tightened_when_more_is_written_to_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    fs::write(&path, "before").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    append_to(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_neither_replaced_nor_waited_for() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link"));
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink("pipe", &link).unwrap();
    for path in [&pipe, &link] {
        assert!(
            replace(path, b"new").is_err() && append_to(path).is_err() && read(path, 10).is_err(),
            "{}",
            path.display()
        );
    }
    assert!(!fs::metadata(&pipe).unwrap().is_file());
    assert!(read(std::path::Path::new("/dev/zero"), 10).is_err());
    fs::write(folder.path().join("eleven"), "12345678901").unwrap();
    assert_eq!(read(&folder.path().join("eleven"), 11).unwrap().len(), 11);
    assert!(read(&folder.path().join("eleven"), 10).is_err());
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "nothing half done is left: {names:?}");
}
