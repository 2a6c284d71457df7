//! Summaries of the server's, sealed for the model that wrote them.

use std::sync::Arc;

use crate::protocol::*;

use super::scenario::{check_with_server, settings};

/// One turn, and a summary that is asked for by hand.
const BEGINNING: &str = "> submit go
    tell turn 1 started
    tell user go
    sample 1: user go
    > item 1 reasoning r1 hm
    tell reasoning hm
    > item 1 assistant m1 Done
    tell assistant Done
    > end 1
    tell turn 1 done
    > compact
    tell turn 2 started
    tell summing up
    sample 2: [compact] user go / reasoning hm / assistant Done
";

const SEALED: &str = "> item 2 compaction s1
    > end 2
    tell summed up from 5 tokens
    tell turn 2 done
";

/// Another turn behind it.
const TURN: &str = "> submit on
    tell turn 3 started
    tell user on
    sample 3: user go / sealed s1 / user on
    > item 3 assistant m3 Yes
    tell assistant Yes
    > end 3
    tell turn 3 done
";

fn check(rest: &str) {
    check_with_server(&[], &format!("{BEGINNING}{rest}"));
}

#[test]
fn what_the_server_sums_up_stands_behind_the_last_prompts() {
    check(&format!(
        "{SEALED}> compact
        refuse: There is nothing to summarize yet
        > submit on
        tell turn 3 started
        tell user on
        sample 3: user go / sealed s1 / user on
        > item 3 assistant m3 Done
        tell assistant Done
        > end 3
        tell turn 3 done
        > compact
        tell turn 4 started
        tell summing up
        sample 4: [compact] user go / sealed s1 / user on / assistant Done
        > item 4 compaction s2
        > end 4
        tell summed up from 5 tokens
        tell turn 4 done
        > submit third
        tell turn 5 started
        tell user third
        sample 5: user go / user on / sealed s2 / user third"
    ));
}

#[test]
fn another_model_gets_the_conversation_as_it_was() {
    check(&format!(
        "{SEALED}{TURN}> model other
        > submit what
        tell turn 4 started
        tell user what
        sample 4: user go / partial Done / user on / assistant Yes / user what"
    ));
}

#[test]
fn a_server_that_answers_instead_is_not_asked_again() {
    check(
        "> item 2 assistant m2 Hello
        > end 2
        tell notice OpenAI's server did not sum the conversation up: the model does it from here on
        sample 3: [no tools] user go / reasoning hm / assistant Done / please sum up
        > item 3 assistant m3 What was
        > end 3
        tell summed up from 5 tokens
        tell turn 2 done
        > submit on
        tell turn 3 started
        tell user on
        sample 4: user go / summary What was / user on
        > item 4 assistant m4 Yes
        tell assistant Yes
        > end 4
        tell turn 3 done
        > compact
        tell turn 4 started
        tell summing up
        sample 5: [no tools] user go / summary What was / user on / assistant Yes / please sum up",
    );
}

#[test]
fn a_server_that_refuses_leaves_it_to_the_model_and_one_that_is_busy_is_asked_again() {
    check(
        "> fail 2 backoff busy
        tell retrying 1/5: busy
        alarm 1 in 200 ms
        > alarm 1
        tell summing up
        sample 3: [compact] user go / reasoning hm / assistant Done
        > fail 3 refused Unknown item
        tell notice OpenAI's server did not sum the conversation up: the model does it from here on
        sample 4: [no tools] user go / reasoning hm / assistant Done / please sum up",
    );
}

#[test]
fn a_conversation_too_long_for_the_server_is_cut_for_the_model() {
    check(
        "> fail 2 long It is too long
        sample 3: [no tools] user go / assistant Done / please sum up
        > fail 3 long It is too long
        tell notice The conversation was too long to be summed up as a whole: its beginning is left out of the summary
        sample 4: [no tools] assistant Done / please sum up
        > item 4 assistant m3 What was
        > end 4
        tell summed up from 5 tokens
        tell turn 2 done",
    );
}

