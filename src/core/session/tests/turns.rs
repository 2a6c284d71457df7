//! Turns that come to their end.

use super::scenario::{check, check_with_steps};

#[test]
fn a_prompt_is_answered_and_the_turn_ends() {
    check(
        ">> prompt 1 hello
        request 1: user hello
        > opened 1 m1 assistant
        emit m1 opened
        > text 1 m1 Hi
        emit m1 says Hi
        >> answer 1 Hi there
        >> done 1 1
        >> prompt 2 more
        request 2: user hello / assistant Hi there / user more",
    );
}

#[test]
fn text_together_with_calls_goes_on_until_a_whole_response_holds_no_call() {
    check(
        ">> prompt 1 look
        request 1: user look
        > item 1 reasoning r1 hm
        emit reasoning hm
        >> answer 1 I look
        >> call 1 c1 read {}
        >> call 1 c2 read {}
        > end 1
        emit c1 started
        emit c2 started
        run c1 read {}
        run c2 read {}
        > ran c2 two
        emit c2 ended: two
        > ran c1 one
        emit c1 ended: one
        request 2: user look / reasoning hm / assistant I look / call c1 / call c2 / output c1 one / output c2 two
        >> answer 2 done
        >> done 2 1",
    );
}

#[test]
fn the_server_may_ask_for_another_request_without_a_call() {
    check(
        ">> prompt 1 go
        request 1: user go
        >> answer 1 wait
        > end 1 more
        request 2: user go / assistant wait
        >> done 2 1",
    );
}

#[test]
fn the_turn_state_is_echoed_within_a_turn_and_dropped_at_the_next() {
    check(
        ">> prompt 1 a
        request 1: user a
        > state 1 ts
        > end 1 more
        request 2: [state ts] user a
        >> done 2 1
        >> prompt 2 b
        request 3: user a / user b",
    );
}

#[test]
fn the_last_step_has_no_tools_and_sums_up() {
    check_with_steps(
        2,
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {}
        > end 1
        emit c1 started
        run c1 read {}
        > ran c1 one
        emit c1 ended: one
        request 2: [no tools] user go / call c1 / output c1 one / last step
        >> call 2 c2 read {}
        > end 2
        emit turn 1 out of steps
        >> prompt 2 next
        request 3: user go / call c1 / output c1 one / call c2 / output c2 [steps used up] / user next",
    );
}

#[test]
fn that_a_step_is_the_last_is_said_once_however_often_it_is_tried() {
    check_with_steps(
        1,
        ">> prompt 1 go
        request 1: [no tools] user go / last step
        > fail 1 backoff busy
        emit retrying 1/5: busy
        timer 1 in 200 ms
        > timer 1
        request 2: [no tools] user go / last step
        > fail 2 never gone
        emit turn 1 failed: gone
        >> prompt 2 again
        request 3: [no tools] user go / user again / last step",
    );
}

#[test]
fn what_follows_on_a_last_step_that_failed_is_not_told_that_the_steps_are_used_up() {
    check_with_steps(
        2,
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {}
        > end 1
        emit c1 started
        run c1 read {}
        > ran c1 one
        emit c1 ended: one
        request 2: [no tools] user go / call c1 / output c1 one / last step
        > fail 2 never gone
        emit turn 1 failed: gone
        >> prompt 2 again
        request 3: user go / call c1 / output c1 one / user again",
    );
}

#[test]
fn what_is_typed_while_it_works_joins_at_the_next_step() {
    check(
        ">> prompt 1 go
        request 1: user go
        > submit and this
        emit queued and this
        >> call 1 c1 read {}
        > end 1
        emit c1 started
        run c1 read {}
        > ran c1 one
        emit c1 ended: one
        emit user and this
        request 2: user go / call c1 / output c1 one / user and this",
    );
}

#[test]
fn what_is_typed_during_the_last_step_begins_the_next_turn() {
    check(
        ">> prompt 1 go
        request 1: user go
        > submit more
        emit queued more
        >> done 1 1
        emit turn 2 started
        emit user more
        request 2: user go / user more",
    );
}

#[test]
fn a_prompt_for_after_the_turn_waits_for_it_and_is_a_turn_of_its_own() {
    check(
        ">> prompt 1 go
        request 1: user go
        > later then test
        emit queued then test
        > later then commit
        emit queued then commit
        > submit and this
        emit queued and this
        >> call 1 c1 read {}
        > end 1
        emit c1 started
        run c1 read {}
        > ran c1 one
        emit c1 ended: one
        emit user and this
        request 2: user go / call c1 / output c1 one / user and this
        >> done 2 1
        emit turn 2 started
        emit user then test
        request 3: user go / call c1 / output c1 one / user and this / user then test
        >> done 3 2
        emit turn 3 started
        emit user then commit
        request 4: user go / call c1 / output c1 one / user and this / user then test / user then commit",
    );
}

