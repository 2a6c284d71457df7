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
    let mut fixture = at_way(1, 80, 24);
    code(&mut fixture);
    fixture.sign_in(SignInStep::Retrying(offline()));
    assert!(fixture.shows("was not reached"));
    fixture.sign_in(SignInStep::Reconnected);
    assert!(!fixture.shows("was not reached"));
    let expires = fixture.now() + Duration::from_secs(900);
    fixture.sign_in(SignInStep::Code {
        url: DEVICE_URL.into(),
        code: "WXYZ-67890".into(),
        expires,
    });
    fixture.assert_shows(["WXYZ-67890", sentences::CODE_EXPIRED]);
}

#[test]
fn a_long_reason_leaves_the_keys_of_the_dialog_in_sight() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut fixture = at_way(2, width, height);
        fixture.enter("sk-1");
        let long =
            "The key was not accepted, for a reason that takes the server several lines to explain in full, and then some ".repeat(3);
        fixture.sign_in(SignInStep::Failed(
            Problem::new(ProblemKind::SignIn, long)
                .with_next("Make another key at platform.openai.com/api-keys"),
        ));
        fixture.assert_shows([
            "in full, and",
            "api-keys",
            "enter\u{a0}try\u{a0}again",
            "esc\u{a0}back",
        ]);
    }
}

#[test]
fn a_note_never_covers_the_code_that_is_to_be_scanned() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut fixture = at_way(1, width, height);
        code(&mut fixture);
        let cells = |fixture: &mut Fixture| {
            let is_qr = |symbol: &str| ["█", "▀", "▄"].contains(&symbol);
            fixture.cells().filter(|cell| is_qr(cell.symbol())).count()
        };
        let before = cells(&mut fixture);
        fixture.text("c");
        fixture.msg(Msg::Copied(Copied::Sent));
        assert!(
            before > 100 && cells(&mut fixture) == before && fixture.shows("OSC 52"),
            "{}",
            fixture.picture()
        );
        fixture.text("f");
        fixture.msg(Msg::Copied(Copied::Sent));
        assert_eq!(cells(&mut fixture), before, "{}", fixture.picture());
    }
}

#[test]
fn a_small_window_shows_the_code_with_a_narrower_margin() {
    let mut fixture = at_way(1, 60, 18);
    code(&mut fixture);
    fixture.assert_shows([sentences::ENLARGE_CODE]);
    fixture.text("f");
    assert_snapshot!("qr_alone_60x18", fixture.picture());
}

#[test]
fn without_a_port_the_address_is_pasted_or_a_code_is_used() {
    let mut fixture = at_way(0, 80, 24);
    let expires = fixture.now() + Duration::from_secs(600);
    let deaf = Problem::new(
        ProblemKind::SignIn,
        "No port for the browser's answer is free: 1455 is in use by `java` (pid 7)",
    )
    .with_next("Paste it");
    let opened = BrowserLaunch::NotTried;
    fixture.sign_in(SignInStep::Browser {
        url: long_url(),
        port: 1455,
        opened,
        expires,
        busy: None,
        deaf: Some(deaf),
    });
    assert_snapshot!("browser_no_port", fixture.picture());
    fixture.msg(Msg::Resize { width: 60, height: 18 });
    fixture.assert_shows([sentences::CODE_INSTEAD, "esc\u{a0}cancel"]);
    fixture.cmds();
    fixture.text("d");
    assert!(fixture.shows("ChatGPT Plus/Pro (headless)"));
    let sent = fixture.sent();
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
    let mut fixture = at_way(0, 80, 24);
    listening(&mut fixture, BrowserLaunch::NotTried, None);
    let (targets, seen): (Vec<String>, Vec<String>) = fixture.links().into_iter().unzip();
    assert_eq!((targets, seen.concat()), (vec![long_url(); seen.len()], long_url()));
    assert!(seen.len() > 1);
}

#[test]
fn a_sign_in_that_was_turned_down_has_no_tick_and_is_named_as_what_it_is() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("hello");
    let problem = Problem::new(ProblemKind::NotSignedIn, "OpenAI refused the sign-in");
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Failed(problem) });
    fixture.assert_shows([sentences::NO_LONGER_ACCEPTED]);
    fixture.assert_hides(["Sending needs a sign-in"]);
    fixture.assert_shows([sentences::NO_LONGER_ACCEPTED_ROW]);
    fixture.assert_hides(["✓ OpenAI"]);
    fixture.after(Duration::from_secs(1));
    fixture.sign_in(SignInStep::Completed(plus()));
    fixture.accounts(vec![plus()]);
    fixture.press(KeyCode::Esc);
    fixture.enter("/connect");
    fixture.assert_hides(["no longer accepted"]);
}
