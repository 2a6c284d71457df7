//! Sealed reasoning: it goes back to the model that wrote it, and to no other.

use std::sync::Arc;

use crate::protocol::*;

use super::scenario::{check, check_log};

#[test]
fn reasoning_goes_back_to_the_model_that_wrote_it_and_to_no_other() {
    check(
        "
        >> prompt 1 one
        request 1: user one
        > item 1 reasoning r1 mine
        emit reasoning mine
        >> answer 1 First
        >> done 1 1
        > model other
        >> prompt 2 two
        request 2: user one / partial First / user two
        > item 2 reasoning r2 theirs
        emit reasoning theirs
        >> answer 2 Second
        >> done 2 2
        > model acme/m
        >> prompt 3 three
        request 3: [acme/m] user one / partial First / user two / partial Second / user three
        >> done 3 3
        > model openai/m
        >> prompt 4 four
        request 4: user one / reasoning mine / assistant First / user two / partial Second / user three / user four
        ",
    );
}

#[test]
fn reasoning_belongs_to_the_model_that_was_asked_also_where_another_is_chosen_meanwhile() {
    check(
        "
        >> prompt 1 one
        request 1: user one
        > model other
        > item 1 reasoning r1 mine
        emit reasoning mine
        > end 1 more
        request 2: user one
        > item 2 reasoning r2 theirs
        emit reasoning theirs
        > end 2 more
        request 3: user one / reasoning theirs
        ",
    );
}

#[test]
fn a_log_tells_who_wrote_what() {
    let settings = |model: &str| {
        Record::Settings(SessionSettings {
            model: ModelRef::openai(model),
            ..super::scenario::settings()
        })
    };
    let theirs = |id: &str, summary: &str| {
        let wire = Some(Wire { text: "{}".into(), source: WireSource::openai() });
        let kind = ItemKind::Reasoning { summary: summary.into() };
        Record::Item(Arc::new(Item { id: id.into(), kind, wire }))
    };
    let records = [
        Record::TurnStarted(TurnId(1)),
        settings("m"),
        theirs("r1", "mine"),
        settings("other"),
        theirs("r2", "theirs"),
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
        request 1: reasoning mine / user on
        ",
    );
}
