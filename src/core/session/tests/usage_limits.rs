//! Usage limits: offered to be waited out, waited out, refused again, given up.

use crate::protocol::{
    ApprovalResponse, LimitStage, OnUsageLimit, ProblemKind, SessionView, TurnCommand,
};
use crate::session::{Session, SessionConfig, SessionEffect, SessionInput};

use super::scenario::{check, check_on_limit, config, settings};
use super::words::input;

/// A turn whose first request is refused until second 500, and that offers to wait.
const OFFERED: &str = ">> prompt 1 go
    request 1: user go
    > fail 1 limit=500 used up
    emit offers to wait until 500 s: used up";

/// The same after the person's yes.
const WAITING: &str = "> decide limit once
    emit waits until 500 s: used up
    alarm 1 at 500 s and 1000 ms";

#[test]
fn with_a_yes_the_same_request_is_sent_once_after_the_reset() {
    check_on_limit(
        OnUsageLimit::Offer,
        &format!(
            "{OFFERED}
            {WAITING}
            > timer 1
            emit no longer held
            request 2: user go
            > timer 1
            > text 2 m1 Done
            emit m1 says Done
            > item 2 assistant m1 Done
            emit assistant Done
            >> done 2 1"
        ),
    );
}

#[test]
fn with_a_no_the_turn_ends_with_the_limit() {
    for no in ["no", "nobody", "no-because later"] {
        check_on_limit(
            OnUsageLimit::Offer,
            &format!(
                "{OFFERED}
                > decide limit {no}
                emit turn 1 failed: used up
                > timer 1"
            ),
        );
    }
}

#[test]
fn esc_ends_an_offer_and_a_wait_with_the_limit_and_the_model_is_told_nothing() {
    check_on_limit(
        OnUsageLimit::Offer,
        &format!(
            "{OFFERED}
            > interrupt
            emit turn 1 failed: used up
            >> prompt 2 and now?
            request 2: user go / user and now?"
        ),
    );
    check_on_limit(
        OnUsageLimit::Offer,
        &format!(
            "{OFFERED}
            {WAITING}
            > submit later
            emit queued later
            > interrupt
            stop timer 1
            emit turn 1 failed: used up
            emit unqueued later, TurnEnded
            > timer 1
            >> prompt 2 and now?
            request 2: user go / user and now?"
        ),
    );
}

#[test]
fn the_first_answer_to_an_offer_decides() {
    check_on_limit(
        OnUsageLimit::Offer,
        &format!(
            "{OFFERED}
            > decide limit once
            emit an ask resolved by 1
            emit waits until 500 s: used up
            alarm 1 at 500 s and 1000 ms
            > decide limit no
            refuse: Resolved"
        ),
    );
}

#[test]
fn refused_again_with_a_later_time_it_asks_again() {
    check_on_limit(
        OnUsageLimit::Offer,
        &format!(
            "{OFFERED}
            {WAITING}
            > timer 1
            emit no longer held
            request 2: user go
            > fail 2 limit=900 used up still
            emit offers to wait until 900 s: used up still
            > decide limit once
            emit waits until 900 s: used up still
            alarm 2 at 900 s and 2000 ms
            > timer 2
            emit no longer held
            request 3: user go"
        ),
    );
}

#[test]
fn refused_again_without_a_later_time_the_turn_ends() {
    for again in ["limit=500", "limit=499", "limit"] {
        check_on_limit(
            OnUsageLimit::Wait,
            &format!(
                ">> prompt 1 go
                request 1: user go
                > fail 1 limit=500 used up
                emit waits until 500 s: used up
                alarm 1 at 500 s and 1000 ms
                > timer 1
                emit no longer held
                request 2: user go
                > fail 2 {again} used up still
                emit turn 1 failed: used up still"
            ),
        );
    }
}

#[test]
fn a_later_step_may_wait_for_the_same_reset_again() {
    check_on_limit(
        OnUsageLimit::Wait,
        ">> prompt 1 go
        request 1: user go
        > fail 1 limit=500 used up
        emit waits until 500 s: used up
        alarm 1 at 500 s and 1000 ms
        > timer 1
        emit no longer held
        request 2: user go
        > end 2 more
        request 3: user go
        > fail 3 limit=500 used up
        emit waits until 500 s: used up
        alarm 2 at 500 s and 1000 ms",
    );
}

#[test]
fn a_reset_in_the_past_is_tried_once() {
    check_on_limit(
        OnUsageLimit::Wait,
        ">> prompt 1 go
        request 1: user go
        > fail 1 limit=-5 used up
        emit waits until -5 s: used up
        alarm 1 at -5 s and 1000 ms
        > timer 1
        emit no longer held
        request 2: user go
        > fail 2 limit=-5 used up
        emit turn 1 failed: used up",
    );
}

