//! The list of providers: connected ones and how, others that can be connected, and disconnecting.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::base::{phrases, text};
use crate::fronts::tui::commands::ctrl_letter;
use crate::fronts::tui::messages::Toward;
use crate::fronts::tui::overlay::DialogReply;
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::paint::{Role, Span, Theme};
use crate::fronts::tui::picker::{Picked, Picker, PickerRow, RowMark};
use crate::fronts::tui::program_facts::{Facts, OpencodeFile};
use crate::fronts::tui::wording;
use crate::protocol::{
    Account, AccountCommand, AccountKind, CredentialSource, CredentialStanding, Provider,
    ProviderId, ProviderSource,
};

/// The effect of taking over, by the kind of Codex's credential.
const TAKEN: &str = "Its tokens work in one program only: codling takes them, and Codex is signed out on this machine. Close Codex first, then press enter again";
const COPIED: &str = "The API key is copied, and Codex keeps it too. Press enter again to copy it";

const POPULAR: &str = "Popular";
const CONNECTED: &str = "Connected";
const KEYED: &str = "With an API key";
const LOCAL: &str = "On this machine";
const KEPT: &str = "In auth.json, not used";
/// In the order of the list.
const GROUPS: [&str; 4] = [POPULAR, CONNECTED, KEYED, LOCAL];
/// Rows of the filter, a gap, a heading and a provider.
const LEAST_LIST: u16 = 4;

#[derive(Debug)]
pub struct Providers {
    picker: Picker<Target>,
    note: Option<Note>,
}

/// The target of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    OpenAi,
    /// A server of this machine, which wants no key.
    Local(ProviderId),
    /// A provider that takes a key.
    Keyed(ProviderId),
    /// A stored credential that codling cannot use.
    Unused(ProviderId),
    /// A provider that is not in the list.
    Other,
    ShareOpencode,
    TakeOverCodex,
}

/// The line below the list.
#[derive(Debug)]
enum Note {
    /// `ctrl+d` was pressed once.
    Confirm(ProviderId),
    Say(String),
    /// Enter was pressed once on Codex's credential, which is a key or tokens.
    TakeOver(AccountKind),
    /// Enter was pressed twice.
    TakingOver(AccountKind),
}

/// The effect of a key.
#[derive(Debug)]
pub enum ProviderChoice {
    Close,
    /// The key of this provider is to be entered.
    Key(ProviderId),
    OpenAi,
    /// A provider that is not in the list is to be described.
    Other,
    Stay(DialogReply),
}

impl Providers {
    pub fn new(facts: &Facts) -> Self {
        Self { picker: Picker::new("Search providers", rows(facts)), note: None }
    }

    /// Points at a provider that takes a key, if it is in the list.
    pub fn point_at(&mut self, provider: &ProviderId) {
        self.picker.point_at(&Target::Keyed(provider.clone()));
    }

    /// Whether the next key may disconnect a provider.
    pub fn is_asking(&self) -> bool {
        matches!(self.note, Some(Note::Confirm(_) | Note::TakeOver(_)))
    }

    pub fn refresh(&mut self, facts: &Facts) {
        self.picker.replace(rows(facts));
        if let Some(Note::TakingOver(kind)) = &self.note
            && facts.account().is_some()
        {
            self.note = Some(Note::Say(match kind {
                AccountKind::ApiKey => "Copied from Codex, which keeps its key".into(),
                _ => "Taken over from Codex: `codex login` signs it in again".into(),
            }));
        }
    }

    pub fn key(&mut self, key: &KeyEvent, facts: &Facts) -> ProviderChoice {
        let asked = self.note.take();
        if key.code == KeyCode::Esc {
            return ProviderChoice::Close;
        }
        if ctrl_letter(key) == Some('d') {
            return ProviderChoice::Stay(self.disconnect(asked, facts));
        }
        if self.picker.key(key) != Picked::Chosen {
            return ProviderChoice::Stay(DialogReply::stay());
        }
        match self.picker.current().map(|row| row.value.clone()) {
            Some(Target::OpenAi) => return ProviderChoice::OpenAi,
            Some(Target::Keyed(id)) => return ProviderChoice::Key(id),
            Some(Target::Local(id)) => self.note = Some(Note::Say(about_local(facts, &id))),
            Some(Target::Other) => return ProviderChoice::Other,
            Some(Target::Unused(id)) => {
                let name = facts.provider_name(&id);
                self.note = Some(Note::Say(format!(
                    "codling cannot use this entry for {name}, and leaves it as it is; a section `[provider.{id}]` in config.toml says where its models are"
                )));
            }
            Some(Target::ShareOpencode) => {
                self.note = Some(Note::Say("Using opencode's file from now on".into()));
                return ProviderChoice::Stay(DialogReply::ask([AccountCommand::ShareOpencode]));
            }
            Some(Target::TakeOverCodex) => {
                return ProviderChoice::Stay(self.take_over(asked, facts));
            }
            None => {}
        }
        ProviderChoice::Stay(DialogReply::stay())
    }

    pub fn paste(&mut self, text: &str) {
        self.picker.paste(text);
    }

    pub fn wheel(&mut self, toward: Toward) {
        self.picker.jump(toward.step());
    }

