//! `/connect`, stage by stage.

mod ending;
mod leftovers;

use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Desk;
use super::desk::{models, plus, start};
use crate::base::Timestamp;
use crate::fronts::tui::StartInfo;
use crate::fronts::tui::messages::{Cmd, Msg};
use crate::fronts::tui::terminal::Copied;
use crate::protocol::{
    Account, AccountCommand, AccountKind, AccountList, BaseUrl, BrowserLaunch, Command,
    CredentialSource, CredentialStanding, EventKind, KeyCheck, Model, ModelList, ModelRef,
    ModelSource, PortHolder, Problem, ProblemKind, Provider, ProviderId, ProviderSource,
    SignInStep, SignInWay, Surroundings,
};

const DEVICE_URL: &str = "https://auth.openai.com/codex/device";

fn ssh() -> StartInfo {
    let surroundings = Surroundings {
        ssh: true,
        ssh_host: Some("203.0.113.7".into()),
        utf8: true,
        ..Surroundings::default()
    };
    StartInfo { surroundings, ..start() }
}

fn opened(start: StartInfo, width: u16, height: u16) -> Desk {
    let mut desk = Desk::with(start, width, height);
    desk.accounts(Vec::new());
    desk.text("/connect");
    desk.press(KeyCode::Enter);
    desk.cmds();
    desk
}

/// Opens a sign-in method, counted from the top of the list.
fn at_way(way: usize, width: u16, height: u16) -> Desk {
    let mut desk = opened(start(), width, height);
    desk.press(KeyCode::Enter);
    desk.presses(vec![KeyCode::Down; way]);
    desk.press(KeyCode::Enter);
    desk
}

fn step(desk: &mut Desk, step: SignInStep) {
    desk.sign_in(step);
}

fn code(desk: &mut Desk) {
    let expires = desk.now() + Duration::from_secs(872);
    step(desk, SignInStep::Code { url: DEVICE_URL.into(), code: "ABCD-12345".into(), expires });
}

fn long_url() -> String {
    format!(
        "https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_X&state={}",
        "s".repeat(300)
    )
}

fn listening(desk: &mut Desk, opened: BrowserLaunch, busy: Option<PortHolder>) {
    let expires = desk.now() + Duration::from_secs(600);
    step(
        desk,
        SignInStep::Browser { url: long_url(), port: 1457, opened, expires, busy, deaf: None },
    );
}

fn is_cancel(commands: &[Command]) -> bool {
    matches!(commands, [Command::Account(AccountCommand::CancelSignIn(_))])
}

#[test]
fn the_providers_are_listed_with_how_each_is_connected() {
    let mut desk = opened(start(), 80, 24);
    assert_snapshot!("providers_none", desk.picture());
    let file = PathBuf::from("/home/me/.local/share/codling/auth.json");
    let other = Account {
        provider: ProviderId::from("github-copilot"),
        kind: AccountKind::ApiKey,
        expires: None,
        source: CredentialSource::File(file.clone()),
        standing: CredentialStanding::Unused,
    };
    let shadowed = Account {
        provider: ProviderId::openai(),
        kind: AccountKind::ApiKey,
        expires: None,
        source: CredentialSource::Environment("OPENAI_API_KEY".into()),
        standing: CredentialStanding::Shadowed,
    };
    desk.event(EventKind::Accounts(AccountList {
        accounts: vec![plus(), shadowed, other],
        file,
        opencode_offer: true,
        codex_offer: None,
    }));
    assert_snapshot!("providers_some", desk.picture());
    desk.text("copil");
    desk.sent();
    desk.press(KeyCode::Enter);
    assert!(desk.sent().is_empty());
    assert_snapshot!("providers_unused", desk.picture());
}

/// A provider of this source.
fn provider(id: &str, name: &str, source: ProviderSource) -> Provider {
    let base = match source {
        ProviderSource::Local => "http://127.0.0.1:11434/v1".to_owned(),
        _ => format!("https://{id}.example/v1"),
    };
    let base = BaseUrl::parse(&base).unwrap();
    Provider { name: name.into(), source, ..Provider::new(id.into(), base, "chat".into()) }
}

