//! File mentions.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::{Command, Completeness, Reply, SessionCommand, TurnCommand, UserPrompt};
use crate::tui::tests::Fixture;

fn files() -> Reply {
    let paths = [
        "Cargo.toml",
        "README.md",
        "src/main.rs",
        "src/tui/app.rs",
        "src/tui/ask/mod.rs",
        "a\u{1b}[31m.rs",
    ];
    let long = format!("{}/deep.rs", "folder".repeat(30));
    Reply::Files {
        paths: paths.into_iter().map(str::to_owned).chain([long]).collect(),
        whole: Completeness::Complete,
    }
}

fn asked(fixture: &mut Fixture) -> usize {
    fixture
        .sent()
        .iter()
        .filter(|command| matches!(command, Command::Session(SessionCommand::Files(_))))
        .count()
}

#[test]
fn an_at_sign_asks_for_the_files_once_and_lists_those_that_fit() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut fixture = Fixture::connected(width, height);
        fixture.text("me@home, look");
        assert_eq!(asked(&mut fixture), 0, "no work without a mention");
        fixture.text(" at @");
        assert_eq!(asked(&mut fixture), 1);
        fixture.reply(files());
        assert_snapshot!(format!("mention_{width}x{height}"), fixture.picture());
        fixture.text("mod");
        assert!(fixture.shows("› src/tui/ask/mod.rs") && !fixture.shows("Cargo.toml"));
        assert_eq!(asked(&mut fixture), 0);
    }
}

#[test]
fn tab_and_enter_put_the_path_in_and_enter_alone_sends() {
    for take in [KeyCode::Tab, KeyCode::Enter] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.text("@");
        fixture.reply(files());
        fixture.text("src");
        fixture.press(KeyCode::Down);
        fixture.cmds();
        fixture.press(take);
        assert!(
            fixture.cmds().is_empty() && fixture.shows("│ @src/tui/app.rs"),
            "{}",
            fixture.picture()
        );
        fixture.text("and @read");
        fixture.presses([take, KeyCode::Enter]);
        let sent = fixture.sent();
        assert!(
            sent.iter().any(|command| matches!(command, Command::Turn(_, TurnCommand::Submit(UserPrompt { text, .. })) if text == "@src/tui/app.rs and @README.md ")),
            "{sent:?}"
        );
    }
}

#[test]
fn esc_leaves_the_word_alone_until_another_mention_begins() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("@");
    fixture.reply(files());
    fixture.press(KeyCode::Esc);
    assert!(!fixture.shows("Cargo.toml"));
    fixture.text("car");
    assert!(!fixture.shows("Cargo.toml") && fixture.shows("│ @car"));
    fixture.text(" @car");
    assert!(fixture.shows("› Cargo.toml"));
    fixture.presses([KeyCode::Left, KeyCode::Left]);
    assert!(fixture.shows("› Cargo.toml"), "the letters before the caret count");
    fixture.presses([KeyCode::Left, KeyCode::Left, KeyCode::Left]);
    assert!(!fixture.shows("Cargo.toml"), "the caret has left the word");
}

#[test]
fn an_old_list_is_asked_for_again_and_shown_meanwhile() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("@");
    fixture.reply(files());
    fixture.press(KeyCode::Backspace);
    fixture.cmds();
    fixture.text("@");
    assert_eq!(asked(&mut fixture), 0);
    fixture.press(KeyCode::Backspace);
    fixture.after(Duration::from_secs(6));
    fixture.text("@car");
    assert!(asked(&mut fixture) == 1 && fixture.shows("› Cargo.toml"));
}

#[test]
fn the_history_is_walked_past_a_prompt_that_ends_with_a_mention() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.reply(Reply::History(vec!["first".into(), "look at @Cargo.toml".into()]));
    fixture.text("@");
    fixture.reply(files());
    fixture.ctrl('c');
    fixture.presses([KeyCode::Up, KeyCode::Up]);
    fixture.assert_shows(["│ first"]);
}

#[test]
fn a_command_of_one_s_own_mentions_nothing() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("!ssh @");
    assert_eq!(asked(&mut fixture), 0);
}

#[test]
fn a_mention_may_follow_text_that_is_written_without_blanks() {
    for (text, opens) in [
        ("日本語@src", true),
        ("これを（@src", true),
        ("(@src", true),
        ("me@src", false),
        ("привет@src", false),
        ("@x/@src", true),
    ] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.reply(files());
        fixture.text(text);
        assert_eq!(
            fixture.shows("› src/main.rs"),
            opens && !text.starts_with("@x"),
            "{text}: {}",
            fixture.picture()
        );
        assert_eq!(asked(&mut fixture), usize::from(opens), "{text}");
    }
}

#[test]
fn files_that_no_list_holds_are_spoken_of() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("see @");
    let paths: Vec<String> = (0..50_000).map(|number| format!("src/{number}.rs")).collect();
    fixture.reply(Reply::Files { paths: paths.into(), whole: Completeness::Truncated });
    fixture.assert_shows([sentences::FILES_CUT]);
    // Also if no known file matches.
    fixture.text("zebra");
    fixture.assert_shows(["the first 50,000 files only"]);
    fixture.press(KeyCode::Enter);
    assert!(
        fixture
            .sent()
            .iter()
            .any(|command| matches!(command, Command::Turn(_, TurnCommand::Submit(_)))),
        "enter sends"
    );
}
