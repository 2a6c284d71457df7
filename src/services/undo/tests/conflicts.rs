//! Going back over what somebody else has touched since.

use std::fs;

use super::*;

#[test]
fn several_changes_of_one_file_are_taken_back_as_one() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let mut changes = Vec::new();
    for text in ["two", "three"] {
        changes.extend(fixture.edit(&["a"], || fixture.write("a", text)).files);
    }
    changes.extend(fixture.edit(&["gone"], || fixture.write("gone", "x")).files);
    changes.extend(fixture.edit(&["gone"], || fixture.remove("gone")).files);
    assert_eq!(fixture.described(&changes), ["restore a"]);
    let undone = fixture.undo(&changes, Pick::Offered);
    assert_eq!(fixture.read("a").unwrap(), "one");
    assert_eq!(fixture.described(&changes), ["restore a (already)"]);
    fixture.undo(&undone, Pick::Offered);
    assert_eq!(fixture.read("a").unwrap(), "three");
}

#[test]
fn a_tool_that_changed_nothing_changed_nothing() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    assert_eq!(fixture.edit(&["a", "missing"], || {}).files, []);
}

#[test]
fn what_was_changed_by_hand_stays_unless_it_is_chosen_and_comes_back_with_redo() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.write("b", "one");
    let files = ["a", "b", "c", "d"];
    let changes = fixture
        .edit(&files, || files.iter().for_each(|name| fixture.write(name, "by the model")))
        .files;
    fixture.write("a", "by hand");
    fixture.write("c", "by hand too");
    fixture.remove("d");
    assert_eq!(
        fixture.described(&changes),
        [
            "restore a (changed since)",
            "restore b",
            "remove c (changed since)",
            "remove d (already)"
        ]
    );
    fixture.undo(&changes, Pick::Offered);
    assert_eq!(
        (fixture.read("a").unwrap(), fixture.read("b").unwrap(), fixture.read("c").unwrap()),
        ("by hand".into(), "one".into(), "by hand too".into())
    );
    let undone = fixture.undo(&changes, Pick::All);
    assert_eq!((fixture.read("a").unwrap(), fixture.read("c")), ("one".into(), None));
    fixture.undo(&undone, Pick::Offered);
    assert_eq!(
        (fixture.read("a").unwrap(), fixture.read("c").unwrap()),
        ("by hand".into(), "by hand too".into())
    );
}

#[test]
fn a_change_by_hand_between_two_of_the_models_is_asked_about_too() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let mut changes = fixture.edit(&["a"], || fixture.write("a", "two")).files;
    fixture.write("a", "two, by hand");
    changes.extend(fixture.edit(&["a"], || fixture.write("a", "two, by hand, and three")).files);
    assert_eq!(fixture.described(&changes), ["restore a (changed since)"]);
}

#[test]
fn a_hand_edit_between_two_commands_is_what_the_second_found() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.command(|| fixture.write("other", "x"));
    fixture.write("a", "by hand");
    let changes = fixture.command(|| fixture.write("a", "by the command"));
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("a").unwrap(), "by hand");
}

#[test]
fn a_folder_in_the_way_stays_with_what_it_holds() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let changes = fixture.edit(&["a"], || fixture.remove("a")).files;
    fixture.write("a/mine", "by hand");
    let (_, kept) = fixture.undo_steps(&changes, &fixture.preview(&changes), Pick::All);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(fixture.read("a/mine").unwrap(), "by hand");
}

#[test]
fn a_read_only_file_comes_back_as_one_and_an_unwritable_folder_is_skipped_by_name() {
    let fixture = Fixture::new();
    fixture.write("fixed", "one");
    fixture.write("shut/b", "one");
    set_mode(&fixture.path("fixed"), 0o444);
    let changes = fixture.command(|| {
        set_mode(&fixture.path("fixed"), 0o644);
        ["fixed", "shut/b"].iter().for_each(|name| fixture.write(name, "two"));
    });
    set_mode(&fixture.path("shut"), 0o555);
    let is_root = fs::File::create(fixture.path("shut/probe")).is_ok();
    let (_, kept) =
        fixture.undo_steps(&changes.files, &fixture.preview(&changes.files), Pick::Offered);
    if !is_root {
        assert_eq!(kept, ["shut/b: permission denied"]);
        assert_eq!(fixture.read("shut/b").unwrap(), "two");
    }
    set_mode(&fixture.path("shut"), 0o755);
    assert_eq!(fixture.read("fixed").unwrap(), "one");
    assert_eq!(fs::metadata(fixture.path("fixed")).map(|about| mode_of(&about)).unwrap(), 0o444);
    assert_eq!(fs::read_dir(&fixture.folder).unwrap().count(), 2, "no drafts are left");
}

#[test]
fn more_files_than_can_be_open_go_back_and_leave_no_drafts() {
    let fixture = Fixture::new();
    // Most systems let a program have 1,024 open at once.
    for file in 0..1_100 {
        fixture.write(&format!("d{}/f{file}", file % 50), format!("{file}"));
    }
    let first = fixture.all();
    let changes = fixture.command(|| {
        fixture.sh("for d in d*; do for f in $d/*; do echo x >> $f; done; done; rm -rf d1")
    });
    assert_eq!(changes.files.len(), 1_101);
    fixture.undo(&changes.files, Pick::Offered);
    assert!(fixture.all() == first);
}
