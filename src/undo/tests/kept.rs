//! Which contents are kept, where, and what is said of those that are not.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use super::*;
use crate::protocol::{Image, NodeKind};
use crate::undo::blobs::{Blobs, Kept};
use crate::undo::contents::ContentIndex;
use crate::undo::fill::fill;
use crate::undo::pending_calls::ProgramRun;
use crate::undo::scan::{SnapshotRoots, scan};

/// Files that hold contents; in them small ones stand one after the other.
fn images(garden: &Garden) -> Vec<PathBuf> {
    contents(&garden.outside().join("data/sessions/ses_a/images"))
}

fn contents(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ending| ending != "places"))
        .collect()
}

fn shared(garden: &Garden) -> PathBuf {
    fs::read_dir(garden.outside().join("data/snapshots"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path()
        .join("blobs")
}

#[test]
fn contents_are_kept_once_for_a_folder_and_pinned_for_the_session_that_changed_them() {
    let garden = Garden::new();
    for name in ["a", "b", "c"] {
        garden.write(name, "the same");
    }
    garden.write("other", "not touched");
    let changes = garden.command(|| garden.write("a", "changed"));
    let kept = fs::read_to_string(&contents(&shared(&garden))[0]).unwrap();
    assert_eq!(
        ["the same", "not touched", "changed"].map(|content| kept.matches(content).count()),
        [1; 3],
        "each once: {kept}"
    );
    let images = images(&garden);
    assert_eq!(images.len(), 1, "what the session's record names");
    assert_eq!(fs::read_to_string(&images[0]).unwrap(), "the same");
    assert_eq!(fs::metadata(&images[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(shared(&garden)).unwrap().permissions().mode() & 0o777, 0o700);
    fs::remove_dir_all(shared(&garden)).unwrap();
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("a").unwrap(), "the same", "the session's own name of it is enough");
}

#[test]
fn a_later_program_reads_nothing_again() {
    let garden = Garden::new();
    garden.write("a", "one");
    moves::wait_for_a_tick(&garden.path("a"));
    drop(garden.before());
    let kept = contents(&shared(&garden));
    let garden = garden.restart();
    drop(garden.before());
    assert_eq!(contents(&shared(&garden)), kept);
    let changes = garden.command(|| garden.write("a", "two"));
    assert!(matches!(
        &changes.files[0].before.as_ref().unwrap().kind,
        NodeKind::File { image: Image::Kept, .. }
    ));
}

#[test]
fn what_is_too_large_is_named_before_the_command_runs_and_told_after() {
    let garden = Garden::new();
    let large = fs::File::create(garden.path("big.bin")).unwrap();
    large.set_len(64 << 20).unwrap();
    garden.write("small", "x");
    let before = garden.before();
    let told = before.uncovered.clone().unwrap();
    assert!(
        told.starts_with("`/undo` could not bring back `big.bin`, which has no copy"),
        "{told}"
    );
    garden.write("big.bin", "other");
    let changes = garden.store.after_alone(before, None);
    assert_eq!(
        changes.missed.unwrap(),
        "`/undo` cannot bring back what `big.bin` held: no copy was kept"
    );
    assert_eq!(garden.told(&changes.files), ["cannot big.bin: no copy of what it held was kept"]);
    garden.undo(&changes.files, Pick::All);
    assert_eq!(garden.read("big.bin").unwrap(), "other");
    let large = fs::File::create(garden.path("big.bin")).unwrap();
    large.set_len(64 << 20).unwrap();
    assert_eq!(garden.before().uncovered, None, "once is enough");
}

#[test]
fn small_ignored_files_are_kept_and_build_output_is_not() {
    let garden = Garden::new();
    garden.write(".gitignore", "*.local\nnode_modules/\ntarget/\n");
    garden.write("settings.local", "mine");
    garden.write("whole.local", vec![b'x'; 64 << 10]);
    garden.write("larger.local", vec![b'x'; (64 << 10) + 1]);
    garden.write("node_modules/a/index.js", "x");
    garden.write("target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
    garden.write("target/debug/x", "x");
    assert_eq!(garden.before().uncovered, None, "what git ignores is not named");
    let changes = garden.command(|| {
        for path in [
            "larger.local",
            "node_modules/a/index.js",
            "settings.local",
            "target/debug/x",
            "whole.local",
        ] {
            garden.write(path, "changed");
        }
    });
    assert_eq!(
        garden.told(&changes.files),
        [
            "cannot larger.local: no copy of what it held was kept",
            "cannot node_modules/a/index.js: no copy of what it held was kept",
            "restore settings.local",
            "cannot target/debug/x: no copy of what it held was kept",
            "restore whole.local"
        ]
    );
}

#[test]
fn a_damaged_copy_restores_nothing() {
    let garden = Garden::new();
    garden.write("a", "one");
    let changes = garden.command(|| garden.write("a", "two"));
    let image = images(&garden).remove(0);
    fs::write(&image, "eno").unwrap();
    let steps = garden.preview(&changes.files);
    let (done, kept) = garden.undo_steps(&changes.files, &steps, Pick::All);
    assert_eq!((done.len(), kept), (0, vec!["a: its copy is damaged".to_owned()]));
    assert_eq!(garden.read("a").unwrap(), "two");
    fs::remove_file(image).unwrap();
    assert_eq!(garden.told(&changes.files), ["cannot a: no copy of what it held was kept"]);
    assert_eq!(fs::read_dir(&garden.folder).unwrap().count(), 1, "no drafts are left");
}

#[test]
fn when_the_quota_is_used_up_the_rest_is_seen_and_not_kept() {
    let garden = Garden::new();
    let folder = garden.outside().join("blobs");
    let blobs = Blobs::new(folder.clone(), 10);
    let keep = |text: &str| blobs.keep(Digest::of(text.as_bytes()), text.as_bytes()).unwrap();
    assert_eq!(
        (keep("12345"), keep("12345"), keep("1234"), keep("12")),
        (Kept::Here, Kept::Here, Kept::Here, Kept::Full)
    );
    let again = Blobs::new(folder, 10);
    assert_eq!(
        again.keep(Digest::of(b"abc"), b"abc").unwrap(),
        Kept::Full,
        "an earlier start's count too"
    );
    again.retain(|digest| digest == Digest::of(b"1234"));
    assert_eq!(again.keep(Digest::of(b"abc"), b"abc").unwrap(), Kept::Here, "there is room again");
}

#[test]
fn a_digest_that_is_none_leads_nowhere() {
    let garden = Garden::new();
    garden.write("a", "one");
    let mut changes = garden.command(|| garden.write("a", "two")).files;
    for odd in ["", "../../../garden/a", "zz", &"é".repeat(32)] {
        changes[0].before.as_mut().unwrap().kind =
            NodeKind::File { digest: odd.into(), image: Image::Kept };
        assert_eq!(garden.told(&changes), ["cannot a: no copy of what it held was kept"], "{odd}");
    }
}
#[test]
fn what_is_not_kept_by_the_time_a_command_runs_is_named() {
    let garden = Garden::new();
    for file in 0..300 {
        garden.write(&format!("file{file}"), file.to_string());
    }
    garden.write("notes.txt", "before");
    let before = garden.store.before_command(TurnId(1));
    // A busy machine may not come to its end; then it says so.
    let is_late = before.uncovered.clone();
    garden.write("notes.txt", "after");
    let changes = garden.store.after_alone(before, None);
    let wanted = if is_late.is_some() {
        "cannot notes.txt: no copy of what it held was kept"
    } else {
        "restore notes.txt (perhaps yours)"
    };
    assert_eq!(garden.told(&changes.files), [wanted], "{is_late:?}");
}

#[test]
fn a_repository_in_the_folder_is_not_relied_on_for_what_it_holds() {
    let garden = Garden::new();
    garden.sh("mkdir lib && cd lib && git init -q && echo one > a && git add a && git -c user.name=a -c user.email=a commit -qm a");
    let changes = garden.command(|| garden.sh("rm -rf lib"));
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("lib/a").as_deref(), Some("one\n"));
}

#[test]
fn a_large_file_that_is_written_to_while_its_copy_is_made_is_kept_as_it_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = Blobs::new(dir.path().join("blobs"), u64::MAX);
    let (file, bytes) = (dir.path().join("file"), vec![7; 1 << 20]);
    for (is_steady, holds) in [(true, bytes.clone()), (false, vec![8; 1 << 20]), (true, vec![8; 3])]
    {
        fs::write(&file, holds).unwrap();
        blobs.retain(|_| false);
        blobs.keep_shared(Digest::of(&bytes), &bytes, &file, || is_steady).unwrap();
        blobs.copy_to(Digest::of(&bytes), &mut tempfile::tempfile().unwrap()).unwrap();
    }
}

#[test]
fn what_root_keeps_in_a_persons_home_is_the_persons() {
    use std::os::unix::fs::{MetadataExt, chown};
    let garden = Garden::new();
    let data = garden.outside().join("data");
    fs::create_dir(&data).unwrap();
    if chown(&data, Some(1000), Some(1000)).is_err() {
        // Only root gives files away.
        return;
    }
    garden.write("a", "one");
    garden.write("large", vec![1; 1 << 20]);
    let before = garden.before();
    garden.write("a", "two");
    let changes = garden.store.after_alone(before, None);
    garden.undo(&changes.files, Pick::All);
    let mut folders = vec![data];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let about = fs::symlink_metadata(&path).unwrap();
            assert_eq!(about.uid(), 1000, "{}", path.display());
            folders.extend(about.is_dir().then_some(path));
        }
    }
}

