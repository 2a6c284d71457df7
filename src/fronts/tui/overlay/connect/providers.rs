//! The list of providers: connected ones and how, others that can be connected, and disconnecting.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use super::go::Go;
use super::other::OtherProvider;
use super::provider_rows::{Target, about_local, rows};
use crate::base::text;
use crate::protocol::{
    Account, AccountCommand, AccountKind, CatalogueUse, CredentialSource, ProviderId, ProviderOffer,
};
use crate::tui::commands::ctrl_letter;
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role, Span};
use crate::tui::picker::{Picked, Picker};
use crate::tui::program_facts::Facts;
use crate::tui::wording;

/// The effect of taking over, by the kind of Codex's credential.
const TAKEN: &str = "Its tokens work in one program only: codling takes them, and Codex is signed out on this machine. Close Codex first, then press enter again";
const COPIED: &str = "The API key is copied, and Codex keeps it too. Press enter again to copy it";

/// The answer to asking for the public catalogue.
const ADDED: &str = "They are in the list now: type to find one";
const UNREAD: &str =
    "models.dev could not be read: try again later, or add a provider by its address";
/// Rows of the filter, a gap, a heading and a provider.
const LEAST_LIST: u16 = 4;

#[derive(Debug)]
pub struct Providers {
    pub(super) picker: Picker<Target>,
    note: Option<Note>,
}

/// The line below the list.
#[derive(Debug)]
enum Note {
    /// `ctrl+d` was pressed once.
    Confirm(ProviderId),
    Say(String),
    /// Enter was pressed once on Codex's credential, which is a key or tokens.
    TakeOver(AccountKind),
    /// The public catalogue is being read; the offers that were known before.
    Asking(Option<Arc<[ProviderOffer]>>),
    /// Enter was pressed twice.
    TakingOver(AccountKind),
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
        if let Some(Note::Asking(before)) = &self.note
            && before.as_ref().map(Arc::as_ptr) != facts.offers.as_ref().map(Arc::as_ptr)
        {
            let has_some = facts.offers.as_ref().is_some_and(|offers| !offers.is_empty());
            // The row that was found by it is gone.
            self.picker.clear_filter();
            let said = if has_some { ADDED } else { UNREAD };
            self.note = Some(Note::Say(said.into()));
        }
        if let Some(Note::TakingOver(kind)) = &self.note
            && facts.account().is_some()
        {
            self.note = Some(Note::Say(match kind {
                AccountKind::ApiKey => "Copied from Codex, which keeps its key".into(),
                _ => "Taken over from Codex: `codex login` signs it in again".into(),
            }));
        }
    }

    pub fn key(&mut self, key: &KeyEvent, facts: &Facts) -> Go {
        let asked = self.note.take();
        if key.code == KeyCode::Esc {
            return Go::Close;
        }
        if ctrl_letter(key) == Some('d') {
            return Go::Stay(self.disconnect(asked, facts));
        }
        if self.picker.key(key) != Picked::Chosen {
            return Go::Stay(DialogReply::stay());
        }
        match self.picker.current().map(|row| row.value.clone()) {
            Some(Target::OpenAi) => return Go::Ways,
            Some(Target::Keyed(id)) => return Go::Key(id),
            Some(Target::Local(id)) => self.note = Some(Note::Say(about_local(facts, &id))),
            Some(Target::Other) => return Go::Describe(Box::new(OtherProvider::new())),
            Some(Target::Azure) => return Go::Describe(Box::new(OtherProvider::azure())),
            Some(Target::Offer(offer)) => {
                return Go::Describe(Box::new(OtherProvider::offered(&offer)));
            }
            Some(Target::More) => {
                self.note = Some(Note::Asking(facts.offers.clone()));
                let command = AccountCommand::ProviderOffers(CatalogueUse::Fetched);
                return Go::Stay(DialogReply::ask([command]));
            }
            Some(Target::Unused(id)) => {
                let name = facts.provider_name(&id);
                self.note = Some(Note::Say(format!(
                    "codling cannot use this entry for {name}, and leaves it as it is; a section `[provider.{id}]` in config.toml says where its models are"
                )));
            }
            Some(Target::ShareOpencode) => {
                self.note = Some(Note::Say("Using opencode's file from now on".into()));
                return Go::Stay(DialogReply::ask([AccountCommand::ShareOpencode]));
            }
            Some(Target::TakeOverCodex) => {
                return Go::Stay(self.take_over(asked, facts));
            }
            None => {}
        }
        Go::Stay(DialogReply::stay())
    }

    pub fn draw(
        &self,
        why: Option<&'static str>,
        facts: &Facts,
        area: Rect,
        canvas: &mut Canvas,
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
        let room = panel::dialog("Connect a provider", "esc close", (width, rows), area, canvas);
        let above = panel::footer(&keys, room, canvas);
        let list = above.height.saturating_sub(note_rows + 1).max(LEAST_LIST.min(above.height));
        let list = Rect { height: list, ..above };
        let caret = self.picker.draw(list, canvas);
        panel::write(&footer, above, list.bottom() + 1, canvas);
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
            (Some(Note::Asking(_)), _) => {
                vec![Span::new("Asking models.dev for its providers …", Role::Text)]
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
            _ => {
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