#[test]
fn other_providers_are_connected_by_their_key_and_checked_as_openais_is() {
    let mut desk = opened(start(), 80, 30);
    let providers = [
        provider("acme", "Acme", ProviderSource::Settings),
        provider("anthropic", "Anthropic", ProviderSource::BuiltIn),
        provider("groq", "Groq", ProviderSource::BuiltIn),
        provider("ollama", "Ollama", ProviderSource::Local),
        provider("vllm", "vLLM", ProviderSource::Local),
    ];
    desk.event(EventKind::Providers(providers.into()));
    let file = PathBuf::from("/home/me/.local/share/codling/auth.json");
    let groq = Account {
        provider: ProviderId::from("groq"),
        kind: AccountKind::ApiKey,
        expires: None,
        source: CredentialSource::File(file.clone()),
        standing: CredentialStanding::Wins,
    };
    desk.event(EventKind::Accounts(AccountList {
        accounts: vec![groq],
        file,
        opencode_offer: false,
        codex_offer: None,
    }));
    let qwen = Model::unknown(ModelRef::new("ollama".into(), "qwen"));
    desk.event(EventKind::Models(ModelList {
        provider: "ollama".into(),
        models: vec![qwen],
        source: ModelSource::Server,
    }));
    assert_snapshot!("providers_by_key", desk.picture());
    desk.text("anthr");
    desk.press(KeyCode::Enter);
    desk.text("sk-ant-1");
    assert_snapshot!("providers_key_field", desk.picture());
    desk.sent();
    desk.press(KeyCode::Enter);
    let sent = desk.sent();
    let [Command::Account(AccountCommand::SignIn { provider, check, .. })] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!((provider.as_str(), *check), ("anthropic", KeyCheck::First));
    // Esc goes back to the list.
    desk.press(KeyCode::Esc);
    assert!(is_cancel(&desk.sent()));
    desk.text("ollama");
    desk.press(KeyCode::Enter);
    assert!(desk.sent().is_empty());
    assert_snapshot!("providers_local", desk.picture());
}

#[test]
fn sharing_opencode_s_file_is_one_row() {
    let mut desk = opened(start(), 80, 24);
    desk.event(EventKind::Accounts(AccountList {
        accounts: Vec::new(),
        file: "/a".into(),
        opencode_offer: true,
        codex_offer: None,
    }));
    desk.presses([KeyCode::Down, KeyCode::Enter]);
    assert!(matches!(desk.sent().as_slice(), [Command::Account(AccountCommand::ShareOpencode)]));
}

#[test]
fn disconnecting_asks_once() {
    let mut desk = Desk::connected(80, 24);
    desk.text("/connect");
    desk.press(KeyCode::Enter);
    desk.cmds();
    desk.refuse(Problem::new(ProblemKind::Internal, "A note from before"));
    assert!(desk.shows("A note from before"));
    desk.ctrl('d');
    assert!(
        desk.shows("Press ctrl+d again to disconnect OpenAI (ChatGPT Plus · me@example.com)")
            && desk.sent().is_empty()
    );
    assert!(!desk.shows("A note from before"), "it might cover the question");
    desk.press(KeyCode::Down);
    desk.ctrl('d');
    assert!(desk.sent().is_empty(), "another key takes the question back");
    desk.ctrl('d');
    assert!(
        matches!(desk.sent().first(), Some(Command::Account(AccountCommand::SignOut(id))) if *id == ProviderId::openai())
    );
    desk.event(EventKind::SignedOut(ProviderId::openai()));
    assert!(desk.shows("Signed out of OpenAI"));
}

