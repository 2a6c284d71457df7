//! The list of providers: how each is connected, described, shared and disconnected.

use super::*;

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
    fixture.enter("another");
    assert_snapshot!("other_empty", fixture.picture());
    // A name that none can have, and an address that none can have.
    fixture.text("Ac me");
    fixture.presses([KeyCode::Enter, KeyCode::Enter, KeyCode::Enter]);
    assert!(fixture.shows(sentences::NO_PROVIDERS_NAME));
    fixture.presses([KeyCode::Backspace; 5]);
    fixture.enter("acme");
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
    fixture.enter("anthr");
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
    fixture.enter("ollama");
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
    fixture.enter("/connect");
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
fn a_prompt_for_a_provider_that_is_not_connected_leads_to_its_row() {
    let known = ["groq", "xai"].map(|id| provider(id, id, ProviderSource::BuiltIn));
    let model = Some(ModelRef::new("xai".into(), "grok"));
    let mut fixture =
        Fixture::with(StartInfo { model, providers: known.into(), ..start() }, 80, 24);
    fixture.accounts(Vec::new());
    fixture.enter("explain this");
    fixture.press(KeyCode::Enter);
    fixture.assert_shows(["API key for xai"]);
    fixture.presses([KeyCode::Esc, KeyCode::Esc]);
    assert!(fixture.shows("│ explain this"));
}
