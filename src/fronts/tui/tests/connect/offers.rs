//! Providers of the public catalogue, and Azure: shown with their address before anything is kept.

use std::sync::Arc;

use super::*;
use crate::protocol::{CatalogueUse, ProviderOffer};

fn offers() -> Vec<ProviderOffer> {
    ["Quick AI", "Slow AI"]
        .map(|name| {
            let id = name.split(' ').next().unwrap().to_lowercase();
            ProviderOffer {
                base: BaseUrl::parse(&format!("https://api.{id}.example/v1")).unwrap(),
                dialect: "anthropic".into(),
                id: ProviderId::new(id),
                name: name.into(),
            }
        })
        .into()
}

#[test]
fn a_provider_of_the_catalogue_is_added_by_its_address_and_asked_for_a_key_behind_that() {
    let mut fixture = opened(start(), 80, 30);
    fixture.accounts(Vec::new());
    fixture.enter("models.dev");
    let asked = fixture.sent();
    assert!(
        matches!(
            asked[..],
            [Command::Account(AccountCommand::ProviderOffers(CatalogueUse::Fetched))]
        ),
        "{asked:?}"
    );
    fixture.event(EventKind::ProviderOffers(Arc::new([])));
    fixture.assert_shows([sentences::NO_CATALOGUE]);
    fixture.enter("models.dev");
    fixture.event(EventKind::ProviderOffers(offers().into()));
    fixture.assert_shows([sentences::CATALOGUE_ARRIVED]);
    fixture.text("quick");
    assert!(fixture.shows("api.quick.example") && !fixture.shows("Slow AI"));
    fixture.sent();
    fixture.press(KeyCode::Enter);
    assert!(fixture.sent().is_empty(), "the address is looked at first");
    assert_snapshot!("offer_80x30", fixture.picture());
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    let [Command::Config(ConfigCommand::Write { edits, .. })] = &sent[..] else {
        panic!("{sent:?}")
    };
    let Some(ConfigValue::Table(table)) = &edits[0].value else { panic!("{edits:?}") };
    let texts = [
        ("base_url", "https://api.quick.example/v1"),
        ("dialect", "anthropic"),
        ("name", "Quick AI"),
    ];
    for (key, text) in texts {
        let text = ConfigValue::Text(text.to_owned());
        assert!(table.iter().any(|(name, value)| name == key && *value == text), "{table:?}");
    }
    // It is a provider of the settings from here on, and no offer any more.
    fixture.event(EventKind::Providers(
        [provider("quick", "Quick AI", ProviderSource::Settings)].into(),
    ));
    fixture.assert_shows(["API key for Quick AI"]);
    fixture.press(KeyCode::Esc);
    fixture.text("quick");
    fixture.assert_hides(["api.quick.example"]);
}

#[test]
fn azure_is_added_by_the_address_of_a_resource() {
    let mut fixture = opened(start(), 80, 24);
    fixture.accounts(Vec::new());
    fixture.enter("azure");
    fixture.enter("https://mine.openai.azure.com/openai/v1");
    fixture.sent();
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    let [Command::Config(ConfigCommand::Write { edits, .. })] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(edits[0].path, ["provider", "azure"]);
}

#[test]
fn a_name_that_a_provider_has_already_is_refused_and_stays_to_be_changed() {
    let mut fixture = opened(start(), 80, 24);
    fixture.accounts(Vec::new());
    fixture
        .event(EventKind::Providers([provider("acme", "Acme", ProviderSource::Settings)].into()));
    fixture.enter("another");
    fixture.enter("acme");
    fixture.text("https://evil.example/v1");
    fixture.sent();
    fixture.presses([KeyCode::Enter, KeyCode::Enter]);
    assert!(fixture.sent().is_empty(), "nothing is written over it");
    fixture.assert_shows([sentences::NAME_IS_TAKEN]);
}
