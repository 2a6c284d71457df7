//! Writing a prompt with paste, editor and history.

use crate::pty::Look;
use crate::stage::Account;

use super::scene::Scene;

#[test]
#[cfg(target_os = "linux")]
fn an_editor_has_the_terminal_until_it_ends_and_what_it_leaves_is_the_draft() {
    use super::scene::{Person, open};
    use crate::stage::Stage;

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
