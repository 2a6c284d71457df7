//! `[provider.NAME]`: what it may hold, whose file may have it, and which model it serves.

use super::*;
use crate::base::Advice as _;
use crate::protocol::{Provider, ProviderAuth, ProviderSource};

pub(super) const ACME: &str = "\
[provider.acme]
name = 'Acme'
base_url = 'https://llm.acme.example/v1/'
dialect = 'responses'
key_env = 'ACME_KEY'
requires_openai_auth = false
headers = { 'X-Team' = 'tools-secret' }
models = ['large']
";

#[test]
fn the_provider_shown_in_the_guide_is_read_as_it_is() {
    let page = include_str!("../../../../assets/guide/providers.md");
    let sample = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let fixture = Fixture::new().user(sample.unwrap()).with("ACME_KEY", "k");
    assert_eq!(fixture.warnings(), Vec::<String>::new());
    let acme = only(&fixture);
    assert_eq!((acme.name.as_str(), acme.headers.len()), ("Acme", 1));
    assert!(acme.key_variable().is_some() && acme.models.is_some());
}

/// The providers that have a section.
fn own(fixture: &Fixture) -> Vec<Provider> {
    let all = fixture.settings().providers;
    all.iter().filter(|one| one.source == ProviderSource::Settings).cloned().collect()
}

fn only(fixture: &Fixture) -> Provider {
    let [own] = &own(fixture)[..] else { panic!() };
    own.clone()
}

#[test]
fn a_provider_is_read_with_all_that_it_may_hold() {
    let fixture = Fixture::new().user(ACME).with("ACME_KEY", " key-1\n");
    let acme = only(&fixture);
    assert_eq!((acme.id.as_str(), acme.name.as_str()), ("acme", "Acme"));
    assert_eq!(acme.base.to_string(), "https://llm.acme.example/v1");
    assert_eq!(
        acme.key_variable().map(|(name, key)| (name, key.expose())),
        Some(("ACME_KEY", "key-1"))
    );
    assert_eq!(
        (acme.headers[0].0.as_str(), acme.headers[0].1.expose()),
        ("X-Team", "tools-secret")
    );
    assert_eq!(acme.models.as_deref(), Some(&["large".into()][..]));
    assert!(!format!("{:?}", fixture.settings()).contains("secret"));
    assert!(!format!("{:?}", fixture.settings()).contains("key-1"));
}

#[test]
fn a_provider_that_is_built_in_needs_no_address_and_its_usual_variable_counts() {
    let fixture = Fixture::new()
        .user("[provider.anthropic]\nmodels = ['claude-opus-5']\n")
        .with("ANTHROPIC_API_KEY", "key-1");
    let claude = only(&fixture);
    assert_eq!(claude.base.to_string(), "https://api.anthropic.com/v1");
    assert_eq!((claude.name.as_str(), claude.dialect.as_str()), ("Anthropic", "anthropic"));
    assert_eq!(claude.key_variable(), None);
    assert_eq!(claude.usual_key().map(|(name, _)| name), Some("ANTHROPIC_API_KEY"));
    let fixture = Fixture::new().with("GROQ_API_KEY", "key-2");
    let settings = fixture.settings();
    let keyed: Vec<&str> = settings
        .providers
        .iter()
        .filter(|own| own.usual_key().is_some())
        .map(|own| own.id.as_str())
        .collect();
    assert_eq!(keyed, ["groq"]);
}

#[test]
fn an_address_is_enough_and_providers_come_by_name() {
    let fixture = Fixture::new().user(
        "[provider.zed]\nbase_url = 'http://127.0.0.1:8080'\n[provider.acme]\nbase_url = 'https://a.example'\nrequires_openai_auth = true\n",
    );
    let [acme, zed] = &own(&fixture)[..] else { panic!() };
    assert_eq!(
        (acme.auth.clone(), zed.auth.clone()),
        (ProviderAuth::OpenAiSignIn, ProviderAuth::Key(None))
    );
    assert_eq!(
        (zed.name.as_str(), zed.dialect.as_str(), zed.models.is_none()),
        ("zed", "responses", true)
    );
    assert!(Fixture::new().user(ACME).settings().providers[0].key_variable().is_none());
}

#[test]
fn an_unknown_key_is_told_and_a_projects_provider_is_refused_and_never_used() {
    let warnings = Fixture::new().user(&ACME.replace("name =", "nme =")).warnings();
    assert!(warnings[0].contains(&format!("`nme` {NOT_A_SETTING}")), "{warnings:?}");
    let fixture = Fixture::new().project(ACME);
    assert!(own(&fixture).is_empty());
    let warnings = fixture.warnings();
    assert!(warnings[0].contains(&format!("`provider` {NOT_A_PROJECTS}")), "{warnings:?}");
    let both = Fixture::new().user(ACME).project(&ACME.replace("llm.acme", "evil"));
    assert_eq!(only(&both).base.to_string(), "https://llm.acme.example/v1");
    let project = Fixture::new().user(ACME).project("model = 'acme/large'");
    assert_eq!(project.settings().model.unwrap().to_string(), "acme/large");
}

#[test]
fn a_model_needs_a_provider_that_is_there_and_a_bare_id_means_the_one_in_use() {
    let typed = |model: &str| Flags { model: Some(model.to_owned()), ..Flags::default() };
    let user = format!("model = 'acme/large'\n{ACME}");
    for (user, flag, expected) in [
        (user.as_str(), "small", "acme/small"),
        (user.as_str(), "openai/gpt-5.5", "gpt-5.5"),
        (ACME, "small", "small"),
        (ACME, "acme/org/small", "acme/org/small"),
    ] {
        let loaded = Fixture::new().user(user).load_with(&typed(flag)).unwrap();
        assert_eq!(loaded.settings.model.unwrap().to_string(), expected, "{flag}");
    }
    let error = Fixture::new().user(ACME).load_with(&typed("nope/large")).unwrap_err();
    assert!(
        matches!(&error, ConfigError::NoProvider { whence: Whence::Flag("--model"), known, .. }
        if known.len() == 1)
    );
    assert!(error.next_step().unwrap().contains("[provider.nope]"));
    // Where the API is another's, ids in files have had slashes of their own.
    let groq = Fixture::new().user("model = 'org/small'\n[origins]\napi = 'https://groq.example'");
    assert_eq!(groq.settings().model.unwrap().to_string(), "openai/org/small");
    assert!(groq.load_with(&typed("org/small")).is_err());
    let file = Fixture::new().user("model = 'nope/large'").load().unwrap_err();
    assert!(
        matches!(
            &file,
            ConfigError::NoProvider { whence: Whence::File { line: 1, column: 9, .. }, .. }
        ),
        "{file}"
    );
}
