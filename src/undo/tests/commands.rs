//! What commands do to a folder is found afterwards, and nothing of the person's is removed with it.

use std::fs;

use super::*;

#[test]
fn created_changed_deleted_and_renamed_files_are_found_and_taken_back_and_made_again() {
    let garden = Garden::new();
    for (path, text) in
        [("a.txt", "one"), ("deep/b.txt", "two"), ("c.txt", "three"), ("same.txt", "same")]
    {
        garden.write(path, text);
    }
    let first = garden.all();
    let changes = garden.command(|| {
        garden.write("a.txt", "ONE");
        garden.rename("deep/b.txt", "moved.txt");
        fs::remove_dir(garden.path("deep")).unwrap();
        garden.remove("c.txt");
        garden.write("new/folder/d.txt", "four");
        // Touched, and written anew with what it held.
        garden.write("same.txt", "same");
    });
    let then = garden.all();
    assert_eq!(changes.missed, None);
    assert_eq!(
        garden.told(&changes.files),
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
    let undone = garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.all(), first);
    assert_eq!(
        garden.told(&changes.files).iter().filter(|told| !told.ends_with("(already)")).count(),
        0
    );
    let redone = garden.undo(&undone, Pick::Offered);
    assert_eq!(garden.all(), then);
    garden.undo(&redone, Pick::Offered);
    assert_eq!(garden.all(), first);
}

#[test]
fn a_file_that_was_ignored_and_is_renamed_is_moved_back_and_never_removed() {
    let garden = Garden::new();
    garden.write(".gitignore", "*.log\n");
    garden.write("debug.log", "the only copy");
    let changes = garden.command(|| garden.rename("debug.log", "notes.txt"));
    assert_eq!(garden.told(&changes.files), ["move notes.txt to debug.log"]);
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(
        (garden.read("debug.log").unwrap(), garden.read("notes.txt")),
        ("the only copy".into(), None)
    );
}

#[test]
fn files_that_come_out_of_the_ignore_rules_are_not_taken_for_new_ones() {
    let garden = Garden::new();
    garden.write(".gitignore", "*.local\ntarget/\n");
    garden.write("settings.local", "mine\n");
    garden.write("target/big", "made by hours of work");
    let changes = garden.command(|| {
        garden.write(".gitignore", "");
        garden.write("settings.local", "mine\nx\n");
    });
    assert_eq!(garden.told(&changes.files), ["restore .gitignore", "restore settings.local"]);
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("settings.local").unwrap(), "mine\n");

    let changes = garden.command(|| {
        garden.remove(".gitignore");
        set_mode(&garden.path("target/big"), 0o600);
        set_mode(&garden.path("settings.local"), 0o600);
    });
    assert_eq!(
        garden.told(&changes.files),
        ["create .gitignore", "restore settings.local", "restore target/big"]
    );
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("target/big").unwrap(), "made by hours of work");
}

#[test]
fn folders_that_go_take_nothing_of_their_neighbours_with_them() {
    let garden = Garden::new();
    for folder in 0..12 {
        for file in 0..60 {
            garden.write(&format!("d{folder}/f{file}.txt"), format!("{folder} {file}"));
        }
    }
    let first = garden.all();
    let changes = garden
        .command(|| garden.sh("rm -rf d0 d1 d2 d3; for d in d*; do echo more >> $d/f1.txt; done"));
    assert!(
        garden.told(&changes.files).iter().all(|told| !told.starts_with("remove")),
        "{:?}",
        garden.told(&changes.files)
    );
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.all(), first);
}

#[test]
fn what_could_not_be_looked_at_before_is_named_and_stays() {
    let garden = Garden::new();
    garden.write("shut/mine", "old");
    set_mode(&garden.path("shut"), 0o000);
    let is_root = fs::read_dir(garden.path("shut")).is_ok();
    let changes = garden.command(|| set_mode(&garden.path("shut"), 0o755));
    let told = garden.told(&changes.files);
    if is_root {
        assert_eq!(told, ["restore shut"]);
    } else {
        assert_eq!(
            told,
            ["restore shut", "cannot shut/mine: what stood there before is not known"]
        );
    }
    garden.undo(&changes.files, Pick::All);
    set_mode(&garden.path("shut"), 0o755);
    assert_eq!(garden.read("shut/mine").unwrap(), "old");
}

