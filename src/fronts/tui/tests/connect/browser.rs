//! The browser way: its link, its port and an address that is pasted.

use super::*;

#[test]
fn browser_shows_its_link_its_port_and_a_field_for_an_address() {
    let mut fixture = at_way(0, 80, 24);
    assert!(matches!(
        fixture.sent().as_slice(),
        [Command::Account(AccountCommand::SignIn { way: SignInWay::Browser, .. })]
    ));
    let holder = PortHolder { port: 1455, pid: Some(4711), name: Some("opencode".into()) };
    listening(&mut fixture, BrowserLaunch::Started, Some(holder));
    assert_snapshot!("browser_80x24", fixture.picture());
    fixture.text("u");
    assert!(matches!(fixture.cmds().as_slice(), [Cmd::Copy(url)] if *url == long_url()));
    fixture.text("f");
    assert!(
        matches!(fixture.cmds().as_slice(), [Cmd::Print(url)] if *url == long_url()),
        "alone, so that the terminal itself wraps it"
    );
    fixture.text("o");
    assert!(matches!(fixture.sent().as_slice(), [Command::Account(AccountCommand::OpenPage(_))]));
}

#[test]
fn over_ssh_the_browser_way_gives_the_exact_line_to_forward_the_port() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = opened(ssh(), width, height);
        fixture.presses([KeyCode::Enter, KeyCode::Up, KeyCode::Enter]);
        listening(&mut fixture, BrowserLaunch::NotTried, None);
        fixture.assert_shows(["ssh -L 1457:localhost:1457 203.0.113.7"]);
        assert!(fixture.shows(sentences::OTHER_MACHINE));
        if width != 80 {
            assert_snapshot!(format!("browser_ssh_{width}x{height}"), fixture.picture());
        }
    }
}

#[test]
fn a_pasted_address_goes_to_the_engine_and_a_refused_one_leaves_the_login_open() {
    let mut fixture = at_way(0, 80, 24);
    listening(&mut fixture, BrowserLaunch::Failed, None);
    fixture.cmds();
    let address = "http://localhost:1457/auth/callback?code=c&state=wrong";
    fixture.msg(Msg::Paste(format!("  {address}\n")));
    fixture.press(KeyCode::Enter);
    assert!(
        matches!(fixture.sent().as_slice(), [Command::Account(AccountCommand::PasteCallback { text, .. })] if *text == address)
    );
    let problem = Problem::new(ProblemKind::SignIn, "This address belongs to another sign-in")
        .with_next("Approve in the newest tab");
    fixture.sign_in(SignInStep::PasteRefused(problem));
    assert!(fixture.shows("Waiting for you"));
    let picture = fixture.picture();
    let below = picture.lines().skip_while(|line| !line.starts_with(" › ")).nth(1).unwrap();
    assert!(below.contains("to another sign-in"), "{picture}");
    fixture.msg(Msg::Paste("sk-proj-12345\n".into()));
    fixture.assert_shows([sentences::KEY_IS_NO_ADDRESS]);
    fixture.assert_hides(["12345"]);
    assert!(fixture.cmds().is_empty());
    // In the field, letters that are commands elsewhere are text.
    fixture.text("http://u.f.o");
    assert!(fixture.cmds().is_empty() && fixture.shows("http://u.f.o"));
}

#[test]
fn text_from_the_server_is_cleaned_before_it_is_shown() {
    let mut fixture = at_way(1, 80, 24);
    let nasty = "x\u{1b}]52;c;AAAA\u{7}y";
    fixture.sign_in(SignInStep::Code {
        url: nasty.into(),
        code: nasty.into(),
        expires: Timestamp(i64::MAX),
    });
    let bad =
        |fixture: &mut Fixture| fixture.picture().chars().any(|c| c.is_control() && c != '\n');
    assert!(!bad(&mut fixture));
    fixture.sign_in(SignInStep::Failed(Problem::new(ProblemKind::SignIn, nasty).with_next(nasty)));
    assert!(!bad(&mut fixture));
}

#[test]
fn the_link_is_one_the_terminal_can_open() {
    let mut fixture = at_way(1, 80, 24);
    code(&mut fixture);
    assert_eq!(fixture.links(), [(DEVICE_URL.to_owned(), DEVICE_URL.to_owned())]);
}
