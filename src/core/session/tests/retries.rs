//! Broken streams, refusals and waits.

use std::time::Duration;

use proptest::prelude::*;

use crate::protocol::{
    EventKind, Failure, ItemKind, ModelDelta, ModelRequestId, Problem, ProblemKind, Retry,
    RetryAdvice,
};
use crate::session::sentences;
use crate::session::{ReconnectConfig, Session, SessionConfig, SessionEffect, SessionInput};

use super::scenario::{check, config, settings};
use super::words::input;

#[test]
fn a_broken_stream_keeps_whole_items_drops_partial_text_and_tries_again() {
    check(
        ">> prompt 1 go
        request 1: user go
        > item 1 reasoning r1 hm
        emit reasoning hm
        > opened 1 m1 assistant
        emit m1 opened
        > text 1 m1 Half
        emit m1 says Half
        > fail 1 backoff cut
        emit retrying 1/5: cut
        timer 1 in 200 ms
        > timer 1
        request 2: user go / reasoning hm
        > text 2 m2 Whole
        emit m1 dropped
        emit resumed
        emit m2 says Whole
        >> answer 2 Whole
        >> done 2 1",
    );
}

/// Five tries that bring nothing, after one that broke in mid-sentence.
const BROKEN: &str = ">> prompt 1 go
        request 1: user go
        > text 1 m1 Half
        emit m1 says Half
        > fail 1 backoff cut
        emit retrying 1/5: cut
        timer 1 in 200 ms";

#[test]
fn words_of_a_broken_stream_are_kept_where_no_try_brings_others() {
    check(&format!(
        "{BROKEN}
        > timer 1
        request 2: user go
        > fail 2 never gone
        emit turn 1 failed: gone
        >> prompt 2 and now?
        request 3: user go / partial Half / user and now?"
    ));
    check(&format!(
        "{BROKEN}
        > interrupt
        stop timer 1
        emit turn 1 interrupted
        >> prompt 2 and now?
        request 2: user go / partial Half / user [interrupted before] / user and now?"
    ));
}

#[test]
fn words_of_a_later_try_take_the_place_of_those_before() {
    check(&format!(
        "{BROKEN}
        > timer 1
        request 2: user go
        > text 2 m2 More
        emit m1 dropped
        emit resumed
        emit m2 says More
        > fail 2 never gone
        emit turn 1 failed: gone
        >> prompt 2 and now?
        request 3: user go / partial More / user and now?"
    ));
    check(&format!(
        "{BROKEN}
        > timer 1
        request 2: user go
        > end 2
        emit m1 dropped
        emit turn 1 done"
    ));
}

#[test]
fn calls_that_came_whole_before_the_break_are_run_before_the_next_try() {
    check(
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {}
        > fail 1 backoff cut
        emit c1 started
        run c1 read {}
        > ran c1 one
        emit c1 ended: one
        emit retrying 1/5: cut
        timer 1 in 200 ms
        > timer 1
        request 2: user go / call c1 / output c1 one",
    );
}

#[test]
fn the_waits_grow_and_the_sixth_failure_is_final() {
    check(
        ">> prompt 1 go
        request 1: user go
        > fail 1 backoff a
        emit retrying 1/5: a
        timer 1 in 200 ms
        > timer 1
        request 2: user go
        > fail 2 backoff b
        emit retrying 2/5: b
        timer 2 in 400 ms
        > timer 2
        request 3: user go
        > fail 3 7 c
        emit retrying 3/5: c
        timer 3 in 7000 ms
        > timer 3
        request 4: user go
        > fail 4 backoff d
        emit retrying 4/5: d
        timer 4 in 1600 ms
        > timer 4
        request 5: user go
        > fail 5 backoff e
        emit retrying 5/5: e
        timer 5 in 3200 ms
        > timer 5
        request 6: user go
        > fail 6 backoff f
        emit turn 1 failed: f
        >> prompt 2 again
        request 7: user go / user again",
    );
}

