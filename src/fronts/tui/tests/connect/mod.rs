//! `/connect`, stage by stage.

mod ending;
mod leftovers;
mod offers;

use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Fixture;
use super::fixture::{models, plus, start};
use crate::base::Timestamp;
use crate::fronts::tui::StartInfo;
use crate::fronts::tui::messages::{Cmd, Msg};
use crate::fronts::tui::terminal::Copied;
use crate::fronts::tui::tests::sentences;
use crate::protocol::{
    Account, AccountCommand, AccountKind, AccountList, BaseUrl, BrowserLaunch, Command,
    ConfigCommand, ConfigValue, CredentialSource, CredentialStanding, EventKind, KeyCheck, Model,
    ModelList, ModelRef, ModelSource, PortHolder, Problem, ProblemKind, Provider, ProviderId,
    ProviderSource, SignInStep, SignInWay, Surroundings,
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

fn opened(start: StartInfo, width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::with(start, width, height);
    fixture.accounts(Vec::new());
    fixture.text("/connect");
    fixture.press(KeyCode::Enter);
    fixture.cmds();
    fixture
}

/// Opens a sign-in method, counted from the top of the list.
fn at_way(way: usize, width: u16, height: u16) -> Fixture {
    let mut fixture = opened(start(), width, height);
    fixture.press(KeyCode::Enter);
    fixture.presses(vec![KeyCode::Down; way]);
    fixture.press(KeyCode::Enter);
    fixture
}

fn step(fixture: &mut Fixture, step: SignInStep) {
    fixture.sign_in(step);
}

fn code(fixture: &mut Fixture) {
    let expires = fixture.now() + Duration::from_secs(872);
    step(fixture, SignInStep::Code { url: DEVICE_URL.into(), code: "ABCD-12345".into(), expires });
}

fn long_url() -> String {
    format!(
        "https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_X&state={}",
        "s".repeat(300)
    )
}

fn listening(fixture: &mut Fixture, opened: BrowserLaunch, busy: Option<PortHolder>) {
    let expires = fixture.now() + Duration::from_secs(600);
    step(
        fixture,
        SignInStep::Browser { url: long_url(), port: 1457, opened, expires, busy, deaf: None },
    );
}

fn is_cancel(commands: &[Command]) -> bool {
    matches!(commands, [Command::Account(AccountCommand::CancelSignIn(_))])
}

#[test]
fn the_providers_are_listed_with_how_each_is_connected() {
    let mut fixture = opened(start(), 80, 24);
    assert_snapshot!("providers_none", fixture.picture());
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
    fixture.event(EventKind::Accounts(AccountList {
        accounts: vec![plus(), shadowed, other],
        file,
        opencode_offer: true,
        codex_offer: None,
    }));
    assert_snapshot!("providers_some", fixture.picture());
    fixture.text("copil");
    fixture.sent();
    fixture.press(KeyCode::Enter);
    assert!(fixture.sent().is_empty());
    assert_snapshot!("providers_unused", fixture.picture());
}

#[test]
fn a_provider_that_is_not_in_the_list_is_described_and_then_asked_for_its_key() {
    let mut fixture = opened(start(), 80, 24);
    fixture.text("another");
    fixture.press(KeyCode::Enter);
    assert_snapshot!("other_empty", fixture.picture());
    // A name that none can have, and an address that none can have.
    fixture.text("Ac me");
    fixture.presses([KeyCode::Enter, KeyCode::Enter, KeyCode::Enter]);
    assert!(fixture.shows(sentences::NO_PROVIDERS_NAME));
    fixture.presses([KeyCode::Backspace; 5]);
    fixture.text("acme");
    fixture.press(KeyCode::Enter);
    fixture.text("http://llm.acme.example/v1");
    fixture.presses([KeyCode::Enter, KeyCode::Enter]);
    assert_snapshot!("other_refused", fixture.picture());
    fixture.press(KeyCode::Home);
    fixture.presses([KeyCode::Delete; 4]);
    fixture.text("https");
    fixture.presses([KeyCode::Enter, KeyCode::Right, KeyCode::Right]);
    fixture.sent();
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    let [Command::Config(ConfigCommand::Write { edits, .. })] = &sent[..] else {
        panic!("{sent:?}")
    };
    let texts = [("base_url", "https://llm.acme.example/v1"), ("dialect", "anthropic")];
    let texts = texts.map(|(key, text)| (key.to_owned(), ConfigValue::Text(text.to_owned())));
    assert_eq!(edits[0].path, ["provider", "acme"]);
    assert_eq!(edits[0].value, Some(ConfigValue::Table(texts.into())));
    let acme = provider("acme", "acme", ProviderSource::Settings);
    fixture.event(EventKind::Providers([acme].into()));
    assert!(fixture.shows("API key for acme"));
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
    let mut fixture = opened(start(), 80, 30);
    let providers = [
        provider("acme", "Acme", ProviderSource::Settings),
        provider("anthropic", "Anthropic", ProviderSource::BuiltIn),
        provider("groq", "Groq", ProviderSource::BuiltIn),
        provider("ollama", "Ollama", ProviderSource::Local),
        provider("vllm", "vLLM", ProviderSource::Local),
    ];
    fixture.event(EventKind::Providers(providers.into()));
    let file = PathBuf::from("/home/me/.local/share/codling/auth.json");
    let groq = Account {
        provider: ProviderId::from("groq"),
        kind: AccountKind::ApiKey,
        expires: None,
        source: CredentialSource::File(file.clone()),
        standing: CredentialStanding::Wins,
    };
    fixture.event(EventKind::Accounts(AccountList {
        accounts: vec![groq],
        file,
        opencode_offer: false,
        codex_offer: None,
    }));
    let qwen = Model::unknown(ModelRef::new("ollama".into(), "qwen"));
    fixture.event(EventKind::Models(ModelList {
        provider: "ollama".into(),
        models: vec![qwen],
        source: ModelSource::Server,
    }));
    assert_snapshot!("providers_by_key", fixture.picture());
    fixture.text("anthr");
    fixture.press(KeyCode::Enter);
    fixture.text("sk-ant-1");
    assert_snapshot!("providers_key_field", fixture.picture());
    fixture.sent();
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    let [Command::Account(AccountCommand::SignIn { provider, check, .. })] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!((provider.as_str(), *check), ("anthropic", KeyCheck::First));
    // Esc goes back to the list.
    fixture.press(KeyCode::Esc);
    assert!(is_cancel(&fixture.sent()));
    fixture.text("ollama");
    fixture.press(KeyCode::Enter);
    assert!(fixture.sent().is_empty());
    assert_snapshot!("providers_local", fixture.picture());
}

#[test]
fn sharing_opencode_s_file_is_one_row() {
    let mut fixture = opened(start(), 80, 24);
    fixture.event(EventKind::Accounts(AccountList {
        accounts: Vec::new(),
        file: "/a".into(),
        opencode_offer: true,
        codex_offer: None,
    }));
    fixture.presses([KeyCode::Down, KeyCode::Enter]);
    assert!(matches!(fixture.sent().as_slice(), [Command::Account(AccountCommand::ShareOpencode)]));
}

#[test]
fn disconnecting_asks_once() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("/connect");
    fixture.press(KeyCode::Enter);
    fixture.cmds();
    fixture.refuse(Problem::new(ProblemKind::Internal, "A note from before"));
    assert!(fixture.shows("A note from before"));
    fixture.ctrl('d');
    assert!(fixture.shows(sentences::DISCONNECT_AGAIN) && fixture.sent().is_empty());
    assert!(!fixture.shows("A note from before"), "it might cover the question");
    fixture.presses([KeyCode::Down, KeyCode::Up]);
    fixture.ctrl('d');
    assert!(fixture.sent().is_empty(), "another key takes the question back");
    fixture.ctrl('d');
    assert!(
        matches!(fixture.sent().first(), Some(Command::Account(AccountCommand::SignOut(id))) if *id == ProviderId::openai())
    );
    fixture.event(EventKind::SignedOut(ProviderId::openai()));
    assert!(fixture.shows("Signed out of OpenAI"));
}