#[test]
fn what_a_command_would_remove_for_good_is_named_and_what_tools_make_again_is_not() {
    let garden = Garden::new();
    let huge = |name: &str| {
        garden.write(name, "");
        fs::File::options().write(true).open(garden.path(name)).unwrap().set_len(64 << 20).unwrap();
    };
    garden.write(".gitignore", "/target\n");
    garden.write("target/CACHEDIR.TAG", "x");
    garden.write("src/a", "a");
    for name in ["data/large", "data/larger", "target/large"] {
        huge(name);
    }
    let store = garden.store.clone().filled();
    let lost = |folder: &'static str| store.uncovered_of(&|path| path.starts_with(folder));
    assert_eq!(
        lost("data").unwrap(),
        "`/undo` could not bring back `data/large` and 1 other file, which have no copy (too large, unreadable, or over the 256 MiB kept)"
    );
    assert_eq!((lost("src"), lost("target")), (None, None));
}

#[test]
fn where_not_all_can_be_kept_the_next_start_keeps_no_more() {
    let garden = Garden::new();
    for file in 0..20 {
        garden.write(&format!("file{file}"), format!("{file:02}345678"));
    }
    moves::wait_for_a_tick(&garden.path("file19"));
    let scope = SnapshotRoots::new(garden.folder.clone(), Vec::new());
    let (listing, place) = (scan(&scope, None), garden.outside().join("few"));
    let missing = |contents: &ContentIndex| fill(&scope, contents, &listing, &|| false).files;
    assert_eq!(missing(&ContentIndex::new(&place, 80)), 10);
    let later = ContentIndex::new(&place, 80);
    assert_eq!((missing(&later), later.room()), (10, 0), "what is there is counted");
    assert_eq!(missing(&ContentIndex::new(&place, 120)), 5);
}

#[test]
fn nobody_forgets_what_another_program_in_the_folder_counts_on() {
    let garden = Garden::new();
    garden.write("a", "one");
    drop(garden.before());
    let runs = shared(&garden).with_file_name("runs");
    let other = ProgramRun::begin(&runs).unwrap();
    assert!(other.has_company());
    let _later = garden.restart();
    // A process that another test is just starting may hold a copy of the lock for a moment.
    let until = Instant::now() + Duration::from_secs(10);
    while other.has_company() {
        assert!(Instant::now() < until, "it has no company any more");
        std::thread::yield_now();
    }
}
