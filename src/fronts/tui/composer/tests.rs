//! The text field after each key, and how it is drawn.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::*;
use crate::protocol::PastPrompt;
use crate::tui::paint::{Background, Canvas, Depth, Theme};

const NONE: KeyModifiers = KeyModifiers::NONE;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;

fn press(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
    KeyEvent::new(code, modifiers)
}

/// Presses keys given as words (`left`, `ctrl+w`, `alt+backspace`); anything else is typed.
fn keys(composer: &mut Composer, keys: &str) -> FieldReply {
    let mut reply = FieldReply::Ignored;
    for word in keys.split(' ').filter(|word| !word.is_empty()) {
        reply = composer.key(key(word));
    }
    reply
}

fn key(word: &str) -> KeyEvent {
    let (modifiers, name) = match word.split_once('+') {
        Some(("ctrl", name)) => (CTRL, name),
        Some(("alt", name)) => (ALT, name),
        Some(("shift", name)) => (KeyModifiers::SHIFT, name),
        _ => (NONE, word),
    };
    let code = match name {
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        _ => KeyCode::Char(name.chars().next().unwrap()),
    };
    press(code, modifiers)
}

fn with(text: &str) -> Composer {
    let mut composer = Composer::new(FieldForm::Multiline);
    composer.insert(text);
    composer
}

fn draw(composer: &Composer, width: u16, height: u16) -> (Vec<String>, Position) {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    let caret = composer.draw(
        area,
        &mut Canvas { buffer: &mut buffer, theme: Theme::new(Depth::Mono, Background::Dark) },
    );
    let rows = buffer.content().chunks(usize::from(width));
    (
        rows.map(|row| {
            row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
        })
        .collect(),
        caret,
    )
}

#[test]
fn keys_edit_as_a_person_expects() {
    let cases = [
        ("one two", "backspace", "one tw"),
        ("one two", "home delete", "ne two"),
        ("one two", "ctrl+w", "one "),
        ("one two ", "ctrl+w", "one "),
        ("one two.", "alt+backspace", "one "),
        ("one two", "home alt+right x", "onex two"),
        ("one two", "alt+b x", "one xtwo"),
        ("one two", "home alt+d", " two"),
        ("one\ntwo", "ctrl+u", "one\n"),
        ("one\ntwo", "ctrl+u ctrl+u", "one"),
        ("one\ntwo", "up ctrl+k", "onetwo"),
        ("one\ntwo", "home up ctrl+k", "\ntwo"),
        ("one two", "ctrl+u ctrl+y ctrl+y", "one twoone two"),
        ("one", "shift+enter x", "one\nx"),
        ("one", "ctrl+j x", "one\nx"),
        ("one", "alt+enter x", "one\nx"),
        ("é", "backspace", ""),
        ("e\u{301}", "backspace", ""),
        ("👨‍👩‍👧🇩🇪", "backspace", "👨‍👩‍👧"),
        ("👨‍👩‍👧🇩🇪", "backspace backspace", ""),
        ("👨‍👩‍👧x", "home delete", "x"),
        ("ab", "left left left x", "xab"),
        ("ab", "ctrl+a x ctrl+e y", "xaby"),
    ];
    for (text, typed, expected) in cases {
        let mut composer = with(text);
        keys(&mut composer, typed);
        assert_eq!(composer.text(), expected, "{text:?} then {typed}");
    }
}

#[test]
fn keys_that_are_not_for_a_text_are_left_to_others() {
    for word in [
        "enter", "esc", "tab", "ctrl+p", "ctrl+c", "ctrl+x", "ctrl+d", "ctrl+z", "up", "down",
        "home", "end", "alt+x",
    ] {
        assert_eq!(
            keys(&mut Composer::new(FieldForm::Multiline), word),
            FieldReply::Ignored,
            "{word}"
        );
    }
    let mut single = Composer::new(FieldForm::SingleLine);
    assert_eq!(keys(&mut single, "ctrl+j"), FieldReply::Ignored);
    assert_eq!(keys(&mut single, "a"), FieldReply::Changed);
    assert_eq!(keys(&mut single, "up"), FieldReply::Ignored);
}