#[test]
fn a_server_that_cannot_do_it_leaves_it_to_the_model_for_once() {
    check(
        "> fail 2 never No
        tell notice OpenAI's server could not sum the conversation up this time: the model does it
        sample 3: [no tools] user go / reasoning hm / assistant Done / please sum up
        > item 3 assistant m3 What was
        > end 3
        tell summed up from 5 tokens
        tell turn 2 done
        > submit on
        tell turn 3 started
        tell user on
        sample 4: user go / summary What was / user on
        > item 4 assistant m4 Yes
        tell assistant Yes
        > end 4
        tell turn 3 done
        > compact
        tell turn 4 started
        tell summing up
        sample 5: [compact] user go / summary What was / user on / assistant Yes",
    );
}

#[test]
fn a_model_chosen_while_the_server_sums_up_again_sums_up_what_was_sealed() {
    check(&format!(
        "{SEALED}{TURN}> compact
        tell turn 4 started
        tell summing up
        sample 4: [compact] user go / sealed s1 / user on / assistant Yes
        > model other
        > fail 4 refused Unknown item
        tell notice OpenAI's server did not sum the conversation up: the model does it from here on
        sample 5: [no tools] user go / partial Done / user on / assistant Yes / please sum up
        > item 5 assistant m5 What was
        > end 5
        tell summed up from 7 tokens
        tell turn 4 done
        > submit third
        tell turn 5 started
        tell user third
        sample 6: user go / user on / summary What was / user third"
    ));
}

#[test]
fn the_model_that_wrote_a_summary_gets_it_back_after_another_was_in_use() {
    check(&format!(
        "{SEALED}> model other
        > submit on
        tell turn 3 started
        tell user on
        sample 3: user go / partial Done / user on
        > item 3 assistant m3 Yes
        tell assistant Yes
        > end 3
        tell turn 3 done
        > model m
        > submit and
        tell turn 4 started
        tell user and
        sample 4: user go / sealed s1 / user on / assistant Yes / user and"
    ));
}

#[test]
fn what_was_told_about_permissions_since_is_part_of_what_a_summary_stands_for() {
    check_with_server(
        &[],
        "> submit go
        tell turn 1 started
        tell user go
        describe
        > described in /f
        sample 1: user in /f / permissions ask / user go
        > item 1 assistant m1 Done
        tell assistant Done
        > end 1 849
        tell 849 tokens used
        tell turn 1 done
        > mode auto
        tell Build, auto
        > submit this is a prompt of 30 letters
        tell turn 2 started
        tell user this is a prompt of 30 letters
        tell summing up
        sample 2: [compact] user in /f / permissions ask / user go / assistant Done
        > item 2 compaction s1
        > end 2
        tell summed up from 910 tokens
        sample 3: user in /f / permissions auto / user go / sealed s1 / user this is a prompt of 30 letters
        > item 3 assistant m3 Yes
        tell assistant Yes
        > end 3 500
        tell 500 tokens used
        tell turn 2 done
        > compact
        tell turn 3 started
        tell summing up
        sample 4: [compact] user in /f / permissions auto / user go / sealed s1 / user this is a prompt of 30 letters / assistant Yes
        > item 4 compaction s2
        > end 4
        tell summed up from 500 tokens
        tell turn 3 done
        > submit on
        tell turn 4 started
        tell user on
        sample 5: user in /f / permissions auto / user go / user this is a prompt of 30 letters / sealed s2 / user on",
    );
}

#[test]
fn a_summary_that_cannot_be_read_makes_room_for_what_it_stands_for() {
    check(&format!(
        "{SEALED}> submit on
        tell turn 3 started
        tell user on
        sample 3: user go / sealed s1 / user on
        > item 3 reasoning r3 hm
        tell reasoning hm
        > item 3 assistant m3 Yes
        tell assistant Yes
        > end 3 more
        sample 4: user go / sealed s1 / user on / reasoning hm / assistant Yes
        > fail 4 item=s1 It cannot be read
        tell notice It cannot be read. The messages that the summary stood for are sent in its place, and the model sums up from here on
        sample 5: user go / partial Done / user on / reasoning hm / assistant Yes"
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
            "> submit on
            tell turn 2 started
            tell user on
            sample 1: {sent}"
        )
    };
    check_with_server(&log("m"), &goes_on("user go / sealed s1 / user on"));
    check_with_server(&log("other"), &goes_on("user go / assistant Done / user on"));
}
