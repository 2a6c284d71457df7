//! What is known of the sandbox from one start to the next: tried once, remembered for the same
//! system and program alone, and forgotten when a command was perhaps not kept in as was thought.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use codling::demo::ScriptedAnswer;
use codling::protocol::Sandbox;

use super::scene::Place;

/// Says so where nothing is remembered: a lesser sandbox is tried anew at each start.
fn has_best_sandbox() -> bool {
    let found = codling::sandbox::found(env!("CARGO_BIN_EXE_codling").as_ref()).sandbox;
    if found != Sandbox::Namespaces {
        let _told = writeln!(std::io::stderr(), "skipped: this system has not the best sandbox");
    }
    found == Sandbox::Namespaces
}

fn memory(place: &Place) -> PathBuf {
    place.stage.home.path().join("state/sandbox")
}

/// Says hello in a mode in which nothing else is tried out.
fn greet(place: &Place) -> u64 {
    place.script([ScriptedAnswer::says("Hello.")]);
    let output = place.run(&["--approval-mode", "full", "hello"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    fs::metadata(memory(place)).unwrap().ino()
}

#[test]
fn the_sandbox_is_tried_out_once_and_again_when_the_memory_is_of_something_else() {
    if !has_best_sandbox() {
        return;
    }
    let place = Place::new();
    let first = greet(&place);
    let mode = fs::metadata(memory(&place)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(greet(&place), first);
    // It is written anew where it was tried anew.
    let told = fs::read_to_string(memory(&place)).unwrap();
    let key = told.lines().nth(1).unwrap();
    for other in [told.replace(key, &"0".repeat(key.len())), String::new()] {
        fs::write(memory(&place), other).unwrap();
        greet(&place);
        assert_eq!(fs::read_to_string(memory(&place)).unwrap(), told);
    }
}

#[test]
fn a_command_that_was_perhaps_not_kept_in_has_it_tried_anew() {
    if !has_best_sandbox() {
        return;
    }
    let place = Place::new();
    greet(&place);
    place.script([ScriptedAnswer::runs("c1", "exit 126"), ScriptedAnswer::says("It failed.")]);
    place.run(&["--approval-mode", "auto", "run it"]);
    assert!(place.output("c1").contains("126"), "{}", place.output("c1"));
    assert!(!memory(&place).exists());
    greet(&place);
}
