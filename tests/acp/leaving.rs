//! The agent ends with its client, whatever goes on, and leaves nothing behind that it started.

use codling::demo::{ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;
use serde_json::json;

use super::scene::Scene;
use crate::stage::{find, until};

use super::editor::LIMIT;

#[test]
fn the_agent_ends_when_its_client_hangs_up() {
    let mut scene = Scene::new();
    scene.session();
    scene.editor.hang_up();
    assert_eq!(scene.ended(), Some(0));
}

#[test]
fn what_was_asked_before_the_end_is_answered() {
    let mut scene =
        Scene::silent(crate::stage::Account::ApiKey, codling::demo::Options::default(), &[], "");
    let hello = scene.editor.initialize(json!({}));
    assert_eq!(hello["protocolVersion"], 1);
    let list = scene.editor.ask("session/list", json!({}));
    scene.editor.hang_up();
    assert_eq!(scene.editor.answer(&list)["result"]["sessions"], json!([]));
    assert_eq!(scene.ended(), Some(0));
}

#[test]
fn a_running_turn_is_stopped_and_answered_once_when_the_client_hangs_up() {
    let mut scene = Scene::new();
    let answer = [created(), text("half"), gate("never"), completed(Usage::default())];
    scene.stage.stand.script([ScriptedAnswer::sse(answer)]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "hello");
    scene.editor.update("agent_message_chunk");
    scene.editor.hang_up();
    assert_eq!(scene.editor.stopped(&prompt), "cancelled");
    assert!(scene.editor.is_let_go());
    assert_eq!(scene.ended(), Some(0));
}

#[test]
fn a_command_that_runs_ends_with_the_agent() {
    let mut scene = Scene::new();
    let file = scene.folder().join("pid");
    scene.stage.stand.script([ScriptedAnswer::runs("call_1", "echo $$ > pid; sleep 1000")]);
    let session = scene.session();
    scene.editor.request("session/set_mode", json!({ "sessionId": session, "modeId": "full" }));
    scene.editor.prompt(&session, "go");
    let pid = find(LIMIT, "the command runs", || {
        let text = std::fs::read_to_string(&file).ok()?;
        text.trim().parse::<u32>().ok()
    });
    scene.editor.hang_up();
    assert_eq!(scene.ended(), Some(0));
    until(LIMIT, "the command has ended", || {
        !std::path::Path::new(&format!("/proc/{pid}")).exists()
            || !std::fs::read_to_string(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| line.contains("sleep"))
    });
}

#[test]
fn an_agent_that_nobody_hears_ends() {
    use std::io::Write;
    let stage = crate::stage::Stage::new(crate::stage::Account::ApiKey);
    let mut command = super::scene::program(&stage, stage.home.path());
    let mut agent = crate::stage::Ending(command.current_dir(stage.home.path()).spawn().unwrap());
    drop(agent.0.stdout.take());
    let mut input = agent.0.stdin.take().unwrap();
    let hello = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocolVersion": 1 },
    });
    writeln!(input, "{hello}").unwrap();
    until(LIMIT, "the agent has ended", || agent.0.try_wait().unwrap().is_some());
}