#[test]
fn a_key_from_the_environment_is_not_offered_for_removal() {
    let mut fixture = opened(start(), 80, 24);
    let source = CredentialSource::Environment("OPENAI_API_KEY".into());
    fixture.accounts(vec![Account { kind: AccountKind::ApiKey, source, expires: None, ..plus() }]);
    fixture.ctrl('d');
    fixture.ctrl('d');
    assert!(fixture.shows(sentences::UNSET_IT) && fixture.sent().is_empty());
}

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
    step(&mut fixture, SignInStep::Failed(problem));
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
    step(
        &mut fixture,
        SignInStep::Retrying(Problem::new(
            ProblemKind::Network,
            "auth.openai.com cannot be reached",
        )),
    );
    assert!(
        fixture.shows("cannot be reached")
            && fixture.shows("trying again")
            && fixture.shows("ABCD-12345")
    );
    step(&mut fixture, SignInStep::Exchanging);
    assert!(fixture.shows("finishing the sign-in"));
}

#[test]
fn a_toast_never_hides_how_a_sign_in_goes_on_nor_an_answer() {
    let mut fixture = at_way(0, 80, 24);
    listening(&mut fixture, BrowserLaunch::Started, None);
    fixture.msg(Msg::Copied(Copied::Sent));
    assert!(fixture.shows(sentences::SENT_TO_TERMINAL));
    step(
        &mut fixture,
        SignInStep::Failed(Problem::new(ProblemKind::SignIn, "The sign-in was declined")),
    );
    assert!(
        fixture.shows("The sign-in was declined") && !fixture.shows(sentences::SENT_TO_TERMINAL)
    );
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
        first.into_iter().for_each(|first| step(&mut fixture, first));
        step(&mut fixture, SignInStep::Retrying(problem()));
        assert!(
            fixture.shows(state)
                && fixture.shows("cannot be reached")
                && fixture.shows("Check the network"),
            "{}",
            fixture.picture()
        );
    }
}

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
        assert!(fixture.shows("ssh -L 1457:localhost:1457 203.0.113.7"), "{}", fixture.picture());
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
    step(&mut fixture, SignInStep::PasteRefused(problem));
    assert!(fixture.shows("Waiting for you"));
    let picture = fixture.picture();
    let below = picture.lines().skip_while(|line| !line.starts_with(" › ")).nth(1).unwrap();
    assert!(below.contains("belongs to another sign-in"), "{picture}");
    fixture.msg(Msg::Paste("sk-proj-12345\n".into()));
    assert!(
        fixture.shows(sentences::KEY_IS_NO_ADDRESS) && !fixture.shows("12345"),
        "{}",
        fixture.picture()
    );
    assert!(fixture.cmds().is_empty());
    // In the field, letters that are commands elsewhere are text.
    fixture.text("http://u.f.o");
    assert!(fixture.cmds().is_empty() && fixture.shows("http://u.f.o"));
}

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
    fixture.text("x");
    fixture.press(KeyCode::Enter);
    assert!(fixture.sent().is_empty(), "keys typed while it is checked change nothing");
}

