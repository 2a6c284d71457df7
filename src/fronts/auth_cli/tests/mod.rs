//! `codling auth` against a scripted engine: commands sent, output and exit.

mod login;

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::base::{Clock, Hidden, Reader, Timestamp, recording};
use crate::engine::scripted;
use crate::protocol::*;

use super::*;

/// Saturday, 21 November 2026, 09:00 UTC.
const NOW: Timestamp = Timestamp(1_795_251_600_000);
const FILE: &str = "/home/m/.local/share/codling/auth.json";

struct Fixture {
    /// The answer to the list of accounts.
    accounts: ReplyResult,
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

impl Default for Fixture {
    fn default() -> Self {
        let surroundings = Surroundings { display: true, utf8: true, ..Surroundings::default() };
        Self {
            accounts: accounts([]),
            events: Vec::new(),
            lines: Vec::new(),
            reader: Reader::Program,
            out: Reader::Program,
            surroundings,
            stops: 0,
        }
    }
}

impl Fixture {
    fn of(events: impl IntoIterator<Item = EventKind>) -> Self {
        Self { events: events.into_iter().collect(), ..Self::default() }
    }

    fn listing(accounts: ReplyResult) -> Self {
        Self { accounts, ..Self::default() }
    }

    fn typing(mut self, lines: impl IntoIterator<Item = &'static str>) -> Self {
        self.lines = lines.into_iter().collect();
        self.reader = Reader::Terminal;
        self
    }