/// The tries of a session of this jitter when every one of an hour fails after `took`: number,
/// number of tries, wait.
fn outage(limit: u64, jitter: u64, took: Duration) -> Vec<(u32, u32, Duration)> {
    let config = config(50);
    let reconnect = ReconnectConfig { limit: Duration::from_secs(limit), jitter };
    let mut session = Session::new(SessionConfig { reconnect, ..config }, settings());
    session.handle(input("submit go"));
    session.handle(SessionInput::EnvironmentDescribed(String::new()));
    let mut tries = Vec::new();
    for request in 1..2000 {
        let problem = Problem::new(ProblemKind::Network, "nobody answers");
        let failure = Failure { problem, retry: RetryAdvice::Unreachable, took };
        let effects =
            session.handle(SessionInput::ModelRequestFailed(ModelRequestId(request), failure));
        let retry = effects.iter().find_map(|effect| match effect {
            SessionEffect::Emit(EventKind::Retrying(Retry { attempt, of, wait, .. })) => {
                Some((*attempt, *of, *wait))
            }
            _ => None,
        });
        let timer = effects.iter().find_map(|effect| match effect {
            SessionEffect::SetTimer { id, .. } => Some(*id),
            _ => None,
        });
        tries.extend(retry);
        match timer {
            Some(timer) => drop(session.handle(SessionInput::TimerFired(timer))),
            None => break,
        }
    }
    tries
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_again_for_as_long_as_is_set() {
    let tries = outage(60, 0, Duration::ZERO);
    let waits: Vec<u128> = tries.iter().map(|(_, _, wait)| wait.as_millis()).collect();
    assert_eq!(
        waits,
        [
            200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000,
            3800
        ]
    );
    assert_eq!(waits.iter().sum::<u128>(), 60_000);
    assert!(
        tries.iter().zip(1..).all(|((attempt, of, _), number)| (*attempt, *of) == (number, 16)),
        "{tries:?}"
    );
    assert_eq!(outage(0, 7, Duration::ZERO), []);
    assert_eq!(outage(1, 0, Duration::ZERO).len(), 3);
}

#[test]
fn tries_that_take_long_make_the_whole_no_longer_and_are_counted_truly() {
    let took = Duration::from_secs(15);
    let tries = outage(60, 0, took);
    let waits: Duration = tries.iter().map(|(_, _, wait)| *wait).sum();
    let whole = waits + took * u32::try_from(tries.len() - 1).unwrap();
    assert!(
        whole > Duration::from_secs(50) && whole <= Duration::from_secs(60),
        "{whole:?} {tries:?}"
    );
    assert!(
        tries.is_sorted_by(|one, other| one.0 < other.0)
            && tries.iter().all(|(attempt, of, _)| attempt <= of && *of == 16),
        "{tries:?}"
    );
}

proptest! {
    #[test]
    fn jitter_shortens_waits_a_little_and_never_to_nothing(jitter in any::<u64>(), limit in 1u64..=90) {
        let (plain, spread) = (outage(limit, 0, Duration::ZERO), outage(limit, jitter, Duration::ZERO));
        let whole: Duration = spread.iter().map(|(_, _, wait)| *wait).sum();
        prop_assert_eq!(plain.len(), spread.len());
        prop_assert!(whole <= Duration::from_secs(limit) && whole >= Duration::from_secs(limit).saturating_sub(Duration::from_secs(2)), "{:?}", whole);
        prop_assert!(spread.iter().all(|(_, _, wait)| !wait.is_zero()));
    }
}

#[test]
fn two_sessions_come_back_at_different_times() {
    assert_ne!(outage(60, 1, Duration::ZERO), outage(60, 2, Duration::ZERO));
}

#[test]
fn a_server_that_answers_again_ends_an_outage_and_its_own_troubles_are_counted_apart() {
    check(
        ">> prompt 1 go
        request 1: user go
        > fail 1 backoff cut
        emit retrying 1/5: cut
        timer 1 in 200 ms
        > timer 1
        request 2: user go
        > fail 2 unreachable:9 gone
        emit retrying 1/16: gone
        timer 2 in 200 ms
        > timer 2
        request 3: user go
        > fail 3 unreachable:10 gone
        emit retrying 6/16: gone
        timer 3 in 1000 ms
        > timer 3
        request 4: user go
        > fail 4 backoff busy
        emit retrying 2/5: busy
        timer 4 in 400 ms
        > timer 4
        request 5: user go
        > fail 5 unreachable gone
        emit retrying 1/16: gone
        timer 5 in 200 ms",
    );
}

#[test]
fn what_cannot_get_better_is_not_tried_again() {
    check(
        ">> prompt 1 go
        request 1: user go
        > submit queued
        emit queued queued
        > fail 1 never usage limit
        emit turn 1 failed: usage limit
        emit unqueued queued, TurnEnded",
    );
}

#[test]
fn a_401_costs_one_refresh_and_one_resend_per_turn() {
    check(
        ">> prompt 1 go
        request 1: user go
        > fail 1 credential refused
        renew after request 1
        > renewed 1
        request 2: user go
        > fail 2 credential refused again
        emit turn 1 failed: refused again
        >> prompt 2 later
        request 3: user go / user later
        > fail 3 credential refused
        renew after request 3
        > not-renewed 3 never sign in again
        emit turn 2 failed: sign in again",
    );
}

#[test]
fn an_interrupt_while_the_credential_is_renewed_wins() {
    check(
        ">> prompt 1 go
        request 1: user go
        > fail 1 credential refused
        renew after request 1
        > interrupt
        emit turn 1 interrupted
        > renewed 1",
    );
}

/// A token was refused, and nobody answers who could renew it.
const OUT_OF_REACH: &str = ">> prompt 1 go
        request 1: user go
        > fail 1 credential refused
        renew after request 1
        > not-renewed 1 unreachable:9 gone
        emit retrying 1/16: gone
        timer 1 in 200 ms";

#[test]
fn a_renewal_that_reaches_nobody_is_tried_again_and_the_step_goes_on_where_it_was() {
    check(&format!(
        "{OUT_OF_REACH}
        > timer 1
        renew after request 1
        > not-renewed 1 unreachable:1 gone
        emit retrying 3/16: gone
        timer 2 in 200 ms
        > timer 2
        renew after request 1
        > renewed 1
        request 2: user go
        > text 2 m Whole
        emit resumed
        emit m says Whole
        > item 2 assistant m Whole
        emit assistant Whole
        >> done 2 1"
    ));
}

#[test]
fn a_refusal_ends_the_tries_of_a_renewal_and_so_does_an_interrupt() {
    check(&format!(
        "{OUT_OF_REACH}
        > timer 1
        renew after request 1
        > not-renewed 1 never sign in again
        emit turn 1 failed: sign in again"
    ));
    check(&format!(
        "{OUT_OF_REACH}
        > interrupt
        stop timer 1
        emit turn 1 interrupted
        > timer 1"
    ));
    check(&format!(
        "{OUT_OF_REACH}
        > timer 1
        renew after request 1
        > interrupt
        emit turn 1 interrupted
        > not-renewed 1 unreachable gone"
    ));
}

#[test]
fn a_renewal_that_reaches_nobody_is_given_up_when_the_time_is_over() {
    check(&format!(
        "{OUT_OF_REACH}
        > timer 1
        renew after request 1
        > not-renewed 1 unreachable:60 gone for good
        emit turn 1 failed: gone for good
        >> prompt 2 later
        request 2: user go / user later"
    ));
}

#[test]
fn a_renewal_that_went_well_leaves_the_model_server_all_the_time_there_is_and_no_second_renewal() {
    check(&format!(
        "{OUT_OF_REACH}
        > timer 1
        renew after request 1
        > not-renewed 1 unreachable:50 gone
        emit retrying 14/16: gone
        timer 2 in 1000 ms
        > timer 2
        renew after request 1
        > renewed 1
        request 2: user go
        > fail 2 unreachable gone too
        emit retrying 1/16: gone too
        timer 3 in 200 ms
        > timer 3
        request 3: user go
        > fail 3 credential refused again
        emit turn 1 failed: refused again"
    ));
}

#[test]
fn a_break_that_was_told_is_told_over_though_the_credential_had_to_be_renewed_on_the_way() {
    check(
        ">> prompt 1 go
        request 1: user go
        > fail 1 backoff cut
        emit retrying 1/5: cut
        timer 1 in 200 ms
        > timer 1
        request 2: user go
        > fail 2 credential refused
        renew after request 2
        > renewed 2
        request 3: user go
        > text 3 m Whole
        emit resumed
        emit m says Whole",
    );
}

#[test]
fn calls_of_an_answer_that_was_ended_are_not_blamed_on_the_user() {
    check(
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {}
        > fail 1 never too much
        emit c1 ended: [broke off]
        emit turn 1 failed: too much
        >> prompt 2 and now?
        request 2: user go / call c1 / output c1 [broke off] / user and now?",
    );
}

#[test]
fn of_words_that_did_not_want_to_end_the_beginning_is_kept() {
    let mut session = Session::new(config(50), settings());
    session.handle(input("submit go"));
    session.handle(SessionInput::EnvironmentDescribed(String::new()));
    session.handle(SessionInput::Delta(
        ModelRequestId(1),
        ModelDelta::Text { item: "m".into(), text: "é".repeat(1 << 20) },
    ));
    let problem = Problem::new(ProblemKind::BrokenStream, "too much");
    session.handle(SessionInput::ModelRequestFailed(
        ModelRequestId(1),
        Failure { problem, retry: RetryAdvice::Never, took: Duration::ZERO },
    ));
    let effects = session.handle(input("submit and now?"));
    let prompt = effects
        .into_iter()
        .find_map(|effect| {
            if let SessionEffect::RequestModel(_, prompt) = effect { Some(prompt) } else { None }
        })
        .unwrap();
    let ItemKind::Assistant { text, .. } = &prompt.items[1].kind else {
        panic!("{:?}", prompt.items[1].id)
    };
    assert!(text.len() < 66_000 && text.ends_with(sentences::REST_LEFT_OUT), "{}", text.len());
}
