//! Moves are told by what was moved, and taken back as moves.

use std::fs;

use super::*;

#[test]
fn a_moved_folder_goes_back_with_all_that_is_in_it() {
    let fixture = Fixture::new();
    for (path, text) in
        [("src/main.rs", "fn main() {}"), ("src/deep/a.rs", "a"), ("README.md", "x")]
    {
        fixture.write(path, text);
    }
    // Too large for a copy: it must move.
    let large = fs::File::create(fixture.path("src/large.bin")).unwrap();
    large.set_len(64 << 20).unwrap();
    let first = fixture.all();
    let changes = fixture.command(|| fixture.rename("src", "lib"));
    assert_eq!(changes.missed, None);
    assert_eq!(fixture.described(&changes.files), ["move lib to src"]);
    fixture.there_and_back(&changes.files, &first);
}

#[test]
fn a_mode_that_a_person_gave_a_moved_file_is_asked_about_and_comes_back_with_a_redo() {
    let fixture = Fixture::new();
    fixture.write("a", "secret");
    fixture.write("dir/b", "secret");
    let changes = fixture.command(|| {
        fixture.rename("a", "moved");
        fixture.rename("dir", "other");
    });
    ["moved", "other/b"].iter().for_each(|name| set_mode(&fixture.path(name), 0o600));
    let by_hand = fixture.all();
    assert_eq!(
        fixture.described(&changes.files),
        ["move moved to a (changed since)", "move other to dir (changed since)"]
    );
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.all(), by_hand);
    let undone = fixture.undo(&changes.files, Pick::All);
    fixture.undo(&undone, Pick::All);
    assert_eq!(fixture.all(), by_hand);
}

#[test]
fn what_a_person_put_into_a_moved_folder_stays_where_it_is() {
    let fixture = Fixture::new();
    fixture.write("src/a", "a");
    let changes = fixture.command(|| fixture.rename("src", "lib"));
    fixture.write("lib/mine", "by hand");
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(
        (fixture.read("src/a").unwrap(), fixture.read("lib/mine").unwrap()),
        ("a".into(), "by hand".into())
    );
}

#[test]
fn a_file_moved_out_of_the_folder_comes_back_and_one_moved_in_goes_back() {
    let fixture = Fixture::new();
    let outside = fixture.outside().join("elsewhere");
    fs::create_dir(&outside).unwrap();
    fixture.write("large.bin", "");
    fs::File::options()
        .write(true)
        .open(fixture.path("large.bin"))
        .unwrap()
        .set_len(64 << 20)
        .unwrap();
    fs::write(outside.join("theirs"), "came from outside").unwrap();
    let paths = [
        fixture.path("large.bin"),
        outside.join("large.bin"),
        outside.join("theirs"),
        fixture.path("theirs"),
    ];
    let touched = Touched {
        paths: paths.clone().into(),
        renamed: paths.into(),
        complete: true,
        ..Touched::default()
    };
    wait_for_a_tick(&outside.join("theirs"));
    let changes = fixture.with_trace(Some(&touched), || {
        fs::rename(fixture.path("large.bin"), outside.join("large.bin")).unwrap();
        fs::rename(outside.join("theirs"), fixture.path("theirs")).unwrap();
    });
    let described = fixture.described(&changes.files);
    assert!(
        described
            .iter()
            .any(|described| described.starts_with("move ") && described.ends_with("to large.bin")),
        "{described:?}"
    );
    assert!(
        described.iter().any(|described| described.starts_with("move theirs to ")),
        "{described:?}"
    );
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fs::metadata(fixture.path("large.bin")).unwrap().len(), 64 << 20);
    assert_eq!(fs::read_to_string(outside.join("theirs")).unwrap(), "came from outside");
    assert!(!fixture.path("theirs").exists());
}

