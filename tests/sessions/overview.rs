//! Seen and stopped from another shell: the conversations that living codlings have open.

use serde_json::Value;

use codling::demo::{ScriptedAnswer, completed, created, function_call, gate, text};
use codling::protocol::Usage;

use crate::pty::{Look, Terminal};
use crate::stage::until;

use super::{Fixture, LIMIT, ask, held, leave, out};

/// What programs are told of the conversations that run.
fn running(fixture: &Fixture) -> Vec<Value> {
    let told = out(&fixture.plain(&["sessions", "list", "--running", "--json"]));
    serde_json::from_str::<Vec<Value>>(&told).unwrap()
}

/// A conversation whose turn waits until somebody allows this command.
fn asking(fixture: &Fixture, line: &str) -> Terminal {
    let arguments = serde_json::json!({ "command": line, "description": "a look" }).to_string();
    fixture.stage.stand.script([ScriptedAnswer::sse([
        created(),
        function_call("c1", "shell", arguments),
        completed(Usage::default()),
    ])]);
    let holder = fixture.screen(&[]);
    ask(&holder, "have a look");
    holder.wait_for("Run this command?");
    holder
}

#[test]
fn a_running_turn_and_one_that_waits_are_listed_and_a_turn_is_stopped() {
    let fixture = Fixture::new();
    assert_eq!(running(&fixture), Vec::<Value>::new());
    let holder = held(&fixture);
    let all = running(&fixture);
    let [one] = &all[..] else { panic!("{all:?}") };
    assert_eq!(one["state"], "running");
    assert_eq!(one["pid"], u64::from(holder.pid()));
    assert_eq!(one["title"], "what do tomatoes need?");
    assert_eq!(one["last"], "Half an answer");
    assert_eq!(one["folder"], fixture.folder.path().canonicalize().unwrap().to_str().unwrap());
    let id = one["session"].as_str().unwrap().to_owned();

    let waiting = asking(&fixture, "touch new.md");
    let all = running(&fixture);
    let one = all.iter().find(|one| one["session"] != id.as_str()).unwrap();
    assert_eq!((&one["state"], &one["last"]), (&"approval".into(), &"touch new.md".into()));
    let told = out(&fixture.plain(&["sessions", "list", "--running"]));
    assert!(told.contains(&id) && told.contains(&format!("pid {}", waiting.pid())), "{told}");

    let both = fixture.plain(&["sessions", "stop", "ses_"]);
    assert_eq!(both.status.code(), Some(2), "{both:?}");
    let none = fixture.plain(&["sessions", "stop", "nothing"]);
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    out(&fixture.plain(&["sessions", "stop", &id[id.len() - 8..]]));
    holder.wait_for("Interrupted");
    until(LIMIT, "the turn at rest", || {
        running(&fixture).iter().any(|one| one["session"] == id.as_str() && one["state"] == "idle")
    });
    let other = all.iter().find_map(|one| one["session"].as_str().filter(|it| *it != id)).unwrap();
    out(&fixture.plain(&["sessions", "stop", other]));
    waiting.wait_gone("Run this command?");
    leave(&waiting);
    leave(&holder);
    assert_eq!(running(&fixture), Vec::<Value>::new());
}

#[test]
fn a_program_that_was_suspended_is_named_and_the_others_are_listed() {
    let fixture = Fixture::new();
    let holder = held(&fixture);
    holder.signal("STOP");
    until(LIMIT, "the program asleep", || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", holder.pid())).unwrap();
        stat.contains(") T ")
    });
    let listed = fixture.plain(&["sessions", "list", "--running"]);
    assert_eq!(out(&listed), "");
    let told = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(told.contains("ses_"), "{told}");
    holder.signal("CONT");
    fixture.stage.stand.open("more");
    holder.wait_for("and the rest.");
    holder.wait_gone("esc to interrupt");
    leave(&holder);
}

#[test]
fn a_holder_without_a_screen_is_stopped_and_ends_when_told() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([ScriptedAnswer::sse([created(), text("Half"), gate("never")])]);
    let holder = fixture.screen(&[]);
    ask(&holder, "go on for long");
    holder.wait_for("Half");
    holder.signal("HUP");
    let id = running(&fixture)[0]["session"].as_str().unwrap().to_owned();
    out(&fixture.plain(&["sessions", "stop", &id]));
    until(LIMIT, "the turn at rest", || running(&fixture)[0]["state"] == "idle");
    holder.signal("TERM");
    assert_eq!(holder.wait_exit().code, 0);
}
