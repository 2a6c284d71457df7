//! The remembered result of the sandbox's probe: valid for the same system and program only, and
//! forgotten if a command was perhaps not confined as assumed.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use codling::demo::ScriptedAnswer;
use codling::protocol::Sandbox;

use crate::agent::fixture::Fixture;
use crate::stage::needs::demand_sandbox;

fn memory(fixture: &Fixture) -> PathBuf {
    fixture.stage.home.path().join("state/sandbox")
}

/// Runs a prompt in a mode that probes nothing else.
fn greet(fixture: &Fixture) -> u64 {
    fixture.script([ScriptedAnswer::says("Hello.")]);
    let output = fixture.run(&["--approval-mode", "full", "hello"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    fs::metadata(memory(fixture)).unwrap().ino()
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn the_sandbox_is_tried_out_once_and_again_when_the_memory_is_of_something_else() {
    demand_sandbox(|sandbox| sandbox == Sandbox::Namespaces);
    let fixture = Fixture::new();
    let first = greet(&fixture);
    let mode = fs::metadata(memory(&fixture)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(greet(&fixture), first);
    // It is written again after a new probe.
    let told = fs::read_to_string(memory(&fixture)).unwrap();
    let key = told.lines().nth(1).unwrap();
    for other in [told.replace(key, &"0".repeat(key.len())), String::new()] {
        fs::write(memory(&fixture), other).unwrap();
        greet(&fixture);
        assert_eq!(fs::read_to_string(memory(&fixture)).unwrap(), told);
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_command_that_was_perhaps_not_kept_in_has_it_tried_anew() {
    demand_sandbox(|sandbox| sandbox == Sandbox::Namespaces);
    let fixture = Fixture::new();
    greet(&fixture);
    fixture.script([ScriptedAnswer::runs("c1", "exit 126"), ScriptedAnswer::says("It failed.")]);
    fixture.run(&["--approval-mode", "auto", "run it"]);
    assert!(fixture.output("c1").contains("126"), "{}", fixture.output("c1"));
    assert!(!memory(&fixture).exists());
    greet(&fixture);
}
