//! Two sessions in one folder: what one does is not taken for what the other did.

use super::*;

/// A second session in the garden.
fn another(garden: &Garden) -> SnapshotStore {
    let images = garden.outside().join("data/sessions/ses_b/images");
    garden.snapshots.session("ses_b".into(), garden.folder.clone(), images, Vec::new())
}

#[test]
fn what_another_session_wrote_while_a_command_ran_is_no_change_of_the_command_s() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.write("b", "one");
    let other = another(&garden);
    let before = garden.store.before_command(TurnId(1));
    garden.write("a", "two");
    let theirs = other.before(TurnId(1), &[garden.path("b"), garden.path("new")]);
    garden.write("b", "two");
    garden.write("new", "x");
    let theirs = other.after_alone(theirs, None);
    garden.write("by hand", "x");
    let ours = garden.store.after_alone(before, None);
    assert_eq!(garden.told(&theirs.files), ["restore b", "remove new"]);
    assert_eq!(
        garden.told(&ours.files),
        ["restore a (perhaps yours)", "remove by hand (perhaps yours)"]
    );
}

#[test]
fn what_was_changed_again_since_or_done_before_explains_nothing() {
    let garden = Garden::new();
    garden.write("b", "one");
    let other = another(&garden);
    let earlier = other.before(TurnId(1), &[garden.path("b")]);
    garden.write("b", "two");
    other.after_alone(earlier, None);
    let before = garden.store.before_command(TurnId(1));
    let theirs = other.before(TurnId(2), &[garden.path("b")]);
    garden.write("b", "three");
    other.after_alone(theirs, None);
    garden.write("b", "four, by hand");
    let ours = garden.store.after_alone(before, None);
    assert_eq!(garden.told(&ours.files), ["restore b (perhaps yours)"]);
}
