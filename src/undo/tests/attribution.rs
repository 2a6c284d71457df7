//! Whose change it was.

use super::*;

#[test]
fn a_hand_edit_while_a_command_runs_is_left_unless_it_is_chosen() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.write("mine", "before");
    let changes = garden.traced(&["a", "made"], || {
        garden.write("a", "two");
        garden.write("made", "x");
        garden.write("mine", "by hand");
        garden.write("mine too", "by hand");
    });
    assert_eq!(
        garden.told(&changes.files),
        [
            "restore a",
            "remove made",
            "restore mine (perhaps yours)",
            "remove mine too (perhaps yours)"
        ]
    );
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!((garden.read("a").unwrap(), garden.read("made")), ("one".into(), None));
    assert_eq!(
        (garden.read("mine").unwrap(), garden.read("mine too").unwrap()),
        ("by hand".into(), "by hand".into())
    );
    let undone = garden.undo(&changes.files, Pick::All);
    assert_eq!((garden.read("mine").unwrap(), garden.read("mine too")), ("before".into(), None));
    garden.undo(&undone, Pick::All);
    assert_eq!(
        (garden.read("mine").unwrap(), garden.read("mine too").unwrap()),
        ("by hand".into(), "by hand".into())
    );
}

#[test]
fn where_nobody_knows_who_did_it_all_is_perhaps_the_persons() {
    let garden = Garden::new();
    garden.write("a", "one");
    let changes = garden.with_trace(None, || garden.write("a", "two"));
    assert_eq!(garden.told(&changes.files), ["restore a (perhaps yours)"]);
    let touched = Touched { paths: [garden.path("a")].into(), ..Touched::default() };
    let changes = garden.with_trace(Some(&touched), || garden.write("a", "three"));
    assert_eq!(
        garden.told(&changes.files),
        ["restore a (perhaps yours)"],
        "a trace that is not whole proves nothing"
    );
}

/// What of a turn's changes would be taken back, in words.
fn told_of(garden: &Garden, turn: TurnId, changes: &[FileChange]) -> Vec<String> {
    garden.store.preview(turn, changes).iter().map(tell).collect()
}

#[test]
fn where_nobody_else_was_seen_at_work_what_commands_that_were_not_watched_did_is_theirs() {
    let garden = Garden::new();
    for name in ["a", "b", "edited", "mine"] {
        garden.write(name, "one");
    }
    let turn = TurnId(1);
    let run = |name: &str| garden.with_trace(None, || garden.write(name, "two")).files;
    let mut files = run("a");
    files.extend(garden.edit(&["edited"], || garden.write("edited", "two")).files);
    files.extend(run("b"));
    let told = ["restore a", "restore b", "restore edited"];
    assert_eq!(told_of(&garden, turn, &files), told);
    // What undo itself did is no sign of anybody.
    let undone = garden.undo(&files, Pick::All);
    garden.undo(&undone, Pick::All);
    assert_eq!(told_of(&garden, turn, &files), told);
    assert_eq!(told_of(&garden, TurnId(2), &files)[0], "restore a (perhaps yours)");
    garden.write("mine", "by hand");
    assert_eq!(
        told_of(&garden, turn, &files),
        ["restore a (perhaps yours)", "restore b (perhaps yours)", "restore edited"]
    );
}

#[test]
fn a_hand_that_was_seen_between_two_commands_may_have_been_at_work_in_them() {
    for is_watched in [false, true] {
        let garden = Garden::new();
        ["a", "mine"].iter().for_each(|name| garden.write(name, "one"));
        if is_watched {
            let by_hand = || garden.write("mine", "by hand");
            assert_eq!(garden.traced(&["nothing"], by_hand).files.len(), 1);
        } else {
            garden.with_trace(None, || {});
            garden.write("mine", "by hand");
        }
        let files = garden.with_trace(None, || garden.write("a", "two")).files;
        assert_eq!(told_of(&garden, TurnId(1), &files), ["restore a (perhaps yours)"]);
    }
}

#[test]
fn a_file_that_came_over_another_is_asked_about_as_long_as_nobody_knows_where_from() {
    let garden = Garden::new();
    garden.write("a", "one");
    let theirs = garden.outside().join("theirs");
    fs::write(&theirs, "the only copy").unwrap();
    moves::wait_for_a_tick(&theirs);
    let came = || fs::rename(&theirs, garden.path("a")).unwrap();
    let files = garden.with_trace(None, came).files;
    assert_eq!(told_of(&garden, TurnId(1), &files), ["restore a (perhaps yours)"]);
}

#[test]
fn what_changes_between_the_review_and_the_yes_stays() {
    let garden = Garden::new();
    garden.write("a", "one");
    garden.write("b", "one");
    let changes = garden
        .edit(&["a", "b"], || ["a", "b"].iter().for_each(|name| garden.write(name, "two")))
        .files;
    garden.write("b", "by hand");
    let steps = garden.preview(&changes);
    assert_eq!(
        steps.iter().map(tell).collect::<Vec<_>>(),
        ["restore a", "restore b (changed since)"]
    );
    garden.write("a", "quick hand");
    garden.write("b", "by hand, again");
    let (_, kept) = garden.undo_steps(&changes, &steps, Pick::All);
    assert_eq!(kept, ["a: it was changed meanwhile", "b: it was changed meanwhile"]);
    assert_eq!(
        (garden.read("a").unwrap(), garden.read("b").unwrap()),
        ("quick hand".into(), "by hand, again".into())
    );
}

#[test]
fn what_a_command_did_outside_is_named() {
    let garden = Garden::new();
    garden.write("a", "one");
    let outside = garden.outside().join("outside.txt");
    let touched = Touched {
        paths: [outside.clone(), garden.path("a")].into(),
        complete: true,
        ..Touched::default()
    };
    let changes = garden.with_trace(Some(&touched), || {
        garden.write("a", "two");
        fs::write(&outside, "x").unwrap();
    });
    let told = garden.told(&changes.files);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[1].starts_with("cannot ")
            && told[1].contains("outside.txt: it lies outside of the folder"),
        "{told:?}"
    );
    garden.undo(&changes.files, Pick::All);
    assert!(outside.exists());
}

#[test]
fn a_name_that_shares_its_file_with_one_that_was_written_is_the_commands_too() {
    let garden = Garden::new();
    garden.write("one", "shared");
    garden.sh("ln one two");
    let changes = garden.traced(&["one"], || garden.write("one", "changed"));
    assert_eq!(garden.told(&changes.files), ["restore one", "restore two"]);
}

#[test]
fn what_a_command_made_outside_and_removed_again_is_not_worth_a_word() {
    let garden = Garden::new();
    let [made, gone] = ["/not/there/made", "/not/there/gone"].map(PathBuf::from);
    let mut touched = Touched {
        paths: [made.clone(), gone.clone()].into(),
        absent: [made.clone()].into(),
        complete: true,
        ..Touched::default()
    };
    let named = |touched: &Touched| {
        garden
            .with_trace(Some(touched), || {})
            .files
            .into_iter()
            .map(|change| change.path)
            .collect::<Vec<_>>()
    };
    assert_eq!(named(&touched), std::slice::from_ref(&gone));
    // What stood there went elsewhere first.
    touched.renamed = ["/not/there".into()].into();
    assert!(named(&touched).contains(&made));
}
