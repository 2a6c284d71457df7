//! Servers gone mad: answers that never end, and trickles that say nothing. The turn ends with a sentence, the memory stays small, and the
//! conversation goes on.

use std::fs;

use codling::demo::{Fault, Options, ScriptedAnswer};

use super::scene::{Person, Place};
use crate::pty::Terminal;

/// Kilobytes of memory a program has held at the most.
#[cfg(target_os = "linux")]
fn peak(terminal: &Terminal) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", terminal.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn an_answer_that_never_ends_is_ended_and_the_conversation_goes_on() {
    let place = Place::with_key(Options::default());
    place.write("README.md", "# Orchard\n");
    let terminal = place.open(&[]);
    for (fault, words) in [
        (Fault::Text, "more than 2 MB of text"),
        (Fault::Reasoning, "more than 2 MB of reasoning"),
        (Fault::Arguments, "more than 4 MB of arguments"),
        (Fault::Calls, "more than 256 tool calls"),
        (Fault::Items, "more than 1024 items"),
    ] {
        place.script([fault.answer(), ScriptedAnswer::says(&format!("After {fault:?}."))]);
        terminal.ask(&format!("try {fault:?}"));
        terminal.shows(&["it did not end by itself", words]);
        terminal.rests();
        terminal.ask("go on");
        terminal.wait_for(&format!("After {fault:?}."));
        terminal.rests();
    }
    #[cfg(target_os = "linux")]
    assert!(peak(&terminal) < 250_000, "{} kB", peak(&terminal));
    place.leave(&terminal);
}

#[test]
fn a_trickle_that_says_nothing_counts_as_silence() {
    for fault in [Fault::Comments, Fault::Events, Fault::Trickle] {
        let place = Place::with_key(Options::default());
        fs::create_dir_all(place.stage.home.path().join("config")).unwrap();
        fs::write(place.stage.home.path().join("config/config.toml"), "idle_limit_seconds = 2\n")
            .unwrap();
        place.script([fault.answer(), ScriptedAnswer::says("Here it is.")]);
        let output = place.run(&["say it"]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "Here it is.\n", "{fault:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.contains("the server sent nothing more of an answer for 2 seconds")
                || told.contains("The server sent nothing more"),
            "{told}"
        );
    }
}
