//! Jobs, which continue after their call: used in the same turn and the next, typed into, stopped,
//! and ended with the conversation.

use std::process::Stdio;

use codling::demo::ScriptedAnswer;
use codling::protocol::Sandbox;
use serde_json::json;

use crate::agent::fixture::{Fixture, LIMIT, Person, wait_dead};
use crate::pty::Terminal;
use crate::stage::needs::{demand_program, demand_sandbox};
use crate::stage::{find, sentences};

/// Reads words from a pipe and prints them; its process id and a child's are in `pids`.
const SERVER: &str = "mkfifo door; sleep 1000 & echo $$ $! > pids.tmp; mv pids.tmp pids; echo ready; while :; do read word < door || continue; echo heard $word; echo $word >> heard.txt; done";

fn starts(call: &str, line: &str) -> ScriptedAnswer {
    let arguments = json!({ "cmd": line, "yield_time_ms": 250 });
    ScriptedAnswer::calls(call, "exec_command", &arguments)
}

fn runs(call: &str, line: &str) -> ScriptedAnswer {
    ScriptedAnswer::calls(call, "exec_command", &json!({ "cmd": line }))
}

fn types(call: &str, text: &str) -> ScriptedAnswer {
    let arguments = json!({ "session_id": 1, "chars": text, "yield_time_ms": 1000 });
    ScriptedAnswer::calls(call, "write_stdin", &arguments)
}

fn waits(call: &str) -> ScriptedAnswer {
    ScriptedAnswer::calls(call, "write_stdin", &json!({ "session_id": 1 }))
}

fn auto(fixture: &Fixture) -> Terminal {
    fixture.open(&["--approval-mode", "auto"])
}

/// A mode in which process ids are the same as outside.
fn full(fixture: &Fixture) -> Terminal {
    fixture.open(&["--approval-mode", "full"])
}

fn pids(fixture: &Fixture) -> String {
    fixture.wait_for("pids", |text| text.ends_with('\n'))
}

#[test]
fn a_server_is_used_in_the_same_turn_is_there_in_the_next_and_is_stopped_by_hand() {
    let fixture = Fixture::new();
    fixture.script([
        starts("c1", SERVER),
        runs("c2", "echo one > door; until grep -q one heard.txt; do :; done"),
        waits("c3"),
        ScriptedAnswer::says("It answers."),
    ]);
    let terminal = full(&fixture);
    terminal.ask("start the server and try it");
    terminal.wait_for("It answers.");
    let pids = pids(&fixture);
    let answer = fixture.output("c1");
    assert!(
        answer.starts_with("Wall time: 0.") && answer.contains(sentences::TOLD_JOB_OUTPUT),
        "{answer}"
    );
    assert!(fixture.output("c2").contains(sentences::TOLD_EXITED_0), "{}", fixture.output("c2"));
    let heard = fixture.output("c3");
    assert!(heard.contains(sentences::TOLD_JOB_RUNS) && heard.ends_with("heard one\n"), "{heard}");
    terminal.wait_for("1 running");

    fixture.script([runs("c4", "echo two > door"), ScriptedAnswer::says("Still there.")]);
    terminal.ask("is it still there?");
    terminal.wait_for("Still there.");
    fixture.wait_for("heard.txt", |text| text == "one\ntwo\n");

    terminal.slash("jobs");
    terminal.shows(&["Running commands", "mkfifo door", "heard two"]);
    terminal.press("x");
    terminal.wait_for("Nothing is running");
    terminal.press("esc");
    terminal.wait_gone("Running commands");
    terminal.wait_gone("1 running");
    wait_dead(&fixture, pids.split_whitespace());

    // The model is told with the next prompt.
    fixture.script([ScriptedAnswer::says("I see.")]);
    terminal.ask("go on");
    terminal.wait_for("I see.");
    assert!(fixture.last().body.contains("(`mkfifo door"), "{}", fixture.last().body);
    assert!(fixture.last().body.contains("was stopped."), "{}", fixture.last().body);
    fixture.leave(&terminal);
}

#[test]
fn another_terminal_lists_what_runs_and_ends_it() {
    let fixture = Fixture::new();
    let listed = |arguments: &[&str]| {
        let mut program = fixture.program();
        program.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = program.output().unwrap();
        let words = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(words).unwrap())
    };
    let (code, words) = listed(&["jobs"]);
    assert!(code == Some(0) && words.contains("Nothing is running"), "{words}");
    fixture.script([starts("c1", SERVER), ScriptedAnswer::says("It runs.")]);
    let terminal = full(&fixture);
    terminal.ask("start the server");
    terminal.wait_for("It runs.");
    terminal.wait_for("1 running");
    let pids = pids(&fixture);
    let (code, words) = listed(&["jobs"]);
    let line = words.trim_end();
    assert!(
        code == Some(0)
            && line.starts_with("ses_")
            && line.contains("    1  ")
            && line.contains("mkfifo door"),
        "{words}"
    );
    let (code, words) = listed(&["jobs", "stop", "7"]);
    assert!(
        code == Some(1)
            && words.contains("no running command 7")
            && words.contains("`codling jobs`"),
        "{words}"
    );
    let (code, words) = listed(&["jobs", "stop", "1", "--session", &line[..12]]);
    assert!(code == Some(0) && words.contains("Command 1 of ses_"), "{words}");
    terminal.wait_gone("1 running");
    wait_dead(&fixture, pids.split_whitespace());
    fixture.leave(&terminal);
    let (_, words) = listed(&["jobs"]);
    assert!(words.contains("Nothing is running"), "{words}");
}

