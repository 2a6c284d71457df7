//! The log of a conversation, and how one goes on from it.

use std::sync::Arc;
use std::time::Duration;

use super::scenario::{check_log, settings};
use crate::protocol::{
    CallOutput, CommandExit, CommandResult, ContextNoteKind, Item, ItemKind, JobId, Record,
    ToolCall, ToolResult, TurnId, TurnOutcome, Wire, WireSource,
};

pub(super) fn item(id: &str, kind: ItemKind) -> Record {
    Record::Item(Arc::new(Item {
        id: id.into(),
        kind,
        wire: Some(Wire { text: "{}".into(), source: WireSource::openai() }),
    }))
}

pub(super) fn user(id: &str, text: &str) -> Record {
    item(id, ItemKind::user(text))
}

pub(super) fn call(id: &str) -> Record {
    item(
        id,
        ItemKind::Call(ToolCall { id: id.into(), name: "read".into(), arguments: "{}".into() }),
    )
}

pub(super) fn output(call: &str) -> Record {
    item("o", ItemKind::Output { call: call.into(), output: CallOutput::text("", "it") })
}

#[test]
fn every_step_is_kept_before_the_next_one_begins() {
    check_log(
        &[],
        "> submit go
        emit turn 1 started
        append turn 1 started
        emit user go
        append user go / settings m
        request 1: user go
        >> answer 1 Let me look
        >> call 1 c1 read {}
        > end 1
        append assistant Let me look / call c1
        emit c1 started
        run c1 read {}
        > submit and this
        emit queued and this
        > ran c1 fine
        emit c1 ended: fine
        append output c1 fine / user and this
        emit user and this
        request 2: user go / assistant Let me look / call c1 / output c1 fine / user and this
        >> answer 2 Done
        > end 2
        append assistant Done / turn 1 done
        emit turn 1 done",
    );
}

#[test]
fn a_last_step_of_an_earlier_turn_is_not_told_again() {
    let note = Item { id: "own_2".into(), kind: ItemKind::user("No more steps"), wire: None };
    check_log(
        &[
            Record::TurnStarted(TurnId(1)),
            user("u", "go"),
            Record::ContextNote { kind: ContextNoteKind::LastStep, item: Arc::new(note) },
            Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::MaxSteps },
        ],
        "> submit again
        emit turn 2 started
        append turn 2 started
        emit user again
        append user again / settings m
        request 1: user go / user again",
    );
}

#[test]
fn an_interrupt_keeps_what_was_there_and_an_answer_for_every_call() {
    check_log(
        &[],
        "> submit go
        emit turn 1 started
        append turn 1 started
        emit user go
        append user go / settings m
        request 1: user go
        >> call 1 c1 read {}
        > opened 1 m1 assistant
        emit m1 opened
        > text 1 m1 Half
        emit m1 says Half
        > interrupt
        stop request 1
        append call c1 / partial Half / output c1 [not run] / turn 1 interrupted
        emit c1 ended: [not run]
        emit turn 1 interrupted",
    );
}

#[test]
fn a_call_that_ran_when_the_program_ended_is_answered_as_interrupted_and_never_run_again() {
    check_log(
        &[Record::TurnStarted(TurnId(4)), user("own_7", "go"), Record::Settings(settings()), call("c1"), call("c2"), output("c1")],
        "> submit and now?
        emit turn 5 started
        append output c2 [cut off] / turn 4 interrupted / turn 5 started / remark user [cut off before]
        emit user and now?
        append user and now?
        request 1: user go / call c1 / call c2 / output c2 [cut off] / output c1 it / user [cut off before] / user and now?",
    );
}

fn went_on(call: &str, job: u64) -> Record {
    let result = CommandResult {
        exit: CommandExit::Running(JobId(job)),
        duration: Duration::from_millis(250),
        notes: Vec::new(),
        output_at: 0,
        is_silent: true,
        rest: None,
    };
    let output = CallOutput::text("serve", "it runs").with(ToolResult::Command(Box::new(result)));
    item("o", ItemKind::Output { call: call.into(), output })
}

#[test]
fn a_job_that_ended_before_its_response_was_done_is_not_said_to_have_ended_with_the_program() {
    check_log(
        &[user("u", "go"), call("c1"), call("c2"), Record::JobEnded(JobId(1)), went_on("c1", 1), went_on("c2", 2)],
        "> submit go on
        emit turn 1 started
        append job 2 ended / turn 1 started
        emit user go on
        append remark user (Session 2 (`serve`) ended when codling was closed.) / user go on / settings m
        request 1: user go / call c1 / call c2 / output c1 it runs / output c2 it runs / user (Session 2 (`serve`) ended when codling was closed.) / user go on",
    );
}

#[test]
fn a_name_that_comes_again_is_answered_each_time_for_itself() {
    check_log(
        &[user("u", "go"), call("c1"), output("c1"), output("c1"), call("c1")],
        "> submit go on
        emit turn 1 started
        append output c1 [cut off] / turn 1 started
        emit user go on
        append user go on / settings m
        request 1: user go / call c1 / output c1 it / call c1 / output c1 [cut off] / user go on",
    );
}

#[test]
fn an_output_whose_call_was_lost_is_not_sent() {
    check_log(
        &[
            Record::TurnStarted(TurnId(1)),
            user("own_1", "go"),
            Record::Settings(settings()),
            output("c1"),
            Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
        ],
        "> submit on
        emit turn 2 started
        append turn 2 started
        emit user on
        append user on
        request 1: user go / user on",
    );
}

#[test]
fn a_turn_that_was_interrupted_before_the_end_is_told_when_one_goes_on() {
    check_log(
        &[
            Record::TurnStarted(TurnId(1)),
            user("own_1", "go"),
            Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted },
        ],
        "> submit on
        emit turn 2 started
        append turn 2 started / remark user [interrupted before]
        emit user on
        append user on / settings m
        request 1: user go / user [interrupted before] / user on",
    );
}

#[test]
fn a_call_that_stands_twice_in_a_log_is_sent_once() {
    let turn = |records: &[Record]| {
        let ended = Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done };
        [&[Record::TurnStarted(TurnId(1)), user("u1", "go")], records, &[ended]].concat()
    };
    for records in [
        turn(&[call("c1"), call("c1"), output("c1")]),
        turn(&[call("c1"), output("c1"), output("c1")]),
        turn(&[call("c1"), call("c1"), output("c1"), output("c1")]),
    ] {
        check_log(
            &records,
            "> submit on
            emit turn 2 started
            append turn 2 started
            emit user on
            append user on / settings m
            request 1: user go / call c1 / output c1 it / user on",
        );
    }
}
