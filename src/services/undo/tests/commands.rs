//! Changes of commands are found afterwards, and nothing of the person's is removed with
//! it.

use std::fs;

use super::*;

#[test]
fn created_changed_deleted_and_renamed_files_are_found_and_taken_back_and_made_again() {
    let fixture = Fixture::new();
    for (path, text) in
        [("a.txt", "one"), ("deep/b.txt", "two"), ("c.txt", "three"), ("same.txt", "same")]
    {
        fixture.write(path, text);
    }
    let first = fixture.all();
    let changes = fixture.command(|| {
        fixture.write("a.txt", "ONE");
        fixture.rename("deep/b.txt", "moved.txt");
        fs::remove_dir(fixture.path("deep")).unwrap();
        fixture.remove("c.txt");
        fixture.write("new/folder/d.txt", "four");
        // Touched, and written anew with what it held.
        fixture.write("same.txt", "same");
    });
    let then = fixture.all();
    assert_eq!(changes.missed, None);
    assert_eq!(
        fixture.described(&changes.files),
        [
            "restore a.txt",
            "create c.txt",
            "create deep",
            "move moved.txt to deep/b.txt",
            "remove new",
            "remove new/folder",
            "remove new/folder/d.txt"
        ]
    );
    let undone = fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.all(), first);
    assert_eq!(
        fixture
            .described(&changes.files)
            .iter()
            .filter(|described| !described.ends_with("(already)"))
            .count(),
        0
    );
    let redone = fixture.undo(&undone, Pick::Offered);
    assert_eq!(fixture.all(), then);
    fixture.undo(&redone, Pick::Offered);
    assert_eq!(fixture.all(), first);
}

#[test]
fn a_file_that_was_ignored_and_is_renamed_is_moved_back_and_never_removed() {
    let fixture = Fixture::new();
    fixture.write(".gitignore", "*.log\n");
    fixture.write("debug.log", "the only copy");
    let changes = fixture.command(|| fixture.rename("debug.log", "notes.txt"));
    assert_eq!(fixture.described(&changes.files), ["move notes.txt to debug.log"]);
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(
        (fixture.read("debug.log").unwrap(), fixture.read("notes.txt")),
        ("the only copy".into(), None)
    );
}

#[test]
fn files_that_come_out_of_the_ignore_rules_are_not_taken_for_new_ones() {
    let fixture = Fixture::new();
    fixture.write(".gitignore", "*.local\ntarget/\n");
    fixture.write("settings.local", "mine\n");
    fixture.write("target/big", "made by hours of work");
    let changes = fixture.command(|| {
        fixture.write(".gitignore", "");
        fixture.write("settings.local", "mine\nx\n");
    });
    assert_eq!(fixture.described(&changes.files), ["restore .gitignore", "restore settings.local"]);
    // While no rule ignores them, all files are kept.
    fixture.store.clone().filled();
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("settings.local").unwrap(), "mine\n");

    let changes = fixture.command(|| {
        fixture.remove(".gitignore");
        set_mode(&fixture.path("target/big"), 0o600);
        set_mode(&fixture.path("settings.local"), 0o600);
    });
    assert_eq!(
        fixture.described(&changes.files),
        ["create .gitignore", "restore settings.local", "restore target/big"]
    );
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("target/big").unwrap(), "made by hours of work");
}

#[test]
fn folders_that_go_take_nothing_of_their_neighbours_with_them() {
    let fixture = Fixture::new();
    for folder in 0..12 {
        for file in 0..60 {
            fixture.write(&format!("d{folder}/f{file}.txt"), format!("{folder} {file}"));
        }
    }
    let first = fixture.all();
    let changes = fixture
        .command(|| fixture.sh("rm -rf d0 d1 d2 d3; for d in d*; do echo more >> $d/f1.txt; done"));
    assert!(
        fixture.described(&changes.files).iter().all(|described| !described.starts_with("remove")),
        "{:?}",
        fixture.described(&changes.files)
    );
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.all(), first);
}

#[test]
fn what_could_not_be_looked_at_before_is_named_and_stays() {
    let fixture = Fixture::new();
    fixture.write("shut/mine", "old");
    set_mode(&fixture.path("shut"), 0o000);
    let is_root = fs::read_dir(fixture.path("shut")).is_ok();
    let changes = fixture.command(|| set_mode(&fixture.path("shut"), 0o755));
    let described = fixture.described(&changes.files);
    if is_root {
        assert_eq!(described, ["restore shut"]);
    } else {
        assert_eq!(described, ["restore shut", cannot("shut/mine", UNSEEN).as_str()]);
    }
    fixture.undo(&changes.files, Pick::All);
    set_mode(&fixture.path("shut"), 0o755);
    assert_eq!(fixture.read("shut/mine").unwrap(), "old");
}