    pub fn draw(
        &self,
        why: Option<&'static str>,
        facts: &Facts,
        area: Rect,
        buffer: &mut Buffer,
        theme: &Theme,
    ) -> Position {
        let footer = self.footer(why, facts);
        let width = 72.min(area.width.saturating_sub(6));
        let note_rows = panel::rows_of(&footer, width).max(1);
        let mut keys = vec![("enter", "connect"), ("ctrl+d", "disconnect"), ("esc", "close")];
        keys.retain(|(key, _)| {
            *key != "ctrl+d"
                || facts.accounts.as_ref().is_some_and(|accounts| !accounts.all.is_empty())
        });
        let keys = panel::keys(&keys);
        let rows = self.picker.height() + note_rows + 1 + panel::rows_of(&keys, width);
        let room =
            panel::dialog("Connect a provider", "esc close", (width, rows), area, buffer, theme);
        let above = panel::footer(&keys, room, buffer, theme);
        let list = above.height.saturating_sub(note_rows + 1).max(LEAST_LIST.min(above.height));
        let list = Rect { height: list, ..above };
        let caret = self.picker.draw(list, buffer, theme);
        panel::write(&footer, above, list.bottom() + 1, buffer, theme);
        caret
    }

    fn footer(&self, why: Option<&'static str>, facts: &Facts) -> Vec<Span<'static>> {
        match (&self.note, why) {
            (Some(Note::Confirm(id)), _) => {
                let how = account_of(facts, id).map(wording::account).unwrap_or_default();
                vec![Span::new(
                    format!(
                        "Press ctrl+d again to disconnect {} ({how}) on this machine",
                        facts.provider_name(id)
                    ),
                    Role::Warn,
                )]
            }
            (Some(Note::TakeOver(kind)), _) => {
                let meaning = if *kind == AccountKind::ApiKey { COPIED } else { TAKEN };
                vec![Span::new(meaning, Role::Warn)]
            }
            (Some(Note::TakingOver(_)), _) => vec![Span::new("Taking it over …", Role::Text)],
            (Some(Note::Say(text)), _) => vec![Span::new(text.clone(), Role::Warn)],
            (None, Some(why)) => vec![Span::new(why, Role::Warn)],
            (None, None) if facts.account().is_some() => Vec::new(),
            (None, None) => {
                vec![Span::new("Nothing leaves this machine until you choose", Role::Dim)]
            }
        }
    }

    /// Takes Codex's credential over: the first enter explains, the second acts.
    fn take_over(&mut self, asked: Option<Note>, facts: &Facts) -> DialogReply {
        let found = facts.accounts.as_ref().and_then(|accounts| accounts.codex.as_ref());
        let Some(kind) = found.map(|account| account.kind.clone()) else {
            return DialogReply::stay();
        };
        if matches!(asked, Some(Note::TakeOver(_))) {
            self.note = Some(Note::TakingOver(kind));
            return DialogReply::ask([AccountCommand::TakeOverCodex]);
        }
        self.note = Some(Note::TakeOver(kind));
        DialogReply::stay()
    }

    /// Disconnects: the first `ctrl+d` asks, the second acts.
    fn disconnect(&mut self, asked: Option<Note>, facts: &Facts) -> DialogReply {
        let id = match self.picker.current().map(|row| &row.value) {
            Some(Target::OpenAi) => ProviderId::openai(),
            Some(Target::Keyed(id) | Target::Local(id) | Target::Unused(id)) => id.clone(),
            Some(Target::Other | Target::ShareOpencode | Target::TakeOverCodex) | None => {
                return DialogReply::stay();
            }
        };
        match account_of(facts, &id) {
            None => {
                self.note =
                    Some(Note::Say(format!("{} is not connected", facts.provider_name(&id))));
                DialogReply::stay()
            }
            Some(Account { source: CredentialSource::Environment(name), .. }) => {
                let name = text::clean_line(name);
                self.note = Some(Note::Say(format!(
                    "The key comes from `{name}`: unset it in your shell to disconnect"
                )));
                DialogReply::stay()
            }
            Some(_) if matches!(&asked, Some(Note::Confirm(before)) if *before == id) => {
                DialogReply::ask([AccountCommand::SignOut(id)])
            }
            Some(_) => {
                self.note = Some(Note::Confirm(id));
                DialogReply::stay()
            }
        }
    }
}

/// The account that `ctrl+d` would remove: an entry of the file rather than a variable, which
/// cannot be removed.
fn account_of<'a>(facts: &'a Facts, id: &ProviderId) -> Option<&'a Account> {
    let all = &facts.accounts.as_ref()?.all;
    let mut own = all.iter().filter(|account| account.provider == *id);
    let file = own.clone().find(|account| matches!(account.source, CredentialSource::File(_)));
    file.or_else(|| own.next())
}

fn rows(facts: &Facts) -> Vec<PickerRow<Target>> {
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
    rows.push(PickerRow {
        group: KEYED.into(),
        note: "by its address".into(),
        also: "custom own".into(),
        ..PickerRow::new(Target::Other, "Another provider")
    });
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
    let origin = own.base.origin().to_string();
    text::clean_line(origin.split("://").last().unwrap_or_default()).into_owned()
}

fn about_local(facts: &Facts, id: &ProviderId) -> String {
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
