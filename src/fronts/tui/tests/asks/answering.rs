//! Answering approvals: a single key, a second one for a rule, a sentence for a no.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::approvals::{asked, command, decided};
use crate::protocol::{ApprovalResponse, EventKind};
use crate::tui::messages::Msg;
use crate::tui::tests::Fixture;

/// Presses a key that no other key follows.
pub fn alone(fixture: &mut Fixture, letter: &str) {
    fixture.text(letter);
    fixture.after(Duration::from_millis(200));
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
        let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
        for key in keys {
            assert!(fixture.shows("Run this command?") || fixture.shows("without asking"));
            fixture.press(key);
            fixture.after(Duration::from_millis(700));
        }
        assert_eq!(decided(&mut fixture), [("c".into(), decision)]);
        assert!(!fixture.shows("Run this command?"));
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
        let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
        for letter in sentence.chars() {
            fixture.press(KeyCode::Char(letter));
            fixture.after(Duration::from_millis(150));
        }
        fixture.after(Duration::from_secs(9));
        assert!(
            decided(&mut fixture).is_empty() && fixture.shows(&format!("No, because › {sentence}")),
            "{}",
            fixture.picture()
        );
        fixture.press(KeyCode::Enter);
        assert_eq!(
            decided(&mut fixture),
            [("c".into(), ApprovalResponse::NoBecause(sentence.into()))]
        );
    }
}

#[test]
fn a_paste_never_answers_and_esc_and_ctrl_c_take_a_reason_back() {
    for pasted in ["y", "a\n", "yes\nplease\n"] {
        for esc in [true, false] {
            let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
            fixture.msg(Msg::Paste(pasted.into()));
            fixture.after(Duration::from_secs(1));
            fixture.assert_shows([&format!("No, because › {}", pasted.trim().replace('\n', " "))]);
            if esc {
                fixture.press(KeyCode::Esc)
            } else {
                fixture.ctrl('c')
            }
            assert!(
                fixture.shows("› y\u{a0}once")
                    && !fixture.shows("because")
                    && decided(&mut fixture).is_empty()
            );
        }
    }
    let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
    fixture.text("n");
    fixture.msg(Msg::Paste("ot this one".into()));
    assert!(fixture.shows("No, because › not this one"));
}

#[test]
fn always_shows_the_whole_rule_and_wants_a_second_key() {
    let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
    fixture.enter("a");
    assert!(decided(&mut fixture).is_empty());
    assert_snapshot!("approval_always", fixture.picture());
    fixture.press(KeyCode::Enter);
    assert!(decided(&mut fixture).is_empty(), "the enter is still held down");
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows("› y\u{a0}once") && decided(&mut fixture).is_empty());
    alone(&mut fixture, "a");
    fixture.presses([KeyCode::Right, KeyCode::Right]);
    fixture.after(Duration::from_millis(200));
    fixture.press(KeyCode::Enter);
    assert!(fixture.shows("› y\u{a0}once") && decided(&mut fixture).is_empty(), "back");
    alone(&mut fixture, "a");
    fixture.after(Duration::from_millis(200));
    fixture.text("dd more tests");
    assert!(fixture.shows("No, because › add more tests"), "slowly typed: {}", fixture.picture());
}

#[test]
fn a_letter_is_taken_back_by_a_key_that_is_no_letter() {
    for code in [KeyCode::Esc, KeyCode::Backspace, KeyCode::Right] {
        let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
        fixture.text("y");
        fixture.press(code);
        fixture.after(Duration::from_secs(1));
        assert!(decided(&mut fixture).is_empty() && fixture.shows("$ cargo test"));
    }
    let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
    fixture.text("y");
    fixture.ctrl('p');
    fixture.after(Duration::from_secs(1));
    fixture.press(KeyCode::Esc);
    fixture.after(Duration::from_secs(1));
    assert!(decided(&mut fixture).is_empty());
}

#[test]
fn the_composer_is_seen_to_be_closed_and_keeps_what_is_in_it() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.text("later");
    fixture.event(EventKind::Approval(command("c", "cargo test")));
    fixture.after(Duration::from_millis(400));
    fixture.assert_shows([sentences::CLOSED_COMPOSER, "no caret"]);
    fixture.ctrl('c');
    alone(&mut fixture, "n");
    assert!(fixture.shows("│ later") && !fixture.shows("until you answer"));
    let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
    assert!(!fixture.shows("Ask anything"), "nothing invites to type");
}

#[test]
fn a_no_can_say_why_and_esc_goes_back_to_the_choice() {
    let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
    alone(&mut fixture, "r");
    fixture.text("yes? no: use nextest");
    fixture.msg(Msg::Paste(", with\n--locked".into()));
    assert_snapshot!("approval_why_not", fixture.picture());
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows("a\u{a0}always") && decided(&mut fixture).is_empty());
    alone(&mut fixture, "r");
    fixture.enter("not now");
    assert_eq!(
        decided(&mut fixture),
        [("c".into(), ApprovalResponse::NoBecause("not now".into()))]
    );
}

#[test]
fn enter_for_a_prompt_that_was_being_written_is_no_answer() {
    for typed_before in [true, false] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.ask("go");
        if typed_before {
            fixture.text("and then");
        }
        fixture.event(EventKind::Approval(command("c", "cargo test")));
        if !typed_before {
            fixture.text("and then");
        }
        fixture.cmds();
        fixture.after(Duration::from_secs(2));
        fixture.press(KeyCode::Enter);
        fixture.after(Duration::from_secs(1));
        assert!(
            decided(&mut fixture).is_empty()
                && fixture.shows("  y\u{a0}once")
                && fixture.shows("· and then"),
            "{}",
            fixture.picture()
        );
        fixture.presses([KeyCode::Right, KeyCode::Enter]);
        assert_eq!(decided(&mut fixture), [("c".into(), ApprovalResponse::Once)]);
    }
}

#[test]
fn the_same_letter_twice_confirms_however_quickly_and_a_third_one_begins_a_sentence() {
    for pause in [0, 100, 300, 900] {
        let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
        fixture.text("a");
        fixture.after(Duration::from_millis(pause));
        fixture.text("a");
        assert!(decided(&mut fixture).is_empty(), "{pause}");
        fixture.after(Duration::from_millis(200));
        assert_eq!(decided(&mut fixture), [("c".into(), ApprovalResponse::Always)], "{pause}");
    }
    for digits in ["3", "0", "1x", "12"] {
        let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
        alone(&mut fixture, "a");
        fixture.text(digits);
        fixture.after(Duration::from_secs(1));
        assert!(
            decided(&mut fixture).is_empty() && fixture.shows(&format!("No, because › a{digits}")),
            "{}",
            fixture.picture()
        );
    }
}

#[test]
fn a_key_held_down_makes_no_rule() {
    let mut fixture = asked(vec![command("c", "cargo test")], 80, 24);
    fixture.text("a");
    fixture.after(Duration::from_millis(500));
    for _ in 0..40 {
        fixture.text("a");
        fixture.after(Duration::from_millis(33));
    }
    fixture.after(Duration::from_secs(2));
    assert!(decided(&mut fixture).is_empty(), "{}", fixture.picture());
}
