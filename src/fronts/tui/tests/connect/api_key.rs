//! An API key: typed, checked, refused and saved unchecked.

use super::*;

#[test]
fn the_api_key_is_masked_until_tab_and_checked_before_it_is_saved() {
    let mut fixture = at_way(2, 80, 24);
    assert!(fixture.sent().is_empty(), "nothing runs before there is a key");
    fixture.msg(Msg::Paste(" sk-secret-123 \n".into()));
    assert!(!fixture.shows("sk-secret"));
    assert_snapshot!("api_key", fixture.picture());
    fixture.press(KeyCode::Tab);
    assert!(fixture.shows("sk-secret-123"));
    fixture.press(KeyCode::Tab);
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Account(AccountCommand::SignIn { way: SignInWay::ApiKey(key), check: KeyCheck::First, .. })] if key.expose() == "sk-secret-123")
    );
    assert!(fixture.shows("Checking the key"));
    fixture.enter("x");
    assert!(fixture.sent().is_empty(), "keys typed while it is checked change nothing");
}

#[test]
fn a_key_that_cannot_be_checked_is_saved_by_a_second_enter_but_not_by_a_hasty_one() {
    let mut fixture = at_way(2, 80, 24);
    fixture.enter("sk-1");
    fixture.cmds();
    fixture.sign_in(SignInStep::Unchecked(Problem::new(
        ProblemKind::Network,
        "api.openai.com cannot be reached",
    )));
    assert_snapshot!("api_key_unchecked", fixture.picture());
    fixture.press(KeyCode::Enter);
    assert!(fixture.sent().is_empty(), "this enter came before anyone could read");
    fixture.after(Duration::from_secs(1));
    fixture.press(KeyCode::Enter);
    assert!(matches!(
        fixture.sent().as_slice(),
        [Command::Account(AccountCommand::SignIn {
            way: SignInWay::ApiKey(_),
            check: KeyCheck::Skip,
            ..
        })]
    ));
}

#[test]
fn a_refused_key_stays_for_mending_and_is_checked_again() {
    let mut fixture = at_way(2, 80, 24);
    fixture.enter("sk-1");
    fixture.sign_in(SignInStep::Failed(
        Problem::new(ProblemKind::SignIn, "OpenAI does not know this key").with_next("Check it"),
    ));
    fixture.assert_shows(["know this key", "enter\u{a0}try\u{a0}again"]);
    fixture.cmds();
    fixture.enter("2");
    assert!(
        matches!(fixture.sent().as_slice(), [Command::Account(AccountCommand::SignIn { way: SignInWay::ApiKey(key), check: KeyCheck::First, .. })] if key.expose() == "sk-12")
    );
}