#[test]
fn undo_goes_back_word_by_word_and_redo_forward() {
    let mut composer = Composer::new(FieldForm::Multiline);
    for letter in "one two".chars() {
        composer.key(press(KeyCode::Char(letter), NONE));
    }
    keys(&mut composer, "ctrl+_");
    assert_eq!(composer.text(), "one");
    keys(&mut composer, "ctrl+_");
    assert_eq!(composer.text(), "");
    keys(&mut composer, "alt+_ alt+_");
    assert_eq!(composer.text(), "one two");
    composer.clear();
    keys(&mut composer, "ctrl+_");
    assert_eq!(composer.text(), "one two");
}

#[test]
fn a_big_paste_is_a_label_until_it_is_sent() {
    let mut composer = with("look: ");
    let big: String = (0..42).map(|line| format!("line {line}\r\n")).collect();
    composer.paste(&big);
    composer.insert("!");
    assert_eq!(draw(&composer, 40, 1).0, ["look: [Pasted 42 lines]!"]);
    assert_eq!(composer.text(), format!("look: {}!", big.replace("\r\n", "\n")));
    keys(&mut composer, "left backspace");
    assert_eq!(composer.text(), "look: !");
    keys(&mut composer, "ctrl+_");
    assert!(composer.take().text.contains("line 41"));
    assert!(composer.is_empty());
}

#[test]
fn a_paste_is_cleaned() {
    let mut composer = Composer::new(FieldForm::Multiline);
    composer.paste("one\rtwo\r\n\x1b[31mthree\u{202e}");
    assert_eq!(composer.text(), "one\ntwo\n␛[31mthree");
    let mut single = Composer::new(FieldForm::SingleLine);
    single.paste("  sk-one\r\n");
    assert_eq!(single.text(), "sk-one");
}

#[test]
fn the_caret_is_where_the_next_letter_goes() {
    let cases = [
        ("", "", (0, 0)),
        ("abc", "", (3, 0)),
        ("中文", "", (4, 0)),
        ("one two three", "", (5, 1)),
        ("one two three", "home", (0, 0)),
        ("one two three", "up", (5, 0)),
        ("one\n", "", (0, 1)),
        ("abcdefghijk", "", (2, 1)),
        // Nine columns for text and one for the caret.
        ("abcdefghi", "", (9, 0)),
    ];
    for (text, typed, (x, y)) in cases {
        let mut composer = with(text);
        draw(&composer, 10, 3);
        keys(&mut composer, typed);
        let (rows, caret) = draw(&composer, 10, 3);
        assert_eq!(caret, Position::new(x, y), "{text:?} then {typed}: {rows:?}");
    }
}

#[test]
fn up_and_down_keep_the_column_over_short_rows() {
    let mut composer = with("a long row\nb\nanother row");
    draw(&composer, 40, 5);
    keys(&mut composer, "left left up up x");
    assert_eq!(composer.text(), "a long roxw\nb\nanother row");
}

