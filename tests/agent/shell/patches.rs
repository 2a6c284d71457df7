//! `apply_patch` as a program: within longer lines of the shell, in the sandbox and outside of it.

use codling::demo::ScriptedAnswer;
use codling::protocol::Sandbox;

use crate::agent::fixture::{Fixture, PATCHER, Person};
use crate::stage::needs::demand_sandbox;
use crate::stage::sentences;

const PATCH: &str = "*** Begin Patch\n*** Update File: pears.txt\n@@\n-hard\n+soft\n*** Add File: new.txt\n+new\n*** End Patch";

/// One that does not fit: its first file would be made.
const UNFIT: &str = "*** Begin Patch\n*** Add File: new.txt\n+new\n*** Update File: pears.txt\n@@\n-ripe\n+soft\n*** End Patch";

/// A folder with pears in `sub`, at which the model runs a line.
fn ran(mode: &str, line: &str) -> (Fixture, String) {
    let fixture = Fixture::new();
    std::fs::create_dir(fixture.folder().join("sub")).unwrap();
    fixture.write("sub/pears.txt", "hard\n");
    fixture.script([ScriptedAnswer::runs("c1", line), ScriptedAnswer::says("It was tried.")]);
    let mode = ["--approval-mode", mode];
    let output = fixture.run(&[&PATCHER[..], &mode, &["ripen the pears"]].concat());
    assert!(output.status.success(), "{output:?}");
    let told = fixture.output("c1");
    (fixture, told)
}

fn modes() -> [&'static str; 2] {
    demand_sandbox(Sandbox::is_present);
    ["auto", "full"]
}

fn heredoc(patch: &str) -> String {
    format!("<<'E'\n{patch}\nE")
}

#[test]
fn a_patch_within_a_longer_line_is_applied_in_the_sandbox_and_outside_of_it() {
    // Each goes on behind the word that begins the patch.
    let patch = |more: &str| format!("<<'E' {more}\n{PATCH}\nE");
    let lines = [
        format!("cd sub && apply_patch {}", patch("&& echo done")),
        format!("cd sub; cat {}", patch("| apply_patch")),
        format!("cd sub\nbash -lc \"apply_patch '{PATCH}'\""),
        format!("set -e\ncd sub\napplypatch {}\necho done", patch("")),
    ];
    for mode in modes() {
        for line in &lines {
            let (fixture, told) = ran(mode, line);
            let files = "Success. Updated the following files:\nA new.txt\nM pears.txt";
            assert!(told.contains(files), "{mode}: {line}: {told}");
            assert_eq!(fixture.read("sub/pears.txt").as_deref(), Some("soft\n"), "{mode}: {line}");
            assert_eq!(fixture.read("sub/new.txt").as_deref(), Some("new\n"), "{mode}: {line}");
        }
    }
}

#[test]
fn a_patch_that_is_not_applied_fails_its_line_and_changes_nothing() {
    let guarded =
        "*** Begin Patch\n*** Add File: new.txt\n+new\n*** Add File: AGENTS.md\n+x\n*** End Patch";
    let lines = [
        (format!("cd sub; apply_patch {}\necho code $?", heredoc(UNFIT)), 1),
        (format!("cd sub; apply_patch {}\necho code $?", heredoc(guarded)), 1),
        ("apply_patch </dev/null; echo code $?".to_owned(), 2),
        ("cd sub; apply_patch; echo code $?".to_owned(), 2),
        ("apply_patch --help me; echo code $?".to_owned(), 2),
        ("apply_patch '*** Begin Patch\n*** End Patch'; echo code $?".to_owned(), 2),
    ];
    for mode in modes() {
        for (line, code) in &lines {
            let (fixture, told) = ran(mode, line);
            assert!(told.contains(&format!("code {code}")), "{mode}: {line}: {told}");
            assert!(!told.contains("Success"), "{mode}: {line}: {told}");
            assert_eq!(fixture.read("sub/pears.txt").as_deref(), Some("hard\n"), "{mode}: {line}");
            assert_eq!(fixture.read("sub/new.txt"), None, "{mode}: {line}");
        }
    }
}

#[test]
fn the_line_asks_as_any_command_does_and_undo_takes_its_patch_back() {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "hard\n");
    let line = format!("set -e\napply_patch {}", heredoc(PATCH));
    fixture.script([ScriptedAnswer::runs("c1", &line), ScriptedAnswer::says("They are soft.")]);
    let terminal = fixture.open(&PATCHER);
    terminal.ask("ripen the pears");
    terminal.shows(&["Run this command?", "set -e"]);
    assert_eq!(fixture.read("pears.txt").as_deref(), Some("hard\n"));
    terminal.decide("y");
    terminal.wait_for("They are soft.");
    terminal.rests();
    assert_eq!(fixture.read("pears.txt").as_deref(), Some("soft\n"));
    terminal.slash("undo");
    terminal.shows(&[sentences::TAKE_BACK_TURN, "pears.txt", "new.txt"]);
    terminal.take_back();
    fixture.wait_for("pears.txt", |text| text == "hard\n");
    terminal.wait_for("were taken back");
    assert_eq!(fixture.read("new.txt"), None);
    fixture.leave(&terminal);
}

#[test]
fn a_patch_reaches_no_further_than_its_command() {
    demand_sandbox(Sandbox::is_present);
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+new\n*** Add File: ../../out.txt\n+x\n*** End Patch";
    let (fixture, told) =
        ran("auto", &format!("cd sub; apply_patch {}\necho code $?", heredoc(patch)));
    assert!(told.contains("code 1"), "{told}");
    assert_eq!(fixture.read("sub/new.txt"), None);
    assert!(!fixture.outside().join("out.txt").exists());
}
