//! Floods: answers that never end, and trickles without content. The turn ends with an error, the
//! memory stays small, and the conversation continues.

use std::fs;

use codling::demo::{Fault, Options, ScriptedAnswer};

use crate::agent::fixture::{Fixture, Person};
use crate::pty::Terminal;
use crate::stage::sentences;

/// The peak memory of a program in kB.
#[cfg(target_os = "linux")]
fn peak(terminal: &Terminal) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", terminal.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn an_answer_that_never_ends_is_ended_and_the_conversation_goes_on() {
    let fixture = Fixture::with_key(Options::default());
    fixture.write("README.md", "# Orchard\n");
    let terminal = fixture.open(&[]);
    for (fault, words) in [
        (Fault::Text, sentences::TOO_MUCH_TEXT),
        (Fault::Reasoning, sentences::TOO_MUCH_REASONING),
        (Fault::Arguments, "more than 4 MB of arguments"),
        (Fault::Calls, "more than 256 tool calls"),
        (Fault::Items, "more than 1024 items"),
    ] {
        fixture.script([fault.answer(), ScriptedAnswer::says(&format!("After {fault:?}."))]);
        terminal.ask(&format!("try {fault:?}"));
        terminal.shows(&[sentences::ENDLESS_ANSWER, words]);
        terminal.rests();
        terminal.ask("go on");
        terminal.wait_for(&format!("After {fault:?}."));
        terminal.rests();
    }
    #[cfg(target_os = "linux")]
    assert!(peak(&terminal) < 250_000, "{} kB", peak(&terminal));
    fixture.leave(&terminal);
}

#[test]
fn a_trickle_that_says_nothing_counts_as_silence() {
    for fault in [Fault::Comments, Fault::Events, Fault::Trickle] {
        let fixture = Fixture::with_key(Options::default());
        fs::create_dir_all(fixture.stage.home.path().join("config")).unwrap();
        fs::write(fixture.stage.home.path().join("config/config.toml"), "idle_limit_seconds = 2\n")
            .unwrap();
        fixture.script([fault.answer(), ScriptedAnswer::says("Here it is.")]);
        let output = fixture.run(&["say it"]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "Here it is.\n", "{fault:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.contains(sentences::SILENT_FOR_2_SECONDS)
                || told.contains(sentences::SILENT_SERVER),
            "{told}"
        );
    }
}