#[test]
fn the_only_copy_of_a_file_from_elsewhere_is_not_removed() {
    let fixture = Fixture::new();
    let theirs = fixture.outside().join("theirs");
    fs::write(&theirs, "came from outside").unwrap();
    wait_for_a_tick(&theirs);
    let changes = fixture.with_trace(None, || fs::rename(&theirs, fixture.path("theirs")).unwrap());
    assert_eq!(fixture.described(&changes.files), [cannot("theirs", UNSEEN).as_str()]);
    fixture.undo(&changes.files, Pick::All);
    assert_eq!(fixture.read("theirs").unwrap(), "came from outside");
}

#[test]
fn files_that_came_with_a_folder_from_elsewhere_go_back_to_their_own_places() {
    let fixture = Fixture::new();
    let theirs = fixture.outside().join("theirs");
    fs::create_dir_all(theirs.join("in")).unwrap();
    for (file, text) in [("p", "one"), ("in/q", "two")] {
        fs::write(theirs.join(file), text).unwrap();
        wait_for_a_tick(&theirs.join(file));
    }
    let both: BTreeSet<PathBuf> = [theirs.clone(), fixture.path("ours")].into();
    let touched =
        Touched { paths: both.clone(), renamed: both, complete: true, ..Touched::default() };
    let changes =
        fixture.with_trace(Some(&touched), || fs::rename(&theirs, fixture.path("ours")).unwrap());
    fixture.undo(&changes.files, Pick::Offered);
    let read = |file: &str| fs::read_to_string(theirs.join(file)).unwrap();
    assert_eq!((read("p"), read("in/q")), ("one".into(), "two".into()));
    assert_eq!((fixture.read("ours/p"), fixture.read("ours/in/q")), (None, None));
}

#[test]
fn a_file_that_was_moved_over_another_comes_back_with_it() {
    let fixture = Fixture::new();
    fixture.write("a", "first");
    let large = fs::File::create(fixture.path("large")).unwrap();
    large.set_len(64 << 20).unwrap();
    let first = fixture.all();
    let changes = fixture.command(|| fixture.rename("large", "a"));
    assert_eq!(fixture.described(&changes.files), ["restore a", "create large"]);
    fixture.undo(&changes.files, Pick::Offered);
    assert!(fixture.all() == first);
}

/// Until what stands there is older than the clock of a disk is coarse.
pub fn wait_for_a_tick(path: &Path) {
    use crate::undo::scan::stat::{born, may_be_since, now};
    while born(path).is_none_or(|born| may_be_since(born, now())) {
        std::thread::yield_now();
    }
}

#[test]
fn a_moved_repository_goes_back_with_its_objects() {
    let fixture = Fixture::new();
    fixture.sh("mkdir -p vendor/lib && cd vendor/lib && git init -q && echo one > a && git add a && git -c user.name=a -c user.email=a commit -qm a");
    let first = fixture.all();
    let changes = fixture.command(|| fixture.rename("vendor/lib", "third"));
    assert_eq!(fixture.described(&changes.files), ["move third to vendor/lib"]);
    fixture.write("third/mine", "by hand");
    assert_eq!(
        fixture.described(&changes.files),
        [
            cannot("third", NOT_EMPTY).as_str(),
            "create vendor/lib",
            "move third/.git to vendor/lib/.git",
            "move third/a to vendor/lib/a"
        ]
    );
    fixture.undo(&changes.files, Pick::Offered);
    fixture.sh("cd vendor/lib && git --no-optional-locks status --porcelain | (! grep .) && git log -1 --format=%s | grep -q a");
    fixture.rename("third/mine", "mine");
    fixture.sh("rm mine; rmdir third");
    assert_eq!(fixture.all(), first);
}

#[test]
fn what_was_changed_after_a_folder_was_moved_goes_back_file_by_file() {
    let fixture = Fixture::new();
    fixture.write("src/a", "a");
    fixture.write("src/deep/b", "b");
    set_mode(&fixture.path("src/deep"), 0o700);
    let first = fixture.all();
    let changes = fixture.command(|| {
        fixture.sh("mv src lib; echo more >> lib/a; echo new > lib/c; chmod 755 lib/deep")
    });
    fixture.there_and_back(&changes.files, &first);
}