#[test]
fn a_huge_line_stays_quick_to_edit() {
    let mut composer = with(&"word ".repeat(72_000));
    let started = std::time::Instant::now();
    for _ in 0..10 {
        keys(&mut composer, "x left backspace");
        draw(&composer, 80, 5);
    }
    // Quadratic work would take minutes.
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn only_the_rows_around_the_caret_are_in_sight() {
    let mut composer = with("1\n2\n3\n4\n5");
    assert_eq!(composer.height(20, 3), 3);
    assert_eq!(
        draw(&composer, 20, 3),
        (vec!["3".into(), "4".into(), "5".into()], Position::new(1, 2))
    );
    keys(&mut composer, "up");
    assert_eq!(draw(&composer, 20, 3).0, ["3", "4", "5"]);
    keys(&mut composer, "up up up");
    assert_eq!(
        draw(&composer, 20, 3),
        (vec!["1".into(), "2".into(), "3".into()], Position::new(1, 0))
    );
}

#[test]
fn a_single_line_scrolls_sideways_with_its_caret() {
    let mut composer = Composer::new(FieldForm::SingleLine);
    composer.insert("abcdefghijklmno");
    assert_eq!(draw(&composer, 6, 1), (vec!["klmno".into()], Position::new(5, 0)));
    keys(&mut composer, "home");
    assert_eq!(draw(&composer, 6, 1), (vec!["abcdef".into()], Position::new(0, 0)));
}

#[test]
fn a_masked_text_is_dots_and_leaves_no_trace() {
    let mut composer = Composer::new(FieldForm::SingleLine);
    composer.set_masking(Masking::Masked);
    composer.paste("sk-1");
    keys(&mut composer, "é");
    assert_eq!(draw(&composer, 10, 1), (vec!["•••••".into()], Position::new(5, 0)));
    assert!(!format!("{composer:?}").contains("sk-"));
    keys(&mut composer, "ctrl+u ctrl+y ctrl+_");
    assert_eq!(composer.text(), "");
    composer.paste("sk-1");
    composer.set_masking(Masking::Shown);
    assert_eq!(draw(&composer, 10, 1).0, ["sk-1"]);
}

#[test]
fn a_hint_stands_in_an_empty_field() {
    let mut composer = Composer::new(FieldForm::Multiline);
    composer.set_placeholder("Ask anything");
    assert_eq!(draw(&composer, 8, 1), (vec!["Ask an…".into()], Position::ORIGIN));
    keys(&mut composer, "x");
    assert_eq!(draw(&composer, 8, 1).0, ["x"]);
}

#[test]
fn the_history_is_walked_at_the_edges_and_the_draft_is_kept() {
    let mut history = PromptRecall::new(vec!["first".into(), "second\nof two rows".into()]);
    let mut composer = with("draft");
    let mut walk =
        |composer: &mut Composer, word: &str| composer.key_with_history(key(word), &mut history);
    assert_eq!(walk(&mut composer, "down"), FieldReply::Ignored);
    walk(&mut composer, "up");
    assert_eq!(composer.text(), "second\nof two rows");
    walk(&mut composer, "up");
    assert_eq!(composer.text(), "first");
    assert_eq!(walk(&mut composer, "up"), FieldReply::Ignored);
    walk(&mut composer, "down");
    walk(&mut composer, "down");
    assert_eq!(composer.text(), "draft");
    walk(&mut composer, "up");
    walk(&mut composer, "x");
    assert_eq!(
        walk(&mut composer, "up"),
        FieldReply::Moved,
        "a changed prompt of two rows is walked by rows first"
    );
    assert_eq!(composer.text(), "second\nof two rowsx");
}

#[test]
fn a_folded_paste_comes_back_folded_and_whole() {
    let pasted = (0..40).map(|line| format!("line {line}\n")).collect::<String>();
    let mut composer = with("read ");
    composer.paste(&pasted);
    keys(&mut composer, "!");
    let sent = composer.take();
    let mut history = PromptRecall::new(vec![sent.clone()]);
    history.push("next".into());
    keys(&mut composer, "x");
    for _ in 0..3 {
        composer.key_with_history(key("up"), &mut history);
        composer.key_with_history(key("up"), &mut history);
        assert_eq!(
            (draw(&composer, 40, 1).0, composer.text()),
            (vec!["read [Pasted 40 lines]!".into()], sent.text.clone())
        );
        composer.key_with_history(key("down"), &mut history);
        composer.key_with_history(key("down"), &mut history);
        assert_eq!(composer.text(), "x");
    }
    let torn = PastPrompt {
        text: "é ab".into(),
        folded: vec![1..3, 90..91, std::ops::Range { start: 3, end: 2 }],
        pictures: Vec::new(),
    };
    let mut history = PromptRecall::new(vec![torn]);
    composer.key_with_history(key("up"), &mut history);
    assert_eq!(composer.text(), "é ab");
}

#[test]
fn a_sent_prompt_joins_the_history_once() {
    let mut history = PromptRecall::default();
    for prompt in ["one", "one", " ", "two"] {
        history.push(prompt.into());
    }
    let mut composer = Composer::new(FieldForm::Multiline);
    for expected in ["two", "one", "one"] {
        composer.key_with_history(key("up"), &mut history);
        assert_eq!(composer.text(), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_key_breaks_the_field(text in "[a-b 中é👍\n\t]{0,40}", words in prop::collection::vec(prop::sample::select(vec![
        "left", "right", "up", "down", "home", "end", "backspace", "delete", "ctrl+w", "alt+backspace", "alt+left", "alt+right",
        "ctrl+u", "ctrl+k", "ctrl+y", "ctrl+_", "alt+_", "x", "中", "shift+enter", "alt+d",
    ]), 0..40), width in 1_u16..12) {
        let mut composer = with(&text);
        for word in words {
            keys(&mut composer, word);
            let height = composer.height(width, 4);
            let (_, caret) = draw(&composer, width, height);
            prop_assert!(caret.x < width && caret.y < height);
        }
    }
}
