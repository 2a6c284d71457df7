//! Prompts for after the running turn, from its screen and from another shell.

use codling::demo::{ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;

use super::{Fixture, ask, leave, out};
use crate::pty::Look;
use crate::stage::sentences;

#[test]
fn each_prompt_for_after_the_turn_is_a_turn_of_its_own_wherever_it_comes_from() {
    let fixture = Fixture::new();
    let first = [created(), text("Let me see."), gate("first"), completed(Usage::default())];
    let answers = ["Committed.", "Tested."].map(ScriptedAnswer::says);
    let answers = std::iter::once(ScriptedAnswer::sse(first)).chain(answers);
    fixture.stage.stand.script(answers.collect::<Vec<_>>());
    let terminal = fixture.screen(&[]);
    ask(&terminal, "look at the pears");
    terminal.wait_for("Let me see.");
    terminal.type_text("then test");
    terminal.wait_for(sentences::JOINS_OR_WAITS);
    terminal.press("ctrl+g");
    terminal.wait_for("after this turn: then test");

    let empty = fixture.plain(&["queue", "ses_", "  "]);
    assert_eq!(empty.status.code(), Some(2), "{empty:?}");
    out(&fixture.plain(&["queue", "ses_", "then", "commit"]));
    terminal.wait_for("after this turn: then commit");
    // Once it is known that the shell is gone, its prompt can be changed here.
    terminal.press("up");
    terminal.wait_for("Queued prompts");
    terminal.press("down");
    terminal.wait_for("› after this turn  then commit");
    terminal.press("+");
    terminal.wait_until("it stands first", |screen| {
        let row = |text: &str| screen.find(text).map(|(_, row)| row);
        row("after this turn  then commit") < row("after this turn  then test")
    });
    terminal.press("esc");
    terminal.wait_gone("Queued prompts");

    fixture.stage.stand.open("first");
    terminal.wait_for("Committed.");
    terminal.wait_for("Tested.");
    terminal.wait_gone("esc to interrupt");
    let bodies: Vec<_> = fixture.stage.stand.responses().into_iter().map(|it| it.body).collect();
    assert_eq!(bodies.len(), 3);
    assert!(bodies[1].contains("then commit") && !bodies[1].contains("then test"));
    leave(&terminal);
    let gone = fixture.plain(&["queue", "ses_", "late"]);
    assert_eq!(gone.status.code(), Some(1), "{gone:?}");
}

#[test]
fn the_prompt_of_the_command_line_begins_a_conversation_or_goes_on_with_one() {
    let fixture = Fixture::new();
    let answers = ["Sun.", "And water."].map(ScriptedAnswer::says);
    fixture.stage.stand.script(answers);
    let terminal = fixture.screen(&["--prompt", "what do tomatoes need?"]);
    terminal.wait_for("Sun.");
    terminal.wait_for("› what do tomatoes need?");
    leave(&terminal);
    let terminal = fixture.screen(&["--continue", "--prompt", "what else?"]);
    terminal.wait_for("And water.");
    let last = fixture.stage.stand.responses().pop().unwrap().body;
    assert!(last.contains("what do tomatoes need?") && last.contains("what else?"), "{last}");
    leave(&terminal);
    let misplaced = fixture.plain(&["--prompt", "x", "sessions", "list"]);
    assert_eq!(misplaced.status.code(), Some(2), "{misplaced:?}");
    // A folder that is called as a command is opened by its path.
    std::fs::create_dir(fixture.folder.path().join("asks")).unwrap();
    let told = fixture.plain(&["asks"]);
    assert!(String::from_utf8_lossy(&told.stderr).contains("codling ./asks"), "{told:?}");
}