#[test]
fn a_key_that_cannot_be_checked_is_saved_by_a_second_enter_but_not_by_a_hasty_one() {
    let mut fixture = at_way(2, 80, 24);
    fixture.text("sk-1");
    fixture.press(KeyCode::Enter);
    fixture.cmds();
    step(
        &mut fixture,
        SignInStep::Unchecked(Problem::new(
            ProblemKind::Network,
            "api.openai.com cannot be reached",
        )),
    );
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
    fixture.text("sk-1");
    fixture.press(KeyCode::Enter);
    step(
        &mut fixture,
        SignInStep::Failed(
            Problem::new(ProblemKind::SignIn, "OpenAI does not know this key")
                .with_next("Check it"),
        ),
    );
    assert!(
        fixture.shows("OpenAI does not know this key")
            && fixture.shows("enter\u{a0}try\u{a0}again"),
        "{}",
        fixture.picture()
    );
    fixture.cmds();
    fixture.text("2");
    fixture.press(KeyCode::Enter);
    assert!(
        matches!(fixture.sent().as_slice(), [Command::Account(AccountCommand::SignIn { way: SignInWay::ApiKey(key), check: KeyCheck::First, .. })] if key.expose() == "sk-12")
    );
}

#[test]
fn text_from_the_server_is_cleaned_before_it_is_shown() {
    let mut fixture = at_way(1, 80, 24);
    let nasty = "x\u{1b}]52;c;AAAA\u{7}y";
    step(
        &mut fixture,
        SignInStep::Code { url: nasty.into(), code: nasty.into(), expires: Timestamp(i64::MAX) },
    );
    let bad =
        |fixture: &mut Fixture| fixture.picture().chars().any(|c| c.is_control() && c != '\n');
    assert!(!bad(&mut fixture));
    step(
        &mut fixture,
        SignInStep::Failed(Problem::new(ProblemKind::SignIn, nasty).with_next(nasty)),
    );
    assert!(!bad(&mut fixture));
}

#[test]
fn the_link_is_one_the_terminal_can_open() {
    let mut fixture = at_way(1, 80, 24);
    code(&mut fixture);
    assert_eq!(fixture.links(), [(DEVICE_URL.to_owned(), DEVICE_URL.to_owned())]);
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
        assert!(fixture.shows("› "), "{}", fixture.picture());
        fixture.press(KeyCode::Enter);
        assert!(fixture.sent().is_empty());
        assert!(fixture.shows("signed out"), "{}", fixture.picture());
        // Another key cancels it.
        fixture.presses([KeyCode::Up, KeyCode::Down, KeyCode::Enter]);
        assert!(fixture.sent().is_empty());
        fixture.press(KeyCode::Enter);
        assert!(matches!(
            fixture.sent().as_slice(),
            [Command::Account(AccountCommand::TakeOverCodex)]
        ));
        fixture.accounts(vec![plus()]);
        assert!(fixture.shows(sentences::TAKEN_OVER), "{}", fixture.picture());
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
    assert!(fixture.shows(sentences::CODEX_KEEPS_IT), "{}", fixture.picture());
    fixture.presses([KeyCode::Up, KeyCode::Enter]);
    let picture = fixture.picture();
    let ways = ["(browser)", "(headless)", "Manually enter API key"];
    assert!(
        ways.iter().all(|way| picture.contains(way)) && !picture.contains("Codex"),
        "{picture}"
    );
}

#[test]
fn a_prompt_for_a_provider_that_is_not_connected_leads_to_its_row() {
    let known = ["groq", "xai"].map(|id| provider(id, id, ProviderSource::BuiltIn));
    let model = Some(ModelRef::new("xai".into(), "grok"));
    let mut fixture =
        Fixture::with(StartInfo { model, providers: known.into(), ..start() }, 80, 24);
    fixture.accounts(Vec::new());
    fixture.text("explain this");
    fixture.press(KeyCode::Enter);
    fixture.press(KeyCode::Enter);
    assert!(fixture.shows("API key for xai"), "{}", fixture.picture());
    fixture.presses([KeyCode::Esc, KeyCode::Esc]);
    assert!(fixture.shows("│ explain this"));
}
