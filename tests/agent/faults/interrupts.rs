//! Interrupts in every phase of a turn: the screen comes to rest, and the next turn is told.

use std::os::unix::fs::PermissionsExt as _;

use codling::demo::{Options, ScriptedAnswer, SeenRequest, completed, created, gate, text};
use codling::protocol::{Sandbox, Usage};
use serde_json::json;

use crate::agent::fixture::{Fixture, LIMIT, Person};
use crate::pty::{Look, Terminal};
use crate::stage::needs::demand_sandbox;
use crate::stage::sentences;

const TOLD: &str = "The turn before this message was interrupted by the user";

/// Checks that the next turn works and that the model knows what happened.
fn goes_on(fixture: &Fixture, terminal: &Terminal) {
    terminal.wait_for("■ Interrupted");
    terminal.rests();
    fixture.script([ScriptedAnswer::says("Here again.")]);
    terminal.ask("go on");
    terminal.wait_for("Here again.");
    let body = fixture.last().body;
    assert!(body.contains(TOLD), "{body}");
    terminal.rests();
    fixture.leave(terminal);
}

fn stopped_while(answers: Vec<ScriptedAnswer>, seen: &str) {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "green\n");
    fixture.script(answers);
    let terminal = fixture.open(&["--approval-mode", "ask"]);
    terminal.ask("begin");
    terminal.wait_for(seen);
    // The screen is faster than the server: a request that never arrived would leave its answer for
    // the next.
    assert!(fixture.stage.stand.wait_for(SeenRequest::is_responses, LIMIT).is_some());
    terminal.interrupt();
    goes_on(&fixture, &terminal);
}

#[test]
fn before_the_first_word_and_in_the_middle_of_the_stream() {
    stopped_while(vec![ScriptedAnswer::stall()], "Working");
    stopped_while(vec![ScriptedAnswer::sse([created(), text("Half a"), gate("never")])], "Half a");
}

#[test]
fn ctrl_c_does_it_with_one_press() {
    let fixture = Fixture::new();
    fixture.script(vec![ScriptedAnswer::sse([created(), text("Half a"), gate("never")])]);
    let terminal = fixture.open(&[]);
    terminal.ask("begin");
    terminal.wait_for("Half a");
    terminal.press("ctrl+c");
    goes_on(&fixture, &terminal);
}

#[test]
fn while_the_person_is_asked() {
    stopped_while(vec![ScriptedAnswer::runs("c1", "touch made")], "Run this command?");
    stopped_while(
        vec![
            Fixture::reads("c0", "pears.txt"),
            ScriptedAnswer::edits("c1", "pears.txt", "green", "red"),
        ],
        "Change pears.txt?",
    );
}

#[test]
fn while_a_question_waits_esc_declines_and_the_next_two_interrupt() {
    let fixture = Fixture::new();
    let ask = ScriptedAnswer::calls("c1", "question", &json!({ "question": "Which tree?" }));
    fixture.script([ask, ScriptedAnswer::sse([created(), text("Then I"), gate("never")])]);
    let terminal = fixture.open(&[]);
    terminal.ask("begin");
    terminal.wait_for("Which tree?");
    terminal.decide("esc");
    terminal.wait_for("Then I");
    terminal.interrupt();
    goes_on(&fixture, &terminal);
}

#[test]
fn while_a_command_runs_that_says_nothing() {
    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::runs("c1", "touch begun; sleep 1000")]);
    let terminal = fixture.open(&["--approval-mode", "auto"]);
    terminal.ask("begin");
    fixture.wait_for("begun", |_| true);
    terminal.interrupt();
    goes_on(&fixture, &terminal);
    assert!(
        fixture.output("c1").contains(sentences::TOLD_STOPPED_CALL),
        "{}",
        fixture.output("c1")
    );
}

#[test]
fn while_a_command_of_the_person_s_own_runs() {
    let fixture = Fixture::new();
    let terminal = fixture.open(&[]);
    terminal.wait_for("Ask anything");
    terminal.type_text("!touch begun; sleep 1000");
    terminal.wait_for("your own command");
    terminal.press("enter");
    fixture.wait_for("begun", |_| true);
    terminal.interrupt();
    goes_on(&fixture, &terminal);
}