#[test]
fn without_a_reset_the_turn_ends_whatever_was_chosen() {
    for choice in [OnUsageLimit::End, OnUsageLimit::Offer, OnUsageLimit::Wait] {
        check_on_limit(
            choice,
            ">> prompt 1 go
            request 1: user go
            > fail 1 limit used up
            emit turn 1 failed: used up",
        );
    }
}

#[test]
fn where_nothing_was_chosen_or_nobody_is_there_the_turn_ends() {
    check(
        ">> prompt 1 go
        request 1: user go
        > fail 1 limit=500 used up
        emit turn 1 failed: used up",
    );
    check_on_limit(
        OnUsageLimit::Offer,
        "> presence unattended
        >> prompt 1 go
        request 1: user go
        > fail 1 limit=500 used up
        emit turn 1 failed: used up",
    );
    check_on_limit(
        OnUsageLimit::Offer,
        &format!(
            "{OFFERED}
            > presence unattended
            emit turn 1 failed: used up"
        ),
    );
    check_on_limit(
        OnUsageLimit::Offer,
        &format!(
            "{OFFERED}
            {WAITING}
            > presence unattended
            > timer 1
            emit no longer held
            request 2: user go"
        ),
    );
}

#[test]
fn calls_of_the_refused_answer_are_told_as_not_run_and_prompts_join_at_the_next_step() {
    check_on_limit(
        OnUsageLimit::Wait,
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {}
        > fail 1 limit=500 used up
        emit c1 ended: [broke off]
        emit waits until 500 s: used up
        alarm 1 at 500 s and 1000 ms
        > submit more
        emit queued more
        > timer 1
        emit no longer held
        request 2: user go / call c1 / output c1 [broke off]
        > end 2 more
        emit user more
        request 3: user go / call c1 / output c1 [broke off] / user more",
    );
}

#[test]
fn a_sign_in_that_ran_out_meanwhile_is_renewed_although_it_was_before() {
    check_on_limit(
        OnUsageLimit::Wait,
        ">> prompt 1 go
        request 1: user go
        > fail 1 credential 401
        renew after request 1
        > renewed 1
        request 2: user go
        > fail 2 limit=500 used up
        emit waits until 500 s: used up
        alarm 1 at 500 s and 1000 ms
        > timer 1
        emit no longer held
        request 3: user go
        > fail 3 credential 401
        renew after request 3",
    );
}

#[test]
fn a_summary_that_hits_the_limit_is_asked_for_again_after_it() {
    check_on_limit(
        OnUsageLimit::Wait,
        ">> prompt 1 go
        request 1: user go
        >> answer 1 Hello
        >> done 1 1
        > compact
        emit turn 2 started
        emit summing up
        request 2: [no tools] user go / assistant Hello / please sum up
        > fail 2 limit=500 used up
        emit waits until 500 s: [not summarized]: used up
        alarm 1 at 500 s and 1000 ms
        > timer 1
        emit no longer held
        emit summing up
        request 3: [no tools] user go / assistant Hello / please sum up
        > fail 3 limit used up
        emit not summed up
        emit turn 2 failed: [not summarized]: used up",
    );
}

#[test]
fn the_view_says_whether_a_turn_waits_and_forgets_it_with_the_turn() {
    let config = SessionConfig { on_usage_limit: OnUsageLimit::Offer, ..config(50) };
    let mut session = Session::new(config, settings());
    let mut view = SessionView::new("ses_1".into());
    let mut feed = |input: SessionInput| {
        for effect in session.handle(input) {
            if let SessionEffect::Emit(event) = effect {
                view.apply(&event);
            }
        }
        view.clone()
    };
    feed(input("submit go"));
    feed(SessionInput::EnvironmentDescribed(String::new()));
    let offered = feed(input("fail 1 limit=500 used up")).limit.unwrap();
    let decide = |decision| {
        SessionInput::Command(None, TurnCommand::Decide { ask: offered.offer().unwrap(), decision })
    };
    let waiting = feed(decide(ApprovalResponse::Once)).limit.unwrap();
    assert_eq!((waiting.stage, waiting.until), (LimitStage::Waiting, offered.until));
    assert!(matches!(waiting.problem.kind, ProblemKind::UsageLimit { resets: Some(_) }));
    assert_eq!(feed(input("timer 1")).limit, None);
    assert!(feed(input("fail 2 limit=900 used up")).limit.is_some());
    assert_eq!(feed(input("interrupt")).limit, None);
}
