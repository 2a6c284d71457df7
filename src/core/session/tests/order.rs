//! Which calls of one response run beside each other, and which wait.

use super::scenario::{check, config, settings};
use super::words::input;
use crate::session::{Session, SessionEffect};

fn after_calls(calls: &[&str], then: &str) {
    let named = |number: usize| number + 1;
    let items: String = calls
        .iter()
        .enumerate()
        .map(|(at, tool)| {
            format!("> item 1 call f{0} c{0} {tool} {0}\nemit call c{0}\n", named(at))
        })
        .collect();
    let started: String =
        (0..calls.len()).map(|at| format!("emit c{} started\n", named(at))).collect();
    check(&format!(
        "> mode full\nemit Build, full\n> submit go\nemit turn 1 started\nemit user go\ndescribe\n> described\nrequest 1: user go\n{items}> end 1\n{started}{then}"
    ));
}

#[test]
fn looks_run_beside_each_other_and_a_change_waits_for_them() {
    after_calls(
        &["read", "read", "edit", "read"],
        "understand c1
        understand c2
        > understood c2 look b
        emit c2 runs: b
        run c2 read 2 [anywhere]
        > understood c1 look a
        emit c1 runs: a
        run c1 read 1 [anywhere]
        > ran c2 two
        emit c2 ended: two
        > ran c1 one
        emit c1 ended: one
        understand c3
        > understood c3 change a
        emit c3 runs: a
        run c3 edit 3 [anywhere] guarding /f/a
        > ran c3 three
        emit c3 ended: three
        understand c4
        > understood c4 bad There is no parameter `x`
        emit c4 ended: There is no parameter `x`
        request 2: user go / call c1 / call c2 / call c3 / call c4 / output c1 one / output c2 two / output c3 three / output c4 There is no parameter `x`",
    );
}

#[test]
fn commands_run_one_after_the_other() {
    after_calls(
        &["shell", "shell"],
        "understand c1
        > understood c1 command make
        emit c1 runs: make
        run c1 shell 1 [free] guarding the folder
        > ran c1 one
        emit c1 ended: one
        understand c2
        > understood c2 command make
        emit c2 runs: make
        run c2 shell 2 [free] guarding the folder
        > progress c2 half way
        emit c2 so far: half way
        > interrupt
        stop c2
        emit c2 ended: [stopped] Its last words:
        half way
        emit turn 1 interrupted
        > changed 1 a",
    );
}

#[test]
fn an_interrupt_stops_what_is_being_understood_and_what_waits_never_begins() {
    after_calls(
        &["edit", "edit"],
        "understand c1
        > interrupt
        stop c1
        emit c1 ended: [not run]
        emit c2 ended: [not run]
        emit turn 1 interrupted
        > understood c1 change a",
    );
}

#[test]
fn the_same_call_for_the_third_time_in_a_row_asks() {
    let again = |request: u32, call: u32| {
        format!(
            "> item {request} call f{call} c{call} read x\nemit call c{call}\n> end {request}\nemit c{call} started\nunderstand c{call}\n> understood c{call} look a\n"
        )
    };
    let runs = |call: u32, items: &str| {
        format!(
            "emit c{call} runs: a\nrun c{call} read x\n> ran c{call} it\nemit c{call} ended: it\nrequest {}: user go{items}\n",
            call + 1
        )
    };
    let (one, two, three) = (
        " / call c1 / output c1 it",
        " / call c1 / output c1 it / call c2 / output c2 it",
        " / call c1 / output c1 it / call c2 / output c2 it / call c3 / output c3 it",
    );
    check(&format!(
        "> submit go\nemit turn 1 started\nemit user go\ndescribe\n> described\nrequest 1: user go\n{}{}{}{}{}emit c3 asks, ReadOnly, may learn doom_loop: *: [same again]\n> decide c3 once\n{}",
        again(1, 1),
        runs(1, one),
        again(2, 2),
        runs(2, two),
        again(3, 3),
        runs(3, three)
    ));
}

#[test]
fn where_everything_may_run_nothing_is_asked_however_often_it_comes() {
    let again = |request: u32| {
        format!(
            "> item {request} call f{request} c{request} read x\n> end {request}\n> understood c{request} look a\n> ran c{request} it"
        )
    };
    let mut session =
        crate::session::Session::new(super::scenario::config(50), super::scenario::settings());
    let lines = format!(
        "mode full\nsubmit go\ndescribed\n{}",
        (1..=5).map(again).collect::<Vec<_>>().join("\n")
    );
    let mut runs = 0;
    for line in lines.lines() {
        for effect in session.handle(super::words::input(line.trim_start_matches("> "))) {
            runs += u32::from(matches!(effect, crate::session::SessionEffect::Run(_)));
            assert!(
                !matches!(
                    effect,
                    crate::session::SessionEffect::Emit(crate::protocol::EventKind::Approval(_))
                ),
                "{line}"
            );
        }
    }
    assert_eq!(runs, 5);
}

#[test]
fn a_question_waits_for_its_answer_and_a_plan_does_not() {
    after_calls(
        &["read", "read"],
        "understand c1
        understand c2
        > understood c1 ask Which one?
        emit c1 asks: Which one?
        > understood c2 plan Think
        emit 1 steps
        emit c2 ended: [plan shown]
        > answer c1 the first
        emit c1 ended: The user answered: the first
        request 2: user go / call c1 / call c2 / output c1 The user answered: the first / output c2 [plan shown]",
    );
}

