//! MCP servers that do what no server should.

use std::fs;
use std::time::Instant;

use codling::demo::{Options, ScriptedAnswer, Stand};
use serde_json::json;

use super::fixture::{Fixture, LIMIT};
use crate::stage::until;

/// A fixture whose settings have one server, `far`, described by these lines.
fn with(lines: &str) -> Fixture {
    let fixture = Fixture::new();
    set(&fixture, lines);
    fixture
}

fn set(fixture: &Fixture, lines: &str) {
    let settings = fixture.stage.home.path().join("config/config.toml");
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    fs::write(settings, format!("[mcp.far]\n{lines}")).unwrap();
}

/// Runs a prompt; returns the tools of the server that its request carries, and what was said.
fn tools(fixture: &Fixture) -> (Vec<String>, String) {
    fixture.script([ScriptedAnswer::says("Hello.")]);
    let output = fixture.run(&["hello"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mut tools = Fixture::tools(&fixture.last());
    tools.retain(|name| name.starts_with("mcp__far__"));
    (tools, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_server_that_never_answers_and_ignores_its_end_holds_nothing_up_and_is_gone_afterwards() {
    let fixture = with("");
    let pid = fixture.outside().join("pid");
    let script = format!("trap '' TERM; echo $$ > {}; while :; do sleep 1; done", pid.display());
    let lines =
        format!("command = 'sh'\nargs = ['-c', {}]\nstartup_timeout_sec = 1\n", json!(script));
    set(&fixture, &lines);
    let (tools, said) = tools(&fixture);
    assert!(tools.is_empty() && said.contains("far"), "{said}");
    let pid: i32 = fs::read_to_string(pid).unwrap().trim().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    until(LIMIT, "its end", || rustix::process::test_kill_process(pid).is_err());
}

#[test]
fn a_server_that_writes_before_it_is_greeted_or_dies_is_told_and_the_prompt_goes_on() {
    for script in ["echo hello; exit 3", "printf '{\"jsonrpc\":'; sleep 5", "echo '[[[['; exit 0"] {
        let lines =
            format!("command = 'sh'\nargs = ['-c', {}]\nstartup_timeout_sec = 1\n", json!(script));
        let (tools, said) = tools(&with(&lines));
        assert!(tools.is_empty() && said.contains("far"), "{script}: {said}");
    }
}

#[test]
fn a_server_whose_tools_change_all_the_time_is_asked_for_them_now_and_then() {
    let fixture = Fixture::new();
    let notes = fixture.outside().join("notes");
    let program = env!("CARGO_BIN_EXE_codling");
    set(
        &fixture,
        &format!(
            "command = {program:?}\nargs = ['demo', 'mcp-server']\nenv = {{ CODLING_DEMO_RESTLESS = {notes:?} }}\n"
        ),
    );
    let (began, listed) = (Instant::now(), || fs::read_to_string(&notes).unwrap_or_default());
    fixture.script([ScriptedAnswer::runs("c1", "sleep 1"), ScriptedAnswer::says("Hello.")]);
    let output = fixture.run(&["--approval-mode", "full", "hello"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(Fixture::tools(&fixture.last()).contains(&"mcp__far__echo".to_owned()));
    // It told more than fifty changes.
    let most = 2 + began.elapsed().as_millis() / 100;
    assert!(listed().lines().count() as u128 <= most, "{} of {most}", listed().lines().count());
}

#[test]
fn a_session_that_the_server_forgot_is_begun_anew_once() {
    let fixture = Fixture::new();
    let url = format!("{}/mcp/open", fixture.stage.stand.origin());
    set(&fixture, &format!("url = '{url}'\n"));
    let greeting = json!({ "jsonrpc": "2.0", "id": 0, "result": {
        "protocolVersion": "2025-06-18", "capabilities": { "tools": {} },
        "serverInfo": { "name": "stand-in", "version": "1" },
    } });
    let stand = &fixture.stage.stand;
    stand.fault("/mcp/open", ScriptedAnswer::json(&greeting).header("mcp-session-id", "one"));
    stand.fault("/mcp/open", ScriptedAnswer::status(202));
    // Its stream of news is one of the two that meet this.
    stand.fault("/mcp/open", ScriptedAnswer::status(404));
    stand.fault("/mcp/open", ScriptedAnswer::status(404));
    let (tools, said) = tools(&fixture);
    assert!(tools.contains(&"mcp__far__echo".to_owned()), "{said}");
    let greetings = stand.requests_to("/mcp/open").into_iter();
    let greetings = greetings.filter(|request| request.json()["method"] == "initialize").count();
    assert_eq!(greetings, 2);
}

#[test]
fn a_redirect_to_another_origin_gets_neither_the_request_nor_the_token() {
    let other = Stand::start(Options::default()).unwrap();
    let fixture = Fixture::new();
    let url = format!("{}/mcp", fixture.stage.stand.origin());
    let token = "http_headers = { Authorization = 'Bearer mcp-secret' }\n";
    set(&fixture, &format!("url = '{url}'\n{token}"));
    for status in [302, 307, 308] {
        let elsewhere = format!("{}/mcp", other.origin());
        let redirect = ScriptedAnswer::status(status).header("location", &elsewhere);
        fixture.stage.stand.fault("/mcp", redirect);
        let (tools, said) = tools(&fixture);
        assert!(tools.is_empty() && said.contains("far"), "{status}: {said}");
        assert!(!said.contains("mcp-secret"), "{said}");
    }
    assert!(other.requests().is_empty());
}
