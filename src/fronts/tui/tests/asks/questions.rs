//! Questions of the model.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::fronts::tui::messages::{Msg, Toward};
use crate::fronts::tui::tests::Desk;
use crate::protocol::{
    ApprovalResponse, AskId, Command, EventKind, Question, QuestionOption, Selection, TurnCommand,
};

fn question(pick: Selection, options: &[(&str, &str)]) -> EventKind {
    let options = options
        .iter()
        .map(|(label, description)| QuestionOption {
            label: (*label).into(),
            description: (*description).into(),
        })
        .collect();
    EventKind::Asked {
        id: AskId(1),
        call: "q".into(),
        question: Question {
            text: "Which database is it to be?".into(),
            options,
            selection: pick,
            ..Question::default()
        },
    }
}

const DATABASES: &[(&str, &str)] =
    &[("SQLite", "a file, nothing to run"), ("Postgres", "a server of its own"), ("None", "")];

fn asked(pick: Selection, options: &[(&str, &str)], width: u16, height: u16) -> Desk {
    let mut desk = Desk::connected(width, height);
    desk.ask("store it");
    desk.event(question(pick, options));
    desk.after(Duration::from_millis(400));
    desk.cmds();
    desk
}

fn answer(desk: &mut Desk) -> Option<String> {
    let sent = desk.sent();
    sent.into_iter().find_map(|command| {
        if let Command::Turn(_, TurnCommand::Answer { text, .. }) = command {
            Some(text)
        } else {
            None
        }
    })
}

#[test]
fn one_of_several_says_that_more_follow() {
    for (more, says) in [(1, "one more follows"), (2, "more follow")] {
        let mut desk = Desk::connected(80, 24);
        desk.ask("store it");
        let EventKind::Asked { id, call, question } = question(Selection::One, DATABASES) else {
            unreachable!()
        };
        let next = vec![Question { text: "What port?".into(), ..Question::default() }; more];
        desk.event(EventKind::Asked { id, call, question: Question { next, ..question } });
        assert!(desk.shows(says), "{}", desk.picture());
    }
}

#[test]
fn its_options_are_marked_once_they_take_keys() {
    for (options, mark) in [(DATABASES, "› 1 SQLite"), (&[][..], "│ › ")] {
        let mut desk = Desk::connected(80, 24);
        desk.ask("store it");
        desk.event(question(Selection::One, options));
        assert!(
            !desk.shows(mark) && desk.shows("caret 2,21"),
            "the caret is the composer's: {}",
            desk.picture()
        );
        desk.after(Duration::from_millis(400));
        assert!(desk.shows(mark) && !desk.shows("caret 2,21"), "{}", desk.picture());
        assert_eq!(desk.app.wakes(), None);
    }
}

#[test]
fn one_of_several_is_answered_with_its_label() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut desk = asked(Selection::One, DATABASES, width, height);
        desk.press(KeyCode::Down);
        assert_snapshot!(format!("question_{width}x{height}"), desk.picture());
        desk.press(KeyCode::Enter);
        assert_eq!(answer(&mut desk).unwrap(), "Postgres");
        assert!(!desk.shows("Which database"));
    }
}

#[test]
fn several_are_marked_and_joined_with_one_s_own_words() {
    let mut desk = asked(Selection::Any, DATABASES, 80, 24);
    desk.text(" 2");
    assert!(desk.shows("› 2 [x] Postgres") && desk.shows("1 [x] SQLite"));
    desk.text("2");
    desk.after(Duration::from_secs(2));
    desk.text("and Redis, 1 of them");
    assert_snapshot!("question_several", desk.picture());
    desk.press(KeyCode::Enter);
    assert_eq!(answer(&mut desk).unwrap(), "SQLite, and Redis, 1 of them");
}

#[test]
fn one_s_own_words_are_always_possible_and_an_empty_answer_is_none() {
    let mut desk = asked(Selection::One, &[], 80, 24);
    desk.press(KeyCode::Enter);
    assert_eq!(answer(&mut desk), None);
    desk.msg(Msg::Paste("what you like\nbest?".into()));
    desk.text("?");
    desk.press(KeyCode::Enter);
    assert_eq!(answer(&mut desk).unwrap(), "what you like best??");
}

