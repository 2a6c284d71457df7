//! Reading a conversation: searching it, and copying from it.

use codling::demo::{
    ScriptedAnswer, completed, created, function_call, gate, item_done, reasoning, text,
};
use codling::protocol::Usage;
use vt100::Screen;

use crate::pty::{Look, Terminal};
use crate::stage::{Account, Stage};

use super::scene::{Person, Scene, open};

/// Whether a cell of this text is drawn otherwise than the text around it.
fn is_marked(screen: &Screen, text: &str) -> bool {
    let plain = screen.cell_of("Apples").map(|cell| (cell.bgcolor(), cell.inverse()));
    let found = screen.cell_of(text).map(|cell| (cell.bgcolor(), cell.inverse()));
    found.is_some() && found != plain
}

fn count(terminal: &Terminal, at: &str) {
    terminal.wait_for(&format!(" {at} ─"));
}

#[test]
fn a_word_is_found_through_a_fold_and_esc_comes_back() {
    let stage = Stage::new(Account::ChatGpt);
    let terminal = open(&stage, |setup| setup.size(80, 24).env("COLORTERM", "truecolor"));
    let rows: String = (0..40).map(|row| format!("- row {row}\n")).collect();
    stage.stand.script([
        ScriptedAnswer::sse([
            created(),
            reasoning("**Where to look**\n\nUnder the Quince tree."),
            item_done(),
            function_call("c1", "read", r#"{"filePath":"README.md"}"#),
            completed(Usage::default()),
        ]),
        ScriptedAnswer::says(&format!("Apples, and a Quince.\n\n{rows}\nThe end.")),
        ScriptedAnswer::sse([
            created(),
            text("One more "),
            gate("more"),
            text("Quince."),
            item_done(),
            completed(Usage::default()),
        ]),
    ]);
    terminal.ask("What is this?");
    terminal.wait_for("The end.");
    terminal.wait_gone("Working");
    // It is plain text, and may be no pattern.
    terminal.press("ctrl+f").type_text(".*[(");
    terminal.wait_for(".*[(");
    assert!(terminal.screen().shows("The end."), "nothing was found, and nothing moves");
    terminal.press("ctrl+u").type_text("Quince");
    count(&terminal, "2/2");
    terminal.wait_until("the hit is marked", |screen| is_marked(screen, "Quince."));
    terminal.press("up");
    count(&terminal, "1/2");
    terminal.wait_for("Under the Quince tree.");
    terminal.press("enter").type_text("n");
    count(&terminal, "2/2");
    terminal.wait_gone("Under the Quince tree.");
    terminal.type_text("N");
    count(&terminal, "1/2");
    terminal.wait_for("Under the Quince tree.");
    terminal.resize(60, 18);
    terminal.wait_until("it is still seen", |screen| is_marked(screen, "Quince tree"));
    terminal.resize(20, 5);
    terminal.wait_gone("Quince");
    terminal.resize(80, 24);
    count(&terminal, "1/2");
    // The search ends, and what opened for it closes.
    terminal.press("esc");
    terminal.wait_gone("Under the Quince tree.");
    assert!(terminal.screen().shows("Thought: Where to look"));
    terminal.press("end");
    terminal.wait_for("The end.");

    // While text streams in, and back to where one read.
    terminal.ask("Go on");
    terminal.wait_for("One more");
    terminal.press("ctrl+f").type_text("quince tree");
    count(&terminal, "1/1");
    terminal.wait_for("Under the Quince tree.");
    terminal.press("ctrl+w").press("backspace");
    count(&terminal, "2/2");
    stage.stand.open("more");
    count(&terminal, "2/3");
    terminal.press("esc");
    terminal.wait_for("One more Quince.");
    terminal.wait_gone("Working");
    terminal.leave();
    stage.stand.check().unwrap();
}

#[test]
fn one_code_block_of_several_is_copied() {
    let scene = Scene::new(Account::ChatGpt);
    let terminal = &scene.terminal;
    scene.stage.stand.script([ScriptedAnswer::says(
        "Water it:\n\n```rust\nfn water() {}\n```\n\n- then\n\n  ```sh\n  cargo run\n\n  cargo test\n  ```\n",
    )]);
    terminal.ask("How?");
    terminal.wait_for("cargo test");
    terminal.wait_gone("Working");
    let copied = |wanted: &str, mark: usize| {
        let wanted = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, wanted);
        terminal.wait_raw(mark, format!("\x1b]52;c;{wanted}\x07").as_bytes());
    };
    let mark = terminal.mark();
    terminal.press("ctrl+x").type_text("k");
    terminal.wait_for("› cargo run");
    terminal.press("enter");
    copied("cargo run\n\ncargo test", mark);
    let mark = terminal.mark();
    terminal.type_text("/copy 2").press("enter");
    copied("fn water() {}", mark);
    scene.end();
}