#[test]
fn a_key_from_the_environment_is_not_offered_for_removal() {
    let mut desk = opened(start(), 80, 24);
    let source = CredentialSource::Environment("OPENAI_API_KEY".into());
    desk.accounts(vec![Account { kind: AccountKind::ApiKey, source, expires: None, ..plus() }]);
    desk.ctrl('d');
    desk.ctrl('d');
    assert!(desk.shows("unset it in your shell") && desk.sent().is_empty());
}

#[test]
fn the_three_ways_stand_in_their_order_and_the_cursor_where_it_helps() {
    let mut desk = opened(start(), 80, 24);
    desk.press(KeyCode::Enter);
    assert_snapshot!("ways_near", desk.picture());
    for (width, height) in [(60, 18), (80, 24)] {
        let mut desk = opened(ssh(), width, height);
        desk.press(KeyCode::Enter);
        assert_snapshot!(format!("ways_ssh_{width}x{height}"), desk.picture());
        desk.press(KeyCode::Enter);
        assert!(matches!(
            desk.sent().as_slice(),
            [Command::Account(AccountCommand::SignIn { way: SignInWay::Headless, .. })]
        ));
    }
    for (place, reason) in [
        (
            Surroundings { container: true, display: true, utf8: true, ..Surroundings::default() },
            "This is a container",
        ),
        (Surroundings { utf8: true, ..Surroundings::default() }, "This machine has no display"),
    ] {
        let mut desk = opened(StartInfo { surroundings: place, ..start() }, 80, 24);
        desk.press(KeyCode::Enter);
        assert!(desk.shows(reason) && desk.shows("› ChatGPT Plus/Pro (headless)"), "{reason}");
    }
}

#[test]
fn headless_shows_link_code_and_the_time_that_is_left_at_every_size() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut desk = at_way(1, width, height);
        assert!(desk.shows("Asking for a code"));
        code(&mut desk);
        desk.after(Duration::from_secs(10));
        assert_snapshot!(format!("headless_{width}x{height}"), desk.picture());
        let picture = desk.picture();
        assert!(picture.lines().any(|row| row.contains(DEVICE_URL)), "the link stands unbroken");
        assert!(picture.contains("14:22 left"));
    }
}

#[test]
fn headless_keys_copy_open_enlarge_and_begin_anew() {
    let mut desk = at_way(1, 80, 24);
    code(&mut desk);
    desk.cmds();
    desk.text("cu");
    assert!(
        matches!(desk.cmds().as_slice(), [Cmd::Copy(a), Cmd::Copy(b)] if a == "ABCD-12345" && b == DEVICE_URL)
    );
    desk.text("o");
    assert!(
        matches!(desk.sent().as_slice(), [Command::Account(AccountCommand::OpenPage(url))] if url == DEVICE_URL)
    );
    desk.text("f");
    assert!(!desk.shows("Open") && desk.shows("ABCD-12345"));
    desk.press(KeyCode::Esc);
    assert!(
        desk.shows(DEVICE_URL) && desk.sent().is_empty(),
        "esc leaves the QR code before it cancels"
    );
    desk.text("r");
    assert!(matches!(
        desk.sent().as_slice(),
        [Command::Account(AccountCommand::SignIn { way: SignInWay::Headless, .. })]
    ));
    desk.event(EventKind::SignIn { attempt: "before".into(), step: SignInStep::Cancelled });
    assert!(desk.shows("Asking for a code"));
}

#[test]
fn the_countdown_ends_at_the_real_expiry_and_then_nothing_wakes() {
    let mut desk = at_way(1, 80, 24);
    code(&mut desk);
    let wakes = desk.app.wakes().map(|at| at.since(desk.now()));
    assert_eq!(wakes, Some(Duration::from_secs(1)));
    desk.after(Duration::from_secs(900));
    assert!(desk.shows("Expired: press `r` for a new code"));
    assert_eq!(desk.app.wakes(), None);
}

