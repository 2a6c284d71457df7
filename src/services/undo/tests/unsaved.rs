//! Going back to what was in an editor alone.

use super::*;

/// A tool's change of `a`, of which somebody had this in an editor.
fn edit(fixture: &Fixture, typed: &str, act: impl FnOnce()) -> Changes {
    let mut before = fixture.store.before(TurnId(1), &[fixture.path("a")]);
    act();
    before.unsaved = vec![(fixture.path("a"), typed.into())];
    fixture.store.after_alone(before, None)
}

#[test]
fn what_was_typed_comes_back_and_not_what_the_disk_held() {
    let fixture = Fixture::new();
    fixture.write("a", "disk");
    set_mode(&fixture.path("a"), 0o755);
    let changes = edit(&fixture, "typed", || fixture.write("a", "by the model")).files;
    assert_eq!(fixture.described(&changes), ["restore a"]);
    let undone = fixture.undo(&changes, Pick::Offered);
    assert_eq!(fixture.read("a").unwrap(), "typed");
    assert_eq!(mode_of(&fs::metadata(fixture.path("a")).unwrap()), 0o755);
    fixture.undo(&undone, Pick::Offered);
    assert_eq!(fixture.read("a").unwrap(), "by the model");
}

#[test]
fn a_file_that_becomes_what_the_disk_held_has_changed_all_the_same() {
    let fixture = Fixture::new();
    fixture.write("a", "disk");
    let changes = edit(&fixture, "typed", || fixture.write("a", "disk")).files;
    assert_eq!(fixture.described(&changes), ["restore a"]);
    fixture.undo(&changes, Pick::Offered);
    assert_eq!(fixture.read("a").unwrap(), "typed");
}

#[test]
fn a_removed_file_comes_back_with_what_was_typed() {
    let fixture = Fixture::new();
    fixture.write("a", "disk");
    let changes = edit(&fixture, "typed", || fixture.remove("a")).files;
    fixture.undo(&changes, Pick::Offered);
    assert_eq!(fixture.read("a").unwrap(), "typed");
}

#[test]
fn what_was_typed_between_two_changes_is_not_passed_over() {
    let fixture = Fixture::new();
    fixture.write("a", "disk");
    let mut changes = edit(&fixture, "typed", || fixture.write("a", "first")).files;
    changes.extend(edit(&fixture, "first and typed", || fixture.write("a", "second")).files);
    // As a whole it leads back over the person's own words: that is for them to choose.
    assert_eq!(fixture.described(&changes), ["restore a (changed since)"]);
    assert_eq!(fixture.described(&changes[1..]), ["restore a"]);
    fixture.undo(&changes[1..], Pick::Offered);
    assert_eq!(fixture.read("a").unwrap(), "first and typed");
}
