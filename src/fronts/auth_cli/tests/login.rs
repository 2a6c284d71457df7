//! `codling auth login`: each method, its output and its end.

use super::*;

#[test]
fn a_device_sign_in_shows_the_address_the_code_and_the_time_left() {
    let printed = Fixture::of([
        step(SignInStep::Code {
            url: "https://auth.openai.com/codex/device".into(),
            code: "ABCD-12345".into(),
            expires: NOW + Duration::from_secs(15 * 60),
        }),
        step(SignInStep::Retrying(
            Problem::new(ProblemKind::Network, "The server did not answer")
                .with_next("It is tried again"),
        )),
        step(SignInStep::Retrying(
            Problem::new(ProblemKind::Network, "The server did not answer")
                .with_next("It is tried again"),
        )),
        step(SignInStep::Exchanging),
        step(SignInStep::Completed(chatgpt())),
    ])
    .play(by(LoginWay::Device));
    insta::assert_snapshot!(printed.out, @r"
    On any device:

      1  Open   https://auth.openai.com/codex/device
      2  Enter  ABCD-12345

    Waiting for you to approve until 09:15 (15 minutes left)
    Continue only if you started this sign-in yourself
    Signed in to OpenAI as m@example.com (ChatGPT Plus), kept in ~/.local/share/codling/auth.json
    ");
    insta::assert_snapshot!(printed.err, @r"
    The server did not answer. It is tried again
    Approved; fetching the tokens
    ");
    assert_eq!((printed.exit, printed.commands), (Exit::Done, vec!["sign in Headless".to_owned()]));
}

#[test]
fn a_qr_code_is_drawn_on_a_terminal_that_can_show_it() {
    let code = step(SignInStep::Code {
        url: "https://auth.openai.com/codex/device".into(),
        code: "ABCD-12345".into(),
        expires: NOW,
    });
    for (out, utf8, drawn) in [
        (Reader::Terminal, true, true),
        (Reader::Terminal, false, false),
        (Reader::Program, true, false),
    ] {
        let mut fixture = Fixture::of([code.clone(), step(SignInStep::Cancelled)]);
        fixture.out = out;
        fixture.surroundings.utf8 = utf8;
        assert_eq!(fixture.play(by(LoginWay::Device)).out.contains('▀'), drawn, "{out:?} {utf8}");
    }
}

/// Why the engine refused an address.
const ANOTHERS: &str = "That address belongs to another sign-in";

#[test]
fn a_browser_sign_in_shows_the_link_whole_and_takes_a_pasted_address() {
    let url = format!("https://auth.openai.com/oauth/authorize?state={}", "x".repeat(300));
    let busy = PortHolder { port: 1455, pid: Some(4242), name: Some("opencode".into()) };
    let mut fixture = Fixture::of([
        step(SignInStep::Browser {
            url: url.clone(),
            port: 1457,
            opened: BrowserLaunch::NotTried,
            expires: NOW + Duration::from_secs(600),
            busy: Some(busy),
            deaf: None,
        }),
        step(SignInStep::PasteRefused(Problem::new(ProblemKind::SignIn, ANOTHERS))),
        step(SignInStep::Completed(chatgpt())),
    ]);
    fixture.surroundings =
        Surroundings { ssh: true, ssh_host: Some("192.0.2.7".into()), ..Surroundings::default() };
    let printed = fixture.play(by(LoginWay::Browser));
    assert!(
        printed.out.contains(&format!("\n{url}\n")),
        "the link stands unbroken on its own line"
    );
    insta::assert_snapshot!("browser_over_ssh", printed.out.replace(&url, "(the link)"));
    assert!(printed.out.contains("ssh -N -L 1457:localhost:1457 192.0.2.7\n"));
    assert_eq!(printed.err, format!("{ANOTHERS}\n"));
    assert_eq!(printed.exit, Exit::Done);
}

#[test]
fn an_address_pasted_while_the_browser_way_waits_goes_to_the_engine() {
    let (mut console, _, _) = recording::console(Reader::Program, Reader::Program);
    let (client, inbox, mut script) = scripted::engine();
    let (_stop, stops) = mpsc::unbounded_channel();
    let (typed, lines) = mpsc::unbounded_channel();
    let place = CredentialFile {
        clock: Clock::standing(NOW),
        zone: jiff::tz::TimeZone::UTC,
        home: None,
        columns: None,
        surroundings: Surroundings::default(),
    };
    let engine = EngineQuestion { client: &client, inbox, stops, console: &mut console, place };
    let input = LoginInput { lines, reader: Reader::Terminal, hide: || None::<Hidden> };
    let browser = SignInStep::Browser {
        url: "https://a".into(),
        port: 1455,
        opened: BrowserLaunch::Started,
        expires: NOW,
        busy: None,
        deaf: None,
    };
    let acts = async {
        let asked = script.next().await.unwrap();
        assert_eq!(said(asked.command.clone()), "sign in Browser");
        asked.answer(Ok(Reply::Done));
        script.emit(None, step(browser));
        typed.send("  ".into()).unwrap();
        typed.send(" http://localhost:1455/auth/callback?code=c&state=s ".into()).unwrap();
        let pasted = script.next().await.unwrap().command;
        assert!(
            matches!(&pasted, Command::Account(AccountCommand::PasteCallback { text, .. })
                if text == "http://localhost:1455/auth/callback?code=c&state=s"),
            "{pasted:?}"
        );
        script.emit(None, step(SignInStep::Completed(chatgpt())));
    };
    let login_request = Login {
        provider: ProviderId::openai(),
        way: Some(LoginWay::Browser),
        check: KeyCheck::First,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let exit =
        runtime.block_on(async { tokio::join!(login(engine, input, login_request), acts).0 });
    assert_eq!(exit, Exit::Done);
}

#[test]
fn without_a_flag_the_three_ways_are_asked_for_in_their_order() {
    let over_ssh = Surroundings { ssh: true, ..Surroundings::default() };
    let near = Surroundings { display: true, ..Surroundings::default() };
    for (surroundings, lines, command) in [
        (near.clone(), vec![""], "sign in Browser"),
        (over_ssh.clone(), vec![""], "sign in Headless"),
        (over_ssh, vec!["1"], "sign in Browser"),
        (near.clone(), vec!["4", "x", " 2 "], "sign in Headless"),
        (near, vec!["3", " sk-1 "], "key sk-1 First"),
    ] {
        let mut fixture =
            Fixture::of([step(SignInStep::Completed(chatgpt()))]).typing(lines.clone());
        fixture.surroundings = surroundings;
        let printed = fixture.play(asking());
        assert_eq!(
            (printed.exit, printed.commands),
            (Exit::Done, vec![command.to_owned()]),
            "{lines:?}"
        );
        let order: Vec<_> = ["(browser)", "(headless)", "Manually enter API key"]
            .map(|row| printed.out.find(row).unwrap())
            .into();
        assert!(order.is_sorted());
    }
    let mut fixture = Fixture::of([]).typing([]);
    fixture.surroundings = Surroundings { container: true, ..Surroundings::default() };
    let printed = fixture.play(asking());
    insta::assert_snapshot!("ways_in_a_container", printed.out);
    assert_eq!(
        (printed.exit, printed.commands.len()),
        (Exit::Interrupted, 0),
        "the end of input chooses nothing"
    );
}

#[test]
fn without_a_flag_and_without_a_terminal_the_flags_are_named() {
    let printed = Fixture::default().play(asking());
    assert_eq!((printed.exit, printed.commands.len()), (Exit::Usage, 0));
    for flag in ["`codling auth login --device`", "`--browser`", "`--api-key`"] {
        assert!(printed.err.contains(flag), "{}", printed.err);
    }
}

#[test]
fn a_key_comes_from_a_pipe_or_unseen_and_is_never_shown() {
    let mut piped = Fixture::of([
        step(SignInStep::Checking),
        step(SignInStep::Completed(from_environment(CredentialStanding::Wins))),
    ]);
    piped.lines = vec!["", "  sk-secret  "];
    let printed = piped.play(Act::Login(Login {
        provider: ProviderId::openai(),
        way: Some(LoginWay::ApiKey),
        check: KeyCheck::Skip,
    }));
    assert_eq!(
        (printed.exit, printed.commands),
        (Exit::Done, vec!["key sk-secret Skip".to_owned()])
    );
    assert!(!printed.out.contains("sk-secret") && !printed.err.contains("sk-secret"));

    let typed = Fixture::of([step(SignInStep::Completed(chatgpt()))])
        .typing(["sk-typed"])
        .play(by(LoginWay::ApiKey));
    insta::assert_snapshot!("key_that_would_be_visible", typed.err);

    let none = Fixture::default().play(by(LoginWay::ApiKey));
    assert_eq!((none.exit, none.commands.len()), (Exit::Usage, 0));
}

#[test]
fn a_key_that_could_not_be_checked_names_the_way_to_save_it() {
    let offline = Problem::new(
        ProblemKind::Network,
        "The key could not be checked: api.openai.com has no address",
    );
    let offline = offline.with_next("Check that this machine is online; or save the key unchecked");
    let mut fixture =
        Fixture::of([step(SignInStep::Checking), step(SignInStep::Unchecked(offline))]);
    fixture.lines = vec!["sk-1"];
    let printed = fixture.play(by(LoginWay::ApiKey));
    assert_eq!(printed.exit, Exit::Failed);
    insta::assert_snapshot!("key_that_was_not_checked", printed.err);
}

#[test]
fn a_sign_in_that_fails_says_what_to_do() {
    let denied =
        Problem::new(ProblemKind::SignIn, "The sign-in was denied").with_next("Start again");
    let printed = Fixture::of([step(SignInStep::Failed(denied))]).play(by(LoginWay::Device));
    insta::assert_snapshot!(printed.err, @r"
    codling: The sign-in was denied
      Start again
    ");
    assert_eq!(printed.exit, Exit::Failed);
}

#[test]
fn ctrl_c_cancels_the_sign_in_and_waits_for_the_port_to_be_free() {
    let mut fixture = Fixture::of([step(SignInStep::Cancelled)]);
    fixture.stops = 1;
    let printed = fixture.play(by(LoginWay::Browser));
    insta::assert_snapshot!(printed.err, @"Cancelled; nothing was changed");
    assert_eq!(printed.exit, Exit::Interrupted);
    assert_eq!(printed.commands, ["sign in Browser", "CancelSignIn(SignInId(\"login\"))"]);

    let mut impatient = Fixture::of([step(SignInStep::Cancelled)]);
    impatient.stops = 2;
    assert_eq!(impatient.play(by(LoginWay::Browser)).exit, Exit::Interrupted);

    let mut asked = Fixture::of([]).typing([]);
    asked.stops = 1;
    let printed = asked.play(asking());
    assert_eq!(
        (printed.exit, printed.commands.len()),
        (Exit::Interrupted, 0),
        "nothing was begun that needs cancelling"
    );
}
