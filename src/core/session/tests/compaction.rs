//! Conversations that become too long.

use std::sync::Arc;

use super::scenario::{
    check, check_with_model, check_with_small_model, check_with_steps, check_with_thousand_tokens,
    config, settings,
};
use crate::protocol::{CompactionResult, Item, ItemKind, Record, TurnCommand};
use crate::session::{Session, SessionEffect, SessionInput};

#[test]
fn at_85_percent_the_past_becomes_a_summary_behind_a_new_look_and_the_open_prompt_stays() {
    check_with_model(
        "m",
        1000,
        ">> prompt 1 go
        describe
        > described in /f
        request 1: user in /f / permissions ask / user go
        >> answer 1 Done
        > end 1 849
        emit 849 tokens used
        emit turn 1 done
        >> prompt 2 this is a prompt of 30 letters
        describe
        > described in /f on main
        emit summing up
        request 2: [no tools] user in /f / permissions ask / user go / assistant Done / please sum up
        > text 2 m2 What
        > item 2 assistant m2 What was
        > end 2
        emit summed up from 859 tokens
        request 3: user in /f on main / permissions ask / user go / summary What was / user this is a prompt of 30 letters
        > end 3 900
        emit 900 tokens used
        emit turn 2 done",
    );
}

/// A turn, and a summary that is asked for by hand.
const BY_HAND: &str = ">> prompt 1 go
    request 1: user go
    >> answer 1 Done
    >> done 1 1
    > compact
    emit turn 2 started
    emit summing up
";

#[test]
fn a_small_model_sums_up_where_it_all_fits() {
    check_with_small_model(
        1000,
        &format!(
            "{BY_HAND}request 2: [acme/cheap] [no tools] user go / assistant Done / please sum up
            > text 2 m2 What was
            > item 2 assistant m2 What was
            > end 2
            emit summed up from 4 tokens
            emit turn 2 done
            >> prompt 3 on
            request 3: user go / summary What was / user on"
        ),
    );
    check_with_small_model(
        2,
        &format!("{BY_HAND}request 2: [no tools] user go / assistant Done / please sum up"),
    );
}

#[test]
fn the_conversations_model_sums_up_what_the_small_one_did_not() {
    check_with_small_model(
        1000,
        &format!(
            "{BY_HAND}request 2: [acme/cheap] [no tools] user go / assistant Done / please sum up
            > fail 2 never No key
            emit notice `acme/cheap` could not sum the conversation up (No key): `m` does it
            request 3: [no tools] user go / assistant Done / please sum up"
        ),
    );
}

#[test]
fn a_context_that_is_too_long_is_summed_up_and_then_made_shorter_still() {
    check_with_model(
        "gpt-x",
        100_000,
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {}
        > end 1
        emit c1 started
        run c1 read {}
        > ran c1 one
        emit c1 ended: one
        request 2: user go / call c1 / output c1 one
        > fail 2 long It is too long
        emit summing up
        request 3: [no tools] user go / call c1 / output c1 one / please sum up
        > fail 3 long It is too long
        request 4: [no tools] user go / call c1 / output c1 one / please sum up
        > item 4 assistant m2 What was
        > end 4
        emit summed up from 5 tokens
        request 5: user go / summary What was
        > fail 5 long It is too long
        emit turn 1 failed: It is too long",
    );
}

#[test]
fn the_task_stays_however_often_the_context_is_too_long() {
    check_with_model(
        "gpt-x",
        100_000,
        ">> prompt 1 before
        request 1: user before
        >> answer 1 Done
        >> done 1 1
        >> prompt 2 the task
        request 2: user before / assistant Done / user the task
        >> call 2 c1 read {}
        > end 2
        emit c1 started
        run c1 read {}
        > ran c1 one
        emit c1 ended: one
        request 3: user before / assistant Done / user the task / call c1 / output c1 one
        > fail 3 long It is too long
        emit summing up
        request 4: [no tools] user before / assistant Done / user the task / call c1 / output c1 one / please sum up
        > item 4 assistant m2 What was
        > end 4
        emit summed up from 9 tokens
        request 5: user before / user the task / summary What was
        > fail 5 long It is too long
        emit notice [shrunk]
        request 6: user the task / summary What was
        > fail 6 long It is too long
        emit turn 2 failed: It is too long
        >> prompt 3 on
        request 7: user the task / summary What was / user on",
    );
}

#[test]
fn the_beginning_of_a_long_task_stays_too() {
    let (long, room) = ("x".repeat(1200), "x".repeat(1000));
    let cut = "(The rest was left out: it did not fit into the context.)";
    check_with_model(
        "m",
        1000,
        &format!(
            ">> prompt 1 {long}
        request 1: user {long}
        >> answer 1 Done
        > end 1 900 more
        emit 900 tokens used
        emit summing up
        request 2: [no tools] user {long} / assistant Done / please sum up
        > item 2 assistant m2 What was
        > end 2
        emit summed up from 900 tokens
        request 3: user {room}
        {cut} / summary What was"
        ),
    );
}

