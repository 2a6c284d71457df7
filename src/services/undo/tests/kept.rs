//! Which contents are kept, where, and what is said of those that are not.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use super::*;
use crate::protocol::{Image, NodeKind};
use crate::undo::changes::pending_calls::ProgramRun;
use crate::undo::scan::walk::{SnapshotRoots, scan};
use crate::undo::store::blobs::{Blobs, Kept};
use crate::undo::store::contents::ContentIndex;
use crate::undo::store::fill::fill;

/// Files that hold contents; in them small ones stand one after the other.
fn images(fixture: &Fixture) -> Vec<PathBuf> {
    contents(&fixture.outside().join("data/sessions/ses_a/images"))
}

fn contents(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ending| ending != "places"))
        .collect()
}

fn shared(fixture: &Fixture) -> PathBuf {
    fs::read_dir(fixture.outside().join("data/snapshots"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path()
        .join("blobs")
}

#[test]
fn contents_are_kept_once_for_a_folder_and_pinned_for_the_session_that_changed_them() {
    let fixture = Fixture::new();
    for name in ["a", "b", "c"] {
        fixture.write(name, "the same");
    }
    fixture.write("other", "not touched");
    let changes = fixture.command(|| fixture.write("a", "changed"));
    let kept = fs::read_to_string(&contents(&shared(&fixture))[0]).unwrap();
    assert_eq!(
        ["the same", "not touched", "changed"].map(|content| kept.matches(content).count()),
        [1; 3],
        "each once: {kept}"
    );
    let images = images(&fixture);
    assert_eq!(images.len(), 1, "what the session's record names");
    assert_eq!(fs::read_to_string(&images[0]).unwrap(), "the same");
    assert_eq!(fs::metadata(&images[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(shared(&fixture)).unwrap().permissions().mode() & 0o777, 0o700);
    fs::remove_dir_all(shared(&fixture)).unwrap();
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("a").unwrap(), "the same", "the session's own name of it is enough");
}

#[test]
fn a_later_program_reads_nothing_again() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    moves::wait_for_a_tick(&fixture.path("a"));
    drop(fixture.before());
    let kept = contents(&shared(&fixture));
    let fixture = fixture.restart();
    drop(fixture.before());
    assert_eq!(contents(&shared(&fixture)), kept);
    let changes = fixture.command(|| fixture.write("a", "two"));
    assert!(matches!(
        &changes.files[0].before.as_ref().unwrap().kind,
        NodeKind::File { image: Image::Kept, .. }
    ));
}

#[test]
fn what_is_too_large_is_named_before_the_command_runs_and_told_after() {
    let fixture = Fixture::new();
    let large = fs::File::create(fixture.path("big.bin")).unwrap();
    large.set_len(64 << 20).unwrap();
    fixture.write("small", "x");
    let before = fixture.before();
    let described = before.uncovered.clone().unwrap();
    assert!(described.contains("`big.bin`"), "{described}");
    fixture.write("big.bin", "other");
    let changes = fixture.store.after_alone(before, None);
    assert!(changes.missed.is_some_and(|missed| missed.contains("`big.bin`")));
    assert_eq!(fixture.described(&changes.files), [cannot("big.bin", NO_COPY).as_str()]);
    fixture.undo(&changes.files, Pick::All);
    assert_eq!(fixture.read("big.bin").unwrap(), "other");
    let large = fs::File::create(fixture.path("big.bin")).unwrap();
    large.set_len(64 << 20).unwrap();
    assert_eq!(fixture.before().uncovered, None, "once is enough");
}

#[test]
fn small_ignored_files_are_kept_and_build_output_is_not() {
    let fixture = Fixture::new();
    fixture.write(".gitignore", "*.local\nnode_modules/\ntarget/\n");
    fixture.write("settings.local", "mine");
    fixture.write("whole.local", vec![b'x'; 64 << 10]);
    fixture.write("larger.local", vec![b'x'; (64 << 10) + 1]);
    fixture.write("node_modules/a/index.js", "x");
    fixture.write("target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
    fixture.write("target/debug/x", "x");
    assert_eq!(fixture.before().uncovered, None, "what git ignores is not named");
    let changes = fixture.command(|| {
        for path in [
            "larger.local",
            "node_modules/a/index.js",
            "settings.local",
            "target/debug/x",
            "whole.local",
        ] {
            fixture.write(path, "changed");
        }
    });
    assert_eq!(
        fixture.described(&changes.files),
        [
            cannot("larger.local", NO_COPY).as_str(),
            cannot("node_modules/a/index.js", NO_COPY).as_str(),
            "restore settings.local",
            cannot("target/debug/x", NO_COPY).as_str(),
            "restore whole.local"
        ]
    );
}

#[test]
fn a_damaged_copy_restores_nothing() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let changes = fixture.command(|| fixture.write("a", "two"));
    let image = images(&fixture).remove(0);
    fs::write(&image, "eno").unwrap();
    let steps = fixture.preview(&changes.files);
    let (done, kept) = fixture.undo_steps(&changes.files, &steps, Pick::All);
    assert_eq!((done.len(), kept), (0, vec!["a: its copy is damaged".to_owned()]));
    assert_eq!(fixture.read("a").unwrap(), "two");
    fs::remove_file(image).unwrap();
    assert_eq!(fixture.described(&changes.files), [cannot("a", NO_COPY).as_str()]);
    assert_eq!(fs::read_dir(&fixture.folder).unwrap().count(), 1, "no drafts are left");
}

#[test]
fn when_the_quota_is_used_up_the_rest_is_seen_and_not_kept() {
    let fixture = Fixture::new();
    let folder = fixture.outside().join("blobs");
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
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let mut changes = fixture.command(|| fixture.write("a", "two")).files;
    for odd in ["", "../../../fixture/a", "zz", &"é".repeat(32)] {
        changes[0].before.as_mut().unwrap().kind =
            NodeKind::File { digest: odd.into(), image: Image::Kept };
        assert_eq!(fixture.described(&changes), [cannot("a", NO_COPY).as_str()], "{odd}");
    }
}
#[test]
fn what_is_not_kept_by_the_time_a_command_runs_is_named() {
    let fixture = Fixture::new();
    for file in 0..300 {
        fixture.write(&format!("file{file}"), file.to_string());
    }
    fixture.write("notes.txt", "before");
    let before = fixture.store.before_command(TurnId(1));
    // A busy machine may not come to its end; then it says so.
    let is_late = before.uncovered.clone();
    fixture.write("notes.txt", "after");
    let changes = fixture.store.after_alone(before, None);
    let wanted = if is_late.is_some() {
        cannot("notes.txt", NO_COPY)
    } else {
        "restore notes.txt (perhaps yours)".to_owned()
    };
    assert_eq!(fixture.described(&changes.files), [wanted], "{is_late:?}");
}

#[test]
fn a_repository_in_the_folder_is_not_relied_on_for_what_it_holds() {
    let fixture = Fixture::new();
    fixture.sh("mkdir lib && cd lib && git init -q && echo one > a && git add a && git -c user.name=a -c user.email=a commit -qm a");
    let changes = fixture.command(|| fixture.sh("rm -rf lib"));
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("lib/a").as_deref(), Some("one\n"));
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
#[ignore = "needs root; `.ci/run` runs it there"]
fn what_root_keeps_in_a_persons_home_is_the_persons() {
    use std::os::unix::fs::{MetadataExt, chown};
    let fixture = Fixture::new();
    let data = fixture.outside().join("data");
    fs::create_dir(&data).unwrap();
    chown(&data, Some(1000), Some(1000)).expect("only root gives files away");
    fixture.write("a", "one");
    fixture.write("large", vec![1; 1 << 20]);
    let before = fixture.before();
    fixture.write("a", "two");
    let changes = fixture.store.after_alone(before, None);
    fixture.undo(&changes.files, Pick::All);
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
    let fixture = Fixture::new();
    let huge = |name: &str| {
        fixture.write(name, "");
        fs::File::options()
            .write(true)
            .open(fixture.path(name))
            .unwrap()
            .set_len(64 << 20)
            .unwrap();
    };
    fixture.write(".gitignore", "/target\n");
    fixture.write("target/CACHEDIR.TAG", "x");
    fixture.write("src/a", "a");
    for name in ["data/large", "data/larger", "target/large"] {
        huge(name);
    }
    let store = fixture.store.clone().filled();
    let lost = |folder: &'static str| store.uncovered_of(&|path| path.starts_with(folder));
    let named = lost("data").unwrap();
    assert!(named.contains("`data/large` and 1 other file"), "{named}");
    assert_eq!((lost("src"), lost("target")), (None, None));
}

#[test]
fn where_not_all_can_be_kept_the_next_start_keeps_no_more() {
    let fixture = Fixture::new();
    for file in 0..20 {
        fixture.write(&format!("file{file}"), format!("{file:02}345678"));
    }
    moves::wait_for_a_tick(&fixture.path("file19"));
    let scope = SnapshotRoots::new(fixture.folder.clone(), Vec::new());
    let (listing, place) = (scan(&scope, None), fixture.outside().join("few"));
    let missing = |contents: &ContentIndex| fill(&scope, contents, &listing, &|| false).files;
    assert_eq!(missing(&ContentIndex::new(&place, 80)), 10);
    let later = ContentIndex::new(&place, 80);
    assert_eq!((missing(&later), later.room()), (10, 0), "what is there is counted");
    assert_eq!(missing(&ContentIndex::new(&place, 120)), 5);
}

#[test]
fn nobody_forgets_what_another_program_in_the_folder_counts_on() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    drop(fixture.before());
    let runs = shared(&fixture).with_file_name("runs");
    let other = ProgramRun::begin(&runs).unwrap();
    assert!(other.has_company());
    let _later = fixture.restart();
    // A process that another test is just starting may hold a copy of the lock for a moment.
    let until = Instant::now() + Duration::from_secs(10);
    while other.has_company() {
        assert!(Instant::now() < until, "it has no company any more");
        std::thread::yield_now();
    }
}

#[test]
fn the_first_states_of_changed_files_leave_out_what_git_ignores_and_keep_their_contents() {
    let fixture = Fixture::new();
    fixture.write(".gitignore", "out/\n");
    fixture.write("a", "one");
    fixture.write("out/made", "1");
    let mut changes = fixture.command(|| {
        fixture.write("a", "two");
        fixture.write("b", "new");
        fixture.write("out/made", "2");
        fixture.write("folder/c", "c");
        fixture.write("sub/.git/config", "");
    });
    changes.files.extend(fixture.command(|| fixture.write("a", "three")).files);
    let first = fixture.store.first_states(&changes.files);
    let contents: Vec<(String, Option<String>)> = first
        .iter()
        .map(|(path, state)| {
            let content = state.and_then(|state| fixture.store.kept_content(state, 100));
            let name = path.strip_prefix(&fixture.folder).unwrap().display().to_string();
            (name, content.map(|content| String::from_utf8(content).unwrap()))
        })
        .collect();
    let expected = [("a", Some("one")), ("b", None), ("folder/c", None)]
        .map(|(name, content)| (name.to_owned(), content.map(str::to_owned)));
    assert_eq!(contents, expected);
    let state = first[0].1.unwrap();
    assert_eq!(fixture.store.kept_content(state, 2), None, "it is longer");
}