#[test]
fn several_questions_are_asked_one_after_the_other_and_answered_together() {
    after_calls(
        &["read"],
        r#"understand c1
        > understood c1 ask-all Which one? / What port?
        emit c1 asks: Which one?
        > answer c1 the first
        emit c1 asks: What port?
        > answer c1 8080
        emit c1 ended: [("q0", "the first"), ("q1", "8080")]
        request 2: user go / call c1 / output c1 [("q0", "the first"), ("q1", "8080")]"#,
    );
    after_calls(
        &["read"],
        r#"understand c1
        > understood c1 ask-all Which one? / What port?
        emit c1 asks: Which one?
        > answer c1 the first
        emit c1 asks: What port?
        > decide c1 no
        emit c1 ended: [declined] Answered before: [("q0", "the first")]
        request 2: user go / call c1 / output c1 [declined] Answered before: [("q0", "the first")]"#,
    );
}

#[test]
fn an_interrupt_between_two_questions_keeps_the_answer_that_was_given() {
    after_calls(
        &["read"],
        r#"understand c1
        > understood c1 ask-all Which one? / What port?
        emit c1 asks: Which one?
        > answer c1 the first
        emit c1 asks: What port?
        > interrupt
        emit c1 ended: [not run] Answered before: [("q0", "the first")]
        emit turn 1 interrupted"#,
    );
}

#[test]
fn a_question_that_nobody_hears_is_answered_so() {
    after_calls(
        &["read"],
        "understand c1
        > understood c1 ask Which one?
        emit c1 asks: Which one?
        > decide c1 nobody
        emit c1 ended: [not asked]
        request 2: user go / call c1 / output c1 [not asked]",
    );
}

#[test]
fn a_command_of_ones_own_joins_the_conversation_without_a_request() {
    check(
        "> own ls
        emit turn 1 started
        emit own_2 started
        emit own_2 runs: ls
        run own_2 shell ls [free] guarding the folder
        > ran own_2 a b
        emit own_2 ended: a b
        emit turn 1 done
        >> prompt 2 what is that?
        describe
        > described in /f
        request 1: user [own command] / call own_2 / output own_2 a b / user in /f / permissions ask / user what is that?
        > own ls
        refuse: NotNow
        > understood x look a",
    );
}

#[test]
fn what_was_typed_last_can_be_taken_back() {
    check(
        ">> prompt 1 go
        request 1: user go
        > submit one
        emit queued one
        > submit two
        emit queued two
        > queue back 2
        emit unqueued two, TakenBack
        >> done 1 1
        emit turn 2 started
        emit user one
        request 2: user go / user one
        > queue back 1
        refuse: NotNow",
    );
}

#[test]
fn commands_that_only_read_run_beside_each_other_until_one_does_more() {
    after_calls(
        &["shell", "shell", "shell", "shell"],
        "understand c1
        > understood c1 command cat a
        emit c1 runs: a
        run c1 shell 1 [free]
        understand c2
        > understood c2 command sed -n 1,9p b
        emit c2 runs: b 1–9
        run c2 shell 2 [free]
        understand c3
        > understood c3 command make
        > ran c1 one
        emit c1 ended: one
        > ran c2 two
        emit c2 ended: two
        understand c3
        > understood c3 command make
        emit c3 runs: make
        run c3 shell 3 [free] guarding the folder
        > ran c3 three
        emit c3 ended: three
        understand c4
        > understood c4 command cat a
        emit c4 runs: a
        run c4 shell 4 [free]
        > interrupt
        stop c4
        emit c4 ended: [stopped]
        emit turn 1 interrupted",
    );
}

/// The sentences with which commands are refused: scenarios name only their kinds.
#[test]
fn a_command_that_is_refused_says_why() {
    for (lines, sentence) in [
        (&["compact"][..], "There is nothing to summarize yet"),
        (&["submit go", "own ls"], "A command of your own can run once the turn has ended"),
        (&["submit go", "queue back 1"], "This prompt waits in the queue no more"),
        (&["submit go", "undo"], "Changes can be taken back once the turn has ended"),
        (
            &["decide 7 once"],
            "This is not asked any more: somebody else answered, or the call has ended",
        ),
    ] {
        let mut session = Session::new(config(50), settings());
        let effects: Vec<SessionEffect> =
            lines.iter().flat_map(|line| session.handle(input(line))).collect();
        let said = effects.iter().find_map(|effect| match effect {
            SessionEffect::Reply(_, Err(problem)) => Some(problem.message.as_str()),
            _ => None,
        });
        assert_eq!(said, Some(sentence), "{lines:?}");
    }
}

#[test]
fn the_parts_of_the_context_are_weighed_without_a_turn() {
    check(
        "> context
        answer: Context(ContextReport { size: None, used: 3, compacted_at: 85, parts: [(Instructions, 1), (Tools, 2)] })
        >> prompt 1 a prompt of some more words
        request 1: user a prompt of some more words
        >> answer 1 An answer of more than a few words
        >> done 1 1
        > context
        answer: Context(ContextReport { size: None, used: 18, compacted_at: 85, parts: [(Instructions, 1), (Tools, 2), (Prompts, 6), (Answers, 8)] })",
    );
}
