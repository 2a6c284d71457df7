//! How a model is asked: its reasoning effort, verbosity and speed, if it offers them.

use codling::demo::{Options, ScriptedAnswer};
use serde_json::{Value, json};

use crate::agent::fixture::{Fixture, Person};

#[test]
fn a_plans_fast_tier_and_a_models_verbosity_are_asked_for_and_an_effort_it_lacks_is_not() {
    let fixture = Fixture::with_plan(Options::default());
    let flags = ["--effort", "max", "--service-tier", "fast", "--verbosity", "high"];
    let terminal = fixture.open(&[&flags[..], &["-m", "codling-demo"]].concat());
    terminal.shows(&["effort `max`, only `low`", "(medium, fast)"]);
    fixture.script([ScriptedAnswer::says("Hello.")]);
    terminal.ask("hello");
    terminal.wait_for("Hello.");
    terminal.rests();
    let body = fixture.last().json();
    assert_eq!(body["service_tier"], "priority");
    assert_eq!(body["text"], json!({ "verbosity": "high" }));
    assert_eq!(body["reasoning"]["effort"], "medium");
    fixture.leave(&terminal);
    // A conversation keeps its settings.
    let terminal = fixture.open(&["--continue"]);
    terminal.wait_for("(medium, fast)");
    fixture.leave(&terminal);
}

#[test]
fn who_pays_by_use_is_served_in_their_turn() {
    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::says("Hello.")]);
    let output = fixture.run(&["--service-tier", "fast", "hello"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fixture.last().json()["service_tier"], Value::Null);
    let output = fixture.run(&["--service-tier", "turbo", "hello"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("`--service-tier` must be `fast` or `standard`"), "{told}");
}