#[test]
fn a_program_in_a_terminal_is_typed_into() {
    let fixture = Fixture::new();
    let line = "test -t 0 && test -t 1 && stty size; while read -p 'name? ' name; do echo \"hello $name\"; done";
    let arguments = json!({ "cmd": line, "tty": true, "yield_time_ms": 250 });
    fixture.script([
        ScriptedAnswer::calls("c1", "exec_command", &arguments),
        types("c2", "Ada\n"),
        types("c3", "\u{4}"),
        ScriptedAnswer::says("It greets."),
    ]);
    let terminal = auto(&fixture);
    terminal.ask("talk to it");
    terminal.wait_for("It greets.");
    let said: String = ["c1", "c2"].map(|call| fixture.output(call)).concat();
    assert!(said.contains("24 80") && said.contains("name? "), "{said}");
    assert!(said.contains("hello Ada"), "{said}");
    assert!(fixture.output("c3").contains(sentences::TOLD_EXITED), "{}", fixture.output("c3"));
    terminal.rests();
    fixture.leave(&terminal);
}

#[cfg(target_os = "linux")]
#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_dev_server_and_a_test_against_it_need_nobody_in_auto() {
    demand_sandbox(Sandbox::shares_network);
    demand_program("perl");
    let fixture = Fixture::new();
    let server = "perl -MIO::Socket::INET -e '$| = 1; $s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", LocalPort => 3000, Listen => 9) or exit 9; print \"ready\\n\"; while ($c = $s->accept) { print $c \"it is served\\n\"; close $c }'";
    let test = "perl -MIO::Socket::INET -e '$c = IO::Socket::INET->new(PeerAddr => \"localhost:3000\") or exit 9; print <$c>'";
    fixture.script([
        starts("c1", server),
        runs("c2", test),
        types("c3", "\u{3}"),
        runs("c4", test),
        ScriptedAnswer::says("It is served."),
    ]);
    let terminal = auto(&fixture);
    terminal.ask("start the server and test it");
    terminal.wait_for("It is served.");
    let [started, tested, ended, refused] = ["c1", "c2", "c3", "c4"].map(|it| fixture.output(it));
    assert!(started.contains(sentences::TOLD_JOB_RUNS), "{started}");
    assert!(tested.ends_with("it is served\n"), "{tested}");
    assert!(ended.contains("ended by signal 2"), "{ended}");
    assert!(refused.contains("exited with code 9"), "{refused}");
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_server_is_listed_with_its_port_on_the_machines_network_and_on_a_loopback() {
    let server = "perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", Listen => 9) or exit 9; open F, \">port.tmp\"; print F $s->sockport, \"\\n\"; close F; rename \"port.tmp\", \"port\"; sleep 1000'";
    demand_program("perl");
    for mode in ["auto", "full"] {
        // Other systems have no network for each conversation.
        if mode == "auto" && cfg!(not(target_os = "linux")) {
            continue;
        }
        if mode == "auto" {
            demand_sandbox(Sandbox::shares_network);
        }
        let fixture = Fixture::new();
        fixture.script([starts("c1", server), ScriptedAnswer::says("It listens.")]);
        let terminal = fixture.open(&["--approval-mode", mode]);
        terminal.ask("start the server");
        terminal.wait_for("It listens.");
        let port = fixture.wait_for("port", |text| text.ends_with('\n'));
        let words = format!("listens on {}", port.trim_end());
        // One look has little time on a busy machine.
        let line = find(LIMIT, &words, || {
            let listed = fixture.program().args(["jobs", "list"]).stdout(Stdio::piped()).output();
            let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
            listed.trim_end().ends_with(&words).then_some(listed)
        });
        assert_eq!(line.lines().count(), 1, "{line}");
        terminal.slash("jobs");
        terminal.shows(&["Running commands", &words]);
        terminal.press("esc");
        terminal.wait_gone("Running commands");
        fixture.leave(&terminal);
    }
}