#[test]
fn typing_over_options_writes_an_answer_and_up_goes_back_to_them() {
    let mut desk = asked(Selection::One, DATABASES, 80, 24);
    desk.text("MySQL");
    assert!(desk.shows("› MySQL"));
    desk.press(KeyCode::Up);
    assert!(desk.shows("› 3 None"));
    desk.presses([KeyCode::Down, KeyCode::Enter]);
    assert_eq!(answer(&mut desk).unwrap(), "MySQL");
}

#[test]
fn esc_declines() {
    let mut desk = asked(Selection::Any, DATABASES, 80, 24);
    desk.press(KeyCode::Esc);
    assert!(matches!(
        desk.sent().as_slice(),
        [Command::Turn(_, TurnCommand::Decide { decision: ApprovalResponse::No, .. })]
    ));
}

#[test]
fn more_options_than_fit_follow_the_cursor() {
    let many: Vec<_> =
        (1..=30).map(|number| (format!("Option {number}"), "about it".to_owned())).collect();
    let many: Vec<_> = many.iter().map(|(label, about)| (label.as_str(), about.as_str())).collect();
    let mut desk = asked(Selection::One, &many, 60, 18);
    desk.presses([KeyCode::Up, KeyCode::Up]);
    assert!(
        desk.shows("› 30 Option 30") && desk.shows("above") | desk.shows("pgup"),
        "{}",
        desk.picture()
    );
    desk.press(KeyCode::Enter);
    assert_eq!(answer(&mut desk).unwrap(), "Option 30");
}

#[test]
fn the_option_under_the_cursor_stays_in_sight_in_a_smaller_room() {
    let many: Vec<_> = (1..=20).map(|number| format!("Option {number}")).collect();
    let many: Vec<_> = many.iter().map(|label| (label.as_str(), "")).collect();
    let mut desk = asked(Selection::Any, &many, 80, 24);
    (0..12).for_each(|_| desk.press(KeyCode::Down));
    assert!(desk.shows("│ › 13 [ ] Option 13"), "{}", desk.picture());
    desk.msg(Msg::Resize { width: 60, height: 18 });
    assert!(desk.shows("│ › 13 [ ] Option 13"), "{}", desk.picture());
    desk.msg(Msg::Wheel { toward: Toward::End, rows: 50 });
    assert!(desk.shows("  20 [ ] Option 20") && !desk.shows("Option 4"), "{}", desk.picture());
}

#[test]
fn a_key_of_the_program_leaves_what_was_written_alone() {
    let mut desk = asked(Selection::One, DATABASES, 80, 24);
    desk.text("MySQL");
    desk.press(KeyCode::Up);
    desk.ctrl('f');
    desk.press(KeyCode::Esc);
    assert!(desk.shows("MySQL") && desk.sent().is_empty(), "{}", desk.picture());
}

#[test]
fn a_digit_that_begins_an_answer_stays_in_it() {
    for pick in [Selection::One, Selection::Any] {
        for words in ["2 please", "1 or 3", "2nd", "12 of them", "3"] {
            let mut desk = asked(pick, DATABASES, 80, 24);
            for letter in words.chars() {
                desk.press(KeyCode::Char(letter));
                desk.after(Duration::from_millis(150));
            }
            desk.press(KeyCode::Enter);
            let given = answer(&mut desk).unwrap();
            assert_eq!(given, if words == "3" { "None" } else { words }, "{pick:?}");
        }
    }
}

#[test]
fn an_option_that_is_out_of_sight_is_brought_up_before_it_can_be_chosen() {
    let mut desk = Desk::connected(60, 18);
    desk.ask("store it");
    let EventKind::Asked { id, call, question } = question(Selection::One, DATABASES) else {
        unreachable!()
    };
    let text = "Read this first.\n".repeat(40);
    desk.event(EventKind::Asked { id, call, question: Question { text, ..question } });
    desk.after(Duration::from_millis(400));
    desk.cmds();
    assert!(!desk.shows("SQLite"), "{}", desk.picture());
    desk.press(KeyCode::Enter);
    assert!(answer(&mut desk).is_none() && desk.shows("› 1 SQLite"), "{}", desk.picture());
    desk.press(KeyCode::Enter);
    assert_eq!(answer(&mut desk).unwrap(), "SQLite");
}
