//! `codling auth` against a scripted engine: what is asked of it, what a person reads, and the exit.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::base::{Clock, Hidden, Reader, Timestamp, recording};
use crate::engine::Engine;
use crate::protocol::*;

use super::*;

/// Saturday, 21 November 2026, 09:00 UTC.
const NOW: Timestamp = Timestamp(1_795_251_600_000);
const FILE: &str = "/home/m/.local/share/codling/auth.json";

struct Story {
    events: Vec<EventKind>,
    lines: Vec<&'static str>,
    reader: Reader,
    out: Reader,
    surroundings: Surroundings,
    stops: usize,
}

struct Told {
    out: String,
    err: String,
    exit: Exit,
    commands: Vec<String>,
}

enum Act {
    List,
    Login(Login),
    Logout(Option<&'static str>),
    Status,
}

impl Default for Story {
    fn default() -> Self {
        let surroundings = Surroundings { display: true, utf8: true, ..Surroundings::default() };
        Self { events: Vec::new(), lines: Vec::new(), reader: Reader::Program, out: Reader::Program, surroundings, stops: 0 }
    }
}

impl Story {
    fn of(events: impl IntoIterator<Item = EventKind>) -> Self {
        Self { events: events.into_iter().collect(), ..Self::default() }
    }

    fn typing(mut self, lines: impl IntoIterator<Item = &'static str>) -> Self {
        self.lines = lines.into_iter().collect();
        self.reader = Reader::Terminal;
        self
    }