#[test]
fn what_is_private_is_neither_read_nor_removed() {
    let garden = Garden::new();
    for (path, text) in [("auth.json", "secret"), (".env", "x")] {
        garden.write(path, text);
    }
    let changes = garden.command(|| {
        for path in ["auth.json", ".env"] {
            garden.write(path, "changed");
        }
    });
    assert_eq!(garden.told(&changes.files), ["restore .env"]);
    let kept = walk_files(&garden.outside().join("data"));
    assert!(kept.iter().all(|file| fs::read(file).unwrap() != b"secret"), "{kept:?}");
}

fn walk_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk_files(&path) } else { vec![path] }).collect()
}

#[test]
fn pipes_devices_links_and_endless_rules_hold_nothing_up() {
    let garden = Garden::new();
    garden.write("a", "x");
    garden.sh("mkfifo pipe; ln -s /dev/zero zero; mkdir trap; ln -s /dev/zero trap/.gitignore; ln -s .. out");
    let changes = garden.command(|| garden.write("a", "y"));
    assert_eq!(garden.told(&changes.files), ["restore a"]);
}

#[test]
fn a_folder_of_the_name_of_a_file_and_back() {
    let garden = Garden::new();
    garden.write("was-file", "x");
    garden.write("was-folder/deep/a", "y");
    let first = garden.all();
    let changes = garden.command(|| {
        garden.sh("rm was-file; mkdir -p was-file/inside; echo z > was-file/inside/b; rm -r was-folder; echo w > was-folder");
    });
    garden.there_and_back(&changes.files, &first);
}

#[test]
fn a_person_s_own_file_in_a_new_folder_keeps_the_folder() {
    let garden = Garden::new();
    let changes = garden.command(|| garden.write("new/a", "model's"));
    garden.write("new/mine", "by hand");
    assert_eq!(garden.told(&changes.files), ["cannot new: it holds other files", "remove new/a"]);
    garden.undo(&changes.files, Pick::All);
    assert_eq!((garden.read("new/a"), garden.read("new/mine").unwrap()), (None, "by hand".into()));
}

#[test]
fn a_folder_stays_with_a_repository_in_it_that_stays() {
    let garden = Garden::new();
    let changes = garden.command(|| garden.sh("git init -q sub && echo one > sub/a"));
    garden.write("sub/.git/objects/00/00", "by hand");
    assert_eq!(
        garden.told(&changes.files),
        [
            "cannot sub: it holds other files",
            "cannot sub/.git: something in it changed since",
            "remove sub/a"
        ]
    );
    let steps = garden.preview(&changes.files);
    let (_, kept) = garden.undo_steps(&changes.files, &steps, Pick::Offered);
    assert_eq!(kept, Vec::<String>::new(), "nothing was offered that cannot be done");
    assert!(garden.read("sub/a").is_none() && garden.path("sub/.git/objects").is_dir());
}

#[test]
fn an_empty_folder_that_was_there_stays_and_one_that_went_comes_back() {
    let garden = Garden::new();
    fs::create_dir(garden.path("empty")).unwrap();
    fs::create_dir(garden.path("other")).unwrap();
    let changes = garden.command(|| {
        garden.write("empty/a", "x");
        fs::remove_dir(garden.path("other")).unwrap();
        fs::create_dir(garden.path("third")).unwrap();
    });
    assert_eq!(garden.told(&changes.files), ["remove empty/a", "create other", "remove third"]);
    garden.undo(&changes.files, Pick::Offered);
    assert!(
        garden.path("empty").is_dir()
            && garden.path("other").is_dir()
            && !garden.path("third").exists()
    );
    let changes = garden.edit(&["empty/deep/b"], || garden.write("empty/deep/b", "x"));
    garden.undo(&changes.files, Pick::Offered);
    assert!(garden.path("empty").is_dir() && !garden.path("empty/deep").exists());
}
