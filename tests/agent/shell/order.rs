//! The calls of one response with the real tools: which run in order, and where a long output goes.

use codling::demo::{ScriptPiece, ScriptedAnswer, completed, created, function_call};
use codling::protocol::Usage;
use serde_json::{Value, json};

use crate::agent::fixture::Fixture;

fn call(name: &str, tool: &str, arguments: &Value) -> ScriptPiece {
    function_call(name, tool, arguments.to_string())
}

fn shell(name: &str, line: &str) -> ScriptPiece {
    call(name, "shell", &json!({ "command": line }))
}

/// One response with these calls, and the end.
fn script(fixture: &Fixture, calls: impl IntoIterator<Item = ScriptPiece>) {
    let calls = [created()].into_iter().chain(calls).chain([completed(Usage::default())]);
    fixture.script([ScriptedAnswer::sse(calls), ScriptedAnswer::says("Done.")]);
}

/// The events of a run's calls in order: `begin a`, `end a`.
fn course(fixture: &Fixture, mode: &str) -> Vec<String> {
    let output = fixture.run(&["--json", "--approval-mode", mode, "go"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    fixture.stage.stand.check().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told = lines.filter_map(|line| {
        let word = match line["type"].as_str()? {
            "call_running" => "begin",
            "output" => "end",
            _ => return None,
        };
        Some(format!("{word} {}", line["call"].as_str()?))
    });
    told.collect()
}

#[test]
fn calls_that_change_something_run_alone_and_in_the_order_of_the_response() {
    let fixture = Fixture::new();
    let calls = [
        call("a", "write", &json!({ "filePath": "log.txt", "content": "one\n" })),
        shell("b", "cat log.txt; echo two >> log.txt"),
        call("c", "read", &json!({ "filePath": "log.txt" })),
        call(
            "d",
            "edit",
            &json!({ "filePath": "log.txt", "oldString": "two", "newString": "three" }),
        ),
        shell("e", "cat log.txt"),
    ];
    script(&fixture, calls);
    let in_order: Vec<String> = ["a", "b", "c", "d", "e"]
        .iter()
        .flat_map(|name| [format!("begin {name}"), format!("end {name}")])
        .collect();
    assert_eq!(course(&fixture, "full"), in_order);
    for (name, seen) in [("b", "\n\none\n"), ("c", "two"), ("e", "\n\none\nthree\n")] {
        assert!(fixture.output(name).contains(seen), "{name}: {}", fixture.output(name));
    }
}

#[test]
fn two_commands_never_run_at_once() {
    let fixture = Fixture::new();
    // Each reports when the other is there.
    let lines = ["a", "b", "c"]
        .map(|name| shell(name, &format!("mkdir busy && echo alone {name}; rmdir busy")));
    script(&fixture, lines);
    course(&fixture, "full");
    for name in ["a", "b", "c"] {
        assert_eq!(fixture.output(name).trim_end(), format!("Exit code 0\n\nalone {name}"));
    }
}

#[test]
fn a_long_output_goes_to_a_file_that_may_be_read_without_asking() {
    let fixture = Fixture::new();
    script(&fixture, [shell("a", "seq 1 200000")]);
    course(&fixture, "auto");
    let told = fixture.output("a");
    assert!(
        told.len() < 64 << 10 && told.contains("\n1\n2\n") && told.contains("199999\n200000"),
        "{}",
        told.len()
    );
    let home = fixture.stage.home.path().display().to_string();
    let start = told.find(&home).expect("the path of the file");
    let path: String = told[start..]
        .chars()
        .take_while(|letter| !letter.is_whitespace() && !"`',;)".contains(*letter))
        .collect();
    let read = json!({ "filePath": path, "offset": 100_000, "limit": 2 });
    let grep = json!({ "path": path, "pattern": "^12345.$" });
    script(&fixture, [call("b", "read", &read), call("c", "grep", &grep)]);
    let output = fixture.run(&["--continue", "look"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(fixture.output("b").contains("100000\t100000"), "{}", fixture.output("b"));
    assert!(fixture.output("c").contains("123456"), "{}", fixture.output("c"));
}