#[test]
fn while_a_command_is_offered_again_without_the_sandbox() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    fixture.write("build.sh", "echo x > ../out\n");
    fixture.script([ScriptedAnswer::runs("c1", "sh build.sh")]);
    let terminal = fixture.open(&["--approval-mode", "auto"]);
    terminal.ask("begin");
    terminal.wait_for(sentences::BLOCKED_BY_SANDBOX);
    terminal.interrupt();
    goes_on(&fixture, &terminal);
    assert!(
        fixture.output("c1").starts_with("Exit code"),
        "what it came to is kept: {}",
        fixture.output("c1")
    );
}

#[test]
fn while_a_credential_is_renewed() {
    let fixture = Fixture::with_plan(Options::default());
    let stand = &fixture.stage.stand;
    stand.revoke_access_tokens();
    let fresh = stand.issue();
    let answer = json!({ "id_token": fresh.id, "access_token": fresh.access, "refresh_token": fresh.refresh, "expires_in": 3600 });
    stand.fault("/oauth/token", ScriptedAnswer::json(&answer).gated("renewal"));
    let terminal = fixture.open(&[]);
    terminal.ask("begin");
    assert!(stand.wait_for(|request| request.path == "/oauth/token", LIMIT).is_some());
    terminal.interrupt();
    terminal.wait_for("■ Interrupted");
    terminal.rests();
    // It is not cancelled, because a used token would be lost: the next turn waits for it.
    stand.open("renewal");
    goes_on(&fixture, &terminal);
}

#[test]
fn while_it_waits_to_try_again() {
    stopped_while(
        vec![ScriptedAnswer::status(503).header("retry-after", "25")],
        "Reconnecting 1/5",
    );
}

#[test]
fn while_the_conversation_is_summed_up_by_hand_and_by_itself() {
    let fixture = Fixture::with_plan(Options { context: Some(20_000), ..Options::default() });
    let full = completed(Usage { input: 19_000, cached: 0, output: 10, reasoning: 0, cost: None });
    let summary = || ScriptedAnswer::sse([created(), text("SUMMARY"), gate("never")]);
    fixture.script([
        ScriptedAnswer::sse([created(), text("Pears are green."), full]),
        summary(),
        summary(),
    ]);
    let terminal = fixture.open(&["-m", "codling-demo"]);
    terminal.ask("what about pears?");
    terminal.wait_for("Pears are green.");
    terminal.rests();
    terminal.slash("compact");
    terminal.wait_for("Summarizing");
    terminal.interrupt();
    terminal.wait_for("■ Interrupted");
    terminal.rests();
    terminal.ask("and plums?");
    terminal.wait_for("Summarizing");
    terminal.interrupt();
    terminal.rests();
    // The next turn compacts first, and is told.
    fixture.script([
        ScriptedAnswer::says("SUMMARY: green pears."),
        ScriptedAnswer::says("Here again."),
    ]);
    terminal.ask("go on");
    terminal.wait_for("Here again.");
    let body = fixture.last().body;
    assert!(
        body.contains(TOLD)
            && body.contains("SUMMARY: green pears.")
            && body.contains("and plums?"),
        "{body}"
    );
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn while_it_looks_around_first() {
    let fixture = Fixture::new();
    let made = std::process::Command::new("git")
        .args(["init", "-q"])
        .arg(fixture.folder())
        .status()
        .unwrap();
    assert!(made.success());
    // A `git` that never answers holds up the environment's collection as long as possible.
    let tools = fixture.outside().join("tools");
    std::fs::create_dir(&tools).unwrap();
    std::fs::write(tools.join("git"), "#!/bin/sh\nexec sleep 1000\n").unwrap();
    std::fs::set_permissions(tools.join("git"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", tools.display());
    let terminal = fixture
        .open_with(&[], |setup| setup.env("PATH", &path).replies(crate::pty::Replies::kitty()));
    terminal.type_text("begin");
    terminal.wait_for("│ begin");
    // Sent at once, as only a terminal can that distinguishes esc from the beginning of other keys.
    terminal.send(b"\r\x1b[27u\x1b[27u");
    terminal.wait_for("■ Interrupted");
    terminal.rests();
    assert!(fixture.stage.stand.responses().is_empty(), "{:#?}", terminal.screen().lines());
    goes_on(&fixture, &terminal);
    assert!(fixture.last().body.contains("begin"), "{}", fixture.last().body);
}