    /// Runs a command. All events wait from the start; the engine ends after them.
    fn play(self, act: Act) -> Told {
        let (mut console, out, err) = recording::console(self.out, Reader::Program);
        let (client, inbox, mut script) = scripted::engine();
        let (stop, stops) = mpsc::unbounded_channel();
        let (typed, lines) = mpsc::unbounded_channel();
        self.events.into_iter().for_each(|kind| script.emit(None, kind));
        if matches!(act, Act::Login(_)) {
            script.end();
        }
        self.lines.into_iter().for_each(|line| typed.send(line.to_owned()).unwrap());
        (0..self.stops).for_each(|_| stop.send(()).unwrap());
        drop(typed);
        let place = CredentialFile {
            clock: Clock::standing(NOW),
            zone: jiff::tz::TimeZone::UTC,
            home: Some(PathBuf::from("/home/m")),
            columns: Some(80),
            surroundings: self.surroundings,
        };
        let engine = EngineQuestion { client: &client, inbox, stops, console: &mut console, place };
        let input = LoginInput { lines, reader: self.reader, hide: || None::<Hidden> };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let front = async {
            match act {
                Act::List => list(engine).await,
                Act::Login(login_request) => login(engine, input, login_request).await,
                Act::Logout(named) => logout(engine, named.map(ProviderId::from)).await,
                Act::Status => status(engine).await,
            }
        };
        let answer = |command: &Command| match command {
            Command::Account(AccountCommand::List) => self.accounts.clone(),
            _ => Ok(Reply::Done),
        };
        let mut commands = Vec::new();
        let exit = runtime.block_on(async {
            tokio::select! {
                biased;
                exit = front => exit,
                () = script.answering(&mut commands, answer) => unreachable!("the client is there"),
            }
        });
        commands.extend(std::iter::from_fn(|| script.try_next()).map(|asked| asked.command));
        let commands = commands.into_iter().map(said).collect();
        Told { out: out.text(), err: err.text(), exit, commands }
    }
}

fn said(command: Command) -> String {
    match command {
        Command::Account(AccountCommand::SignIn { way: SignInWay::ApiKey(key), check, .. }) => {
            format!("key {} {check:?}", key.expose())
        }
        Command::Account(AccountCommand::SignIn { way, .. }) => format!("sign in {way:?}"),
        Command::Account(command) => format!("{command:?}"),
        other => format!("{other:?}"),
    }
}

fn chatgpt() -> Account {
    Account {
        provider: ProviderId::openai(),
        kind: AccountKind::ChatGpt {
            account: Some("acc-1".into()),
            email: Some("m@example.com".into()),
            plan: Some("plus".into()),
        },
        expires: Some(NOW + Duration::from_secs(6 * 86_400 + 5 * 3600)),
        source: CredentialSource::File(FILE.into()),
        standing: CredentialStanding::Wins,
    }
}

fn from_environment(standing: CredentialStanding) -> Account {
    Account {
        provider: ProviderId::openai(),
        kind: AccountKind::ApiKey,
        expires: None,
        source: CredentialSource::Environment("OPENAI_API_KEY".into()),
        standing,
    }
}

fn kept(provider: &str, kind: AccountKind) -> Account {
    Account {
        provider: provider.into(),
        kind,
        expires: None,
        source: CredentialSource::File(FILE.into()),
        standing: CredentialStanding::Unused,
    }
}

fn accounts(accounts: impl IntoIterator<Item = Account>) -> ReplyResult {
    Ok(Reply::Accounts(AccountList {
        accounts: accounts.into_iter().collect(),
        file: FILE.into(),
        opencode_offer: false,
        codex_offer: None,
    }))
}

fn step(step: SignInStep) -> EventKind {
    EventKind::SignIn { attempt: "login".into(), step }
}

fn by(way: LoginWay) -> Act {
    Act::Login(Login { provider: ProviderId::openai(), way: Some(way), check: KeyCheck::First })
}

fn asking() -> Act {
    Act::Login(Login { provider: ProviderId::openai(), way: None, check: KeyCheck::First })
}

#[test]
fn the_list_is_a_table_of_whose_what_until_when_and_which_one_is_used() {
    let mut old = chatgpt();
    old.kind = AccountKind::ChatGpt { account: Some("acc-2".into()), email: None, plan: None };
    old.expires = Some(Timestamp(NOW.0 - 3 * 60_000));
    old.standing = CredentialStanding::Shadowed;
    let mut copilot = kept("github-copilot", AccountKind::OAuth);
    copilot.expires = Some(NOW + Duration::from_secs(59 * 60));
    let listed = accounts([
        chatgpt(),
        old,
        from_environment(CredentialStanding::Shadowed),
        copilot,
        kept("wörk", AccountKind::WellKnown),
        kept("new", AccountKind::Unknown { kind: "passkey".into() }),
    ]);
    let mut fixture = Fixture::listing(listed);
    fixture.events = vec![
        EventKind::Notice(Notice { message: "auth.json can be read by others".into(), next: None }),
        EventKind::Notice(Notice {
            message: "it holds a copy".into(),
            next: Some("Sign in anew".into()),
        }),
    ];
    let printed = fixture.play(Act::List);
    insta::assert_snapshot!(printed.out, @r"
    PROVIDER        KIND               ACCOUNT        PLAN  ACCESS EXPIRES                          FROM                              STATE
    openai          ChatGPT            m@example.com  Plus  in 6 days (Fri 27 Nov, 14:00)           ~/.local/share/codling/auth.json  in use
    openai          ChatGPT            acc-2          -     3 minutes ago, renewed at the next use  ~/.local/share/codling/auth.json  shadowed
    openai          API key            -              -     -                                       OPENAI_API_KEY                    shadowed
    github-copilot  OAuth              -              -     in 59 minutes (09:59)                   ~/.local/share/codling/auth.json  not used
    wörk            well-known         -              -     -                                       ~/.local/share/codling/auth.json  not used
    new             unknown (passkey)  -              -     -                                       ~/.local/share/codling/auth.json  not used
    ");
    insta::assert_snapshot!(printed.err, @r"
    auth.json can be read by others
    it holds a copy. Sign in anew
    ");
    assert_eq!((printed.exit, printed.commands), (Exit::Done, vec!["List".to_owned()]));
}

#[test]
fn an_empty_list_says_how_to_sign_in_and_what_opencode_has() {
    let listed = AccountList {
        accounts: vec![],
        file: FILE.into(),
        opencode_offer: true,
        codex_offer: None,
    };
    let printed = Fixture::listing(Ok(Reply::Accounts(listed))).play(Act::List);
    insta::assert_snapshot!(printed.out, @r#"
    Nobody is signed in
    Sign in with `codling auth login`, or set `OPENAI_API_KEY`
    opencode is signed in to OpenAI here: `auth_file = "opencode"` in config.toml shares its file
    "#);
    assert_eq!(printed.exit, Exit::Done);
}

#[test]
fn a_file_that_cannot_be_read_is_a_failure_with_a_next_step() {
    let problem =
        Problem::new(ProblemKind::CredentialFile, "auth.json is damaged at line 3, column 7")
            .with_next("Sign in anew");
    for act in [Act::List, Act::Status, Act::Logout(None)] {
        let printed = Fixture::listing(Err(problem.clone())).play(act);
        assert_eq!(printed.err, format!("codling: {}\n  Sign in anew\n", problem.message));
        assert_eq!((printed.exit, printed.out.as_str()), (Exit::Failed, ""));
    }
}

#[test]
fn status_is_one_line_and_an_exit() {
    let mut lines = String::new();
    for (listed, exit) in [
        (vec![chatgpt()], Exit::Done),
        (vec![from_environment(CredentialStanding::Wins)], Exit::Done),
        (vec![kept("groq", AccountKind::ApiKey)], Exit::NotSignedIn),
        (vec![], Exit::NotSignedIn),
    ] {
        let printed = Fixture::listing(accounts(listed)).play(Act::Status);
        assert_eq!((printed.exit, printed.out.lines().count()), (exit, 1), "{}", printed.out);
        lines += &printed.out;
    }
    insta::assert_snapshot!(lines, @r"
    Signed in to OpenAI as m@example.com (ChatGPT Plus), from ~/.local/share/codling/auth.json
    Signed in to OpenAI with an API key, from OPENAI_API_KEY
    Not signed in to OpenAI; `codling auth login` signs in
    Not signed in to OpenAI; `codling auth login` signs in
    ");
}

#[test]
fn logout_removes_the_one_entry_and_says_what_is_left() {
    let listed = accounts([chatgpt(), from_environment(CredentialStanding::Shadowed)]);
    let printed = Fixture::listing(listed).play(Act::Logout(None));
    insta::assert_snapshot!(printed.out, @r"
    Signed out of OpenAI: m@example.com (ChatGPT Plus) was removed from ~/.local/share/codling/auth.json
    `OPENAI_API_KEY` is still set and will be used from now on
    ");
    assert_eq!(printed.commands, ["List", "SignOut(ProviderId(\"openai\"))"]);
    assert_eq!(printed.exit, Exit::Done);
}

#[test]
fn logout_of_what_is_not_there_says_why_nothing_is_removed() {
    let mut all = String::new();
    for (listed, named, exit) in [
        (vec![], None, Exit::Done),
        (vec![from_environment(CredentialStanding::Wins)], None, Exit::Failed),
        (vec![chatgpt(), kept("groq", AccountKind::ApiKey)], Some("opnai"), Exit::Failed),
    ] {
        let printed = Fixture::listing(accounts(listed)).play(Act::Logout(named));
        assert_eq!(printed.exit, exit);
        let (silent, spoken) = match exit {
            Exit::Done => (&printed.err, &printed.out),
            _ => (&printed.out, &printed.err),
        };
        assert_eq!(silent, "");
        all += spoken;
        assert_eq!(printed.commands, ["List"]);
    }
    insta::assert_snapshot!(all, @r"
    Nobody is signed in to OpenAI
    codling: The key for OpenAI comes from the environment
      Unset `OPENAI_API_KEY` to stop using it
    codling: Nobody is signed in to `opnai`
      There are: `openai`, `groq`
    ");
}

#[test]
fn times_are_said_the_way_a_person_says_them() {
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(1));
    for (after, expected) in [
        (600, "10:10"),
        (16 * 3600, "Sun 22 Nov, 02:00"),
        (45 * 86_400, "5 Jan 2027, 10:00"),
        (i64::MAX / 2000, "at an unknown time"),
    ] {
        let at = Timestamp(NOW.0.saturating_add(after * 1000));
        assert_eq!(account_words::local(at, NOW, &zone), expected);
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
        assert_eq!(account_words::span(Duration::from_secs(seconds)), expected);
    }
}