#[test]
fn a_workspace_without_device_codes_leads_to_the_browser_way() {
    let mut desk = at_way(1, 80, 24);
    let problem = Problem::new(ProblemKind::SignIn, "Device codes are not enabled for this account")
        .with_next("Switch on device code authorization in ChatGPT under Settings > Security, or use the browser way");
    step(&mut desk, SignInStep::Failed(problem));
    assert_snapshot!("headless_failed", desk.picture());
    desk.cmds();
    desk.text("b");
    assert!(matches!(
        desk.sent().as_slice(),
        [
            Command::Account(AccountCommand::CancelSignIn(_)),
            Command::Account(AccountCommand::SignIn { way: SignInWay::Browser, .. })
        ]
    ));
    assert!(desk.shows("ChatGPT Plus/Pro (browser)"));
}

#[test]
fn trouble_on_the_way_is_told_while_the_wait_goes_on() {
    let mut desk = at_way(1, 80, 24);
    code(&mut desk);
    step(
        &mut desk,
        SignInStep::Retrying(Problem::new(
            ProblemKind::Network,
            "auth.openai.com cannot be reached",
        )),
    );
    assert!(
        desk.shows("cannot be reached") && desk.shows("trying again") && desk.shows("ABCD-12345")
    );
    step(&mut desk, SignInStep::Exchanging);
    assert!(desk.shows("finishing the sign-in"));
}

#[test]
fn a_toast_never_hides_how_a_sign_in_goes_on_nor_an_answer() {
    let mut desk = at_way(0, 80, 24);
    listening(&mut desk, BrowserLaunch::Started, None);
    desk.msg(Msg::Copied(Copied::Sent));
    assert!(desk.shows("Sent to your terminal"));
    step(
        &mut desk,
        SignInStep::Failed(Problem::new(ProblemKind::SignIn, "The sign-in was declined")),
    );
    assert!(desk.shows("The sign-in was declined") && !desk.shows("Sent to your terminal"));
    let mut desk = Desk::connected(80, 24);
    desk.ctrl('o');
    assert!(desk.shows("will be shown"));
    desk.ask("go");
    assert!(!desk.shows("will be shown"));
}

#[test]
fn trouble_before_the_code_and_after_the_approval_is_told_too() {
    let problem = || {
        Problem::new(ProblemKind::Network, "auth.openai.com cannot be reached")
            .with_next("Check the network")
    };
    for (way, first, state) in [
        (1, None, "Asking for a code"),
        (1, Some(SignInStep::Exchanging), "finishing the sign-in"),
        (0, Some(SignInStep::Exchanging), "finishing the sign-in"),
    ] {
        let mut desk = at_way(way, 80, 24);
        first.into_iter().for_each(|first| step(&mut desk, first));
        step(&mut desk, SignInStep::Retrying(problem()));
        assert!(
            desk.shows(state) && desk.shows("cannot be reached") && desk.shows("Check the network"),
            "{}",
            desk.picture()
        );
    }
}

#[test]
fn browser_shows_its_link_its_port_and_a_field_for_an_address() {
    let mut desk = at_way(0, 80, 24);
    assert!(matches!(
        desk.sent().as_slice(),
        [Command::Account(AccountCommand::SignIn { way: SignInWay::Browser, .. })]
    ));
    let holder = PortHolder { port: 1455, pid: Some(4711), name: Some("opencode".into()) };
    listening(&mut desk, BrowserLaunch::Started, Some(holder));
    assert_snapshot!("browser_80x24", desk.picture());
    desk.text("u");
    assert!(matches!(desk.cmds().as_slice(), [Cmd::Copy(url)] if *url == long_url()));
    desk.text("f");
    assert!(
        matches!(desk.cmds().as_slice(), [Cmd::Print(url)] if *url == long_url()),
        "alone, so that the terminal itself wraps it"
    );
    desk.text("o");
    assert!(matches!(desk.sent().as_slice(), [Command::Account(AccountCommand::OpenPage(_))]));
}

