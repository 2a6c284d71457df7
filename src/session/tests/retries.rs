//! Broken streams, refusals and waits.

use super::scenario::check;

#[test]
fn a_broken_stream_keeps_whole_items_drops_partial_text_and_tries_again() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > item 1 reasoning r1 hm
        tell reasoning hm
        > opened 1 m1 assistant
        tell m1 opened
        > text 1 m1 Half
        tell m1 says Half
        > fail 1 backoff cut
        tell retrying 1/5: cut
        alarm 1 in 200 ms
        > alarm 1
        sample 2: user go / reasoning hm
        > text 2 m2 Whole
        tell m1 dropped
        tell resumed
        tell m2 says Whole
        > item 2 assistant m2 Whole
        tell assistant Whole
        > end 2
        tell turn 1 done",
    );
}

/// Five tries that bring nothing, after one that broke in mid-sentence.
const BROKEN: &str = "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > text 1 m1 Half
        tell m1 says Half
        > fail 1 backoff cut
        tell retrying 1/5: cut
        alarm 1 in 200 ms";

#[test]
fn words_of_a_broken_stream_are_kept_where_no_try_brings_others() {
    check(&format!(
        "{BROKEN}
        > alarm 1
        sample 2: user go
        > fail 2 never gone
        tell turn 1 failed: gone
        > submit and now?
        tell turn 2 started
        tell user and now?
        sample 3: user go / partial Half / user and now?"
    ));
    check(&format!(
        "{BROKEN}
        > interrupt
        stop alarm 1
        tell turn 1 interrupted
        > submit and now?
        tell turn 2 started
        tell user and now?
        sample 2: user go / partial Half / user (The turn before this message was interrupted by the user before it was finished.) / user and now?"
    ));
}

#[test]
fn words_of_a_later_try_take_the_place_of_those_before() {
    check(&format!(
        "{BROKEN}
        > alarm 1
        sample 2: user go
        > text 2 m2 More
        tell m1 dropped
        tell resumed
        tell m2 says More
        > fail 2 never gone
        tell turn 1 failed: gone
        > submit and now?
        tell turn 2 started
        tell user and now?
        sample 3: user go / partial More / user and now?"
    ));
    check(&format!(
        "{BROKEN}
        > alarm 1
        sample 2: user go
        > end 2
        tell m1 dropped
        tell turn 1 done"
    ));
}

#[test]
fn calls_that_came_whole_before_the_break_are_run_before_the_next_try() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > item 1 call f1 c1 read {}
        tell call c1
        > fail 1 backoff cut
        tell c1 started
        run c1 read {}
        > ran c1 one
        tell c1 ended: one
        tell retrying 1/5: cut
        alarm 1 in 200 ms
        > alarm 1
        sample 2: user go / call c1 / output c1 one",
    );
}

#[test]
fn the_waits_grow_and_the_sixth_failure_is_final() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > fail 1 backoff a
        tell retrying 1/5: a
        alarm 1 in 200 ms
        > alarm 1
        sample 2: user go
        > fail 2 backoff b
        tell retrying 2/5: b
        alarm 2 in 400 ms
        > alarm 2
        sample 3: user go
        > fail 3 7 c
        tell retrying 3/5: c
        alarm 3 in 7000 ms
        > alarm 3
        sample 4: user go
        > fail 4 backoff d
        tell retrying 4/5: d
        alarm 4 in 1600 ms
        > alarm 4
        sample 5: user go
        > fail 5 backoff e
        tell retrying 5/5: e
        alarm 5 in 3200 ms
        > alarm 5
        sample 6: user go
        > fail 6 backoff f
        tell turn 1 failed: f
        > submit again
        tell turn 2 started
        tell user again
        sample 7: user go / user again",
    );
}

#[test]
fn what_cannot_get_better_is_not_tried_again() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > submit queued
        tell queued queued
        > fail 1 never usage limit
        tell turn 1 failed: usage limit
        tell unqueued \"queued\"",
    );
}

#[test]
fn a_401_costs_one_refresh_and_one_resend_per_turn() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > fail 1 credential refused
        renew after sample 1
        > renewed 1
        sample 2: user go
        > fail 2 credential refused again
        tell turn 1 failed: refused again
        > submit later
        tell turn 2 started
        tell user later
        sample 3: user go / user later
        > fail 3 credential refused
        renew after sample 3
        > not-renewed 3 sign in again
        tell turn 2 failed: sign in again",
    );
}

#[test]
fn an_interrupt_while_the_credential_is_renewed_wins() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > fail 1 credential refused
        renew after sample 1
        > interrupt
        tell turn 1 interrupted
        > renewed 1",
    );
}

#[test]
fn a_break_that_was_told_is_told_over_though_the_credential_had_to_be_renewed_on_the_way() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > fail 1 backoff cut
        tell retrying 1/5: cut
        alarm 1 in 200 ms
        > alarm 1
        sample 2: user go
        > fail 2 credential refused
        renew after sample 2
        > renewed 2
        sample 3: user go
        > text 3 m Whole
        tell resumed
        tell m says Whole",
    );
}

#[test]
fn calls_of_an_answer_that_was_ended_are_not_blamed_on_the_user() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > item 1 call f1 c1 read {}
        tell call c1
        > fail 1 never too much
        tell c1 ended: Not run: the answer that this call came with broke off. Make the call again if it is still wanted.
        tell turn 1 failed: too much
        > submit and now?
        tell turn 2 started
        tell user and now?
        sample 2: user go / call c1 / output c1 Not run: the answer that this call came with broke off. Make the call again if it is still wanted. / user and now?",
    );
}

#[test]
fn of_words_that_did_not_want_to_end_the_beginning_is_kept() {
    use crate::protocol::{Failure, ItemKind, ModelDelta, ModelRequestId, Problem, ProblemKind, RetryAdvice};
    use crate::session::{Session, SessionEffect, SessionInput};

    let mut session = Session::new(super::scenario::config(50), super::scenario::settings());
    session.handle(super::words::input("submit go"));
    session.handle(SessionInput::EnvironmentDescribed(String::new()));
    session.handle(SessionInput::Delta(ModelRequestId(1), ModelDelta::Text { item: "m".into(), text: "é".repeat(1 << 20) }));
    let problem = Problem::new(ProblemKind::BrokenStream, "too much");
    session.handle(SessionInput::ModelRequestFailed(ModelRequestId(1), Failure { problem, retry: RetryAdvice::Never }));
    let effects = session.handle(super::words::input("submit and now?"));
    let prompt = effects
        .into_iter()
        .find_map(|effect| if let SessionEffect::RequestModel(_, prompt) = effect { Some(prompt) } else { None })
        .unwrap();
    let ItemKind::Assistant { text } = &prompt.items[1].kind else { panic!("{:?}", prompt.items[1].id) };
    assert!(text.len() < 66_000 && text.ends_with("the rest of it is left out.)"), "{}", text.len());
}
