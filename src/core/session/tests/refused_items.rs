//! Items that the server refuses.

use std::sync::Arc;

use crate::protocol::*;

use super::scenario::{check, check_log};

#[test]
fn a_refused_call_is_left_out_with_its_output_and_the_request_repeated_once() {
    check(
        "
        >> prompt 1 look
        request 1: user look
        > item 1 reasoning r thinks
        emit reasoning thinks
        > item 1 call f c1 read {}
        emit call c1
        > end 1
        emit c1 started
        run c1 read {}
        > ran c1 contents
        emit c1 ended: contents
        request 2: user look / reasoning thinks / call c1 / output c1 contents
        > fail 2 item=f The server refused input[2]
        emit notice The server refused input[2]. [goes on without] a call of `read`, with its output
        request 3: user look / reasoning thinks
        > fail 3 item=r The server refused input[1]
        emit turn 1 failed: The server refused input[1]
        >> prompt 2 again
        request 4: user look / reasoning thinks / user again
        > fail 4 item=r The server refused input[1]
        emit notice The server refused input[1]. [goes on without] the model's thoughts so far
        request 5: user look / user again
        ",
    );
}

#[test]
fn an_item_that_is_not_of_the_conversation_is_no_reason_to_try_again() {
    check(
        "
        >> prompt 1 look
        request 1: user look
        > fail 1 item=own_9 The server refused input[7]
        emit turn 1 failed: The server refused input[7]
        ",
    );
}

#[test]
fn where_something_must_stand_there_is_a_note_and_a_log_brings_nothing_back() {
    let user = |id: &str, text: &str| {
        Record::Item(Arc::new(Item { id: id.into(), kind: ItemKind::user(text), wire: None }))
    };
    let theirs = |id: &str, kind: ItemKind| {
        let wire = Some(Wire { text: "{}".into(), source: WireSource::openai() });
        Record::Item(Arc::new(Item { id: id.into(), kind, wire }))
    };
    let call = ToolCall { id: "c1".into(), name: "read".into(), arguments: "{}".into() };
    let output = CallOutput::text("", "contents");
    let out = |item: &str| Record::ItemLeftOut { item: item.into(), why: "Too long".into() };
    let records = [
        Record::TurnStarted(TurnId(1)),
        user("own_1", "much"),
        theirs("r1", ItemKind::Reasoning { summary: "one".into() }),
        theirs("f1", ItemKind::Call(call)),
        Record::Item(Arc::new(Item {
            id: "own_2".into(),
            kind: ItemKind::Output { call: "c1".into(), output },
            wire: None,
        })),
        theirs("m1", ItemKind::assistant("Fine")),
        theirs("r2", ItemKind::Reasoning { summary: "two".into() }),
        out("own_1"),
        out("own_2"),
        out("r1"),
        out("m1"),
        Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
    ];
    check_log(
        &records,
        "
        > submit on
        emit turn 2 started
        append turn 2 started
        emit user on
        append user on / settings m
        request 1: user (A message was left out here. Too long.) / call c1 / output c1 (The output was left out here. Too long.) / reasoning two / user on
        > fail 1 item=r2 No
        append r2 left out: No
        emit notice No. [goes on without] the model's thoughts so far
        request 2: user (A message was left out here. Too long.) / call c1 / output c1 (The output was left out here. Too long.) / user on
        ",
    );
}

#[test]
fn a_summary_is_asked_for_again_without_what_was_refused() {
    check(
        "
        >> prompt 1 look
        request 1: user look
        > item 1 reasoning r1 hm
        emit reasoning hm
        >> answer 1 Fine
        >> done 1 1
        > compact
        emit turn 2 started
        emit summing up
        request 2: [no tools] user look / reasoning hm / assistant Fine / please sum up
        > fail 2 item=r1 No
        emit notice No. [goes on without] the model's thoughts so far
        request 3: [no tools] user look / partial Fine / please sum up
        ",
    );
}
