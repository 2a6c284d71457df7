//! Going back to what was in an editor alone.

use super::*;

/// A tool's change of `a`, of which somebody had this in an editor.
fn edit(garden: &Garden, typed: &str, act: impl FnOnce()) -> Changes {
    let mut before = garden.store.before(TurnId(1), &[garden.path("a")]);
    act();
    before.unsaved = vec![(garden.path("a"), typed.into())];
    garden.store.after_alone(before, None)
}

#[test]
fn what_was_typed_comes_back_and_not_what_the_disk_held() {
    let garden = Garden::new();
    garden.write("a", "disk");
    set_mode(&garden.path("a"), 0o755);
    let changes = edit(&garden, "typed", || garden.write("a", "by the model")).files;
    assert_eq!(garden.told(&changes), ["restore a"]);
    let undone = garden.undo(&changes, Pick::Offered);
    assert_eq!(garden.read("a").unwrap(), "typed");
    assert_eq!(mode_of(&fs::metadata(garden.path("a")).unwrap()), 0o755);
    garden.undo(&undone, Pick::Offered);
    assert_eq!(garden.read("a").unwrap(), "by the model");
}

#[test]
fn a_file_that_becomes_what_the_disk_held_has_changed_all_the_same() {
    let garden = Garden::new();
    garden.write("a", "disk");
    let changes = edit(&garden, "typed", || garden.write("a", "disk")).files;
    assert_eq!(garden.told(&changes), ["restore a"]);
    garden.undo(&changes, Pick::Offered);
    assert_eq!(garden.read("a").unwrap(), "typed");
}

#[test]
fn a_removed_file_comes_back_with_what_was_typed() {
    let garden = Garden::new();
    garden.write("a", "disk");
    let changes = edit(&garden, "typed", || garden.remove("a")).files;
    garden.undo(&changes, Pick::Offered);
    assert_eq!(garden.read("a").unwrap(), "typed");
}

#[test]
fn what_was_typed_between_two_changes_is_not_passed_over() {
    let garden = Garden::new();
    garden.write("a", "disk");
    let mut changes = edit(&garden, "typed", || garden.write("a", "first")).files;
    changes.extend(edit(&garden, "first and typed", || garden.write("a", "second")).files);
    // As a whole it leads back over the person's own words: that is for them to choose.
    assert_eq!(garden.told(&changes), ["restore a (changed since)"]);
    assert_eq!(garden.told(&changes[1..]), ["restore a"]);
    garden.undo(&changes[1..], Pick::Offered);
    assert_eq!(garden.read("a").unwrap(), "first and typed");
}
