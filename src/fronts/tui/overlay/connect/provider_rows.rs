//! The rows of the list of providers: who is connected and how, and who can be.

use crate::base::{phrases, text};
use crate::protocol::{
    BaseUrl, CredentialStanding, Provider, ProviderId, ProviderOffer, ProviderSource,
};
use crate::tui::picker::{PickerRow, RowMark};
use crate::tui::program_facts::{Facts, OpencodeFile};
use crate::tui::wording;

const POPULAR: &str = "Popular";
const CONNECTED: &str = "Connected";
const KEYED: &str = "With an API key";
const LOCAL: &str = "On this machine";
const MORE: &str = "From models.dev";
const KEPT: &str = "In auth.json, not used";
/// In the order of the list.
const GROUPS: [&str; 5] = [POPULAR, CONNECTED, KEYED, LOCAL, MORE];
/// The target of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    OpenAi,
    /// A server of this machine, which wants no key.
    Local(ProviderId),
    /// A provider that takes a key.
    Keyed(ProviderId),
    /// A stored credential that codling cannot use.
    Unused(ProviderId),
    /// A provider whose address only the person knows.
    Azure,
    /// A provider of the public catalogue.
    Offer(ProviderOffer),
    /// The public catalogue is to be asked for.
    More,
    /// A provider that is not in the list.
    Other,
    ShareOpencode,
    TakeOverCodex,
}

pub fn rows(facts: &Facts) -> Vec<PickerRow<Target>> {
    let mut rows = vec![open_ai(facts)];
    let Some(accounts) = &facts.accounts else { return rows };
    if accounts.opencode == OpencodeFile::Offered {
        rows.push(PickerRow {
            group: POPULAR.into(),
            note: "one file for both; nothing is copied".into(),
            also: "openai".into(),
            ..PickerRow::new(Target::ShareOpencode, "Share opencode's sign-in")
        });
    }
    if let Some(codex) = &accounts.codex {
        rows.push(PickerRow {
            group: POPULAR.into(),
            note: wording::account(codex),
            also: "openai".into(),
            ..PickerRow::new(Target::TakeOverCodex, "Take over Codex's sign-in")
        });
    }
    rows.extend(facts.start.providers.iter().map(|own| provider_row(facts, own)));
    let azure = ProviderId::new("azure");
    if facts.own_provider(&azure).is_none() {
        rows.push(PickerRow {
            group: KEYED.into(),
            note: "by the address of your resource".into(),
            also: "microsoft azure".into(),
            ..PickerRow::new(Target::Azure, "Azure OpenAI")
        });
    }
    rows.push(PickerRow {
        group: KEYED.into(),
        note: "by its address".into(),
        also: "custom own".into(),
        ..PickerRow::new(Target::Other, "Another provider")
    });
    rows.extend(more(facts));
    // Connected ones come first; the sort is stable.
    rows.sort_by_key(|row| GROUPS.iter().position(|group| *group == row.group));
    let is_known = |id: &ProviderId| facts.own_provider(id).is_some();
    let others = accounts.all.iter().filter(|account| !account.provider.is_openai());
    rows.extend(others.filter(|account| !is_known(&account.provider)).map(|account| PickerRow {
        group: KEPT.into(),
        mark: RowMark::Unusable,
        note: format!("{}: kept, not used by codling", wording::credential(account)),
        ..PickerRow::new(
            Target::Unused(account.provider.clone()),
            facts.provider_name(&account.provider),
        )
    }));
    rows
}

/// The providers of the public catalogue that are not in the list already, or a row that asks for
/// them.
fn more(facts: &Facts) -> Vec<PickerRow<Target>> {
    let Some(offers) = facts.offers.as_ref().filter(|offers| !offers.is_empty()) else {
        return vec![PickerRow {
            group: MORE.into(),
            note: "asks models.dev for its list".into(),
            also: "other catalogue".into(),
            ..PickerRow::new(Target::More, "More providers")
        }];
    };
    let is_new = |offer: &&ProviderOffer| facts.own_provider(&offer.id).is_none();
    let row = |offer: &ProviderOffer| PickerRow {
        group: MORE.into(),
        note: host_of(&offer.base),
        also: offer.id.to_string(),
        ..PickerRow::new(Target::Offer(offer.clone()), text::clean_line(&offer.name))
    };
    offers.iter().filter(is_new).map(row).collect()
}

