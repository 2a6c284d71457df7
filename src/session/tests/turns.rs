//! Turns that come to their end.

use super::scenario::{check, check_with_steps};

#[test]
fn a_prompt_is_answered_and_the_turn_ends() {
    check(
        "> submit hello
        tell turn 1 started
        tell user hello
        sample 1: user hello
        > opened 1 m1 assistant
        tell m1 opened
        > text 1 m1 Hi
        tell m1 says Hi
        > item 1 assistant m1 Hi there
        tell assistant Hi there
        > end 1
        tell turn 1 done
        > submit more
        tell turn 2 started
        tell user more
        sample 2: user hello / assistant Hi there / user more",
    );
}

#[test]
fn text_together_with_calls_goes_on_until_a_whole_response_holds_no_call() {
    check(
        "> submit look
        tell turn 1 started
        tell user look
        sample 1: user look
        > item 1 reasoning r1 hm
        tell reasoning hm
        > item 1 assistant m1 I look
        tell assistant I look
        > item 1 call f1 c1 read {}
        tell call c1
        > item 1 call f2 c2 read {}
        tell call c2
        > end 1
        tell c1 started
        tell c2 started
        run c1 read {}
        run c2 read {}
        > ran c2 two
        tell c2 ended: two
        > ran c1 one
        tell c1 ended: one
        sample 2: user look / reasoning hm / assistant I look / call c1 / call c2 / output c1 one / output c2 two
        > item 2 assistant m2 done
        tell assistant done
        > end 2
        tell turn 1 done",
    );
}

#[test]
fn the_server_may_ask_for_another_request_without_a_call() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > item 1 assistant m1 wait
        tell assistant wait
        > end 1 more
        sample 2: user go / assistant wait
        > end 2
        tell turn 1 done",
    );
}

#[test]
fn the_turn_state_is_echoed_within_a_turn_and_dropped_at_the_next() {
    check(
        "> submit a
        tell turn 1 started
        tell user a
        sample 1: user a
        > state 1 ts
        > end 1 more
        sample 2: [state ts] user a
        > end 2
        tell turn 1 done
        > submit b
        tell turn 2 started
        tell user b
        sample 3: user a / user b",
    );
}

#[test]
fn the_last_step_has_no_tools_and_sums_up() {
    check_with_steps(
        2,
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > item 1 call f1 c1 read {}
        tell call c1
        > end 1
        tell c1 started
        run c1 read {}
        > ran c1 one
        tell c1 ended: one
        sample 2: [no tools] user go / call c1 / output c1 one / last step
        > item 2 call f2 c2 read {}
        tell call c2
        > end 2
        tell turn 1 out of steps
        > submit next
        tell turn 2 started
        tell user next
        sample 3: user go / call c1 / output c1 one / call c2 / output c2 Not run: the steps of this turn are used up. / user next",
    );
}

#[test]
fn that_a_step_is_the_last_is_said_once_however_often_it_is_tried() {
    check_with_steps(
        1,
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: [no tools] user go / last step
        > fail 1 backoff busy
        tell retrying 1/5: busy
        alarm 1 in 200 ms
        > alarm 1
        sample 2: [no tools] user go / last step
        > fail 2 never gone
        tell turn 1 failed: gone
        > submit again
        tell turn 2 started
        tell user again
        sample 3: [no tools] user go / user again / last step",
    );
}

#[test]
fn what_follows_on_a_last_step_that_failed_is_not_told_that_the_steps_are_used_up() {
    check_with_steps(
        2,
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > item 1 call f1 c1 read {}
        tell call c1
        > end 1
        tell c1 started
        run c1 read {}
        > ran c1 one
        tell c1 ended: one
        sample 2: [no tools] user go / call c1 / output c1 one / last step
        > fail 2 never gone
        tell turn 1 failed: gone
        > submit again
        tell turn 2 started
        tell user again
        sample 3: user go / call c1 / output c1 one / user again",
    );
}

#[test]
fn what_is_typed_while_it_works_joins_at_the_next_step() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > submit and this
        tell queued and this
        > item 1 call f1 c1 read {}
        tell call c1
        > end 1
        tell c1 started
        run c1 read {}
        > ran c1 one
        tell c1 ended: one
        tell user and this
        sample 2: user go / call c1 / output c1 one / user and this",
    );
}

#[test]
fn what_is_typed_during_the_last_step_begins_the_next_turn() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > submit more
        tell queued more
        > end 1
        tell turn 1 done
        tell turn 2 started
        tell user more
        sample 2: user go / user more",
    );
}

#[test]
fn a_second_call_of_the_same_name_is_left_out() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > item 1 call f1 c1 read {}
        tell call c1
        > item 1 call f2 c1 read {}
        tell call c1
        > end 1
        tell c1 started
        run c1 read {}
        > ran c1 one
        tell c1 ended: one
        sample 2: user go / call c1 / output c1 one",
    );
}

#[test]
fn words_of_an_older_sample_are_dropped_at_the_door() {
    check(
        "> submit go
        tell turn 1 started
        tell user go
        sample 1: user go
        > end 1
        tell turn 1 done
        > text 1 m1 late
        > end 1
        > fail 1 backoff late
        > ran c9 late
        > alarm 7
        > renewed 1",
    );
}

#[test]
fn a_prompt_is_answered_with_its_place_before_anything_follows_from_it() {
    check(
        "> submit go
        answer: Submitted(Turn(TurnId(1)))
        tell turn 1 started
        tell user go
        sample 1: user go
        > submit more
        answer: Submitted(Queued(PromptId(1)))
        tell queued more
        > end 1
        tell turn 1 done
        tell unqueued more, Sent
        tell turn 2 started
        tell user more
        sample 2: user go / user more",
    );
}

#[test]
fn a_review_is_a_turn_of_its_own_or_none() {
    check(
        "> submit go
        answer: Submitted(Turn(TurnId(1)))
        tell turn 1 started
        tell user go
        sample 1: user go
        > review look
        refuse: A review cannot start while a turn is in progress
        > end 1
        tell turn 1 done
        > review look
        answer: Submitted(Turn(TurnId(2)))
        tell turn 2 started
        tell user look
        sample 2: user go / user review them / user look",
    );
}

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
