//! Whose change it was.

use super::*;

#[test]
fn a_hand_edit_while_a_command_runs_is_left_unless_it_is_chosen() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.write("mine", "before");
    let changes = fixture.traced(&["a", "made"], || {
        fixture.write("a", "two");
        fixture.write("made", "x");
        fixture.write("mine", "by hand");
        fixture.write("mine too", "by hand");
    });
    assert_eq!(
        fixture.described(&changes.files),
        [
            "restore a",
            "remove made",
            "restore mine (perhaps yours)",
            "remove mine too (perhaps yours)"
        ]
    );
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!((fixture.read("a").unwrap(), fixture.read("made")), ("one".into(), None));
    assert_eq!(
        (fixture.read("mine").unwrap(), fixture.read("mine too").unwrap()),
        ("by hand".into(), "by hand".into())
    );
    let undone = fixture.undo(&changes.files, Pick::All);
    assert_eq!((fixture.read("mine").unwrap(), fixture.read("mine too")), ("before".into(), None));
    fixture.undo(&undone, Pick::All);
    assert_eq!(
        (fixture.read("mine").unwrap(), fixture.read("mine too").unwrap()),
        ("by hand".into(), "by hand".into())
    );
}

#[test]
fn where_nobody_knows_who_did_it_all_is_perhaps_the_persons() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let changes = fixture.with_trace(None, || fixture.write("a", "two"));
    assert_eq!(fixture.described(&changes.files), ["restore a (perhaps yours)"]);
    let touched = Touched { paths: [fixture.path("a")].into(), ..Touched::default() };
    let changes = fixture.with_trace(Some(&touched), || fixture.write("a", "three"));
    assert_eq!(
        fixture.described(&changes.files),
        ["restore a (perhaps yours)"],
        "a trace that is not whole proves nothing"
    );
}

/// The steps of an undo of the turn, in words.
fn told_of(fixture: &Fixture, turn: TurnId, changes: &[FileChange]) -> Vec<String> {
    fixture.store.preview(turn, changes).iter().map(describe).collect()
}

#[test]
fn where_nobody_else_was_seen_at_work_what_commands_that_were_not_watched_did_is_theirs() {
    let fixture = Fixture::new();
    for name in ["a", "b", "edited", "mine"] {
        fixture.write(name, "one");
    }
    let turn = TurnId(1);
    let run = |name: &str| fixture.with_trace(None, || fixture.write(name, "two")).files;
    let mut files = run("a");
    files.extend(fixture.edit(&["edited"], || fixture.write("edited", "two")).files);
    files.extend(run("b"));
    let described = ["restore a", "restore b", "restore edited"];
    assert_eq!(told_of(&fixture, turn, &files), described);
    // Changes by undo itself prove nothing about others.
    let undone = fixture.undo(&files, Pick::All);
    fixture.undo(&undone, Pick::All);
    assert_eq!(told_of(&fixture, turn, &files), described);
    assert_eq!(told_of(&fixture, TurnId(2), &files)[0], "restore a (perhaps yours)");
    fixture.write("mine", "by hand");
    assert_eq!(
        told_of(&fixture, turn, &files),
        ["restore a (perhaps yours)", "restore b (perhaps yours)", "restore edited"]
    );
}

#[test]
fn a_hand_that_was_seen_between_two_commands_may_have_been_at_work_in_them() {
    for is_watched in [false, true] {
        let fixture = Fixture::new();
        ["a", "mine"].iter().for_each(|name| fixture.write(name, "one"));
        if is_watched {
            let by_hand = || fixture.write("mine", "by hand");
            assert_eq!(fixture.traced(&["nothing"], by_hand).files.len(), 1);
        } else {
            fixture.with_trace(None, || {});
            fixture.write("mine", "by hand");
        }
        let files = fixture.with_trace(None, || fixture.write("a", "two")).files;
        assert_eq!(told_of(&fixture, TurnId(1), &files), ["restore a (perhaps yours)"]);
    }
}

#[test]
fn a_file_that_came_over_another_is_asked_about_as_long_as_nobody_knows_where_from() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let theirs = fixture.outside().join("theirs");
    fs::write(&theirs, "the only copy").unwrap();
    moves::wait_for_a_tick(&theirs);
    let came = || fs::rename(&theirs, fixture.path("a")).unwrap();
    let files = fixture.with_trace(None, came).files;
    assert_eq!(told_of(&fixture, TurnId(1), &files), ["restore a (perhaps yours)"]);
}

#[test]
fn what_changes_between_the_review_and_the_yes_stays() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    fixture.write("b", "one");
    let changes = fixture
        .edit(&["a", "b"], || ["a", "b"].iter().for_each(|name| fixture.write(name, "two")))
        .files;
    fixture.write("b", "by hand");
    let steps = fixture.preview(&changes);
    assert_eq!(
        steps.iter().map(describe).collect::<Vec<_>>(),
        ["restore a", "restore b (changed since)"]
    );
    fixture.write("a", "quick hand");
    fixture.write("b", "by hand, again");
    let (_, kept) = fixture.undo_steps(&changes, &steps, Pick::All);
    assert_eq!(kept, [format!("a: {OVERTAKEN}"), format!("b: {OVERTAKEN}")]);
    assert_eq!(
        (fixture.read("a").unwrap(), fixture.read("b").unwrap()),
        ("quick hand".into(), "by hand, again".into())
    );
}

#[test]
fn what_a_command_did_outside_is_named() {
    let fixture = Fixture::new();
    fixture.write("a", "one");
    let outside = fixture.outside().join("outside.txt");
    let touched = Touched {
        paths: [outside.clone(), fixture.path("a")].into(),
        complete: true,
        ..Touched::default()
    };
    let changes = fixture.with_trace(Some(&touched), || {
        fixture.write("a", "two");
        fs::write(&outside, "x").unwrap();
    });
    let described = fixture.described(&changes.files);
    assert_eq!(described.len(), 2, "{described:?}");
    assert!(
        described[1].starts_with("cannot ")
            && described[1].ends_with(&format!("outside.txt: {OUTSIDE}")),
        "{described:?}"
    );
    fixture.undo(&changes.files, Pick::All);
    assert!(outside.exists());
}

#[test]
fn a_name_that_shares_its_file_with_one_that_was_written_is_the_commands_too() {
    let fixture = Fixture::new();
    fixture.write("one", "shared");
    fixture.sh("ln one two");
    let changes = fixture.traced(&["one"], || fixture.write("one", "changed"));
    assert_eq!(fixture.described(&changes.files), ["restore one", "restore two"]);
}

#[test]
fn what_a_command_made_outside_and_removed_again_is_not_worth_a_word() {
    let fixture = Fixture::new();
    let [made, gone] = ["/not/there/made", "/not/there/gone"].map(PathBuf::from);
    let mut touched = Touched {
        paths: [made.clone(), gone.clone()].into(),
        absent: [made.clone()].into(),
        complete: true,
        ..Touched::default()
    };
    let named = |touched: &Touched| {
        fixture
            .with_trace(Some(touched), || {})
            .files
            .into_iter()
            .map(|change| change.path)
            .collect::<Vec<_>>()
    };
    assert_eq!(named(&touched), std::slice::from_ref(&gone));
    // The earlier file was moved away first.
    touched.renamed = ["/not/there".into()].into();
    assert!(named(&touched).contains(&made));
}