/// Whether commands of a conversation reach each other's ports here.
#[test]
fn ctrl_c_interrupts_what_has_no_terminal_and_what_goes_on_can_be_ended() {
    let fixture = Fixture::new();
    let clears_up = "trap 'echo cleared up; exit 5' INT; echo ready; while :; do sleep 0.05; done";
    let goes_on = clears_up.replace("exit 5", ":");
    let types = |call: &str, job: u32, text: &str| {
        let arguments = json!({ "session_id": job, "chars": text });
        ScriptedAnswer::calls(call, "write_stdin", &arguments)
    };
    fixture.script([
        starts("c1", clears_up),
        types("c2", 1, "\u{3}"),
        starts("c3", &goes_on),
        types("c4", 2, "\u{3}"),
        types("c5", 2, "\u{1c}"),
        ScriptedAnswer::says("Both are over."),
    ]);
    let terminal = auto(&fixture);
    terminal.ask("end them");
    terminal.wait_for("Both are over.");
    let [interrupted, running, ended] = ["c2", "c4", "c5"].map(|call| fixture.output(call));
    assert!(interrupted.contains("exited with code 5"), "{interrupted}");
    assert!(interrupted.ends_with("cleared up\n"), "{interrupted}");
    assert!(running.contains("session ID 2") && running.contains("u001c"), "{running}");
    assert!(running.ends_with("cleared up\n"), "{running}");
    assert!(!ended.contains("session ID"), "{ended}");
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn what_a_command_changes_later_belongs_to_the_turn_that_started_it() {
    let fixture = Fixture::new();
    fixture.write("notes.txt", "before\n");
    let line = "mkfifo door; echo ready > ready; read word < door; echo $word > notes.txt";
    fixture.script([starts("c1", line), ScriptedAnswer::says("It waits.")]);
    let terminal = auto(&fixture);
    terminal.ask("start it");
    terminal.wait_for("It waits.");
    fixture.wait_for("ready", |text| text == "ready\n");
    terminal.slash("undo");
    terminal.wait_for("is still running");
    fixture.script([runs("c2", "echo after > door"), ScriptedAnswer::says("Told.")]);
    terminal.ask("tell it");
    terminal.wait_for("Told.");
    fixture.wait_for("notes.txt", |text| text == "after\n");
    terminal.wait_gone("1 running");
    terminal.slash("undo");
    terminal.shows(&[sentences::TAKE_BACK_TURN, "“start it”", "notes.txt"]);
    terminal.take_back();
    fixture.wait_for("notes.txt", |text| text == "before\n");
    fixture.leave(&terminal);
}

#[test]
fn esc_ends_what_the_turn_waits_for_and_no_server_that_was_meant_to_stay() {
    let fixture = Fixture::new();
    let slow = "echo $$ > slow.tmp; mv slow.tmp slow; sleep 1000";
    fixture.script([starts("c1", SERVER), runs("c2", slow)]);
    let terminal = full(&fixture);
    terminal.ask("start both");
    let server = pids(&fixture);
    let slow = fixture.wait_for("slow", |text| text.ends_with('\n'));
    terminal.interrupt();
    terminal.wait_for("■ Interrupted");
    wait_dead(&fixture, slow.split_whitespace());
    fixture.script([runs("c3", "echo one > door"), waits("c4"), ScriptedAnswer::says("Alive.")]);
    terminal.ask("and the server?");
    terminal.wait_for("Alive.");
    assert!(fixture.output("c4").ends_with("heard one\n"), "{}", fixture.output("c4"));
    fixture.leave(&terminal);
    wait_dead(&fixture, server.split_whitespace());
}

#[test]
fn nothing_is_left_of_a_server_when_the_program_is_killed_and_the_model_hears_of_it() {
    let fixture = Fixture::new();
    fixture.script([starts("c1", SERVER), ScriptedAnswer::says("It runs.")]);
    let terminal = full(&fixture);
    terminal.ask("start the server");
    terminal.wait_for("It runs.");
    let server = pids(&fixture);
    terminal.signal("KILL");
    wait_dead(&fixture, server.split_whitespace());
    fixture.script([ScriptedAnswer::says("Gone.")]);
    let terminal = fixture.open(&["--continue"]);
    // The last words may not have reached the disk.
    terminal.wait_for("› start the server");
    terminal.ask("is it there?");
    terminal.wait_for("Gone.");
    assert!(
        fixture.last().body.contains(sentences::TOLD_ENDED_WITH_PROGRAM),
        "{}",
        fixture.last().body
    );
    // Another command gets another number, because the model still means the first.
    fixture.script([starts("c2", "sleep 1000"), ScriptedAnswer::says("Another.")]);
    terminal.ask("start another");
    terminal.wait_for("Another.");
    let answer = fixture.output("c2");
    assert!(answer.contains("session ID 2"), "{answer}");
    fixture.leave(&terminal);
}

#[test]
fn one_that_ends_is_told_to_the_model_at_its_next_step() {
    let fixture = Fixture::new();
    fixture.script([
        starts("c1", "mkfifo door; read word < door; exit 3"),
        runs("c2", "echo go > door; while pgrep -f '[r]ead word < door' > /dev/null; do :; done"),
        ScriptedAnswer::says("It failed."),
    ]);
    let terminal = auto(&fixture);
    terminal.ask("start it");
    terminal.wait_for("It failed.");
    terminal.wait_for(sentences::TOLD_JOB_ENDED);
    fixture.script([ScriptedAnswer::says("I know.")]);
    terminal.ask("go on");
    terminal.wait_for("I know.");
    let body = fixture.last().body;
    assert!(
        body.contains(
            "Session 1 (`mkfifo door; read word < door; exit 3`) ended with exit code 3."
        ),
        "{body}"
    );
    fixture.leave(&terminal);
}
