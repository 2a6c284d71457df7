//! Undo: taking back what turns changed.

use crate::protocol::{Direction, Record, TurnId};
use crate::session::tests::scenario::{check, check_log, settings};

const TWO_TURNS: &str = ">> prompt 1 go
        request 1: user go
        > changed 1 a
        > changed 1 b
        >> done 1 1
        >> prompt 2 on
        request 2: user go / user on
        > changed 2 a
        >> done 2 2
        ";

#[test]
fn turns_are_taken_back_from_the_last_one_and_made_again_in_order() {
    check(&format!(
        "{TWO_TURNS}> redo
        answer: nothing to undo
        > undo
        preview: Undo turn 2 (on), 1 changes
        > previewed undo 2 a
        answer: Undo of turn 2 would change a
        > choose undo 2 a
        prepare: Undo turn 2, 1 of 1 changes
        > prepared undo 2 a
        undo what was prepared
        > undone undo 2 a
        emit Undo turn 2: a
        > undo
        preview: Undo turn 1 (go), 2 changes
        > choose undo 2 a
        refuse: NotNow
        > choose undo 1 a b
        prepare: Undo turn 1, 2 of 2 changes
        > undone undo 1 a b
        emit Undo turn 1: a b
        > undo
        answer: nothing to undo
        > redo
        preview: Redo turn 1 (go), 2 changes
        > undone redo 1 a b
        emit Redo turn 1: a b
        > redo
        preview: Redo turn 2 (on), 1 changes
        >> prompt 3 next
        request 3: user go / user on / user (The user took back changes of an earlier turn: a. Read files again before you rely on them.) / user (The user took back changes of an earlier turn: a, b. Read files again before you rely on them.) / user (The user has made again changes of an earlier turn: a, b. Read files again before you rely on them.) / user next
        > undo
        refuse: NotNow
        > changed 3 c
        >> done 3 3
        > redo
        answer: nothing to undo
        > redo 2
        preview: Redo turn 2 (on), 1 changes"
    ));
}

#[test]
fn where_nothing_was_done_nothing_is_marked() {
    check(&format!(
        "{TWO_TURNS}> undone undo 2
        emit Undo turn 2:
        > undo
        preview: Undo turn 2 (on), 1 changes"
    ));
}

#[test]
fn a_turn_that_nothing_is_left_of_does_not_block_the_one_before() {
    check(&format!(
        "{TWO_TURNS}> undo
        preview: Undo turn 2 (on), 1 changes
        > previewed undo 2 a=
        preview: Undo turn 1 (go), 2 changes
        > previewed undo 1 a b=
        answer: Undo of turn 1 would change a b
        > undo
        preview: Undo turn 1 (go), 2 changes
        > undo 2
        preview: Undo turn 2 (on), 1 changes"
    ));
}

#[test]
fn a_turn_can_be_skipped_and_taken_back_file_by_file() {
    check(&format!(
        "{TWO_TURNS}> skip 2
        preview: Undo turn 1 (go), 2 changes
        > undone undo 1 b
        emit Undo turn 1: b
        > undo
        preview: Undo turn 2 (on), 1 changes
        > undo 1
        preview: Undo turn 1 (go), 1 changes
        > undone undo 1 a
        emit Undo turn 1: a
        > undo 1
        answer: nothing to undo
        > redo
        preview: Redo turn 1 (go), 2 changes
        > undo 2
        preview: Undo turn 2 (on), 1 changes"
    ));
}

#[test]
fn the_turn_that_was_made_again_in_parts_is_the_next_to_be_taken_back() {
    check(&format!(
        "{TWO_TURNS}> skip 2
        preview: Undo turn 1 (go), 2 changes
        > undone undo 1 a b
        emit Undo turn 1: a b
        > undone redo 1 a
        emit Redo turn 1: a
        > undo
        preview: Undo turn 1 (go), 1 changes
        > redo
        preview: Redo turn 1 (go), 1 changes"
    ));
}

#[test]
fn what_is_left_of_a_turn_is_offered_before_nothing_is_said_to_be() {
    check(&format!(
        "{TWO_TURNS}> skip 2
        preview: Undo turn 1 (go), 2 changes
        > undone undo 1 a
        emit Undo turn 1: a
        > undo
        preview: Undo turn 2 (on), 1 changes
        > previewed undo 2 a=
        preview: Undo turn 1 (go), 1 changes
        > previewed undo 1 b=
        answer: nothing to undo
        > skip 2
        preview: Undo turn 1 (go), 1 changes"
    ));
}

#[test]
fn what_was_changed_and_taken_back_is_known_after_a_restart() {
    let user = |id: &str, text: &str| {
        Record::Item(std::sync::Arc::new(crate::protocol::Item {
            id: id.into(),
            kind: crate::protocol::ItemKind::user(text),
            wire: None,
        }))
    };
    let done = |turn| Record::TurnEnded {
        turn: TurnId(turn),
        outcome: crate::protocol::TurnOutcome::Done,
    };
    let files = vec![crate::session::tests::words::change("a")];
    check_log(
        &[
            Record::TurnStarted(TurnId(1)),
            user("own_1", "go"),
            Record::Settings(settings()),
            Record::Changed { turn: TurnId(1), id: "one".into(), files: files.clone() },
            done(1),
            Record::TurnStarted(TurnId(2)),
            user("own_2", "on"),
            Record::Changed { turn: TurnId(2), id: String::new(), files },
            done(2),
            // As older logs say it: all of the turn.
            Record::Undone { turn: TurnId(2), direction: Direction::Undo, files: Vec::new() },
        ],
        "> undo
        preview: Undo turn 1 (go), 1 changes
        > redo
        preview: Redo turn 2 (on), 1 changes
        > prepared redo 2 a
        append Redo of turn 2 begun: 1
        undo what was prepared
        > submit next
        emit turn 3 started
        append turn 3 started / remark user (The user took back changes of an earlier turn. Read files again before you rely on them.)
        emit user next
        append user next
        request 1: user go / user on / user (The user took back changes of an earlier turn. Read files again before you rely on them.) / user next",
    );
}

#[test]
fn one_look_at_the_changes_takes_the_place_of_another_and_each_is_answered_once() {
    check(&format!(
        "{TWO_TURNS}> undo
        preview: Undo turn 2 (on), 1 changes
        > undo 1
        refuse: looked again
        preview: Undo turn 1 (go), 2 changes
        > previewed undo 1 a b
        answer: Undo of turn 1 would change a b"
    ));
}
