//! Questions of the model.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::{
    ApprovalResponse, AskId, Command, EventKind, Question, QuestionOption, Selection, TurnCommand,
};
use crate::tui::messages::{Msg, Toward};
use crate::tui::tests::Fixture;

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

fn asked(pick: Selection, options: &[(&str, &str)], width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("store it");
    fixture.event(question(pick, options));
    fixture.after(Duration::from_millis(400));
    fixture.cmds();
    fixture
}

fn answer(fixture: &mut Fixture) -> Option<String> {
    let answer = |turn| if let TurnCommand::Answer { text, .. } = turn { Some(text) } else { None };
    fixture.turns().into_iter().find_map(answer)
}

#[test]
fn one_of_several_says_that_more_follow() {
    for (more, says) in [(1, "one more follows"), (2, "more follow")] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.ask("store it");
        let EventKind::Asked { id, call, question } = question(Selection::One, DATABASES) else {
            unreachable!()
        };
        let next = vec![Question { text: "What port?".into(), ..Question::default() }; more];
        fixture.event(EventKind::Asked { id, call, question: Question { next, ..question } });
        fixture.assert_shows([says]);
    }
}

#[test]
fn its_options_are_marked_once_they_take_keys() {
    for (options, mark) in [(DATABASES, "› 1 SQLite"), (&[][..], "│ › ")] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.ask("store it");
        fixture.event(question(Selection::One, options));
        assert!(
            !fixture.shows(mark) && fixture.shows("caret 3,22"),
            "the caret is the composer's: {}",
            fixture.picture()
        );
        fixture.after(Duration::from_millis(400));
        fixture.assert_shows([mark]);
        fixture.assert_hides(["caret 3,22"]);
        assert_eq!(fixture.app.wakes(), None);
    }
}

#[test]
fn one_of_several_is_answered_with_its_label() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut fixture = asked(Selection::One, DATABASES, width, height);
        fixture.press(KeyCode::Down);
        assert_snapshot!(format!("question_{width}x{height}"), fixture.picture());
        fixture.press(KeyCode::Enter);
        assert_eq!(answer(&mut fixture).unwrap(), "Postgres");
        assert!(!fixture.shows("Which database"));
    }
}

#[test]
fn several_are_marked_and_joined_with_one_s_own_words() {
    let mut fixture = asked(Selection::Any, DATABASES, 80, 24);
    fixture.text(" 2");
    assert!(fixture.shows("› 2 [x] Postgres") && fixture.shows("1 [x] SQLite"));
    fixture.text("2");
    fixture.after(Duration::from_secs(2));
    fixture.text("and Redis, 1 of them");
    assert_snapshot!("question_several", fixture.picture());
    fixture.press(KeyCode::Enter);
    assert_eq!(answer(&mut fixture).unwrap(), "SQLite, and Redis, 1 of them");
}

#[test]
fn one_s_own_words_are_always_possible_and_an_empty_answer_is_none() {
    let mut fixture = asked(Selection::One, &[], 80, 24);
    fixture.press(KeyCode::Enter);
    assert_eq!(answer(&mut fixture), None);
    fixture.msg(Msg::Paste("what you like\nbest?".into()));
    fixture.enter("?");
    assert_eq!(answer(&mut fixture).unwrap(), "what you like best??");
}

#[test]
fn typing_over_options_writes_an_answer_and_up_goes_back_to_them() {
    let mut fixture = asked(Selection::One, DATABASES, 80, 24);
    fixture.text("MySQL");
    assert!(fixture.shows("› MySQL"));
    fixture.press(KeyCode::Up);
    assert!(fixture.shows("› 3 None"));
    fixture.presses([KeyCode::Down, KeyCode::Enter]);
    assert_eq!(answer(&mut fixture).unwrap(), "MySQL");
}

#[test]
fn esc_declines() {
    let mut fixture = asked(Selection::Any, DATABASES, 80, 24);
    fixture.press(KeyCode::Esc);
    assert!(matches!(
        fixture.sent().as_slice(),
        [Command::Turn(_, TurnCommand::Decide { decision: ApprovalResponse::No, .. })]
    ));
}

#[test]
fn more_options_than_fit_follow_the_cursor() {
    let many: Vec<_> =
        (1..=30).map(|number| (format!("Option {number}"), "about it".to_owned())).collect();
    let many: Vec<_> = many.iter().map(|(label, about)| (label.as_str(), about.as_str())).collect();
    let mut fixture = asked(Selection::One, &many, 60, 18);
    fixture.presses([KeyCode::Up, KeyCode::Up]);
    assert!(
        fixture.shows("› 30 Option 30") && fixture.shows("above") | fixture.shows("pgup"),
        "{}",
        fixture.picture()
    );
    fixture.press(KeyCode::Enter);
    assert_eq!(answer(&mut fixture).unwrap(), "Option 30");
}

#[test]
fn the_option_under_the_cursor_stays_in_sight_in_a_smaller_room() {
    let many: Vec<_> = (1..=20).map(|number| format!("Option {number}")).collect();
    let many: Vec<_> = many.iter().map(|label| (label.as_str(), "")).collect();
    let mut fixture = asked(Selection::Any, &many, 80, 24);
    (0..12).for_each(|_| fixture.press(KeyCode::Down));
    fixture.assert_shows(["│ › 13 [ ] Option 13"]);
    fixture.msg(Msg::Resize { width: 60, height: 18 });
    fixture.assert_shows(["│ › 13 [ ] Option 13"]);
    fixture.msg(Msg::Wheel { toward: Toward::End, rows: 50 });
    fixture.assert_shows(["  20 [ ] Option 20"]);
    fixture.assert_hides(["Option 4"]);
}

#[test]
fn a_key_of_the_program_leaves_what_was_written_alone() {
    let mut fixture = asked(Selection::One, DATABASES, 80, 24);
    fixture.text("MySQL");
    fixture.press(KeyCode::Up);
    fixture.ctrl('f');
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows("MySQL") && fixture.sent().is_empty(), "{}", fixture.picture());
}

#[test]
fn a_digit_that_begins_an_answer_stays_in_it() {
    for pick in [Selection::One, Selection::Any] {
        for words in ["2 please", "1 or 3", "2nd", "12 of them", "3"] {
            let mut fixture = asked(pick, DATABASES, 80, 24);
            for letter in words.chars() {
                fixture.press(KeyCode::Char(letter));
                fixture.after(Duration::from_millis(150));
            }
            fixture.press(KeyCode::Enter);
            let given = answer(&mut fixture).unwrap();
            assert_eq!(given, if words == "3" { "None" } else { words }, "{pick:?}");
        }
    }
}

#[test]
fn an_option_that_is_out_of_sight_is_brought_up_before_it_can_be_chosen() {
    let mut fixture = Fixture::connected(60, 18);
    fixture.ask("store it");
    let EventKind::Asked { id, call, question } = question(Selection::One, DATABASES) else {
        unreachable!()
    };
    let text = "Read this first.\n".repeat(40);
    fixture.event(EventKind::Asked { id, call, question: Question { text, ..question } });
    fixture.after(Duration::from_millis(400));
    fixture.cmds();
    fixture.assert_hides(["SQLite"]);
    fixture.press(KeyCode::Enter);
    assert!(answer(&mut fixture).is_none() && fixture.shows("› 1 SQLite"), "{}", fixture.picture());
    fixture.press(KeyCode::Enter);
    assert_eq!(answer(&mut fixture).unwrap(), "SQLite");
}
