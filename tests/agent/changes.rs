//! Changes are reviewed, approved and refused, and they do not overwrite another program's changes.

use codling::demo::ScriptedAnswer;

use super::fixture::{Fixture, PATCHER, Person};

const PATCH: &str = "
*** Update File: pears.txt
 green
-hard
+soft and sweet
 round
*** Add File: docs/plums.md
+# Plums
+blue
*** Delete File: old.txt
";

fn orchard() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "green\nhard\nround\n");
    fixture.write("old.txt", "gone soon\n");
    fixture
}

#[test]
fn a_patch_over_several_files_is_reviewed_and_approved() {
    let fixture = orchard();
    fixture.script([
        ScriptedAnswer::patches("c1", PATCH),
        ScriptedAnswer::says("All three are done."),
    ]);
    let terminal = fixture.open(&PATCHER);
    terminal.ask("sort the fruit");
    terminal.shows(&[
        "Change 3 files?",
        "pears.txt",
        "docs/plums.md",
        "old.txt",
        "hard",
        "soft and sweet",
        "# Plums",
        "gone soon",
    ]);
    assert_eq!(
        fixture.read("pears.txt").unwrap(),
        "green\nhard\nround\n",
        "nothing is changed before the answer"
    );
    terminal.decide("y");
    terminal.wait_for("All three are done.");
    assert_eq!(fixture.read("pears.txt").unwrap(), "green\nsoft and sweet\nround\n");
    assert_eq!(fixture.read("docs/plums.md").unwrap(), "# Plums\nblue\n");
    assert_eq!(fixture.read("old.txt"), None);
    terminal.rests();
    terminal.shows(&["soft and sweet", "+3 −2"]);
    fixture.leave(&terminal);
}

#[test]
fn a_refusal_with_a_reason_reaches_the_model_and_it_acts_on_it() {
    let fixture = orchard();
    let better = "*** Update File: pears.txt\n green\n-hard\n+ripe\n round";
    fixture.script([
        ScriptedAnswer::patches("c1", PATCH),
        ScriptedAnswer::patches("c2", better),
        ScriptedAnswer::says("Only the pears, then."),
    ]);
    let terminal = fixture.open(&PATCHER);
    terminal.ask("sort the fruit");
    terminal.wait_for("Change 3 files?");
    terminal.decide("r");
    terminal.wait_for("No, because › ");
    terminal.type_text("leave the plums alone");
    terminal.wait_for("leave the plums alone");
    terminal.press("enter");
    terminal.wait_for("Change pears.txt?");
    let output = fixture.output("c1");
    assert!(output.contains("refused") && output.contains("leave the plums alone"), "{output}");
    assert!(fixture.read("old.txt").is_some() && fixture.read("docs/plums.md").is_none());
    terminal.decide("y");
    terminal.wait_for("Only the pears, then.");
    assert_eq!(fixture.read("pears.txt").unwrap(), "green\nripe\nround\n");
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn a_file_edited_by_hand_while_the_approval_waits_is_refused_read_again_and_done() {
    let fixture = orchard();
    fixture.script([
        Fixture::reads("c1", "pears.txt"),
        ScriptedAnswer::edits("c2", "pears.txt", "hard", "soft"),
        Fixture::reads("c3", "pears.txt"),
        ScriptedAnswer::edits("c4", "pears.txt", "hard", "soft"),
        ScriptedAnswer::says("Now they are soft."),
    ]);
    let terminal = fixture.open(&[]);
    terminal.ask("soften the pears");
    terminal.wait_for("Change pears.txt?");
    fixture.write("pears.txt", "green\nhard\nround\nby hand\n");
    terminal.decide("y");
    terminal.wait_for("Change pears.txt?");
    terminal.wait_until("the second approval is up", |screen| {
        use crate::pty::Look;
        screen.lines().iter().any(|line| line.contains("by hand"))
    });
    let (refused, again) = (fixture.output("c2"), fixture.output("c3"));
    assert!(refused.contains("read it again") || refused.contains("Read it again"), "{refused}");
    assert!(again.contains("by hand"), "{again}");
    assert_eq!(fixture.read("pears.txt").unwrap(), "green\nhard\nround\nby hand\n");
    terminal.decide("y");
    terminal.wait_for("Now they are soft.");
    assert_eq!(fixture.read("pears.txt").unwrap(), "green\nsoft\nround\nby hand\n");
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn a_patch_through_the_shell_is_reviewed_and_made_as_a_patch() {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "hard\n");
    let patch = "*** Begin Patch\n*** Update File: pears.txt\n@@\n-hard\n+soft\n*** End Patch";
    fixture.script([
        ScriptedAnswer::runs("c1", &format!("apply_patch <<'EOF'\n{patch}\nEOF")),
        ScriptedAnswer::says("They are soft."),
    ]);
    let terminal = fixture.open(&PATCHER);
    terminal.ask("ripen the pears");
    terminal.shows(&["Change pears.txt? +1 −1", "1 - hard", "1 + soft"]);
    terminal.decide("y");
    terminal.wait_for("They are soft.");
    terminal.rests();
    assert_eq!(fixture.read("pears.txt").unwrap(), "soft\n");
    let output = fixture.output("c1");
    assert!(output.starts_with("Exit code: 0\nWall time: "), "{output}");
    let files = " seconds\nOutput:\nSuccess. Updated the following files:\nM pears.txt";
    assert!(output.ends_with(files), "{output}");
    fixture.leave(&terminal);
}
