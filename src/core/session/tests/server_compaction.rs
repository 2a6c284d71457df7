//! Summaries of the server's, sealed for the model that wrote them.

use std::sync::Arc;

use crate::protocol::*;

use super::scenario::{check_with_server, settings};

/// One turn, and a summary that is asked for by hand.
const BEGINNING: &str = ">> prompt 1 go
    request 1: user go
    > item 1 reasoning r1 hm
    emit reasoning hm
    >> answer 1 Done
    >> done 1 1
    > compact
    emit turn 2 started
    emit summing up
    request 2: [compact] user go / reasoning hm / assistant Done
";

const SEALED: &str = "> item 2 compaction s1
    > end 2
    emit summed up from 5 tokens
    emit turn 2 done
";

/// Another turn behind it.
const TURN: &str = ">> prompt 3 on
    request 3: user go / sealed s1 / user on
    >> answer 3 Yes
    >> done 3 3
";

fn check(rest: &str) {
    check_with_server(&[], &format!("{BEGINNING}{rest}"));
}

#[test]
fn the_model_is_asked_where_the_person_says_what_a_summary_must_keep() {
    check_with_server(
        &[],
        ">> prompt 1 go
        request 1: user go
        >> answer 1 Done
        >> done 1 1
        > compact keep the pears
        emit turn 2 started
        emit summing up
        request 2: [no tools] user go / assistant Done / please sum up and keep the pears",
    );
}

#[test]
fn what_the_server_sums_up_stands_behind_the_last_prompts() {
    check(&format!(
        "{SEALED}> compact
        refuse: NotNow
        >> prompt 3 on
        request 3: user go / sealed s1 / user on
        >> answer 3 Done
        >> done 3 3
        > compact
        emit turn 4 started
        emit summing up
        request 4: [compact] user go / sealed s1 / user on / assistant Done
        > item 4 compaction s2
        > end 4
        emit summed up from 5 tokens
        emit turn 4 done
        >> prompt 5 third
        request 5: user go / user on / sealed s2 / user third"
    ));
}

#[test]
fn another_model_gets_the_conversation_as_it_was() {
    check(&format!(
        "{SEALED}{TURN}> model other
        >> prompt 4 what
        request 4: user go / partial Done / user on / assistant Yes / user what"
    ));
}

#[test]
fn a_server_that_answers_instead_is_not_asked_again() {
    check(
        "> item 2 assistant m2 Hello
        > end 2
        emit notice [not by the server]
        request 3: [no tools] user go / reasoning hm / assistant Done / please sum up
        > item 3 assistant m3 What was
        > end 3
        emit summed up from 5 tokens
        emit turn 2 done
        >> prompt 3 on
        request 4: user go / summary What was / user on
        >> answer 4 Yes
        >> done 4 3
        > compact
        emit turn 4 started
        emit summing up
        request 5: [no tools] user go / summary What was / user on / assistant Yes / please sum up",
    );
}

#[test]
fn a_server_that_refuses_leaves_it_to_the_model_and_one_that_is_busy_is_asked_again() {
    check(
        "> fail 2 backoff busy
        emit retrying 1/5: busy
        timer 1 in 200 ms
        > timer 1
        emit summing up
        request 3: [compact] user go / reasoning hm / assistant Done
        > fail 3 refused Unknown item
        emit notice [not by the server]
        request 4: [no tools] user go / reasoning hm / assistant Done / please sum up",
    );
}

#[test]
fn a_conversation_too_long_for_the_server_is_cut_for_the_model() {
    check(
        "> fail 2 long It is too long
        request 3: [no tools] user go / assistant Done / please sum up
        > fail 3 long It is too long
        emit notice [without its beginning]
        request 4: [no tools] assistant Done / please sum up
        > item 4 assistant m3 What was
        > end 4
        emit summed up from 5 tokens
        emit turn 2 done",
    );
}

#[test]
fn a_server_that_cannot_do_it_leaves_it_to_the_model_for_once() {
    check(
        "> fail 2 never No
        emit notice [not this time]
        request 3: [no tools] user go / reasoning hm / assistant Done / please sum up
        > item 3 assistant m3 What was
        > end 3
        emit summed up from 5 tokens
        emit turn 2 done
        >> prompt 3 on
        request 4: user go / summary What was / user on
        >> answer 4 Yes
        >> done 4 3
        > compact
        emit turn 4 started
        emit summing up
        request 5: [compact] user go / summary What was / user on / assistant Yes",
    );
}

