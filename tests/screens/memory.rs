//! The prompt history, which outlives a start.

use codling::demo::ScriptedAnswer;

use crate::pty::Look;
use crate::stage::{Account, Stage};

use super::scene::{Person, open};

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
