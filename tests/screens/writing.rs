//! Writing a prompt with paste, editor and history.

use codling::demo::ScriptedAnswer;

use crate::pty::Look;
use crate::stage::{Account, Stage};

use super::scene::{Person, Scene, open};

#[test]
#[cfg(target_os = "linux")]
fn an_editor_has_the_terminal_until_it_ends_and_what_it_leaves_is_the_draft() {
    let stage = Stage::new(Account::ChatGpt);
    let editor =
        "ask() { printf 'which fruit? '; read -r word; printf %s \"$word\" >> \"$1\"; }; ask";
    let terminal = open(&stage, |setup| setup.env("VISUAL", editor));
    terminal.type_text("Tell me about ");
    // Painted after the queries of the start: no reply is left for the editor to read.
    terminal.wait_for("│ Tell me about");
    terminal.press("ctrl+x").type_text("e");
    terminal.wait_for("which fruit? ");
    terminal.type_text("pears").press("enter");
    terminal.wait_for("│ Tell me about pears");
    terminal.type_text(", then");
    terminal.wait_for("│ Tell me about pears, then");
    terminal.press("ctrl+c");
    terminal.wait_gone("pears");
    terminal.leave();
}

#[test]
fn a_file_of_the_folder_is_mentioned_by_a_few_letters() {
    let scene = Scene::new(Account::ChatGpt);
    let terminal = &scene.terminal;
    terminal.type_text("Sum up @rdm");
    terminal.wait_for("› README.md");
    terminal.press("tab");
    terminal.wait_for("│ Sum up @README.md");
    assert!(!terminal.screen().shows("› README.md"));
    terminal.press("ctrl+c");
    terminal.wait_gone("README.md");
    scene.end();
}

#[test]
fn prompts_come_back_after_a_restart_the_newest_first() {
    let stage = Stage::new(Account::ChatGpt);
    stage.stand.script([ScriptedAnswer::says("One."), ScriptedAnswer::says("Two.")]);
    let first = open(&stage, |setup| setup);
    first.ask("the older prompt");
    first.wait_for("One.");
    first.wait_gone("Working");
    first.type_text("the newer").press("ctrl+j").type_text("prompt of two lines").press("enter");
    first.wait_for("Two.");
    first.wait_gone("Working");
    first.leave();

    let second = open(&stage, |setup| setup);
    second.press_until("up", "│ the newer");
    assert!(second.screen().shows("prompt of two lines"));
    second.press_until("up", "│ the older prompt");
    second.press_until("down", "│ the newer");
    second.press("ctrl+c");
    second.wait_for("Ask anything");
    second.leave();
    assert!(
        stage.stand.script_left() == 0 && stage.stand.responses().len() == 2,
        "nothing was sent by looking"
    );
}
