//! The headless way: a code for another device, its time, and trouble while it waits.

use super::*;

#[test]
fn headless_shows_link_code_and_the_time_that_is_left_at_every_size() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = at_way(1, width, height);
        assert!(fixture.shows(sentences::ASKING_FOR_CODE));
        code(&mut fixture);
        fixture.after(Duration::from_secs(10));
        assert_snapshot!(format!("headless_{width}x{height}"), fixture.picture());
        let picture = fixture.picture();
        assert!(picture.lines().any(|row| row.contains(DEVICE_URL)), "the link stands unbroken");
        assert!(picture.contains("14:22 left"));
    }
}

#[test]
fn headless_keys_copy_open_enlarge_and_begin_anew() {
    let mut fixture = at_way(1, 80, 24);
    code(&mut fixture);
    fixture.cmds();
    fixture.text("cu");
    assert!(
        matches!(fixture.cmds().as_slice(), [Cmd::Copy(a), Cmd::Copy(b)] if a == "ABCD-12345" && b == DEVICE_URL)
    );
    fixture.text("o");
    assert!(
        matches!(fixture.sent().as_slice(), [Command::Account(AccountCommand::OpenPage(url))] if url == DEVICE_URL)
    );
    fixture.text("f");
    assert!(!fixture.shows("Open") && fixture.shows("ABCD-12345"));
    fixture.press(KeyCode::Esc);
    assert!(
        fixture.shows(DEVICE_URL) && fixture.sent().is_empty(),
        "esc leaves the QR code before it cancels"
    );
    fixture.text("r");
    assert!(matches!(
        fixture.sent().as_slice(),
        [Command::Account(AccountCommand::SignIn { way: SignInWay::Headless, .. })]
    ));
    fixture.event(EventKind::SignIn { attempt: "before".into(), step: SignInStep::Cancelled });
    assert!(fixture.shows(sentences::ASKING_FOR_CODE));
}

#[test]
fn the_countdown_ends_at_the_real_expiry_and_then_nothing_wakes() {
    let mut fixture = at_way(1, 80, 24);
    code(&mut fixture);
    let wakes = fixture.app.wakes().map(|at| at.since(fixture.now()));
    assert_eq!(wakes, Some(Duration::from_secs(1)));
    fixture.after(Duration::from_secs(900));
    assert!(fixture.shows(sentences::EXPIRED));
    assert_eq!(fixture.app.wakes(), None);
}

#[test]
fn a_workspace_without_device_codes_leads_to_the_browser_way() {
    let mut fixture = at_way(1, 80, 24);
    let problem = Problem::new(ProblemKind::SignIn, "Device codes are not enabled for this account")
        .with_next("Switch on device code authorization in ChatGPT under Settings > Security, or use the browser way");
    fixture.sign_in(SignInStep::Failed(problem));
    assert_snapshot!("headless_failed", fixture.picture());
    fixture.cmds();
    fixture.text("b");
    assert!(matches!(
        fixture.sent().as_slice(),
        [
            Command::Account(AccountCommand::CancelSignIn(_)),
            Command::Account(AccountCommand::SignIn { way: SignInWay::Browser, .. })
        ]
    ));
    assert!(fixture.shows("ChatGPT Plus/Pro (browser)"));
}

#[test]
fn trouble_on_the_way_is_told_while_the_wait_goes_on() {
    let mut fixture = at_way(1, 80, 24);
    code(&mut fixture);
    fixture.sign_in(SignInStep::Retrying(Problem::new(
        ProblemKind::Network,
        "auth.openai.com cannot be reached",
    )));
    fixture.assert_shows(["cannot be reached", "trying again", "ABCD-12345"]);
    fixture.sign_in(SignInStep::Exchanging);
    assert!(fixture.shows("finishing the sign-in"));
}

#[test]
fn a_toast_never_hides_how_a_sign_in_goes_on_nor_an_answer() {
    let mut fixture = at_way(0, 80, 24);
    listening(&mut fixture, BrowserLaunch::Started, None);
    fixture.msg(Msg::Copied(Copied::Sent));
    assert!(fixture.shows(sentences::SENT_TO_TERMINAL));
    fixture
        .sign_in(SignInStep::Failed(Problem::new(ProblemKind::SignIn, "The sign-in was declined")));
    assert!(fixture.shows("was declined") && !fixture.shows(sentences::SENT_TO_TERMINAL));
    let mut fixture = Fixture::connected(80, 24);
    fixture.ctrl('o');
    assert!(fixture.shows("will be shown"));
    fixture.ask("go");
    assert!(!fixture.shows("will be shown"));
}

#[test]
fn trouble_before_the_code_and_after_the_approval_is_told_too() {
    let problem = || {
        Problem::new(ProblemKind::Network, "auth.openai.com cannot be reached")
            .with_next("Check the network")
    };
    for (way, first, state) in [
        (1, None, sentences::ASKING_FOR_CODE),
        (1, Some(SignInStep::Exchanging), "finishing the sign-in"),
        (0, Some(SignInStep::Exchanging), "finishing the sign-in"),
    ] {
        let mut fixture = at_way(way, 80, 24);
        first.into_iter().for_each(|first| fixture.sign_in(first));
        fixture.sign_in(SignInStep::Retrying(problem()));
        fixture.assert_shows([state, "cannot be reached", "Check the network"]);
    }
}
