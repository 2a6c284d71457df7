//! Mistakes that a sign-in on screen must not make: hiding its keys, covering its code, keeping an
//! old problem, leaving no way out.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::*;
use crate::protocol::{TurnId, TurnOutcome};

fn offline() -> Problem {
    Problem::new(ProblemKind::Network, "auth.openai.com was not reached")
        .with_next("Check the network and try again")
}

#[test]
fn trouble_goes_when_the_server_answers_again_and_a_new_code_says_so() {
    let mut desk = at_way(1, 80, 24);
    code(&mut desk);
    step(&mut desk, SignInStep::Retrying(offline()));
    assert!(desk.shows("was not reached"));
    step(&mut desk, SignInStep::Reconnected);
    assert!(!desk.shows("was not reached"));
    let expires = desk.now() + Duration::from_secs(900);
    step(
        &mut desk,
        SignInStep::Code { url: DEVICE_URL.into(), code: "WXYZ-67890".into(), expires },
    );
    assert!(desk.shows("WXYZ-67890") && desk.shows("The previous code has"), "{}", desk.picture());
}

#[test]
fn a_long_reason_leaves_the_keys_of_the_dialog_in_sight() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut desk = at_way(2, width, height);
        desk.text("sk-1");
        desk.press(KeyCode::Enter);
        let long =
            "The key was not accepted, for a reason that takes the server several lines to explain in full, and then some ".repeat(3);
        step(
            &mut desk,
            SignInStep::Failed(
                Problem::new(ProblemKind::SignIn, long)
                    .with_next("Make another key at platform.openai.com/api-keys"),
            ),
        );
        for words in ["in full, and", "api-keys", "enter\u{a0}try\u{a0}again", "esc\u{a0}back"] {
            assert!(desk.shows(words), "{words}: {}", desk.picture());
        }
    }
}

#[test]
fn a_note_never_covers_the_code_that_is_to_be_scanned() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut desk = at_way(1, width, height);
        code(&mut desk);
        let cells = |desk: &mut Desk| {
            let is_qr = |symbol: &str| ["█", "▀", "▄"].contains(&symbol);
            desk.cells().filter(|cell| is_qr(cell.symbol())).count()
        };
        let before = cells(&mut desk);
        desk.text("c");
        desk.msg(Msg::Copied(Copied::Sent));
        assert!(
            before > 100 && cells(&mut desk) == before && desk.shows("OSC 52"),
            "{}",
            desk.picture()
        );
        desk.text("f");
        desk.msg(Msg::Copied(Copied::Sent));
        assert_eq!(cells(&mut desk), before, "{}", desk.picture());
    }
}

#[test]
fn a_small_window_shows_the_code_with_a_narrower_margin() {
    let mut desk = at_way(1, 60, 18);
    code(&mut desk);
    assert!(desk.shows("`f` shows it full"), "{}", desk.picture());
    desk.text("f");
    assert_snapshot!("qr_alone_60x18", desk.picture());
}

#[test]
fn without_a_port_the_address_is_pasted_or_a_code_is_used() {
    let mut desk = at_way(0, 80, 24);
    let expires = desk.now() + Duration::from_secs(600);
    let deaf = Problem::new(
        ProblemKind::SignIn,
        "No port for the browser's answer is free: 1455 is in use by `java` (pid 7)",
    )
    .with_next("Paste it");
    let opened = BrowserLaunch::NotTried;
    step(
        &mut desk,
        SignInStep::Browser {
            url: long_url(),
            port: 1455,
            opened,
            expires,
            busy: None,
            deaf: Some(deaf),
        },
    );
    assert_snapshot!("browser_no_port", desk.picture());
    desk.msg(Msg::Resize { width: 60, height: 18 });
    assert!(
        desk.shows("d\u{a0}use\u{a0}a\u{a0}code\u{a0}instead") && desk.shows("esc\u{a0}cancel"),
        "{}",
        desk.picture()
    );
    desk.cmds();
    desk.text("d");
    assert!(desk.shows("ChatGPT Plus/Pro (headless)"));
    let sent = desk.sent();
    assert!(
        matches!(
            sent.as_slice(),
            [
                Command::Account(AccountCommand::CancelSignIn(_)),
                Command::Account(AccountCommand::SignIn { way: SignInWay::Headless, .. })
            ]
        ),
        "{sent:?}"
    );
}

#[test]
fn all_rows_of_the_browser_link_are_one_link() {
    let mut desk = at_way(0, 80, 24);
    listening(&mut desk, BrowserLaunch::NotTried, None);
    let (targets, seen): (Vec<String>, Vec<String>) = desk.links().into_iter().unzip();
    assert_eq!((targets, seen.concat()), (vec![long_url(); seen.len()], long_url()));
    assert!(seen.len() > 1);
}

#[test]
fn a_sign_in_that_was_turned_down_has_no_tick_and_is_named_as_what_it_is() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("hello");
    let problem = Problem::new(ProblemKind::NotSignedIn, "OpenAI refused the sign-in");
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Failed(problem) });
    assert!(
        desk.shows("OpenAI no longer accepts this sign-in")
            && !desk.shows("Sending needs a sign-in"),
        "{}",
        desk.picture()
    );
    assert!(
        !desk.shows("✓ OpenAI") && desk.shows("no longer accepted, sign in again"),
        "{}",
        desk.picture()
    );
    desk.after(Duration::from_secs(1));
    step(&mut desk, SignInStep::Completed(plus()));
    desk.accounts(vec![plus()]);
    desk.press(KeyCode::Esc);
    desk.text("/connect");
    desk.press(KeyCode::Enter);
    assert!(!desk.shows("no longer accepted"), "{}", desk.picture());
}