#[test]
fn a_model_chosen_while_the_server_sums_up_again_sums_up_what_was_sealed() {
    check(&format!(
        "{SEALED}{TURN}> compact
        emit turn 4 started
        emit summing up
        request 4: [compact] user go / sealed s1 / user on / assistant Yes
        > model other
        > fail 4 refused Unknown item
        emit notice [not by the server]
        request 5: [no tools] user go / partial Done / user on / assistant Yes / please sum up
        > item 5 assistant m5 What was
        > end 5
        emit summed up from 7 tokens
        emit turn 4 done
        >> prompt 5 third
        request 6: user go / user on / summary What was / user third"
    ));
}

#[test]
fn the_model_that_wrote_a_summary_gets_it_back_after_another_was_in_use() {
    check(&format!(
        "{SEALED}> model other
        >> prompt 3 on
        request 3: user go / partial Done / user on
        >> answer 3 Yes
        >> done 3 3
        > model m
        >> prompt 4 and
        request 4: user go / sealed s1 / user on / assistant Yes / user and"
    ));
}

#[test]
fn what_was_told_about_permissions_since_is_part_of_what_a_summary_stands_for() {
    check_with_server(
        &[],
        ">> prompt 1 go
        describe
        > described in /f
        request 1: user in /f / permissions ask / user go
        >> answer 1 Done
        > end 1 849
        emit 849 tokens used
        emit turn 1 done
        > mode auto
        emit Build, auto
        >> prompt 2 this is a prompt of 30 letters
        describe
        > described in /f
        emit summing up
        request 2: [compact] user in /f / permissions ask / user go / assistant Done
        > item 2 compaction s1
        > end 2
        emit summed up from 922 tokens
        request 3: user in /f / permissions auto / user go / sealed s1 / user this is a prompt of 30 letters
        >> answer 3 Yes
        > end 3 500
        emit 500 tokens used
        emit turn 2 done
        > compact
        emit turn 3 started
        describe
        > described in /f
        emit summing up
        request 4: [compact] user in /f / permissions auto / user go / sealed s1 / user this is a prompt of 30 letters / assistant Yes
        > item 4 compaction s2
        > end 4
        emit summed up from 500 tokens
        emit turn 3 done
        >> prompt 4 on
        request 5: user in /f / permissions auto / user go / user this is a prompt of 30 letters / sealed s2 / user on",
    );
}

#[test]
fn a_summary_that_cannot_be_read_makes_room_for_what_it_stands_for() {
    check(&format!(
        "{SEALED}>> prompt 3 on
        request 3: user go / sealed s1 / user on
        > item 3 reasoning r3 hm
        emit reasoning hm
        >> answer 3 Yes
        > end 3 more
        request 4: user go / sealed s1 / user on / reasoning hm / assistant Yes
        > fail 4 item=s1 It cannot be read
        emit notice It cannot be read. [sent instead]
        request 5: user go / partial Done / user on / reasoning hm / assistant Yes"
    ));
}

#[test]
fn a_log_tells_who_can_read_a_summary() {
    let item = |id: &str, kind: ItemKind| {
        let wire = Wire { text: "{}".into(), source: WireSource::openai() };
        let is_theirs = !matches!(kind, ItemKind::User { .. });
        Arc::new(Item { id: id.into(), kind, wire: is_theirs.then_some(wire) })
    };
    let log = |model: &str| {
        let settings = SessionSettings { model: ModelRef::openai(model), ..settings() };
        [
            Record::TurnStarted(TurnId(1)),
            Record::Item(item("own_1", ItemKind::user("go"))),
            Record::Settings(settings),
            Record::Item(item("m1", ItemKind::assistant("Done"))),
            Record::Compacted {
                summary: item("s1", ItemKind::Compaction),
                compaction: CompactionResult { before: 9, after: 8 },
            },
            Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
        ]
    };
    let goes_on = |sent: &str| {
        format!(
            ">> prompt 2 on
            request 1: {sent}"
        )
    };
    check_with_server(&log("m"), &goes_on("user go / sealed s1 / user on"));
    check_with_server(&log("other"), &goes_on("user go / assistant Done / user on"));
}
