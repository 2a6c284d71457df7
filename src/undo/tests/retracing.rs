//! Going back over what somebody else has touched since.

use std::fs;

use super::*;
use crate::undo::UndoError;

#[test]
fn several_changes_of_one_file_are_taken_back_as_one() {
    let garden = Garden::new();
    garden.write("a", "one");
    let mut changes = Vec::new();
    for text in ["two", "three"] {
        changes.extend(garden.edit(&["a"], || garden.write("a", text)).files);
    }
    changes.extend(garden.edit(&["gone"], || garden.write("gone", "x")).files);
    changes.extend(garden.edit(&["gone"], || fs::remove_file(garden.path("gone")).unwrap()).files);
    assert_eq!(garden.look(Direction::Undo, &changes), [("a".into(), Act::Restore, Footing::AsLeft)]);
    assert_eq!(garden.go(Direction::Undo, &changes, Later::Keep), (names(&["a"]), vec![]));
    assert_eq!(garden.read("a").unwrap(), "one");
    assert_eq!(garden.look(Direction::Undo, &changes), [("a".into(), Act::Restore, Footing::Nothing)]);
    assert_eq!(garden.go(Direction::Undo, &changes, Later::Keep), (vec![], vec![]));
    garden.go(Direction::Redo, &changes, Later::Keep);
    assert_eq!(garden.read("a").unwrap(), "three");
}

#[test]
fn a_tool_that_changed_nothing_changed_nothing() {
    let garden = Garden::new();
    garden.write("a", "one");
    assert_eq!(garden.edit(&["a", "missing"], || {}), Changes::default());
}

#[test]
fn what_was_changed_by_hand_stays_unless_it_may_be_overwritten_and_is_kept_then() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.write("b", "one");
    let changes =
        garden.edit(&["a", "b", "c", "d"], || ["a", "b", "c", "d"].iter().for_each(|name| garden.write(name, "by the model"))).files;
    garden.write("a", "by hand");
    garden.write("c", "by hand too");
    fs::remove_file(garden.path("d")).unwrap();
    assert_eq!(
        garden.look(Direction::Undo, &changes),
        [
            ("a".into(), Act::Restore, Footing::ChangedSince),
            ("b".into(), Act::Restore, Footing::AsLeft),
            ("c".into(), Act::Remove, Footing::ChangedSince),
            ("d".into(), Act::Remove, Footing::Nothing)
        ]
    );
    assert_eq!(garden.go(Direction::Undo, &changes, Later::Keep), (names(&["b"]), names(&["a", "c"])));
    assert_eq!((garden.read("a").unwrap(), garden.read("c").unwrap()), ("by hand".into(), "by hand too".into()));
    assert_eq!(garden.go(Direction::Undo, &changes, Later::Overwrite), (names(&["a", "c"]), vec![]));
    assert_eq!((garden.read("a").unwrap(), garden.read("c")), ("one".into(), None));
    let kept: Vec<String> = fs::read_dir(garden.images()).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    assert!(kept.contains(&"by hand".to_owned()) && kept.contains(&"by hand too".to_owned()), "{kept:?}");
}

#[test]
fn a_change_by_hand_between_two_of_the_models_is_asked_about_too() {
    let garden = Garden::new();
    garden.write("a", "one");
    let mut changes = garden.edit(&["a"], || garden.write("a", "two")).files;
    garden.write("a", "two, by hand");
    changes.extend(garden.edit(&["a"], || garden.write("a", "two, by hand, and three")).files);
    assert_eq!(garden.look(Direction::Undo, &changes), [("a".into(), Act::Restore, Footing::ChangedSince)]);
    assert_eq!(garden.go(Direction::Undo, &changes, Later::Keep), (vec![], names(&["a"])));
}

#[test]
fn a_file_in_the_place_of_a_folder_and_a_folder_in_the_place_of_a_file_go_back_and_forth() {
    let garden = Garden::new();
    garden.write("was-file", "x");
    garden.write("was-folder/deep/a", "y");
    let first = garden.all();
    let changes = garden.command(|| {
        fs::remove_file(garden.path("was-file")).unwrap();
        garden.write("was-file/inside/b", "z");
        fs::remove_dir_all(garden.path("was-folder")).unwrap();
        garden.write("was-folder", "w");
    });
    let then = garden.all();
    assert_eq!(garden.go(Direction::Undo, &changes.files, Later::Keep).1, Vec::<String>::new());
    assert_eq!(garden.all(), first);
    assert_eq!(garden.go(Direction::Redo, &changes.files, Later::Keep).1, Vec::<String>::new());
    assert_eq!(garden.all(), then);
}