#[test]
fn what_waits_is_moved_sent_and_dropped_each_by_its_name() {
    check(
        ">> prompt 1 go
        request 1: user go
        > later one
        emit queued one
        > later two
        emit queued two
        > later three
        emit queued three
        > queue earlier 3
        emit queue is one + three + two
        > queue later 1
        emit queue is three + one + two
        > queue earlier 3
        emit queue is three + one + two
        > queue steer 2
        emit queue is two + three + one
        > queue earlier 3
        emit queue is two + three + one
        > queue drop 1
        emit unqueued one, TakenBack
        > queue back 1
        refuse: NotNow
        >> done 1 1
        emit turn 2 started
        emit user two
        request 2: user go / user two
        > interrupt
        stop request 2
        emit turn 2 interrupted
        emit unqueued three, TurnEnded",
    );
}

#[test]
fn a_review_waits_for_the_turn_and_steers_none() {
    check(
        ">> prompt 1 go
        request 1: user go
        > review look
        refuse: NotNow
        > later_review look
        emit queued look
        > queue steer 1
        refuse: NotNow
        >> done 1 1
        emit turn 2 started
        emit user look
        request 2: user go / user review them / user look",
    );
}

#[test]
fn a_second_call_of_the_same_name_is_left_out() {
    check(
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {}
        > item 1 call f2 c1 read {}
        emit call c1
        > end 1
        emit c1 started
        run c1 read {}
        > ran c1 one
        emit c1 ended: one
        request 2: user go / call c1 / output c1 one",
    );
}

#[test]
fn words_of_an_older_sample_are_dropped_at_the_door() {
    check(
        ">> prompt 1 go
        request 1: user go
        >> done 1 1
        > text 1 m1 late
        > end 1
        > fail 1 backoff late
        > ran c9 late
        > timer 7
        > renewed 1",
    );
}

#[test]
fn a_prompt_is_answered_with_its_place_before_anything_follows_from_it() {
    check(
        "> submit go
        answer: Submitted(Turn(TurnId(1)))
        emit turn 1 started
        emit user go
        request 1: user go
        > submit more
        answer: Submitted(Queued(PromptId(1)))
        emit queued more
        >> done 1 1
        emit unqueued more, Sent
        emit turn 2 started
        emit user more
        request 2: user go / user more",
    );
}

#[test]
fn a_review_is_a_turn_of_its_own_or_none() {
    check(
        "> submit go
        answer: Submitted(Turn(TurnId(1)))
        emit turn 1 started
        emit user go
        request 1: user go
        > review look
        refuse: NotNow
        >> done 1 1
        > review look
        answer: Submitted(Turn(TurnId(2)))
        emit turn 2 started
        emit user look
        request 2: user go / user review them / user look",
    );
}

#[test]
fn an_interrupt_stops_the_stream_and_the_next_turn_is_told() {
    check(
        ">> prompt 1 go
        request 1: user go
        > item 1 reasoning r1 hm
        emit reasoning hm
        > opened 1 m1 assistant
        emit m1 opened
        > text 1 m1 Half a sen
        emit m1 says Half a sen
        > interrupt
        stop request 1
        emit turn 1 interrupted
        > text 1 m1 tence
        >> prompt 2 again
        request 2: user go / reasoning hm / partial Half a sen / user [interrupted before] / user again",
    );
}

#[test]
fn an_interrupt_ends_running_calls_and_every_call_still_has_its_output() {
    check(
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {}
        >> call 1 c2 read {}
        > end 1
        emit c1 started
        emit c2 started
        run c1 read {}
        run c2 read {}
        > ran c1 one
        emit c1 ended: one
        > interrupt
        stop c2
        emit c2 ended: [stopped]
        emit turn 1 interrupted
        > ran c2 late
        >> prompt 2 again
        request 2: user go / call c1 / call c2 / output c1 one / output c2 [stopped] / user [interrupted before] / user again",
    );
}

#[test]
fn an_interrupt_during_a_wait_stops_the_alarm_and_hands_queued_prompts_back() {
    check(
        ">> prompt 1 go
        request 1: user go
        > submit one
        emit queued one
        > submit two
        emit queued two
        > fail 1 backoff busy
        emit retrying 1/5: busy
        timer 1 in 200 ms
        > interrupt
        stop timer 1
        emit turn 1 interrupted
        emit unqueued one + two, TurnEnded
        > timer 1",
    );
}

#[test]
fn an_interrupt_without_a_turn_is_nothing() {
    check("> interrupt");
}
