//! Stopping in every phase.

use super::scenario::check;

#[test]
fn an_interrupt_stops_the_stream_and_the_next_turn_is_told() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > item 1 reasoning r1 hm
        tell reasoning hm
        > opened 1 m1 assistant
        tell m1 opened
        > text 1 m1 Half a sen
        tell m1 says Half a sen
        > interrupt
        stop sample 1
        tell turn 1 interrupted
        > text 1 m1 tence
        > submit again
        tell turn 2 started
        tell user again
        sample 2: user go / reasoning hm / partial Half a sen / user (The turn before this message was interrupted by the user before it was finished.) / user again",
    );
}

#[test]
fn an_interrupt_ends_running_calls_and_every_call_still_has_its_output() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > item 1 call f1 c1 read {}
        tell call c1
        > item 1 call f2 c2 read {}
        tell call c2
        > end 1
        tell c1 started
        tell c2 started
        run c1 read {}
        run c2 read {}
        > ran c1 one
        tell c1 ended: one
        > interrupt
        stop c2
        tell c2 ended: Interrupted by the user before it finished. It may have been done in part.
        tell turn 1 interrupted
        > ran c2 late
        > submit again
        tell turn 2 started
        tell user again
        sample 2: user go / call c1 / call c2 / output c1 one / output c2 Interrupted by the user before it finished. It may have been done in part. / user (The turn before this message was interrupted by the user before it was finished.) / user again",
    );
}

#[test]
fn an_interrupt_during_a_wait_stops_the_alarm_and_hands_queued_prompts_back() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > submit one
        tell queued one
        > submit two
        tell queued two
        > fail 1 backoff busy
        tell retrying 1/5: busy
        alarm 1 in 200 ms
        > interrupt
        stop alarm 1
        tell turn 1 interrupted
        tell unqueued one + two, TurnEnded
        > alarm 1",
    );
}

#[test]
fn an_interrupt_without_a_turn_is_nothing() {
    check("> interrupt");
}