    /// All that is to happen is there from the start; the engine ends after its events.
    fn play(self, act: Act) -> Told {
        let (mut console, out, err) = recording::console(self.out, Reader::Program);
        let (engine, mut kept) = Engine::recording();
        let (sender, events) = mpsc::unbounded_channel();
        let (stop, stops) = mpsc::unbounded_channel();
        let (typed, lines) = mpsc::unbounded_channel();
        self.events.into_iter().for_each(|kind| sender.send(Event { session: None, kind }).unwrap());
        self.lines.into_iter().for_each(|line| typed.send(line.to_owned()).unwrap());
        (0..self.stops).for_each(|_| stop.send(()).unwrap());
        drop((sender, typed));
        let place = Place {
            clock: Clock::standing(NOW),
            zone: jiff::tz::TimeZone::UTC,
            home: Some(PathBuf::from("/home/m")),
            columns: Some(80),
            surroundings: self.surroundings,
        };
        let desk = Desk { engine: &engine, events, stops, console: &mut console, place };
        let input = Input { lines, reader: self.reader, hide: || None::<Hidden> };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let exit = runtime.block_on(async {
            match act {
                Act::List => list(desk).await,
                Act::Login(wish) => login(desk, input, wish).await,
                Act::Logout(named) => logout(desk, named.map(ProviderId::from)).await,
                Act::Status => status(desk).await,
            }
        });
        let commands = std::iter::from_fn(|| kept.try_recv().ok()).map(|(_, command)| said(command)).collect();
        Told { out: out.text(), err: err.text(), exit, commands }
    }
}

fn said(command: Command) -> String {
    match command {
        Command::Account(AccountCommand::SignIn { way: SignInWay::ApiKey(key), check, .. }) => format!("key {} {check:?}", key.expose()),
        Command::Account(AccountCommand::SignIn { way, .. }) => format!("sign in {way:?}"),
        Command::Account(command) => format!("{command:?}"),
        other => format!("{other:?}"),
    }
}

fn chatgpt() -> Account {
    Account {
        provider: ProviderId::openai(),
        kind: AccountKind::ChatGpt { account: Some("acc-1".into()), email: Some("m@example.com".into()), plan: Some("plus".into()) },
        expires: Some(NOW + Duration::from_secs(6 * 86_400 + 5 * 3600)),
        source: Source::File(FILE.into()),
        standing: Standing::Wins,
    }
}

fn from_environment(standing: Standing) -> Account {
    Account {
        provider: ProviderId::openai(),
        kind: AccountKind::ApiKey,
        expires: None,
        source: Source::Environment("OPENAI_API_KEY".into()),
        standing,
    }
}

fn kept(provider: &str, kind: AccountKind) -> Account {
    Account { provider: provider.into(), kind, expires: None, source: Source::File(FILE.into()), standing: Standing::Unused }
}

fn accounts(accounts: impl IntoIterator<Item = Account>) -> EventKind {
    EventKind::Accounts { accounts: accounts.into_iter().collect(), file: FILE.into(), opencode_offer: false }
}

fn step(step: SignInStep) -> EventKind {
    EventKind::SignIn(step)
}

fn by(way: Way) -> Act {
    Act::Login(Login { way: Some(way), check: Check::First })
}

fn asking() -> Act {
    Act::Login(Login { way: None, check: Check::First })
}

#[test]
fn the_list_is_a_table_of_whose_what_until_when_and_which_one_is_used() {
    let mut old = chatgpt();
    old.kind = AccountKind::ChatGpt { account: Some("acc-2".into()), email: None, plan: None };
    old.expires = Some(Timestamp(NOW.0 - 3 * 60_000));
    old.standing = Standing::Shadowed;
    let mut copilot = kept("github-copilot", AccountKind::OAuth);
    copilot.expires = Some(NOW + Duration::from_secs(59 * 60));
    let told = Story::of([
        EventKind::Notice(Notice { message: "auth.json can be read by others".into(), next: None }),
        accounts([
            chatgpt(),
            old,
            from_environment(Standing::Shadowed),
            copilot,
            kept("wörk", AccountKind::WellKnown),
            kept("new", AccountKind::Unknown { kind: "passkey".into() }),
        ]),
        EventKind::Notice(Notice { message: "it holds a copy".into(), next: Some("Sign in anew".into()) }),
    ])
    .play(Act::List);
    insta::assert_snapshot!(told.out, @r"
    PROVIDER        KIND               ACCOUNT        PLAN  ACCESS EXPIRES                          FROM                              STATE
    openai          ChatGPT            m@example.com  Plus  in 6 days (Fri 27 Nov, 14:00)           ~/.local/share/codling/auth.json  in use
    openai          ChatGPT            acc-2          -     3 minutes ago, renewed at the next use  ~/.local/share/codling/auth.json  shadowed
    openai          API key            -              -     -                                       OPENAI_API_KEY                    shadowed
    github-copilot  OAuth              -              -     in 59 minutes (09:59)                   ~/.local/share/codling/auth.json  not used
    wörk            well-known         -              -     -                                       ~/.local/share/codling/auth.json  not used
    new             unknown (passkey)  -              -     -                                       ~/.local/share/codling/auth.json  not used
    ");
    assert_eq!(told.err, "auth.json can be read by others\nit holds a copy. Sign in anew\n");
    assert_eq!((told.exit, told.commands), (Exit::Done, vec!["List".to_owned()]));
}

#[test]
fn an_empty_list_says_how_to_sign_in_and_what_opencode_has() {
    let told = Story::of([EventKind::Accounts { accounts: vec![], file: FILE.into(), opencode_offer: true }]).play(Act::List);
    assert_eq!(
        told.out,
        "Nobody is signed in\n\
         Sign in with `codling auth login`, or set `OPENAI_API_KEY`\n\
         opencode is signed in to OpenAI here: `auth_file = \"opencode\"` in config.toml shares its file\n"
    );
    assert_eq!(told.exit, Exit::Done);
}

#[test]
fn a_file_that_cannot_be_read_is_a_failure_with_a_next_step() {
    let problem = Problem::new(ProblemKind::CredentialFile, "auth.json is damaged at line 3, column 7").with_next("Sign in anew");
    for act in [Act::List, Act::Status, Act::Logout(None)] {
        let told = Story::of([EventKind::Failed { request: RequestId(1), problem: problem.clone() }]).play(act);
        assert_eq!(told.err, "codling: auth.json is damaged at line 3, column 7\n  Sign in anew\n");
        assert_eq!((told.exit, told.out.as_str()), (Exit::Failed, ""));
    }
}

#[test]
fn status_is_one_line_and_an_exit() {
    for (listed, line, exit) in [
        (vec![chatgpt()], "Signed in to OpenAI as m@example.com (ChatGPT Plus), from ~/.local/share/codling/auth.json\n", Exit::Done),
        (vec![from_environment(Standing::Wins)], "Signed in to OpenAI with an API key, from OPENAI_API_KEY\n", Exit::Done),
        (vec![kept("groq", AccountKind::ApiKey)], "Not signed in to OpenAI; `codling auth login` signs in\n", Exit::NotSignedIn),
        (vec![], "Not signed in to OpenAI; `codling auth login` signs in\n", Exit::NotSignedIn),
    ] {
        let told = Story::of([accounts(listed)]).play(Act::Status);
        assert_eq!((told.out.as_str(), told.exit), (line, exit));
    }
}

#[test]
fn logout_removes_the_one_entry_and_says_what_is_left() {
    let told = Story::of([accounts([chatgpt(), from_environment(Standing::Shadowed)]), EventKind::SignedOut(ProviderId::openai())])
        .play(Act::Logout(None));
    assert_eq!(
        told.out,
        "Signed out of OpenAI: m@example.com (ChatGPT Plus) was removed from ~/.local/share/codling/auth.json\n\
         `OPENAI_API_KEY` is still set, and is used from now on\n"
    );
    assert_eq!(told.commands, ["List", "SignOut(ProviderId(\"openai\"))"]);
    assert_eq!(told.exit, Exit::Done);
}

#[test]
fn logout_of_what_is_not_there_says_why_nothing_is_removed() {
    for (listed, named, out, err, exit) in [
        (vec![], None, "Nobody is signed in to OpenAI\n", "", Exit::Done),
        (
            vec![from_environment(Standing::Wins)],
            None,
            "",
            "codling: The key for OpenAI comes from the environment\n  Unset `OPENAI_API_KEY` to stop using it\n",
            Exit::Failed,
        ),
        (
            vec![chatgpt(), kept("groq", AccountKind::ApiKey)],
            Some("opnai"),
            "",
            "codling: Nobody is signed in to `opnai`\n  There are: `openai`, `groq`\n",
            Exit::Failed,
        ),
    ] {
        let told = Story::of([accounts(listed)]).play(Act::Logout(named));
        assert_eq!((told.out.as_str(), told.err.as_str(), told.exit), (out, err, exit));
        assert_eq!(told.commands, ["List"]);
    }
}

#[test]
fn a_device_sign_in_shows_the_address_the_code_and_the_time_left() {
    let told = Story::of([
        step(SignInStep::Code {
            url: "https://auth.openai.com/codex/device".into(),
            code: "ABCD-12345".into(),
            expires: NOW + Duration::from_secs(15 * 60),
        }),
        step(SignInStep::Retrying(Problem::new(ProblemKind::Network, "The server did not answer").with_next("It is tried again"))),
        step(SignInStep::Retrying(Problem::new(ProblemKind::Network, "The server did not answer").with_next("It is tried again"))),
        step(SignInStep::Exchanging),
        step(SignInStep::Completed(chatgpt())),
    ])
    .play(by(Way::Device));
    insta::assert_snapshot!(told.out, @r"
    On any device:

      1  Open   https://auth.openai.com/codex/device
      2  Enter  ABCD-12345

    Waiting for you to approve until 09:15 (15 minutes left)
    Continue only if you started this sign-in yourself
    Signed in to OpenAI as m@example.com (ChatGPT Plus), kept in ~/.local/share/codling/auth.json
    ");
    assert_eq!(told.err, "The server did not answer. It is tried again\nApproved; fetching the tokens\n");
    assert_eq!((told.exit, told.commands), (Exit::Done, vec!["sign in Headless".to_owned()]));
}

#[test]
fn a_qr_code_is_drawn_on_a_terminal_that_can_show_it() {
    let code = step(SignInStep::Code { url: "https://auth.openai.com/codex/device".into(), code: "ABCD-12345".into(), expires: NOW });
    for (out, utf8, drawn) in [(Reader::Terminal, true, true), (Reader::Terminal, false, false), (Reader::Program, true, false)] {
        let mut story = Story::of([code.clone(), step(SignInStep::Cancelled)]);
        story.out = out;
        story.surroundings.utf8 = utf8;
        assert_eq!(story.play(by(Way::Device)).out.contains('▀'), drawn, "{out:?} {utf8}");
    }
}

#[test]
fn a_browser_sign_in_shows_the_link_whole_and_takes_a_pasted_address() {
    let url = format!("https://auth.openai.com/oauth/authorize?state={}", "x".repeat(300));
    let busy = PortHolder { port: 1455, pid: Some(4242), name: Some("opencode".into()) };
    let mut story = Story::of([
        step(SignInStep::Browser {
            url: url.clone(),
            port: 1457,
            opened: Opened::NotTried,
            expires: NOW + Duration::from_secs(600),
            busy: Some(busy),
        }),
        step(SignInStep::PasteRefused(Problem::new(ProblemKind::SignIn, "That address belongs to another sign-in"))),
        step(SignInStep::Completed(chatgpt())),
    ]);
    story.surroundings = Surroundings { ssh: true, ssh_host: Some("192.0.2.7".into()), ..Surroundings::default() };
    let told = story.play(by(Way::Browser));
    assert!(told.out.contains(&format!("\n{url}\n")), "the link stands unbroken on its own line");
    assert!(told.out.contains("Port 1455 is held by opencode (process 4242), so another one is used\n"));
    assert!(told.out.contains("Listening on localhost port 1457 until 09:10 (10 minutes left)\n"));
    assert!(told.out.contains("ssh -N -L 1457:localhost:1457 192.0.2.7\n"));
    assert_eq!(told.err, "That address belongs to another sign-in\n");
    assert_eq!(told.exit, Exit::Done);
}

#[test]
fn an_address_pasted_while_the_browser_way_waits_goes_to_the_engine() {
    let (mut console, _, _) = recording::console(Reader::Program, Reader::Program);
    let (engine, mut kept) = Engine::recording();
    let (sender, events) = mpsc::unbounded_channel();
    let (_stop, stops) = mpsc::unbounded_channel();
    let (typed, lines) = mpsc::unbounded_channel();
    let place = Place {
        clock: Clock::standing(NOW),
        zone: jiff::tz::TimeZone::UTC,
        home: None,
        columns: None,
        surroundings: Surroundings::default(),
    };
    let desk = Desk { engine: &engine, events, stops, console: &mut console, place };
    let input = Input { lines, reader: Reader::Terminal, hide: || None::<Hidden> };
    let tell = |kind| sender.send(Event { session: None, kind }).unwrap();
    let browser = SignInStep::Browser { url: "https://a".into(), port: 1455, opened: Opened::Started, expires: NOW, busy: None };
    let acts = async {
        assert_eq!(said(kept.recv().await.unwrap().1), "sign in Browser");
        tell(step(browser));
        typed.send("  ".into()).unwrap();
        typed.send(" http://localhost:1455/auth/callback?code=c&state=s ".into()).unwrap();
        let pasted = said(kept.recv().await.unwrap().1);
        assert_eq!(pasted, "PasteCallback(\"http://localhost:1455/auth/callback?code=c&state=s\")");
        tell(step(SignInStep::Completed(chatgpt())));
    };
    let wish = Login { way: Some(Way::Browser), check: Check::First };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let exit = runtime.block_on(async { tokio::join!(login(desk, input, wish), acts).0 });
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
        let mut story = Story::of([step(SignInStep::Completed(chatgpt()))]).typing(lines.clone());
        story.surroundings = surroundings;
        let told = story.play(asking());
        assert_eq!((told.exit, told.commands), (Exit::Done, vec![command.to_owned()]), "{lines:?}");
        let order: Vec<_> = ["(browser)", "(headless)", "Manually enter API key"].map(|row| told.out.find(row).unwrap()).into();
        assert!(order.is_sorted());
    }
    let mut story = Story::of([]).typing([]);
    story.surroundings = Surroundings { container: true, ..Surroundings::default() };
    let told = story.play(asking());
    assert!(told.out.contains("This is a container, so 2 is the way that works from here\n"));
    assert_eq!((told.exit, told.commands.len()), (Exit::Interrupted, 0), "the end of input chooses nothing");
}

#[test]
fn without_a_flag_and_without_a_terminal_the_flags_are_named() {
    let told = Story::default().play(asking());
    assert_eq!((told.exit, told.commands.len()), (Exit::Usage, 0));
    assert!(told.err.contains("`codling auth login --device`, `--browser` or `--api-key`"));
}

#[test]
fn a_key_comes_from_a_pipe_or_unseen_and_is_never_shown() {
    let mut piped = Story::of([step(SignInStep::Checking), step(SignInStep::Completed(from_environment(Standing::Wins)))]);
    piped.lines = vec!["", "  sk-secret  "];
    let told = piped.play(Act::Login(Login { way: Some(Way::ApiKey), check: Check::Skip }));
    assert_eq!((told.exit, told.commands), (Exit::Done, vec!["key sk-secret Skip".to_owned()]));
    assert!(!told.out.contains("sk-secret") && !told.err.contains("sk-secret"));

    let typed = Story::of([step(SignInStep::Completed(chatgpt()))]).typing(["sk-typed"]).play(by(Way::ApiKey));
    assert!(typed.err.starts_with("What you type will be seen on this terminal\nAPI key: "), "{}", typed.err);

    let none = Story::default().play(by(Way::ApiKey));
    assert_eq!((none.exit, none.commands.len()), (Exit::Usage, 0));
}

#[test]
fn a_key_that_could_not_be_checked_names_the_way_to_save_it() {
    let offline = Problem::new(ProblemKind::Network, "The key could not be checked: api.openai.com has no address");
    let offline = offline.with_next("Check that this machine is online; or save the key unchecked");
    let mut story = Story::of([step(SignInStep::Checking), step(SignInStep::Unchecked(offline))]);
    story.lines = vec!["sk-1"];
    let told = story.play(by(Way::ApiKey));
    assert_eq!(told.exit, Exit::Failed);
    assert!(told.err.contains("codling: The key could not be checked: api.openai.com has no address\n"), "{}", told.err);
    assert!(
        told.err.contains(
            "not saved. Check that this machine is online; or save the key unchecked: `codling auth login --api-key --unchecked`"
        ),
        "{}",
        told.err
    );
}

#[test]
fn a_sign_in_that_fails_says_what_to_do() {
    let denied = Problem::new(ProblemKind::SignIn, "The sign-in was denied").with_next("Start again");
    let told = Story::of([step(SignInStep::Failed(denied))]).play(by(Way::Device));
    assert_eq!((told.err.as_str(), told.exit), ("codling: The sign-in was denied\n  Start again\n", Exit::Failed));
}

#[test]
fn ctrl_c_cancels_the_sign_in_and_waits_for_the_port_to_be_free() {
    let mut story = Story::of([step(SignInStep::Cancelled)]);
    story.stops = 1;
    let told = story.play(by(Way::Browser));
    assert_eq!((told.exit, told.err.as_str()), (Exit::Interrupted, "Cancelled; nothing was changed\n"));
    assert_eq!(told.commands, ["sign in Browser", "CancelSignIn"]);

    let mut impatient = Story::of([step(SignInStep::Cancelled)]);
    impatient.stops = 2;
    assert_eq!(impatient.play(by(Way::Browser)).exit, Exit::Interrupted);

    let mut asked = Story::of([]).typing([]);
    asked.stops = 1;
    let told = asked.play(asking());
    assert_eq!((told.exit, told.commands.len()), (Exit::Interrupted, 0), "nothing was begun that needs cancelling");
}

#[test]
fn times_are_said_the_way_a_person_says_them() {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(1));
    for (after, expected) in [
        (600, "10:10"),
        (16 * 3600, "Sun 22 Nov, 02:00"),
        (45 * 86_400, "5 Jan 2027, 10:00"),
        (i64::MAX / 2000, "at no time a clock can show"),
    ] {
        let at = Timestamp(NOW.0.saturating_add(after * 1000));
        assert_eq!(words::local(at, NOW, &zone), expected);
    }
    let day = 86_400;
    for (seconds, expected) in [
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (899, "15 minutes"),
        (3599, "1 hour"),
        (7200, "2 hours"),
        (day - 1, "1 day"),
        (10 * day - 1, "10 days"),
    ] {
        assert_eq!(words::span(Duration::from_secs(seconds)), expected);
    }
}
