//! Going back over what somebody else has touched since.

use std::fs;

use super::*;

#[test]
fn several_changes_of_one_file_are_taken_back_as_one() {
    let garden = Garden::new();
    garden.write("a", "one");
    let mut changes = Vec::new();
    for text in ["two", "three"] {
        changes.extend(garden.edit(&["a"], || garden.write("a", text)).files);
    }
    changes.extend(garden.edit(&["gone"], || garden.write("gone", "x")).files);
    changes.extend(garden.edit(&["gone"], || garden.remove("gone")).files);
    assert_eq!(garden.told(&changes), ["restore a"]);
    let undone = garden.undo(&changes, Pick::Offered);
    assert_eq!(garden.read("a").unwrap(), "one");
    assert_eq!(garden.told(&changes), ["restore a (already)"]);
    garden.undo(&undone, Pick::Offered);
    assert_eq!(garden.read("a").unwrap(), "three");
}

#[test]
fn a_tool_that_changed_nothing_changed_nothing() {
    let garden = Garden::new();
    garden.write("a", "one");
    assert_eq!(garden.edit(&["a", "missing"], || {}).files, []);
}

#[test]
fn what_was_changed_by_hand_stays_unless_it_is_chosen_and_comes_back_with_redo() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.write("b", "one");
    let files = ["a", "b", "c", "d"];
    let changes = garden
        .edit(&files, || files.iter().for_each(|name| garden.write(name, "by the model")))
        .files;
    garden.write("a", "by hand");
    garden.write("c", "by hand too");
    garden.remove("d");
    assert_eq!(
        garden.told(&changes),
        [
            "restore a (changed since)",
            "restore b",
            "remove c (changed since)",
            "remove d (already)"
        ]
    );
    garden.undo(&changes, Pick::Offered);
    assert_eq!(
        (garden.read("a").unwrap(), garden.read("b").unwrap(), garden.read("c").unwrap()),
        ("by hand".into(), "one".into(), "by hand too".into())
    );
    let undone = garden.undo(&changes, Pick::All);
    assert_eq!((garden.read("a").unwrap(), garden.read("c")), ("one".into(), None));
    garden.undo(&undone, Pick::Offered);
    assert_eq!(
        (garden.read("a").unwrap(), garden.read("c").unwrap()),
        ("by hand".into(), "by hand too".into())
    );
}

#[test]
fn a_change_by_hand_between_two_of_the_models_is_asked_about_too() {
    let garden = Garden::new();
    garden.write("a", "one");
    let mut changes = garden.edit(&["a"], || garden.write("a", "two")).files;
    garden.write("a", "two, by hand");
    changes.extend(garden.edit(&["a"], || garden.write("a", "two, by hand, and three")).files);
    assert_eq!(garden.told(&changes), ["restore a (changed since)"]);
}

#[test]
fn a_hand_edit_between_two_commands_is_what_the_second_found() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.command(|| garden.write("other", "x"));
    garden.write("a", "by hand");
    let changes = garden.command(|| garden.write("a", "by the command"));
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("a").unwrap(), "by hand");
}

#[test]
fn a_folder_in_the_way_stays_with_what_it_holds() {
    let garden = Garden::new();
    garden.write("a", "one");
    let changes = garden.edit(&["a"], || garden.remove("a")).files;
    garden.write("a/mine", "by hand");
    let (_, kept) = garden.undo_steps(&changes, &garden.preview(&changes), Pick::All);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(garden.read("a/mine").unwrap(), "by hand");
}

#[test]
fn a_read_only_file_comes_back_as_one_and_an_unwritable_folder_is_skipped_by_name() {
    let garden = Garden::new();
    garden.write("fixed", "one");
    garden.write("shut/b", "one");
    set_mode(&garden.path("fixed"), 0o444);
    let changes = garden.command(|| {
        set_mode(&garden.path("fixed"), 0o644);
        ["fixed", "shut/b"].iter().for_each(|name| garden.write(name, "two"));
    });
    set_mode(&garden.path("shut"), 0o555);
    let is_root = fs::File::create(garden.path("shut/probe")).is_ok();
    let (_, kept) =
        garden.undo_steps(&changes.files, &garden.preview(&changes.files), Pick::Offered);
    if !is_root {
        assert_eq!(kept, ["shut/b: permission denied"]);
        assert_eq!(garden.read("shut/b").unwrap(), "two");
    }
    set_mode(&garden.path("shut"), 0o755);
    assert_eq!(garden.read("fixed").unwrap(), "one");
    assert_eq!(fs::metadata(garden.path("fixed")).map(|about| mode_of(&about)).unwrap(), 0o444);
    assert_eq!(fs::read_dir(&garden.folder).unwrap().count(), 2, "no drafts are left");
}

#[test]
fn five_thousand_files_go_back_and_leave_no_drafts() {
    let garden = Garden::new();
    for file in 0..5_000 {
        garden.write(&format!("d{}/f{file}", file % 50), format!("{file}"));
    }
    let first = garden.all();
    let changes = garden.command(|| {
        garden.sh("for d in d*; do for f in $d/*; do echo x >> $f; done; done; rm -rf d1")
    });
    assert_eq!(changes.files.len(), 5_001);
    garden.undo(&changes.files, Pick::Offered);
    assert!(garden.all() == first);
}
