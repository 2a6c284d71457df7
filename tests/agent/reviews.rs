//! `codling review`: findings by a schema, what counts, and the exit codes.

use std::process::{Output, Stdio};

use codling::demo::{ScriptedAnswer, completed, created, typed};
use codling::protocol::Usage;
use serde_json::{Value, json};

use super::fixture::Fixture;

fn review(fixture: &Fixture, arguments: &[&str]) -> Output {
    let mut command = fixture.program();
    let command = command.arg("review").args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
}

fn answers(fixture: &Fixture, findings: &Value) {
    let answer = json!({ "summary": "Not yet.", "findings": findings }).to_string();
    let events = [vec![created()], typed(&answer), vec![completed(Usage::default())]].concat();
    fixture.script([ScriptedAnswer::sse(events)]);
}

fn finding(severity: &str, title: &str) -> Value {
    json!({ "file": "src/a.rs", "line": 12, "severity": severity, "title": title, "body": "When\nit rains." })
}

#[test]
fn findings_are_printed_gravest_first_and_the_exit_code_says_whether_there_are_any() {
    let fixture = Fixture::new();
    std::fs::create_dir(fixture.folder().join(".git")).unwrap();
    answers(&fixture, &json!([finding("low", "Slow"), finding("high", "Wrong")]));
    let output = review(&fixture, &["--staged"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let place = |words: &str| shown.find(words).unwrap_or_else(|| panic!("{words}: {output:?}"));
    assert!(place("src/a.rs:12  high  Wrong") < place("src/a.rs:12  low  Slow"));
    let request = fixture.last().json();
    assert!(request.to_string().contains("git diff --cached"));
    assert_eq!(request["text"]["format"]["type"], "json_schema");

    answers(&fixture, &json!([finding("low", "Slow")]));
    let output = review(&fixture, &["--severity", "medium", "--json", "the parser"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told, json!({ "summary": "Not yet.", "findings": [] }));

    fixture.script([ScriptedAnswer::says("It looks fine to me.")]);
    let output = review(&fixture, &[]);
    assert_eq!(output.status.code(), Some(1), "prose is no list of findings: {output:?}");
}

#[test]
fn a_review_changes_nothing_and_mistakes_are_told_before_it_begins() {
    let fixture = Fixture::new();
    for wrong in [&["--staged"][..], &["--severity", "awful", "x"], &["--staged", "--base", "b"]] {
        let output = review(&fixture, wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {output:?}");
    }
    std::fs::create_dir(fixture.folder().join(".git")).unwrap();
    let output = review(&fixture, &["--base", "a;b"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(fixture.stage.stand.responses().is_empty());
    let touch = json!({ "command": "touch new", "description": "x" });
    fixture.script([ScriptedAnswer::calls("c1", "shell", &touch)]);
    answers(&fixture, &json!([]));
    let output = review(&fixture, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(fixture.read("new").is_none());
}