/// A provider other than OpenAI, and how it is connected.
fn provider_row(facts: &Facts, own: &Provider) -> PickerRow<Target> {
    let name = facts.provider_name(&own.id);
    let accounts = facts.accounts.iter().flat_map(|accounts| &accounts.all);
    let account = accounts
        .filter(|account| account.provider == own.id)
        .find(|account| account.standing == CredentialStanding::Wins);
    let models = facts.models.iter().flat_map(|models| &models.all);
    let models = models.filter(|model| model.provider == own.id).count();
    let keyed = |group: &'static str, note| PickerRow {
        group: group.into(),
        note,
        also: own.id.to_string(),
        ..PickerRow::new(Target::Keyed(own.id.clone()), name.clone())
    };
    match (own.source, account) {
        (ProviderSource::Local, _) => PickerRow {
            group: if models > 0 { CONNECTED } else { LOCAL }.into(),
            mark: if models > 0 { RowMark::Tick } else { RowMark::None },
            note: match models {
                0 => format!("not running at {}", host(own)),
                _ => format!("running, {}", phrases::count(models as u64, "model")),
            },
            also: own.id.to_string(),
            ..PickerRow::new(Target::Local(own.id.clone()), name)
        },
        (_, Some(account)) => PickerRow {
            mark: RowMark::Tick,
            ..keyed(CONNECTED, format!("{}: in use", wording::credential(account)))
        },
        (ProviderSource::Settings, None) => PickerRow {
            mark: RowMark::Tick,
            ..keyed(CONNECTED, format!("{}, from config.toml", host(own)))
        },
        (ProviderSource::BuiltIn, None) => keyed(KEYED, String::new()),
    }
}

/// The host, and the port where it is not the usual one.
fn host(own: &Provider) -> String {
    host_of(&own.base)
}

fn host_of(base: &BaseUrl) -> String {
    let origin = base.origin().to_string();
    text::clean_line(origin.split("://").last().unwrap_or_default()).into_owned()
}

/// Says whether a server of this machine answers.
pub fn about_local(facts: &Facts, id: &ProviderId) -> String {
    let has_models =
        facts.models.iter().flat_map(|models| &models.all).any(|model| model.provider == *id);
    let Some(own) = facts.own_provider(id) else { return String::new() };
    match has_models {
        true => format!("{} needs no key: choose one of its models with `/models`", own.name),
        false => format!(
            "{} does not answer at {}: start it, and open this again. Another address goes into config.toml: `codling guide providers`",
            own.name,
            host(own)
        ),
    }
}

fn open_ai(facts: &Facts) -> PickerRow<Target> {
    let id = ProviderId::openai();
    let own = facts
        .accounts
        .iter()
        .flat_map(|accounts| &accounts.all)
        .filter(|account| account.provider == id);
    let mut how: Vec<String> = own
        .clone()
        .filter(|account| account.standing == CredentialStanding::Wins)
        .map(wording::account)
        .collect();
    how.extend(
        own.filter(|account| account.standing == CredentialStanding::Shadowed)
            .map(|account| format!("{} (not used)", wording::credential(account))),
    );
    let row = PickerRow { group: POPULAR.into(), ..PickerRow::new(Target::OpenAi, "OpenAI") };
    match how.is_empty() {
        false if facts.is_refused() => PickerRow {
            mark: RowMark::Unusable,
            note: format!("no longer accepted, sign in again ({})", how.join(", ")),
            ..row
        },
        true => PickerRow { note: "ChatGPT Plus/Pro or API key".into(), ..row },
        false => PickerRow { mark: RowMark::Tick, note: how.join(", "), ..row },
    }
}
