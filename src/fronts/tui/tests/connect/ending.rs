//! Leaving a sign-in: by esc, by success, by failure.

use super::*;

#[test]
fn esc_cancels_at_every_stage_and_goes_back_one_level() {
    type Act = fn(&mut Desk);
    let stages: [(usize, &str, Act); 8] = [
        (0, "opening", |_| {}),
        (0, "listening", |desk| listening(desk, BrowserLaunch::Started, None)),
        (0, "exchanging", |desk| step(desk, SignInStep::Exchanging)),
        (0, "failed", |desk| {
            step(desk, SignInStep::Failed(Problem::new(ProblemKind::SignIn, "no")))
        }),
        (1, "asking", |_| {}),
        (1, "waiting", code),
        (1, "approved", |desk| step(desk, SignInStep::Exchanging)),
        (2, "checking", |desk| {
            desk.text("sk-1");
            desk.press(KeyCode::Enter);
        }),
    ];
    for (way, name, act) in stages {
        let mut desk = at_way(way, 80, 24);
        act(&mut desk);
        desk.cmds();
        desk.press(KeyCode::Esc);
        assert!(is_cancel(&desk.sent()), "{name}");
        step(&mut desk, SignInStep::Cancelled);
        assert!(desk.shows("OpenAI: choose how to sign in"), "{name}");
        desk.press(KeyCode::Esc);
        assert!(desk.shows("Connect a provider") && desk.sent().is_empty(), "{name}");
        desk.press(KeyCode::Esc);
        assert!(!desk.shows("Connect a provider"), "{name}");
    }
}

#[test]
fn late_steps_of_a_cancelled_way_change_nothing() {
    let mut desk = at_way(1, 80, 24);
    desk.press(KeyCode::Esc);
    code(&mut desk);
    step(&mut desk, SignInStep::Failed(Problem::new(ProblemKind::SignIn, "too late")));
    assert!(
        desk.shows("OpenAI: choose how to sign in")
            && !desk.shows("too late")
            && !desk.shows("ABCD-12345")
    );
}

#[test]
fn success_says_who_is_signed_in_and_offers_the_models() {
    let mut desk = at_way(1, 80, 24);
    code(&mut desk);
    desk.cmds();
    step(&mut desk, SignInStep::Completed(plus()));
    assert!(matches!(
        desk.sent().as_slice(),
        [Command::Account(AccountCommand::List), Command::Account(AccountCommand::Models)]
    ));
    assert!(
        desk.shows("Signed in to OpenAI · ChatGPT Plus · me@example.com")
            && desk.shows("The list of models has not arrived yet")
    );
    desk.accounts(vec![plus()]);
    desk.event(models());
    assert_snapshot!("signed_in", desk.picture());
}

#[test]
fn a_sign_in_that_ends_well_after_esc_is_still_told() {
    let mut desk = at_way(1, 80, 24);
    desk.presses([KeyCode::Esc, KeyCode::Esc, KeyCode::Esc]);
    step(&mut desk, SignInStep::Completed(plus()));
    assert!(desk.shows("Signed in to OpenAI") && !desk.shows("Choose a model"));
}

#[test]
fn failure_offers_another_try_with_enter() {
    let mut desk = at_way(0, 80, 24);
    let problem = Problem::new(ProblemKind::SignIn, "The sign-in was denied in the browser")
        .with_next("Approve it there");
    step(&mut desk, SignInStep::Failed(problem));
    assert!(desk.shows("denied in the browser"));
    desk.cmds();
    desk.press(KeyCode::Enter);
    assert!(matches!(
        desk.sent().as_slice(),
        [Command::Account(AccountCommand::SignIn { way: SignInWay::Browser, .. })]
    ));
}