#[test]
fn a_step_that_is_asked_for_again_behind_a_summary_is_counted_once() {
    check_with_steps(
        3,
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {}
        > end 1
        emit c1 started
        run c1 read {}
        > ran c1 one
        emit c1 ended: one
        request 2: user go / call c1 / output c1 one
        > fail 2 long It is too long
        emit summing up
        request 3: [no tools] user go / call c1 / output c1 one / please sum up
        > item 3 assistant m2 What was
        > end 3
        emit summed up from 5 tokens
        request 4: user go / summary What was
        >> done 4 1",
    );
}

/// A response that broke off behind a call, whose output came; the step is tried again later.
fn broke_off(output: &str) -> String {
    format!(
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 read {{}}
        > fail 1 backoff busy
        emit c1 started
        run c1 read {{}}
        > ran c1 {output}
        emit c1 ended: {output}
        emit retrying 1/5: busy
        timer 1 in 200 ms
"
    )
}

#[test]
fn a_step_that_is_tried_again_behind_a_summary_is_counted_once() {
    let (begins, long) = (broke_off("one"), "x".repeat(3500));
    check_with_steps(
        2,
        &format!(
            "{begins}> compact
            > timer 1
            emit summing up
            request 2: [no tools] user go / call c1 / output c1 one / please sum up
            > item 2 assistant m2 What was
            > end 2
            emit summed up from 5 tokens
            request 3: user go / summary What was
            >> done 3 1"
        ),
    );
    let begins = broke_off(&long);
    check_with_thousand_tokens(
        2,
        &format!(
            "{begins}> timer 1
            emit summing up
            request 2: [no tools] user go / call c1 / output c1 {long} / please sum up
            > item 2 assistant m2 What was
            > end 2
            emit summed up from 880 tokens
            request 3: user go / summary What was
            >> done 3 1"
        ),
    );
}

#[test]
fn a_conversation_over_the_window_is_summed_up_without_long_outputs_at_once() {
    let (long, head) = ("x".repeat(5000), "x".repeat(600));
    let left_out = "(the rest is left out)";
    check_with_thousand_tokens(
        50,
        &format!(
            ">> prompt 1 go
            request 1: user go
            >> call 1 c1 read {{}}
            > end 1 10
            emit 10 tokens used
            emit c1 started
            run c1 read {{}}
            > ran c1 {long}
            emit c1 ended: {long}
            emit summing up
            request 2: [no tools] user go / call c1 / output c1 {head}
            {left_out} / please sum up
            > item 2 assistant m2 What was
            > end 2
            emit summed up from 1260 tokens
            request 3: user go / summary What was
            >> done 3 1"
        ),
    );
}

#[test]
fn only_the_end_is_summed_up_where_nothing_else_fits_and_that_is_told() {
    let (first, second) = ("x".repeat(3000), "y".repeat(3000));
    check_with_thousand_tokens(
        50,
        &format!(
            ">> prompt 1 {first}
            request 1: user {first}
            > interrupt
            stop request 1
            emit turn 1 interrupted
            >> prompt 2 {second}
            request 2: user {first} / user [interrupted before] / user {second}
            >> answer 2 Done
            > end 2 more
            emit summing up
            emit notice [without its beginning]
            request 3: [no tools] assistant Done / please sum up"
        ),
    );
}

#[test]
fn a_prompt_that_a_summary_does_not_stand_for_takes_no_room_from_it() {
    let (long, prompt) = ("x".repeat(700), "y".repeat(5000));
    check_with_thousand_tokens(
        50,
        &format!(
            ">> prompt 1 go
            request 1: user go
            >> answer 1 {long}
            >> done 1 1
            >> prompt 2 {prompt}
            emit summing up
            request 2: [no tools] user go / assistant {long} / please sum up"
        ),
    );
}

#[test]
fn a_server_that_counts_too_little_does_not_keep_a_conversation_from_being_summed_up() {
    let long = "x".repeat(1750);
    for (counted, told) in [(0, 437), (10, 447)] {
        check_with_thousand_tokens(
            50,
            &format!(
                ">> prompt 1 go
                request 1: user go
                >> call 1 c1 read {{}}
                > end 1 {counted}
                emit {counted} tokens used
                emit c1 started
                run c1 read {{}}
                > ran c1 {long}
                emit c1 ended: {long}
                request 2: user go / call c1 / output c1 {long}
                >> call 2 c2 read {{}}
                > end 2 {counted}
                emit {counted} tokens used
                emit c2 started
                run c2 read {{}}
                > ran c2 {long}
                emit c2 ended: {long}
                emit summing up
                request 3: [no tools] user go / call c1 / output c1 {long} / call c2 / output c2 {long} / please sum up
                > item 3 assistant m3 What was
                > end 3
                emit summed up from {told} tokens
                request 4: user go / summary What was"
            ),
        );
    }
}