#[test]
fn what_is_private_is_neither_read_nor_removed() {
    let fixture = Fixture::new();
    for (path, text) in [("auth.json", "secret"), (".env", "x")] {
        fixture.write(path, text);
    }
    let changes = fixture.command(|| {
        for path in ["auth.json", ".env"] {
            fixture.write(path, "changed");
        }
    });
    assert_eq!(fixture.described(&changes.files), ["restore .env"]);
    let kept = walk_files(&fixture.outside().join("data"));
    assert!(kept.iter().all(|file| fs::read(file).unwrap() != b"secret"), "{kept:?}");
}

fn walk_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk_files(&path) } else { vec![path] }).collect()
}

#[test]
fn pipes_devices_links_and_endless_rules_hold_nothing_up() {
    let fixture = Fixture::new();
    fixture.write("a", "x");
    fixture.sh("mkfifo pipe; ln -s /dev/zero zero; mkdir trap; ln -s /dev/zero trap/.gitignore; ln -s .. out");
    let changes = fixture.command(|| fixture.write("a", "y"));
    assert_eq!(fixture.described(&changes.files), ["restore a"]);
}

#[test]
fn a_folder_of_the_name_of_a_file_and_back() {
    let fixture = Fixture::new();
    fixture.write("was-file", "x");
    fixture.write("was-folder/deep/a", "y");
    let first = fixture.all();
    let changes = fixture.command(|| {
        fixture.sh("rm was-file; mkdir -p was-file/inside; echo z > was-file/inside/b; rm -r was-folder; echo w > was-folder");
    });
    fixture.there_and_back(&changes.files, &first);
}

#[test]
fn a_person_s_own_file_in_a_new_folder_keeps_the_folder() {
    let fixture = Fixture::new();
    let changes = fixture.command(|| fixture.write("new/a", "model's"));
    fixture.write("new/mine", "by hand");
    assert_eq!(
        fixture.described(&changes.files),
        [cannot("new", NOT_EMPTY).as_str(), "remove new/a"]
    );
    fixture.undo(&changes.files, Pick::All);
    assert_eq!(
        (fixture.read("new/a"), fixture.read("new/mine").unwrap()),
        (None, "by hand".into())
    );
}

#[test]
fn a_folder_stays_with_a_repository_in_it_that_stays() {
    let fixture = Fixture::new();
    let changes = fixture.command(|| fixture.sh("git init -q sub && echo one > sub/a"));
    fixture.write("sub/.git/objects/00/00", "by hand");
    assert_eq!(
        fixture.described(&changes.files),
        [cannot("sub", NOT_EMPTY).as_str(), cannot("sub/.git", CHANGED).as_str(), "remove sub/a"]
    );
    let steps = fixture.preview(&changes.files);
    let (_, kept) = fixture.undo_steps(&changes.files, &steps, Pick::Offered);
    assert_eq!(kept, Vec::<String>::new(), "nothing was offered that cannot be done");
    assert!(fixture.read("sub/a").is_none() && fixture.path("sub/.git/objects").is_dir());
}

#[test]
fn an_empty_folder_that_was_there_stays_and_one_that_went_comes_back() {
    let fixture = Fixture::new();
    fs::create_dir(fixture.path("empty")).unwrap();
    fs::create_dir(fixture.path("other")).unwrap();
    let changes = fixture.command(|| {
        fixture.write("empty/a", "x");
        fs::remove_dir(fixture.path("other")).unwrap();
        fs::create_dir(fixture.path("third")).unwrap();
    });
    assert_eq!(
        fixture.described(&changes.files),
        ["remove empty/a", "create other", "remove third"]
    );
    fixture.undo(&changes.files, Pick::Offered);
    assert!(
        fixture.path("empty").is_dir()
            && fixture.path("other").is_dir()
            && !fixture.path("third").exists()
    );
    let changes = fixture.edit(&["empty/deep/b"], || fixture.write("empty/deep/b", "x"));
    fixture.undo(&changes.files, Pick::Offered);
    assert!(fixture.path("empty").is_dir() && !fixture.path("empty/deep").exists());
}
