//! The first start, at every size.

use crate::pty::{Look, Setup};
use crate::stage::sentences;
use crate::stage::{Account, Stage};

use super::scene::{Person, Scene, open};

#[test]
fn the_first_start_invites_at_every_size_and_sends_nothing_anywhere() {
    for (columns, rows) in [(60, 18), (80, 24), (120, 40), (300, 100)] {
        let stage = Stage::new(Account::Nobody);
        let terminal = open(&stage, |setup| setup.size(columns, rows));
        for text in [
            "Ask anything, or type / for commands",
            "a coding client for your terminal",
            "not connected",
            "enter to sign in",
        ] {
            terminal.wait_for(text);
        }
        let lines = terminal.screen().lines();
        assert!(lines.last().unwrap().ends_with(env!("CARGO_PKG_VERSION")), "{lines:#?}");
        terminal.leave();
        assert!(stage.stand.requests().is_empty());
        assert!(!stage.home.auth_file().exists());
    }
}

#[test]
fn a_window_that_is_too_small_is_told_so_and_works_again_once_it_is_not() {
    let stage = Stage::new(Account::Nobody);
    let terminal = open(&stage, |setup| setup.size(50, 10));
    terminal.wait_for(sentences::WINDOW_OF_50_BY_10);
    terminal.type_text("typed blind");
    terminal.resize(60, 18);
    terminal.wait_for("typed blind");
    assert!(terminal.screen().cursor().is_some());
    terminal.resize(59, 18);
    terminal.wait_for("This window is 59x18");
    assert!(terminal.is_running());
    terminal.resize(120, 40);
    terminal.wait_until("the status line is the last one", |screen| {
        screen.lines()[39].ends_with(env!("CARGO_PKG_VERSION"))
    });
    assert!(terminal.screen().shows("typed blind"));
    terminal.press("ctrl+c");
    terminal.wait_gone("typed blind");
    terminal.leave();
}

#[test]
fn a_new_size_lays_a_dialog_and_a_conversation_out_anew() {
    let scene = Scene::new(Account::ChatGpt);
    let terminal = &scene.terminal;
    scene.stage.stand.script([codling::demo::ScriptedAnswer::says(&"word ".repeat(60))]);
    terminal.ask("hello");
    terminal.wait_until("the answer takes four rows", |screen| rows_with(screen, "word") == 4);
    terminal.type_text("/connect").press("enter");
    terminal.wait_for("Connect a provider");
    terminal.resize(120, 40);
    terminal.wait_until("the dialog is in the middle", |screen| {
        screen.find("Connect a provider").is_some_and(|(column, _)| column > 20)
    });
    terminal.press("esc");
    terminal.wait_gone("Connect a provider");
    terminal.wait_until("the answer takes three rows", |screen| rows_with(screen, "word") == 3);
    scene.end();
}

#[test]
fn a_command_of_the_settings_prints_the_status_line_and_a_slow_one_is_told() {
    let answers =
        r#"read facts; case $facts in *'"mode":"ask"'*) printf '\033[31mpear\ntree';; esac"#;
    for (script, is_shown) in [(answers, true), ("sleep 100", false)] {
        let stage = Stage::new(Account::ChatGpt);
        let settings = stage.home.path().join("config/config.toml");
        std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
        let command = format!("status_command = [\"sh\", \"-c\", '''{script}''']\n");
        std::fs::write(settings, command).unwrap();
        stage.stand.script([codling::demo::ScriptedAnswer::says("Hello.")]);
        let terminal = open(&stage, |setup| setup);
        terminal.ask("hello");
        terminal.wait_for("Hello.");
        match is_shown {
            true => terminal.wait_until("it is the last line", |screen| {
                screen.lines().last().is_some_and(|line| line.trim() == "pear")
            }),
            false => terminal.wait_for("300 ms"),
        };
        terminal.wait_gone("esc to interrupt");
        terminal.leave();
    }
}

#[test]
fn without_colours_none_are_sent() {
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let stage = Stage::new(Account::Nobody);
        let terminal = open(&stage, |setup: Setup| setup.env(name, value));
        terminal.wait_for("enter to sign in");
        terminal.connect('2');
        terminal.wait_for(sentences::WAITING_FOR_APPROVAL);
        let raw = String::from_utf8_lossy(&terminal.raw_since(0)).into_owned();
        for colour in ["\x1b[3", "\x1b[4", ";3", ";4"] {
            let found = raw.match_indices(colour).any(|(at, _)| {
                raw[at + colour.len()..].starts_with(|c: char| c.is_ascii_digit()) && {
                    let rest = &raw[at + colour.len() + 1..];
                    rest.starts_with(['m', ';'])
                }
            });
            assert!(!found, "{name} {colour:?} {}", raw.escape_debug());
        }
        drop(terminal);
    }
}

fn rows_with(screen: &vt100::Screen, text: &str) -> usize {
    screen.lines().iter().filter(|line| line.contains(text)).count()
}
