//! Typing and reading while an answer streams.

use codling::demo::{ScriptPiece, ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;
use vt100::Screen;

use crate::pty::Look;
use crate::stage::Account;

use super::scene::{Person, Scene};

/// Paragraphs of an answer, one for each number.
fn lines(numbers: std::ops::Range<usize>) -> impl Iterator<Item = ScriptPiece> {
    numbers.map(|number| text(format!("line {number:04}\n\n")))
}

/// The rows of the conversation; those below may always change.
fn transcript(screen: &Screen) -> Vec<String> {
    let mut lines = screen.lines();
    lines.truncate(18);
    lines
}

#[test]
fn typing_is_echoed_while_two_thousand_deltas_stream() {
    let scene = Scene::new(Account::ChatGpt);
    let terminal = &scene.terminal;
    let words = |numbers: std::ops::Range<usize>| {
        numbers.map(|number| {
            text(format!("word{number} {}", if number % 40 == 39 { "\n\n" } else { "" }))
        })
    };
    let pieces = [created()]
        .into_iter()
        .chain(words(0..20))
        .chain([gate("first")])
        .chain(words(20..2_000))
        .chain([gate("last"), text("zqend"), completed(Usage::default())]);
    // Five seconds of words: a busy machine has time for eight letters.
    scene.stage.stand.script([ScriptedAnswer::sse(pieces).per_second(400)]);
    terminal.ask("Go");
    terminal.wait_for("word19 ");
    scene.stage.stand.open("first");
    let mut typed = String::new();
    for letter in "zqtyping".chars() {
        typed.push(letter);
        terminal.type_text(&letter.to_string());
        let wanted = typed.clone();
        terminal.wait_until("the letter is echoed while words stream", move |screen| {
            screen.shows(&format!("│ {wanted}")) && !screen.shows("word1999")
        });
    }
    terminal.wait_for("word1999");
    scene.stage.stand.open("last");
    terminal.wait_for("zqend");
    assert!(terminal.screen().shows("│ zqtyping"));
    terminal.wait_gone("to interrupt");
    terminal.press("ctrl+c");
    terminal.wait_gone("zqtyping");
    scene.end();
}

#[test]
fn what_one_reads_does_not_move_while_text_streams_and_end_follows_again() {
    let scene = Scene::new(Account::ChatGpt);
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    let pieces = [created()]
        .into_iter()
        .chain(lines(0..60))
        .chain([gate("more")])
        .chain(lines(60..160))
        .chain([gate("on")]);
    stand.script([ScriptedAnswer::sse(
        pieces.chain(lines(160..200)).chain([completed(Usage::default())]),
    )]);
    terminal.ask("Go");
    terminal.wait_for("line 0059");
    terminal.press("pgup");
    terminal.wait_gone("line 0059");
    let read = transcript(&terminal.screen());
    assert!(read.iter().any(|line| line.contains("line 00")), "{read:#?}");
    stand.open("more");
    terminal.wait_for("new lines · end");
    terminal.wait_until("all hundred lines are counted", |screen| {
        let count = screen.lines().iter().find_map(|line| {
            line.split_once('↓')?.1.split_whitespace().next()?.parse::<usize>().ok()
        });
        count.is_some_and(|count| count >= 200)
    });
    assert_eq!(transcript(&terminal.screen()), read);
    terminal.press("end");
    terminal.wait_for("line 0159");
    stand.open("on");
    terminal.wait_for("line 0199");
    terminal.wait_gone("Working");
    assert!(!terminal.screen().shows("new lines"));
    scene.end();
}

#[test]
fn a_prompt_sent_while_the_model_works_waits_and_then_joins() {
    let scene = Scene::new(Account::ChatGpt);
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    stand.script([
        ScriptedAnswer::sse([
            created(),
            text("First answer."),
            gate("first"),
            completed(Usage::default()),
        ]),
        ScriptedAnswer::says("Second answer."),
    ]);
    terminal.ask("one");
    terminal.wait_for("First answer.");
    terminal.ask("and two");
    terminal.wait_for("joins this turn: and two");
    assert_eq!(stand.responses().len(), 1);
    stand.open("first");
    terminal.wait_for("Second answer.");
    let screen = terminal.screen();
    assert!(
        screen.shows("› and two") && !screen.shows("joins this turn:"),
        "{:#?}",
        screen.lines()
    );
    let responses = stand.responses();
    assert_eq!(responses.len(), 2);
    for said in ["one", "First answer.", "and two"] {
        assert!(responses[1].body.contains(said), "{said}");
    }
    terminal.wait_gone("Working");
    scene.end();
}
