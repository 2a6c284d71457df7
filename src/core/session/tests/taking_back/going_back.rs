//! Going back to before a turn: with words, with files, with both.

use std::time::Duration;

use crate::protocol::{CommandExit, CommandResult, JobId, ToolResult, TurnId};
use crate::session::tests::scenario::{check, check_log, config, settings};
use crate::session::tests::words::input;
use crate::session::{Session, SessionEffect, SessionInput};

const TWO_TURNS: &str = ">> prompt 1 go
        request 1: user go
        > changed 1 a
        >> answer 1 One
        >> done 1 1
        >> prompt 2 on
        request 2: user go / assistant One / user on
        > changed 2 a
        > changed 2 b
        >> answer 2 Two
        >> done 2 2
        ";

#[test]
fn the_next_request_is_the_one_of_that_point_with_the_new_prompt() {
    check(&format!(
        "{TWO_TURNS}> back 2 words
        emit went back before turn 2, to 3 entries
        answer: left \"on\", 0 pictures
        >> prompt 3 other
        request 3: user go / assistant One / user other"
    ));
}

#[test]
fn going_back_is_a_record_and_what_comes_next_has_names_of_its_own() {
    check_log(
        &[],
        "> submit go
        emit turn 1 started
        append turn 1 started
        emit user go
        append user go / settings m
        request 1: user go
        > end 1
        append turn 1 done
        emit turn 1 done
        > back 1 words
        append went back before turn 1
        emit went back before turn 1, to 1 entries
        answer: left \"go\", 0 pictures
        > submit other
        emit turn 2 started
        append turn 2 started
        emit user other
        append user other / settings m
        request 2: user other",
    );
}

#[test]
fn files_go_back_first_and_the_words_follow() {
    check(&format!(
        "{TWO_TURNS}> look 1
        preview: Undo turn 1 (go), 3 changes
        > back 1 both a b
        prepare: Undo turn 1, 2 of 3 changes
        > prepared undo 1 a b
        undo what was prepared
        > undone undo 1 a b
        emit Undo turn 1: a b
        emit went back before turn 1, to 1 entries
        answer: left \"go\", 0 pictures
        > look 1
        answer: nothing to undo
        >> prompt 3 other
        request 3: user other
        >> done 3 3
        > redo
        preview: Redo turn 1 (go), 1 changes"
    ));
}

#[test]
fn a_file_that_stays_keeps_the_words_until_a_person_says_otherwise() {
    check(&format!(
        "{TWO_TURNS}> back 2 both a b
        prepare: Undo turn 2, 2 of 2 changes
        > prepared undo 2 a b
        undo what was prepared
        > undone_but undo 2 a b
        emit Undo turn 2: b
        refuse: NotNow
        > back 2 words
        emit went back before turn 2, to 3 entries
        answer: left \"on\", 0 pictures"
    ));
}

#[test]
fn files_alone_go_back_over_all_turns_and_the_model_is_told() {
    check(&format!(
        "{TWO_TURNS}> back 1 files a
        prepare: Undo turn 1, 1 of 3 changes
        > prepared undo 1 a
        undo what was prepared
        > undone undo 1 a
        emit Undo turn 1: a
        > look 1
        preview: Undo turn 1 (go), 1 changes
        >> prompt 3 next
        request 3: user go / assistant One / user on / assistant Two / user (The user took back changes of an earlier turn: a. Read files again before you rely on them.) / user next"
    ));
}

#[test]
fn what_was_taken_back_of_an_earlier_turn_is_told_again() {
    check(&format!(
        "{TWO_TURNS}> choose undo 1 a
        prepare: Undo turn 1, 1 of 1 changes
        > undone undo 1 a
        emit Undo turn 1: a
        > choose undo 2 b
        prepare: Undo turn 2, 1 of 2 changes
        > undone undo 2 b
        emit Undo turn 2: b
        > back 2 words
        emit went back before turn 2, to 3 entries
        answer: left \"on\", 0 pictures
        >> prompt 3 next
        request 3: user go / assistant One / user (The user took back changes of an earlier turn. Read files again before you rely on them.) / user next"
    ));
}

#[test]
fn a_turn_that_runs_is_not_left() {
    check(
        ">> prompt 1 go
        request 1: user go
        > look 1
        refuse: NotNow
        > back 1 words
        refuse: NotNow
        >> done 1 1
        > back 1 words
        look back before turn 1
        >> prompt 2 on
        request 2: user go / user on
        > unread 1
        refuse: NotNow",
    );
}

#[test]
fn a_log_that_cannot_be_read_leaves_the_conversation_as_it_is() {
    check(&format!(
        "{TWO_TURNS}> back 2 words
        look back before turn 2
        > back 1 words
        refuse: NotNow
        > unread 2
        refuse: Overloaded
        >> prompt 3 next
        request 3: user go / assistant One / user on / assistant Two / user next"
    ));
}

#[test]
fn what_stood_before_a_summary_comes_back_with_it() {
    check(
        ">> prompt 1 go
        request 1: user go
        >> answer 1 One
        >> done 1 1
        >> prompt 2 on
        request 2: user go / assistant One / user on
        >> answer 2 Two
        >> done 2 2
        > compact
        emit turn 3 started
        emit summing up
        request 3: [no tools] user go / assistant One / user on / assistant Two / please sum up
        > item 3 assistant m3 Short
        > end 3
        emit summed up from 5 tokens
        emit turn 3 done
        > back 2 words
        emit went back before turn 2, to 3 entries
        answer: left \"on\", 0 pictures
        >> prompt 4 next
        request 4: user go / assistant One / user next",
    );
}

#[test]
fn a_turn_whose_command_runs_still_is_not_left_and_one_after_it_is() {
    let mut session = Session::new(config(50), settings());
    let mut tell = |line: &str| session.handle(input(line));
    for line in ["submit go", "described", "item 1 call f1 c1 read {}", "end 1"] {
        tell(line);
    }
    tell("understood c1 look a");
    let SessionInput::CallEnded { call, mut call_result } = input("ran c1 on") else { panic!() };
    call_result.output.result = ToolResult::Command(
        CommandResult {
            exit: CommandExit::Running(JobId(1)),
            duration: Duration::from_secs(1),
            notes: Vec::new(),
            output_at: 0,
            is_silent: true,
            rest: None,
        }
        .into(),
    );
    session.handle(SessionInput::CallEnded { call, call_result });
    let mut tell = |line: &str| session.handle(input(line));
    for line in ["item 2 assistant m1 Done", "end 2", "submit next", "end 3"] {
        tell(line);
    }
    let refuses = |effects: &[SessionEffect]| {
        effects
            .iter()
            .any(|it| matches!(it, SessionEffect::Reply(_, Err(problem)) if problem.next.is_some()))
    };
    assert!(refuses(&tell("back 1 words")) && refuses(&tell("look 1")));
    let effects = tell("back 2 words");
    assert!(matches!(effects[..], [SessionEffect::LookBack(TurnId(2))]), "{effects:?}");
}
