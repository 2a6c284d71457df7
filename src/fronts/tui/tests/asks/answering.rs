//! Answering approvals: a single key, a second one for a rule, a sentence for a no.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::approvals::{asked, command, decided};
use crate::fronts::tui::messages::Msg;
use crate::fronts::tui::tests::Desk;
use crate::protocol::{ApprovalResponse, EventKind};

/// Presses a key that no other key follows.
pub fn alone(desk: &mut Desk, letter: &str) {
    desk.text(letter);
    desk.after(Duration::from_millis(200));
}

#[test]
fn each_key_gives_its_answer_and_enter_the_one_that_is_marked() {
    for (keys, decision) in [
        (vec![KeyCode::Char('y')], ApprovalResponse::Once),
        (vec![KeyCode::Char('A'), KeyCode::Enter], ApprovalResponse::Always),
        (vec![KeyCode::Char('a'), KeyCode::Right, KeyCode::Enter], ApprovalResponse::AlwaysHere),
        (vec![KeyCode::Char('a'), KeyCode::Char('a')], ApprovalResponse::Always),
        (vec![KeyCode::Char('a'), KeyCode::Char('1')], ApprovalResponse::Always),
        (vec![KeyCode::Char('a'), KeyCode::Char('2')], ApprovalResponse::AlwaysHere),
        (
            vec![KeyCode::Char('a'), KeyCode::Right, KeyCode::Char('a')],
            ApprovalResponse::AlwaysHere,
        ),
        (vec![KeyCode::Char('n')], ApprovalResponse::No),
        (vec![KeyCode::Enter], ApprovalResponse::Once),
        (vec![KeyCode::Right, KeyCode::Enter, KeyCode::Enter], ApprovalResponse::Always),
        (vec![KeyCode::Right, KeyCode::Right, KeyCode::Enter], ApprovalResponse::No),
        (vec![KeyCode::Char('r'), KeyCode::Enter], ApprovalResponse::No),
    ] {
        let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
        for key in keys {
            assert!(desk.shows("Run this command?") || desk.shows("without asking"));
            desk.press(key);
            desk.after(Duration::from_millis(700));
        }
        assert_eq!(decided(&mut desk), [("c".into(), decision)]);
        assert!(!desk.shows("Run this command?"));
    }
}

#[test]
fn a_sentence_that_is_typed_is_a_reason_and_no_answer() {
    for sentence in [
        "add more tests",
        "yes but keep README",
        "no, use plum",
        "run it later",
        "hello",
        "aaaa",
        "?? what",
    ] {
        let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
        for letter in sentence.chars() {
            desk.press(KeyCode::Char(letter));
            desk.after(Duration::from_millis(150));
        }
        desk.after(Duration::from_secs(9));
        assert!(
            decided(&mut desk).is_empty() && desk.shows(&format!("No, because › {sentence}")),
            "{}",
            desk.picture()
        );
        desk.press(KeyCode::Enter);
        assert_eq!(
            decided(&mut desk),
            [("c".into(), ApprovalResponse::NoBecause(sentence.into()))]
        );
    }
}

#[test]
fn a_paste_never_answers_and_esc_and_ctrl_c_take_a_reason_back() {
    for pasted in ["y", "a\n", "yes\nplease\n"] {
        for esc in [true, false] {
            let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
            desk.msg(Msg::Paste(pasted.into()));
            desk.after(Duration::from_secs(1));
            assert!(
                desk.shows(&format!("No, because › {}", pasted.trim().replace('\n', " "))),
                "{}",
                desk.picture()
            );
            if esc {
                desk.press(KeyCode::Esc)
            } else {
                desk.ctrl('c')
            }
            assert!(
                desk.shows("› y\u{a0}once")
                    && !desk.shows("because")
                    && decided(&mut desk).is_empty()
            );
        }
    }
    let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
    desk.text("n");
    desk.msg(Msg::Paste("ot this one".into()));
    assert!(desk.shows("No, because › not this one"));
}

#[test]
fn always_shows_the_whole_rule_and_wants_a_second_key() {
    let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
    desk.text("a");
    desk.press(KeyCode::Enter);
    assert!(decided(&mut desk).is_empty());
    assert_snapshot!("approval_always", desk.picture());
    desk.press(KeyCode::Enter);
    assert!(decided(&mut desk).is_empty(), "the enter is still held down");
    desk.press(KeyCode::Esc);
    assert!(desk.shows("› y\u{a0}once") && decided(&mut desk).is_empty());
    alone(&mut desk, "a");
    desk.presses([KeyCode::Right, KeyCode::Right]);
    desk.after(Duration::from_millis(200));
    desk.press(KeyCode::Enter);
    assert!(desk.shows("› y\u{a0}once") && decided(&mut desk).is_empty(), "back");
    alone(&mut desk, "a");
    desk.after(Duration::from_millis(200));
    desk.text("dd more tests");
    assert!(desk.shows("No, because › add more tests"), "slowly typed: {}", desk.picture());
}

