//! Taking back what turns changed. Knows no files.

use super::scenario::{check, check_log, settings};
use crate::protocol::{Direction, Record, TurnId};

const TWO_TURNS: &str = "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > changed 1 a
        > changed 1 b
        > end 1
        tell turn 1 done
        > submit on
        tell turn 2 started
        tell user on
        sample 2: user go / user on
        > changed 2 a
        > end 2
        tell turn 2 done
        ";

#[test]
fn turns_are_taken_back_from_the_last_one_and_made_again_in_order() {
    check(&format!(
        "{TWO_TURNS}> redo
        tell nothing to retrace
        > undo
        look back: Undo turn 2 (on), 1 changes
        > retrace undo 2
        retrace: Undo turn 2, 1 changes
        > retraced undo 2 a
        tell Undo turn 2: a
        > undo
        look back: Undo turn 1 (go), 2 changes
        > retrace undo 2
        tell nothing to retrace
        > retrace undo 1
        retrace: Undo turn 1, 2 changes
        > retraced undo 1 a b
        tell Undo turn 1: a b
        > undo
        tell nothing to retrace
        > redo
        look back: Redo turn 1 (go), 2 changes
        > retraced redo 1 a b
        tell Redo turn 1: a b
        > redo
        look back: Redo turn 2 (on), 1 changes
        > submit next
        tell turn 3 started
        tell user next
        sample 3: user go / user on / user (The user took back changes of an earlier turn: a. Read files again before you rely on them.) / user (The user took back changes of an earlier turn: a, b. Read files again before you rely on them.) / user (The user has made again changes of an earlier turn: a, b. Read files again before you rely on them.) / user next
        > undo
        tell notice Changes can be taken back once the turn has ended
        > changed 3 c
        > end 3
        tell turn 3 done
        > redo
        tell nothing to retrace"
    ));
}

#[test]
fn where_nothing_was_done_nothing_is_marked() {
    check(&format!(
        "{TWO_TURNS}> retraced undo 2
        tell Undo turn 2:
        > undo
        look back: Undo turn 2 (on), 1 changes"
    ));
}

#[test]
fn what_was_changed_and_taken_back_is_known_after_a_restart() {
    let user = |id: &str, text: &str| {
        Record::Item(std::sync::Arc::new(crate::protocol::Item { id: id.into(), kind: crate::protocol::ItemKind::user(text), wire: None }))
    };
    let done = |turn| Record::TurnEnded { turn: TurnId(turn), outcome: crate::protocol::Outcome::Done };
    check_log(
        &[
            Record::TurnStarted(TurnId(1)),
            user("own_1", "go"),
            Record::Settings(settings()),
            Record::Changed { turn: TurnId(1), files: Vec::new() },
            done(1),
            Record::TurnStarted(TurnId(2)),
            user("own_2", "on"),
            Record::Changed { turn: TurnId(2), files: Vec::new() },
            done(2),
            Record::Retraced { turn: TurnId(2), direction: Direction::Undo },
        ],
        "> undo
        look back: Undo turn 1 (go), 0 changes
        > redo
        look back: Redo turn 2 (on), 0 changes
        > submit next
        tell turn 3 started
        append turn 3 started / remark user (The user took back changes of an earlier turn. Read files again before you rely on them.)
        tell user next
        append user next
        sample 1: user go / user on / user (The user took back changes of an earlier turn. Read files again before you rely on them.) / user next",
    );
}