#[test]
fn a_folder_in_the_way_stays_with_what_it_holds() {
    let garden = Garden::new();
    garden.write("a", "one");
    let changes = garden.edit(&["a"], || fs::remove_file(garden.path("a")).unwrap()).files;
    garden.write("a/mine", "by hand");
    assert_eq!(garden.look(Direction::Undo, &changes), [("a".into(), Act::Create, Footing::Unknown)]);
    assert_eq!(garden.go(Direction::Undo, &changes, Later::Overwrite), (vec![], names(&["a"])));
    assert_eq!(garden.read("a/mine").unwrap(), "by hand");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_that_was_swapped_in() {
    use std::os::unix::fs::symlink;
    let garden = Garden::new();
    garden.write("sub/a", "one");
    garden.write("b", "one");
    let changes =
        garden.edit(&["sub/a", "b", "sub/new"], || ["sub/a", "b", "sub/new"].iter().for_each(|name| garden.write(name, "two"))).files;
    let outside = garden.outside().join("elsewhere");
    fs::create_dir(&outside).unwrap();
    for name in ["a", "new", "b"] {
        fs::write(outside.join(name), "two").unwrap();
    }
    fs::rename(garden.path("sub"), garden.path("aside")).unwrap();
    symlink(&outside, garden.path("sub")).unwrap();
    fs::remove_file(garden.path("b")).unwrap();
    symlink(outside.join("b"), garden.path("b")).unwrap();
    for later in [Later::Keep, Later::Overwrite] {
        assert_eq!(garden.go(Direction::Undo, &changes, later), (vec![], names(&["b", "sub/a", "sub/new"])));
    }
    assert!(["a", "new", "b"].iter().all(|name| fs::read_to_string(outside.join(name)).unwrap() == "two"));
}

#[test]
fn what_a_damaged_image_held_is_left_as_it_is() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.write("b", "uno");
    let changes = garden.edit(&["a", "b"], || ["a", "b"].iter().for_each(|name| garden.write(name, "two"))).files;
    fs::write(garden.images().join(&*changes[0].before.as_ref().unwrap().digest), "on").unwrap();
    fs::remove_file(garden.images().join(&*changes[1].before.as_ref().unwrap().digest)).unwrap();
    assert_eq!(garden.go(Direction::Undo, &changes, Later::Overwrite), (vec![], names(&["a", "b"])));
    assert_eq!((garden.read("a").unwrap(), garden.read("b").unwrap()), ("two".into(), "two".into()));
}

#[test]
fn an_image_that_a_kill_cut_off_is_written_anew() {
    let garden = Garden::new();
    garden.write("a", "one");
    let image = garden.images().join(&*garden.edit(&["a"], || garden.write("a", "two")).files[0].before.clone().unwrap().digest);
    fs::write(&image, "o").unwrap();
    garden.write("b", "one");
    let changes = garden.edit(&["b"], || fs::remove_file(garden.path("b")).unwrap()).files;
    assert_eq!(fs::read_to_string(image).unwrap(), "one");
    assert_eq!(garden.go(Direction::Undo, &changes, Later::Keep), (names(&["b"]), vec![]));
}

#[test]
fn a_digest_that_is_none_leads_nowhere() {
    let garden = Garden::new();
    garden.write("a", "one");
    let mut changes = garden.edit(&["a"], || garden.write("a", "two")).files;
    for digest in ["", "../../../garden/a", "zz", &"é".repeat(32)] {
        changes[0].before.as_mut().unwrap().digest = digest.into();
        assert_eq!(garden.go(Direction::Undo, &changes, Later::Overwrite), (vec![], names(&["a"])), "{digest}");
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_file_comes_back_as_one_and_a_read_only_folder_changes_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let garden = Garden::new();
    garden.write("fixed", "one");
    garden.write("shut/b", "one");
    let set = |path: &str, mode| fs::set_permissions(garden.path(path), fs::Permissions::from_mode(mode)).unwrap();
    set("fixed", 0o444);
    let changes = garden.command(|| {
        set("fixed", 0o644);
        ["fixed", "shut/b"].iter().for_each(|name| garden.write(name, "two"));
    });
    set("shut", 0o555);
    let is_root = fs::File::create(garden.path("shut/probe")).is_ok();
    let refused = garden.keeper.retrace(Direction::Undo, &changes.files, Later::Keep);
    if !is_root {
        let Err(UndoError::Prepare { path, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!((garden.shown(&path), garden.read("fixed").unwrap()), ("shut/b".into(), "two".into()));
        assert_eq!(fs::read_dir(&garden.folder).unwrap().count(), 2, "no drafts are left");
    }
    set("shut", 0o755);
    garden.keeper.retrace(Direction::Undo, &changes.files, Later::Keep).unwrap();
    assert_eq!(fs::metadata(garden.path("fixed")).unwrap().permissions().mode() & 0o777, 0o444);
    assert_eq!(garden.read("fixed").unwrap(), "one");
}
