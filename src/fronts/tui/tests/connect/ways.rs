//! The ways to sign in to OpenAI, and taking over the sign-in of Codex.

use super::*;

#[test]
fn the_three_ways_stand_in_their_order_and_the_cursor_where_it_helps() {
    let mut fixture = opened(start(), 80, 24);
    fixture.press(KeyCode::Enter);
    assert_snapshot!("ways_near", fixture.picture());
    for (width, height) in [(60, 18), (80, 24)] {
        let mut fixture = opened(ssh(), width, height);
        fixture.press(KeyCode::Enter);
        assert_snapshot!(format!("ways_ssh_{width}x{height}"), fixture.picture());
        fixture.press(KeyCode::Enter);
        assert!(matches!(
            fixture.sent().as_slice(),
            [Command::Account(AccountCommand::SignIn { way: SignInWay::Headless, .. })]
        ));
    }
    for (place, reason) in [
        (
            Surroundings { container: true, display: true, utf8: true, ..Surroundings::default() },
            sentences::IN_A_CONTAINER,
        ),
        (Surroundings { utf8: true, ..Surroundings::default() }, sentences::WITHOUT_DISPLAY),
    ] {
        let mut fixture = opened(StartInfo { surroundings: place, ..start() }, 80, 24);
        fixture.press(KeyCode::Enter);
        assert!(
            fixture.shows(reason) && fixture.shows("› ChatGPT Plus/Pro (headless)"),
            "{reason}"
        );
    }
}

#[test]
fn codexs_sign_in_is_taken_over_only_after_it_was_said_what_that_means() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = opened(start(), width, height);
        let file = PathBuf::from("/home/me/.local/share/codling/auth.json");
        let offer = |codex_offer| {
            let file = file.clone();
            AccountList { accounts: Vec::new(), file, opencode_offer: false, codex_offer }
        };
        fixture.event(EventKind::Accounts(offer(Some(plus()))));
        fixture.press(KeyCode::Down);
        fixture.assert_shows(["› "]);
        fixture.press(KeyCode::Enter);
        assert!(fixture.sent().is_empty());
        fixture.assert_shows(["signed out"]);
        // Another key cancels it.
        fixture.presses([KeyCode::Up, KeyCode::Down, KeyCode::Enter]);
        assert!(fixture.sent().is_empty());
        fixture.press(KeyCode::Enter);
        assert!(matches!(
            fixture.sent().as_slice(),
            [Command::Account(AccountCommand::TakeOverCodex)]
        ));
        fixture.accounts(vec![plus()]);
        fixture.assert_shows([sentences::TAKEN_OVER]);
        assert!(!fixture.shows(sentences::TAKE_OVER));
    }
}

#[test]
fn a_key_of_codexs_is_copied_and_there_are_three_ways_to_sign_in_still() {
    let mut fixture = opened(start(), 80, 24);
    let file = PathBuf::from("/home/me/.local/share/codling/auth.json");
    let codex_offer = Some(Account { kind: AccountKind::ApiKey, ..plus() });
    let (accounts, opencode_offer) = (Vec::new(), false);
    let list = AccountList { accounts, file, opencode_offer, codex_offer };
    fixture.event(EventKind::Accounts(list));
    fixture.presses([KeyCode::Down, KeyCode::Enter]);
    fixture.assert_shows([sentences::CODEX_KEEPS_IT]);
    fixture.presses([KeyCode::Up, KeyCode::Enter]);
    let picture = fixture.picture();
    let ways = ["(browser)", "(headless)", "enter API key"];
    assert!(
        ways.iter().all(|way| picture.contains(way)) && !picture.contains("Codex"),
        "{picture}"
    );
}
