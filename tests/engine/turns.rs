//! Conversations.

use std::time::Duration;

use codling::demo::{
    Options, ScriptedAnswer, completed, completed_to_go_on, created, cut, function_call, gate,
    item_done, reasoning, text,
};
use codling::protocol::{
    ApprovalResponse, Command, EventKind, ModelName, ProblemKind, SettingsCommand, TurnOutcome,
    Usage,
};
use serde_json::Value;

use super::scene::Scene;
use crate::stage::sentences;

fn usage() -> Usage {
    Usage { input: 100, cached: 0, output: 10, reasoning: 0, cost: None }
}

fn kinds(input: &[Value]) -> Vec<String> {
    input.iter().map(|item| item["type"].as_str().unwrap_or("message").to_owned()).collect()
}

#[test]
fn a_mixed_answer_of_text_and_calls_goes_on_to_the_end_with_what_is_really_in_the_folder() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([
        ScriptedAnswer::sse([
            created(),
            reasoning("Where to look"),
            item_done(),
            text("Let me look."),
            item_done(),
            function_call("call_1", "read", r#"{"filePath":"README.md"}"#),
            function_call("call_2", "glob", r#"{"pattern":"*.md"}"#),
            completed(usage()),
        ]),
        ScriptedAnswer::says("It is about apples."),
    ]);
    scene.ask("What is this?");
    let responses = scene.stand.responses();
    assert_eq!(responses.len(), 2);
    let input = responses[1].input();
    // The first words tell the folder and what is allowed there.
    let told = |at: usize| input[at]["content"][0]["text"].as_str().unwrap();
    assert!(told(0).contains("Folder:") && told(1).contains("Approval mode `ask`"), "{input:#?}");
    let input = &input[2..];
    assert_eq!(
        kinds(input),
        [
            "message",
            "reasoning",
            "message",
            "function_call",
            "function_call",
            "function_call_output",
            "function_call_output"
        ]
    );
    assert_eq!(
        (&input[5]["call_id"], &input[6]["call_id"]),
        (&Value::from("call_1"), &Value::from("call_2"))
    );
    assert!(input[5]["output"].as_str().unwrap().contains("Apples and pears"), "{input:#?}");
    assert!(
        input[1]["encrypted_content"].is_string(),
        "reasoning goes back with what is encrypted in it"
    );
    scene.end();
}

#[test]
fn a_stream_cut_in_the_middle_recovers_and_says_so() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([
        ScriptedAnswer::sse([created(), text("Half a sen"), cut()]),
        ScriptedAnswer::says("A whole sentence."),
    ]);
    scene.ask("Go");
    let retries = scene.seen(|event| match event {
        EventKind::Retrying(retry) => Some((retry.attempt, retry.of)),
        _ => None,
    });
    assert_eq!(retries, [(1, 5)]);
    assert_eq!(
        scene.seen(|event| matches!(event, EventKind::ItemDropped(_)).then_some(())).len(),
        1
    );
    scene.end();
}

#[test]
fn a_broken_call_an_unknown_tool_and_a_path_outside_are_answered_and_the_loop_goes_on() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([
        ScriptedAnswer::sse([
            created(),
            function_call("c1", "read", "{not json"),
            function_call("c2", "launch", "{}"),
            function_call("c3", "read", r#"{"filePath":"../../etc/passwd"}"#),
            completed(usage()),
        ]),
        ScriptedAnswer::says("I see."),
    ]);
    scene.submit("Go");
    let call = scene.wait("the question whether to look outside", |event| match event {
        EventKind::Approval(approval) => Some(approval.id),
        _ => None,
    });
    scene.decide(call, ApprovalResponse::No);
    assert_eq!(scene.outcome(), TurnOutcome::Done);
    let outputs = scene.seen(|event| match event {
        EventKind::CallEnded { output, .. } => Some(output.ok),
        _ => None,
    });
    assert_eq!(outputs, [false, false, false]);
    scene.end();
}

#[test]
fn a_refused_token_costs_one_refresh_and_one_resend() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([ScriptedAnswer::says("One."), ScriptedAnswer::says("Two.")]);
    scene.ask("First");
    scene.stand.revoke_access_tokens();
    scene.ask("Second");
    assert_eq!(scene.stand.refreshes(), 1);
    assert_eq!(scene.stand.responses().len(), 3);
    scene.end();
}

#[test]
fn two_programs_with_one_expired_token_refresh_it_once() {
    let first = Scene::new(Options::default());
    first.stand.set_access_lifetime(Duration::from_secs(60));
    first.home.sign_in(&first.stand.issue()).unwrap();
    first.stand.set_access_lifetime(Duration::from_secs(3600));
    let second = Scene::beside(first.stand.clone(), first.home.clone());
    first.stand.fault("/oauth/token", ScriptedAnswer::status(503));
    first.submit("one");
    second.submit("two");
    assert_eq!((first.outcome(), second.outcome()), (TurnOutcome::Done, TurnOutcome::Done));
    assert_eq!(first.stand.refreshes(), 1);
    second.end_quietly();
    first.end_quietly();
}