#[test]
fn a_letter_is_taken_back_by_a_key_that_is_no_letter() {
    for code in [KeyCode::Esc, KeyCode::Backspace, KeyCode::Right] {
        let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
        desk.text("y");
        desk.press(code);
        desk.after(Duration::from_secs(1));
        assert!(decided(&mut desk).is_empty() && desk.shows("$ cargo test"));
    }
    let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
    desk.text("y");
    desk.ctrl('p');
    desk.after(Duration::from_secs(1));
    desk.press(KeyCode::Esc);
    desk.after(Duration::from_secs(1));
    assert!(decided(&mut desk).is_empty());
}

#[test]
fn the_composer_is_seen_to_be_closed_and_keeps_what_is_in_it() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.text("later");
    desk.event(EventKind::Approval(command("c", "cargo test")));
    desk.after(Duration::from_millis(400));
    assert!(
        desk.shows("┌─ closed until you answer above ─")
            && desk.shows("│ later")
            && desk.shows("no caret"),
        "{}",
        desk.picture()
    );
    desk.ctrl('c');
    alone(&mut desk, "n");
    assert!(desk.shows("│ later") && !desk.shows("closed until"));
    assert!(
        asked(vec![command("c", "cargo test")], 80, 24).shows("│          "),
        "nothing invites to type"
    );
}

#[test]
fn a_no_can_say_why_and_esc_goes_back_to_the_choice() {
    let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
    alone(&mut desk, "r");
    desk.text("yes? no: use nextest");
    desk.msg(Msg::Paste(", with\n--locked".into()));
    assert_snapshot!("approval_why_not", desk.picture());
    desk.press(KeyCode::Esc);
    assert!(desk.shows("a\u{a0}always") && decided(&mut desk).is_empty());
    alone(&mut desk, "r");
    desk.text("not now");
    desk.press(KeyCode::Enter);
    assert_eq!(decided(&mut desk), [("c".into(), ApprovalResponse::NoBecause("not now".into()))]);
}

#[test]
fn enter_for_a_prompt_that_was_being_written_is_no_answer() {
    for typed_before in [true, false] {
        let mut desk = Desk::connected(80, 24);
        desk.ask("go");
        if typed_before {
            desk.text("and then");
        }
        desk.event(EventKind::Approval(command("c", "cargo test")));
        if !typed_before {
            desk.text("and then");
        }
        desk.cmds();
        desk.after(Duration::from_secs(2));
        desk.press(KeyCode::Enter);
        desk.after(Duration::from_secs(1));
        assert!(
            decided(&mut desk).is_empty()
                && desk.shows("  y\u{a0}once")
                && desk.shows("│ and then"),
            "{}",
            desk.picture()
        );
        desk.presses([KeyCode::Right, KeyCode::Enter]);
        assert_eq!(decided(&mut desk), [("c".into(), ApprovalResponse::Once)]);
    }
}

#[test]
fn the_same_letter_twice_confirms_however_quickly_and_a_third_one_begins_a_sentence() {
    for pause in [0, 100, 300, 900] {
        let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
        desk.text("a");
        desk.after(Duration::from_millis(pause));
        desk.text("a");
        assert!(decided(&mut desk).is_empty(), "{pause}");
        desk.after(Duration::from_millis(200));
        assert_eq!(decided(&mut desk), [("c".into(), ApprovalResponse::Always)], "{pause}");
    }
    for digits in ["3", "0", "1x", "12"] {
        let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
        alone(&mut desk, "a");
        desk.text(digits);
        desk.after(Duration::from_secs(1));
        assert!(
            decided(&mut desk).is_empty() && desk.shows(&format!("No, because › a{digits}")),
            "{}",
            desk.picture()
        );
    }
}

#[test]
fn a_key_held_down_makes_no_rule() {
    let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
    desk.text("a");
    desk.after(Duration::from_millis(500));
    for _ in 0..40 {
        desk.text("a");
        desk.after(Duration::from_millis(33));
    }
    desk.after(Duration::from_secs(2));
    assert!(decided(&mut desk).is_empty(), "{}", desk.picture());
}
