//! Two sessions in one folder: what one does is not taken for what the other did.

use super::*;
use crate::protocol::{Author, FileState, Image, NodeKind, Record};

/// A second session in the fixture.
fn another(fixture: &Fixture) -> SnapshotStore {
    let images = fixture.outside().join("data/sessions/ses_b/images");
    fixture.snapshots.session("ses_b".into(), fixture.folder.clone(), images, Vec::new())
}

#[test]
fn a_copy_of_a_conversation_takes_back_what_the_first_did_also_when_that_is_deleted() {
    let fixture = Fixture::new();
    let large = "x".repeat(200 << 10);
    for (name, text) in [("a", "one"), ("large", large.as_str()), ("gone", "here")] {
        fixture.write(name, text);
    }
    let changes = fixture.command(|| {
        fixture.write("a", "two");
        fixture.write("large", "small");
        fixture.remove("gone");
    });
    let record =
        Record::Changed { turn: TurnId(1), id: String::new(), files: changes.files.clone() };
    let images = |id: &str| fixture.outside().join("data/sessions").join(id).join("images");
    Snapshots::share_images(images("ses_a"), images("ses_b"), &[record]);
    fs::remove_dir_all(images("ses_a")).unwrap();
    let copy = another(&fixture);
    let steps = copy.preview(ANY, &changes.files);
    assert!(steps.iter().all(|step| step.state == ReviewedState::AsLeft), "{steps:?}");
    let chosen: Vec<ChosenStep> =
        steps.iter().map(|step| ChosenStep { path: step.path.clone(), seen: step.seen }).collect();
    let undone = copy.undo(copy.prepare_undo(ANY, &changes.files, &chosen));
    assert_eq!(undone.kept, []);
    assert_eq!(
        ["a", "large", "gone"].map(|name| fixture.read(name).unwrap()),
        ["one".to_owned(), large, "here".to_owned()]
    );
}

#[test]
fn a_copy_takes_nothing_by_a_name_that_is_no_digest() {
    let fixture = Fixture::new();
    let images = |id: &str| fixture.outside().join(id);
    fixture.write("mine", "x");
    for digest in ["../fixture/mine".to_owned(), "/".repeat(64), "é".repeat(32)] {
        let kind = NodeKind::File { digest: digest.into(), image: Image::Kept };
        let state = FileState { kind, mode: 0o644, owner: None, stamp: None, attributes: None };
        let change = FileChange {
            path: fixture.path("mine"),
            before: Some(state),
            after: None,
            author: Author::Call,
        };
        let record = Record::Changed { turn: TurnId(1), id: String::new(), files: vec![change] };
        Snapshots::share_images(images("one"), images("other"), &[record]);
        assert!(!images("other").exists());
    }
}

#[test]
fn what_another_session_wrote_while_a_command_ran_is_no_change_of_the_command_s() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.write("b", "one");
    let other = another(&fixture);
    let before = fixture.store.before_command(TurnId(1));
    fixture.write("a", "two");
    let theirs = other.before(TurnId(1), &[fixture.path("b"), fixture.path("new")]);
    fixture.write("b", "two");
    fixture.write("new", "x");
    let theirs = other.after_alone(theirs, None);
    fixture.write("by hand", "x");
    let ours = fixture.store.after_alone(before, None);
    assert_eq!(fixture.described(&theirs.files), ["restore b", "remove new"]);
    assert_eq!(
        fixture.described(&ours.files),
        ["restore a (perhaps yours)", "remove by hand (perhaps yours)"]
    );
}

#[test]
fn what_was_changed_again_since_or_done_before_explains_nothing() {
    let fixture = Fixture::new();
    fixture.write("b", "one");
    let other = another(&fixture);
    let earlier = other.before(TurnId(1), &[fixture.path("b")]);
    fixture.write("b", "two");
    other.after_alone(earlier, None);
    let before = fixture.store.before_command(TurnId(1));
    let theirs = other.before(TurnId(2), &[fixture.path("b")]);
    fixture.write("b", "three");
    other.after_alone(theirs, None);
    fixture.write("b", "four, by hand");
    let ours = fixture.store.after_alone(before, None);
    assert_eq!(fixture.described(&ours.files), ["restore b (perhaps yours)"]);
}