#[test]
fn over_ssh_the_browser_way_gives_the_exact_line_to_forward_the_port() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut desk = opened(ssh(), width, height);
        desk.presses([KeyCode::Enter, KeyCode::Up, KeyCode::Enter]);
        listening(&mut desk, BrowserLaunch::NotTried, None);
        assert!(desk.shows("ssh -L 1457:localhost:1457 203.0.113.7"), "{}", desk.picture());
        assert!(desk.shows("Browser on another machine?"));
        if width != 80 {
            assert_snapshot!(format!("browser_ssh_{width}x{height}"), desk.picture());
        }
    }
}

#[test]
fn a_pasted_address_goes_to_the_engine_and_a_refused_one_leaves_the_login_open() {
    let mut desk = at_way(0, 80, 24);
    listening(&mut desk, BrowserLaunch::Failed, None);
    desk.cmds();
    let address = "http://localhost:1457/auth/callback?code=c&state=wrong";
    desk.msg(Msg::Paste(format!("  {address}\n")));
    desk.press(KeyCode::Enter);
    assert!(
        matches!(desk.sent().as_slice(), [Command::Account(AccountCommand::PasteCallback { text, .. })] if *text == address)
    );
    let problem = Problem::new(ProblemKind::SignIn, "This address belongs to another sign-in")
        .with_next("Approve in the newest tab");
    step(&mut desk, SignInStep::PasteRefused(problem));
    assert!(desk.shows("Waiting for you"));
    let picture = desk.picture();
    let below = picture.lines().skip_while(|line| !line.starts_with(" › ")).nth(1).unwrap();
    assert!(below.contains("belongs to another sign-in"), "{picture}");
    desk.msg(Msg::Paste("sk-proj-12345\n".into()));
    assert!(
        desk.shows("That is an API key, not an address") && !desk.shows("12345"),
        "{}",
        desk.picture()
    );
    assert!(desk.cmds().is_empty());
    // In the field, letters that are commands elsewhere are text.
    desk.text("http://u.f.o");
    assert!(desk.cmds().is_empty() && desk.shows("http://u.f.o"));
}

#[test]
fn the_api_key_is_masked_until_tab_and_checked_before_it_is_saved() {
    let mut desk = at_way(2, 80, 24);
    assert!(desk.sent().is_empty(), "nothing runs before there is a key");
    desk.msg(Msg::Paste(" sk-secret-123 \n".into()));
    assert!(!desk.shows("sk-secret"));
    assert_snapshot!("api_key", desk.picture());
    desk.press(KeyCode::Tab);
    assert!(desk.shows("sk-secret-123"));
    desk.press(KeyCode::Tab);
    desk.press(KeyCode::Enter);
    let sent = desk.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Account(AccountCommand::SignIn { way: SignInWay::ApiKey(key), check: KeyCheck::First, .. })] if key.expose() == "sk-secret-123")
    );
    assert!(desk.shows("Checking the key"));
    desk.text("x");
    desk.press(KeyCode::Enter);
    assert!(desk.sent().is_empty(), "keys typed while it is checked change nothing");
}

#[test]
fn a_key_that_cannot_be_checked_is_saved_by_a_second_enter_but_not_by_a_hasty_one() {
    let mut desk = at_way(2, 80, 24);
    desk.text("sk-1");
    desk.press(KeyCode::Enter);
    desk.cmds();
    step(
        &mut desk,
        SignInStep::Unchecked(Problem::new(
            ProblemKind::Network,
            "api.openai.com cannot be reached",
        )),
    );
    assert_snapshot!("api_key_unchecked", desk.picture());
    desk.press(KeyCode::Enter);
    assert!(desk.sent().is_empty(), "this enter came before anyone could read");
    desk.after(Duration::from_secs(1));
    desk.press(KeyCode::Enter);
    assert!(matches!(
        desk.sent().as_slice(),
        [Command::Account(AccountCommand::SignIn {
            way: SignInWay::ApiKey(_),
            check: KeyCheck::Skip,
            ..
        })]
    ));
}

