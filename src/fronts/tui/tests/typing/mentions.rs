//! File mentions.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::fronts::tui::tests::Desk;
use crate::protocol::{Command, Completeness, Reply, SessionCommand, TurnCommand, UserPrompt};

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

fn asked(desk: &mut Desk) -> usize {
    desk.sent()
        .iter()
        .filter(|command| matches!(command, Command::Session(SessionCommand::Files(_))))
        .count()
}

#[test]
fn an_at_sign_asks_for_the_files_once_and_lists_those_that_fit() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut desk = Desk::connected(width, height);
        desk.text("me@home, look");
        assert_eq!(asked(&mut desk), 0, "no work without a mention");
        desk.text(" at @");
        assert_eq!(asked(&mut desk), 1);
        desk.reply(files());
        assert_snapshot!(format!("mention_{width}x{height}"), desk.picture());
        desk.text("mod");
        assert!(desk.shows("› src/tui/ask/mod.rs") && !desk.shows("Cargo.toml"));
        assert_eq!(asked(&mut desk), 0);
    }
}

#[test]
fn tab_and_enter_put_the_path_in_and_enter_alone_sends() {
    for take in [KeyCode::Tab, KeyCode::Enter] {
        let mut desk = Desk::connected(80, 24);
        desk.text("@");
        desk.reply(files());
        desk.text("src");
        desk.press(KeyCode::Down);
        desk.cmds();
        desk.press(take);
        assert!(desk.cmds().is_empty() && desk.shows("│ @src/tui/app.rs"), "{}", desk.picture());
        desk.text("and @read");
        desk.presses([take, KeyCode::Enter]);
        let sent = desk.sent();
        assert!(
            sent.iter().any(|command| matches!(command, Command::Turn(_, TurnCommand::Submit(UserPrompt { text, .. })) if text == "@src/tui/app.rs and @README.md ")),
            "{sent:?}"
        );
    }
}

#[test]
fn esc_leaves_the_word_alone_until_another_mention_begins() {
    let mut desk = Desk::connected(80, 24);
    desk.text("@");
    desk.reply(files());
    desk.press(KeyCode::Esc);
    assert!(!desk.shows("Cargo.toml"));
    desk.text("car");
    assert!(!desk.shows("Cargo.toml") && desk.shows("│ @car"));
    desk.text(" @car");
    assert!(desk.shows("› Cargo.toml"));
    desk.presses([KeyCode::Left, KeyCode::Left]);
    assert!(desk.shows("› Cargo.toml"), "the letters before the caret count");
    desk.presses([KeyCode::Left, KeyCode::Left, KeyCode::Left]);
    assert!(!desk.shows("Cargo.toml"), "the caret has left the word");
}

#[test]
fn an_old_list_is_asked_for_again_and_shown_meanwhile() {
    let mut desk = Desk::connected(80, 24);
    desk.text("@");
    desk.reply(files());
    desk.press(KeyCode::Backspace);
    desk.cmds();
    desk.text("@");
    assert_eq!(asked(&mut desk), 0);
    desk.press(KeyCode::Backspace);
    desk.after(Duration::from_secs(6));
    desk.text("@car");
    assert!(asked(&mut desk) == 1 && desk.shows("› Cargo.toml"));
}

#[test]
fn the_history_is_walked_past_a_prompt_that_ends_with_a_mention() {
    let mut desk = Desk::connected(80, 24);
    desk.reply(Reply::History(vec!["first".into(), "look at @Cargo.toml".into()]));
    desk.text("@");
    desk.reply(files());
    desk.ctrl('c');
    desk.presses([KeyCode::Up, KeyCode::Up]);
    assert!(desk.shows("│ first"), "{}", desk.picture());
}

#[test]
fn a_command_of_one_s_own_mentions_nothing() {
    let mut desk = Desk::connected(80, 24);
    desk.text("!ssh @");
    assert_eq!(asked(&mut desk), 0);
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
        let mut desk = Desk::connected(80, 24);
        desk.reply(files());
        desk.text(text);
        assert_eq!(
            desk.shows("› src/main.rs"),
            opens && !text.starts_with("@x"),
            "{text}: {}",
            desk.picture()
        );
        assert_eq!(asked(&mut desk), usize::from(opens), "{text}");
    }
}

#[test]
fn files_that_no_list_holds_are_spoken_of() {
    let mut desk = Desk::connected(80, 24);
    desk.text("see @");
    let paths: Vec<String> = (0..50_000).map(|number| format!("src/{number}.rs")).collect();
    desk.reply(Reply::Files { paths: paths.into(), whole: Completeness::Truncated });
    assert!(
        desk.shows("the first 50,000 files only; type the rest of a path by hand"),
        "{}",
        desk.picture()
    );
    // Also if no known file matches.
    desk.text("zebra");
    assert!(desk.shows("the first 50,000 files only"), "{}", desk.picture());
    desk.press(KeyCode::Enter);
    assert!(
        desk.sent()
            .iter()
            .any(|command| matches!(command, Command::Turn(_, TurnCommand::Submit(_)))),
        "enter sends"
    );
}