#[test]
fn an_interrupt_ends_a_stalled_stream_at_once_and_the_next_turn_works() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([
        ScriptedAnswer::sse([created(), text("Thinking"), gate("never")]),
        ScriptedAnswer::says("Fine."),
    ]);
    scene.submit("Go");
    assert!(scene.stand.wait_reached("never"));
    scene.wait("the text", |event| matches!(event, EventKind::TextDelta { .. }).then_some(()));
    scene.interrupt();
    assert_eq!(scene.outcome(), TurnOutcome::Interrupted);
    scene.ask("Again");
    scene.end();
}

#[test]
fn the_server_may_ask_for_more_without_a_call_and_the_turn_state_is_echoed() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([
        ScriptedAnswer::sse([created(), text("Wait."), completed_to_go_on(usage())])
            .header("x-codex-turn-state", "ts-1"),
        ScriptedAnswer::says("Done."),
    ]);
    scene.ask("Go");
    let responses = scene.stand.responses();
    assert_eq!(responses[1].header("x-codex-turn-state"), Some("ts-1"));
    scene.end();
}

#[test]
fn a_usage_limit_ends_the_turn_with_a_sentence_and_no_second_request() {
    let scene = Scene::signed_in(Options::default());
    scene.stand.script([ScriptedAnswer::error(429, "usage_limit_reached", "limit")]);
    scene.submit("Go");
    let TurnOutcome::Failed(problem) = scene.outcome() else { panic!("it failed") };
    assert!(matches!(problem.kind, ProblemKind::UsageLimit { .. }), "{problem:?}");
    assert!(problem.next.is_some());
    assert_eq!(scene.stand.responses().len(), 1);
    scene.end();
}

#[test]
fn an_api_key_talks_to_the_api_and_to_nothing_else() {
    let scene = Scene::new(Options::default());
    scene.home.sign_in_with_key(&scene.stand.key()).unwrap();
    scene.stand.script([ScriptedAnswer::says("Hello.")]);
    scene.ask("Go");
    assert_eq!(scene.stand.responses()[0].path, "/v1/responses");
    scene.end();
}

#[test]
fn nobody_signed_in_is_told_at_once_and_nothing_is_sent() {
    let scene = Scene::new(Options::default());
    scene.submit("Go");
    let TurnOutcome::Failed(problem) = scene.outcome() else { panic!("it failed") };
    assert_eq!(problem.kind, ProblemKind::NotSignedIn);
    assert!(scene.stand.requests().is_empty());
    scene.end();
}

#[test]
fn the_demo_model_reads_the_folder_it_is_asked_about() {
    let scene = Scene::signed_in(Options::default());
    // This process cannot start commands, with which other models read files.
    let model = SettingsCommand::Model { model: ModelName::parse("o3"), effort: None };
    scene.send(Command::Settings(scene.session(), model));
    scene.write("notes.txt", "nothing");
    scene.ask("Look at this folder and tell me what it is");
    // The result is the same with any tools.
    let responses = scene.stand.responses();
    let input = responses.last().unwrap().input();
    let outputs: Vec<&str> = input.iter().filter_map(|item| item["output"].as_str()).collect();
    let [listed, read @ ..] = outputs.as_slice() else { panic!("{input:#?}") };
    assert!(listed.contains("README.md") && listed.contains("notes.txt"), "{listed}");
    assert!(read.iter().any(|read| read.contains("Apples and pears.")), "{read:?}");
    let told = scene.seen(|event| match event {
        EventKind::TextDelta { text, .. } => Some(text.clone()),
        _ => None,
    });
    let told = told.concat();
    assert!(told.contains("2 files") && told.contains("Apples and pears."), "{told}");
    scene.end();
}

#[test]
fn a_conversation_that_cannot_be_kept_says_so_and_is_whole_when_it_can_be_again() {
    let scene = Scene::signed_in(Options::default());
    // Its folder goes with its last holder.
    let home = scene.home.clone();
    let sessions = home.path().join("data/sessions");
    std::fs::write(&sessions, "in the way").unwrap();
    scene.stand.script([ScriptedAnswer::says("First."), ScriptedAnswer::says("Second.")]);
    scene.ask("One");
    // It would be lost with the program, which waits for it. The disk is tried again by itself.
    assert!(scene.is_busy());
    std::fs::remove_file(&sessions).unwrap();
    scene.wait("the disk tried again", |event| match event {
        EventKind::Notice(notice) => (notice.message == sentences::BEING_KEPT_AGAIN).then_some(()),
        _ => None,
    });
    assert!(!scene.is_busy());
    scene.ask("Two");
    // Another story covers the sandbox.
    let notices = scene.seen(|event| match event {
        EventKind::Notice(notice) => {
            Some(notice.message.clone()).filter(|message| !message.contains("sandbox"))
        }
        _ => None,
    });
    let [lost, kept] = notices.as_slice() else { panic!("{notices:?}") };
    assert!(
        lost.starts_with(sentences::NOT_BEING_KEPT) && lost.contains(sentences::LOG_NOT_WRITTEN),
        "{lost}"
    );
    assert_eq!(kept, sentences::BEING_KEPT_AGAIN);
    scene.end();
    let log = std::fs::read_to_string(sessions.join("ses_test.jsonl")).unwrap();
    assert!(["One", "First.", "Two", "Second."].iter().all(|said| log.contains(said)), "{log}");
}