#[test]
fn a_refused_key_stays_for_mending_and_is_checked_again() {
    let mut desk = at_way(2, 80, 24);
    desk.text("sk-1");
    desk.press(KeyCode::Enter);
    step(
        &mut desk,
        SignInStep::Failed(
            Problem::new(ProblemKind::SignIn, "OpenAI does not know this key")
                .with_next("Check it"),
        ),
    );
    assert!(
        desk.shows("OpenAI does not know this key") && desk.shows("enter\u{a0}try\u{a0}again"),
        "{}",
        desk.picture()
    );
    desk.cmds();
    desk.text("2");
    desk.press(KeyCode::Enter);
    assert!(
        matches!(desk.sent().as_slice(), [Command::Account(AccountCommand::SignIn { way: SignInWay::ApiKey(key), check: KeyCheck::First, .. })] if key.expose() == "sk-12")
    );
}

#[test]
fn text_from_the_server_is_cleaned_before_it_is_shown() {
    let mut desk = at_way(1, 80, 24);
    let nasty = "x\u{1b}]52;c;AAAA\u{7}y";
    step(
        &mut desk,
        SignInStep::Code { url: nasty.into(), code: nasty.into(), expires: Timestamp(i64::MAX) },
    );
    let bad = |desk: &mut Desk| desk.picture().chars().any(|c| c.is_control() && c != '\n');
    assert!(!bad(&mut desk));
    step(&mut desk, SignInStep::Failed(Problem::new(ProblemKind::SignIn, nasty).with_next(nasty)));
    assert!(!bad(&mut desk));
}

#[test]
fn the_link_is_one_the_terminal_can_open() {
    let mut desk = at_way(1, 80, 24);
    code(&mut desk);
    assert_eq!(desk.links(), [(DEVICE_URL.to_owned(), DEVICE_URL.to_owned())]);
}

#[test]
fn codexs_sign_in_is_taken_over_only_after_it_was_said_what_that_means() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut desk = opened(start(), width, height);
        let file = PathBuf::from("/home/me/.local/share/codling/auth.json");
        let offer = |codex_offer| {
            let file = file.clone();
            AccountList { accounts: Vec::new(), file, opencode_offer: false, codex_offer }
        };
        desk.event(EventKind::Accounts(offer(Some(plus()))));
        desk.press(KeyCode::Down);
        assert!(desk.shows("› "), "{}", desk.picture());
        desk.press(KeyCode::Enter);
        assert!(desk.sent().is_empty());
        assert!(desk.shows("signed out"), "{}", desk.picture());
        // Another key cancels it.
        desk.presses([KeyCode::Up, KeyCode::Down, KeyCode::Enter]);
        assert!(desk.sent().is_empty());
        desk.press(KeyCode::Enter);
        assert!(matches!(
            desk.sent().as_slice(),
            [Command::Account(AccountCommand::TakeOverCodex)]
        ));
        desk.accounts(vec![plus()]);
        assert!(desk.shows("Taken over from Codex"), "{}", desk.picture());
        assert!(!desk.shows("Take over Codex's sign-in"));
    }
}

#[test]
fn a_key_of_codexs_is_copied_and_there_are_three_ways_to_sign_in_still() {
    let mut desk = opened(start(), 80, 24);
    let file = PathBuf::from("/home/me/.local/share/codling/auth.json");
    let codex_offer = Some(Account { kind: AccountKind::ApiKey, ..plus() });
    let (accounts, opencode_offer) = (Vec::new(), false);
    let list = AccountList { accounts, file, opencode_offer, codex_offer };
    desk.event(EventKind::Accounts(list));
    desk.presses([KeyCode::Down, KeyCode::Enter]);
    assert!(desk.shows("Codex keeps it too"), "{}", desk.picture());
    desk.presses([KeyCode::Up, KeyCode::Enter]);
    let picture = desk.picture();
    let ways = ["(browser)", "(headless)", "Manually enter API key"];
    assert!(
        ways.iter().all(|way| picture.contains(way)) && !picture.contains("Codex"),
        "{picture}"
    );
}
