//! Leaving a sign-in: by esc, by success, by failure.

use super::*;

#[test]
fn esc_cancels_at_every_stage_and_goes_back_one_level() {
    type Act = fn(&mut Fixture);
    let stages: [(usize, &str, Act); 8] = [
        (0, "opening", |_| {}),
        (0, "listening", |fixture| listening(fixture, BrowserLaunch::Started, None)),
        (0, "exchanging", |fixture| fixture.sign_in(SignInStep::Exchanging)),
        (0, "failed", |fixture| {
            fixture.sign_in(SignInStep::Failed(Problem::new(ProblemKind::SignIn, "no")))
        }),
        (1, "asking", |_| {}),
        (1, "waiting", code),
        (1, "approved", |fixture| fixture.sign_in(SignInStep::Exchanging)),
        (2, "checking", |fixture| {
            fixture.enter("sk-1");
        }),
    ];
    for (way, name, act) in stages {
        let mut fixture = at_way(way, 80, 24);
        act(&mut fixture);
        fixture.cmds();
        fixture.press(KeyCode::Esc);
        assert!(is_cancel(&fixture.sent()), "{name}");
        fixture.sign_in(SignInStep::Cancelled);
        assert!(fixture.shows(sentences::CHOOSE_SIGN_IN), "{name}");
        fixture.press(KeyCode::Esc);
        assert!(fixture.shows("Connect a provider") && fixture.sent().is_empty(), "{name}");
        fixture.press(KeyCode::Esc);
        assert!(!fixture.shows("Connect a provider"), "{name}");
    }
}

#[test]
fn late_steps_of_a_cancelled_way_change_nothing() {
    let mut fixture = at_way(1, 80, 24);
    fixture.press(KeyCode::Esc);
    code(&mut fixture);
    fixture.sign_in(SignInStep::Failed(Problem::new(ProblemKind::SignIn, "too late")));
    fixture.assert_shows([sentences::CHOOSE_SIGN_IN]);
    fixture.assert_hides(["too late", "ABCD-12345"]);
}

#[test]
fn success_says_who_is_signed_in_and_offers_the_models() {
    let mut fixture = at_way(1, 80, 24);
    code(&mut fixture);
    fixture.cmds();
    fixture.sign_in(SignInStep::Completed(plus()));
    assert!(matches!(
        fixture.sent().as_slice(),
        [Command::Account(AccountCommand::List), Command::Account(AccountCommand::Models)]
    ));
    fixture.assert_shows(["OpenAI · ChatGPT Plus · me@example.com", sentences::MODELS_ARE_LATE]);
    fixture.accounts(vec![plus()]);
    fixture.event(models());
    assert_snapshot!("signed_in", fixture.picture());
}

#[test]
fn a_sign_in_that_ends_well_after_esc_is_still_told() {
    let mut fixture = at_way(1, 80, 24);
    fixture.presses([KeyCode::Esc, KeyCode::Esc, KeyCode::Esc]);
    fixture.sign_in(SignInStep::Completed(plus()));
    assert!(fixture.shows("Signed in to") && !fixture.shows("Choose a model"));
}

#[test]
fn failure_offers_another_try_with_enter() {
    let mut fixture = at_way(0, 80, 24);
    let problem = Problem::new(ProblemKind::SignIn, "The sign-in was denied in the browser")
        .with_next("Approve it there");
    fixture.sign_in(SignInStep::Failed(problem));
    assert!(fixture.shows("denied in the browser"));
    fixture.cmds();
    fixture.press(KeyCode::Enter);
    assert!(matches!(
        fixture.sent().as_slice(),
        [Command::Account(AccountCommand::SignIn { way: SignInWay::Browser, .. })]
    ));
}