#[test]
fn compaction_by_hand_is_a_turn_of_its_own() {
    check(
        "> compact
        refuse: NotNow
        >> prompt 1 go
        request 1: user go
        >> answer 1 Done
        >> done 1 1
        > compact
        emit turn 2 started
        emit summing up
        request 2: [no tools] user go / assistant Done / please sum up
        > interrupt
        stop request 2
        emit not summed up
        emit turn 2 interrupted
        > compact
        emit turn 3 started
        emit summing up
        request 3: [no tools] user go / assistant Done / please sum up
        > fail 3 backoff busy
        emit retrying 1/5: busy
        timer 1 in 200 ms
        > timer 1
        emit summing up
        request 4: [no tools] user go / assistant Done / please sum up
        > item 4 assistant m2 What was
        > end 4
        emit summed up from 25 tokens
        emit turn 3 done
        > compact
        refuse: NotNow
        >> prompt 4 on
        request 5: user go / summary What was / user [interrupted before] / user on",
    );
}

#[test]
fn a_model_that_gives_no_summary_does_not_stop_the_turn() {
    check_with_model(
        "m",
        1000,
        ">> prompt 1 go
        request 1: user go
        >> answer 1 Done
        > end 1 900 more
        emit 900 tokens used
        emit summing up
        request 2: [no tools] user go / assistant Done / please sum up
        > end 2
        emit not summed up
        request 3: user go / assistant Done
        >> done 3 1",
    );
}

#[test]
fn a_summary_that_cannot_be_had_is_told_as_such() {
    check(
        ">> prompt 1 go
        request 1: user go
        >> answer 1 Done
        >> done 1 1
        > compact
        emit turn 2 started
        emit summing up
        request 2: [no tools] user go / assistant Done / please sum up
        > fail 2 never refused
        emit not summed up
        emit turn 2 failed: [not summarized]: refused",
    );
}

#[test]
fn the_last_prompts_stay_as_they_were_typed_as_far_as_there_is_room() {
    let long = "x".repeat(993);
    check_with_model(
        "m",
        1000,
        &format!(
            ">> prompt 1 first
        request 1: user first
        >> answer 1 Done
        > end 1 10
        emit 10 tokens used
        emit turn 1 done
        >> prompt 2 {long}
        request 2: user first / assistant Done / user {long}
        >> answer 2 Done
        > end 2 10
        emit 10 tokens used
        emit turn 2 done
        >> prompt 3 third
        request 3: user first / assistant Done / user {long} / assistant Done / user third
        >> answer 3 Done
        > end 3 900
        emit 900 tokens used
        emit turn 3 done
        >> prompt 4 fourth
        emit summing up
        request 4: [no tools] user first / assistant Done / user {long} / assistant Done / user third / assistant Done / please sum up
        > item 4 assistant m4 What was
        > end 4
        emit summed up from 901 tokens
        request 5: user {long} / user third / summary What was / user fourth"
        ),
    );
}

#[test]
fn a_request_stops_growing_however_many_short_prompts_were_summed_up() {
    let sent_after = |turns: u64| {
        let item = |id: String, kind| Arc::new(Item { id: id.as_str().into(), kind, wire: None });
        let records: Vec<Record> = (1..=turns)
            .flat_map(|turn| {
                let prompt = ItemKind::user("and the next one");
                let prompt = Record::Item(item(format!("own_{turn}"), prompt));
                let answer = ItemKind::assistant("Done");
                let answer = Record::Item(item(format!("item_{turn}"), answer));
                let summary = item(format!("own_s{turn}"), ItemKind::user("all before it"));
                let compaction = CompactionResult { before: 2, after: 1 };
                let summed_up = Record::Compacted { summary, compaction };
                let summed_up = (turn % 50 == 0).then_some(summed_up);
                [Some(prompt), Some(answer), summed_up].into_iter().flatten()
            })
            .collect();
        let mut session = Session::resume(config(50), settings(), &records);
        session.handle(SessionInput::Command(None, TurnCommand::Submit("go on".into())));
        let effects = session.handle(SessionInput::EnvironmentDescribed(String::new()));
        let items = effects.into_iter().find_map(|effect| match effect {
            SessionEffect::RequestModel(_, request) => Some(request.items.len()),
            _ => None,
        });
        items.unwrap()
    };
    assert_eq!(sent_after(200), sent_after(2_000));
    assert!(sent_after(2_000) < 110);
}

#[test]
fn plan_and_changed_files_are_told_behind_a_summary_word_for_word() {
    check(
        ">> prompt 1 go
        request 1: user go
        >> call 1 c1 todo x
        > end 1
        emit c1 started
        understand c1
        > understood c1 plan pears
        emit 1 steps
        emit c1 ended: [plan shown]
        request 2: user go / call c1 / output c1 [plan shown]
        > changed 1 a sub/b
        > item 2 assistant m1 Done
        emit assistant Done
        >> done 2 1
        > compact
        emit turn 2 started
        emit summing up
        request 3: [no tools] user go / call c1 / output c1 [plan shown] / assistant Done / please sum up
        > item 3 assistant m2 What was
        > end 3
        emit summed up from 12 tokens
        emit turn 2 done
        >> prompt 3 on
        request 4: user go / summary What was / user Your plan:
        - doing: pears
        Files changed so far in this conversation:
        - a
        - sub/b / user on",
    );
}
