//! The providers: which are connected and how, which can be, and leaving them. Does not know how to sign in to any.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::protocol::{Account, AccountCommand, ProviderId, Source, Standing};
use crate::tui::action::ctrl_letter;
use crate::tui::facts::{Facts, OpencodeFile};
use crate::tui::msg::Toward;
use crate::tui::overlay::Reply;
use crate::tui::paint::{Role, Span, Theme, wrap};
use crate::tui::picker::{Mark, Picked, Picker, Row};
use crate::tui::{panel, words};

const POPULAR: &str = "Popular";
const KEPT: &str = "Also in your auth.json";

#[derive(Debug)]
pub struct Providers {
    picker: Picker<Target>,
    note: Option<Note>,
}

/// What a row stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    OpenAi,
    /// An entry that is kept, and that codling cannot use.
    Other(ProviderId),
    ShareOpencode,
}

/// The line under the list.
#[derive(Debug)]
enum Note {
    /// `ctrl+d` was pressed once.
    Confirm(ProviderId),
    Say(String),
}

/// Where a key leads.
#[derive(Debug)]
pub enum Choice {
    Close,
    OpenAi,
    Stay(Reply),
}

impl Providers {
    pub fn new(facts: &Facts) -> Self {
        Self { picker: Picker::new("Search providers", rows(facts)), note: None }
    }

    /// Whether the next key may disconnect.
    pub fn is_asking(&self) -> bool {
        matches!(self.note, Some(Note::Confirm(_)))
    }

    pub fn refresh(&mut self, facts: &Facts) {
        self.picker.replace(rows(facts));
    }

    pub fn key(&mut self, key: &KeyEvent, facts: &Facts) -> Choice {
        let asked = self.note.take();
        if key.code == KeyCode::Esc {
            return Choice::Close;
        }
        if ctrl_letter(key) == Some('d') {
            return Choice::Stay(self.disconnect(asked, facts));
        }
        if self.picker.key(key) != Picked::Chosen {
            return Choice::Stay(Reply::stay());
        }
        match self.picker.current().map(|row| row.value.clone()) {
            Some(Target::OpenAi) => return Choice::OpenAi,
            Some(Target::Other(id)) => {
                let name = words::provider(&id);
                self.note = Some(Note::Say(format!("For now codling works with OpenAI only; the entry for {name} is left as it is")));
            }
            Some(Target::ShareOpencode) => {
                self.note = Some(Note::Say("Using opencode's file from now on".into()));
                return Choice::Stay(Reply::ask([AccountCommand::ShareOpencode, AccountCommand::List]));
            }
            None => {}
        }
        Choice::Stay(Reply::stay())
    }

    pub fn paste(&mut self, text: &str) {
        self.picker.paste(text);
    }

    pub fn wheel(&mut self, toward: Toward) {
        self.picker.jump(toward.step());
    }

    pub fn draw(&self, why: Option<&'static str>, facts: &Facts, area: Rect, buffer: &mut Buffer, theme: &Theme) -> Position {
        let footer = self.footer(why, facts);
        let width = 72.min(area.width.saturating_sub(6));
        let notes = wrap(&footer, usize::from(width));
        let note_rows = u16::try_from(notes.len()).unwrap_or(1);
        let size = (width, self.picker.height() + note_rows + 2);
        let room = panel::dialog("Connect a provider", "esc close", size, area, buffer, theme);
        let list = Rect { height: room.height.saturating_sub(note_rows + 2), ..room };
        let caret = self.picker.draw(list, buffer, theme);
        let y = panel::write(&footer, room, list.bottom() + 1, buffer, theme);
        let mut keys = vec![("enter", "connect"), ("ctrl+d", "disconnect"), ("esc", "close")];
        keys.retain(|(key, _)| *key != "ctrl+d" || facts.accounts.as_ref().is_some_and(|accounts| !accounts.all.is_empty()));
        panel::write(&panel::keys(&keys), room, y, buffer, theme);
        caret
    }

    fn footer(&self, why: Option<&'static str>, facts: &Facts) -> Vec<Span<'static>> {
        match (&self.note, why) {
            (Some(Note::Confirm(id)), _) => {
                let how = account_of(facts, id).map(words::account).unwrap_or_default();
                vec![Span::new(format!("Press ctrl+d again to disconnect {} ({how}) on this machine", words::provider(id)), Role::Warn)]
            }
            (Some(Note::Say(text)), _) => vec![Span::new(text.clone(), Role::Warn)],
            (None, Some(why)) => vec![Span::new(why, Role::Warn)],
            (None, None) if facts.account().is_some() => Vec::new(),
            (None, None) => vec![Span::new("Nothing is sent anywhere until you choose", Role::Dim)],
        }
    }

    /// The first `ctrl+d` asks, the second does it.
    fn disconnect(&mut self, asked: Option<Note>, facts: &Facts) -> Reply {
        let id = match self.picker.current().map(|row| &row.value) {
            Some(Target::OpenAi) => ProviderId::openai(),
            Some(Target::Other(id)) => id.clone(),
            Some(Target::ShareOpencode) | None => return Reply::stay(),
        };
        match account_of(facts, &id) {
            None => {
                self.note = Some(Note::Say(format!("{} is not connected", words::provider(&id))));
                Reply::stay()
            }
            Some(Account { source: Source::Environment(name), .. }) => {
                let name = text::clean_line(name);
                self.note = Some(Note::Say(format!("The key comes from `{name}`: unset it in your shell to disconnect")));
                Reply::stay()
            }
            Some(_) if matches!(&asked, Some(Note::Confirm(before)) if *before == id) => {
                Reply::ask([AccountCommand::SignOut(id), AccountCommand::List])
            }
            Some(_) => {
                self.note = Some(Note::Confirm(id));
                Reply::stay()
            }
        }
    }
}

/// What `ctrl+d` would take away: an entry of the file before a variable, since that is what can be removed.
fn account_of<'a>(facts: &'a Facts, id: &ProviderId) -> Option<&'a Account> {
    let all = &facts.accounts.as_ref()?.all;
    let mut own = all.iter().filter(|account| account.provider == *id);
    let file = own.clone().find(|account| matches!(account.source, Source::File(_)));
    file.or_else(|| own.next())
}

fn rows(facts: &Facts) -> Vec<Row<Target>> {
    let mut rows = vec![open_ai(facts)];
    let Some(accounts) = &facts.accounts else { return rows };
    if accounts.opencode == OpencodeFile::Offered {
        rows.push(Row {
            group: POPULAR,
            note: "one file for both; nothing is copied".into(),
            also: "openai".into(),
            ..Row::new(Target::ShareOpencode, "Share opencode's sign-in")
        });
    }
    let others = accounts.all.iter().filter(|account| account.provider != ProviderId::openai());
    rows.extend(others.map(|account| Row {
        group: KEPT,
        mark: Mark::Unusable,
        note: format!("{}: kept, not used by codling", words::credential(account)),
        ..Row::new(Target::Other(account.provider.clone()), words::provider(&account.provider))
    }));
    rows
}

fn open_ai(facts: &Facts) -> Row<Target> {
    let id = ProviderId::openai();
    let own = facts.accounts.iter().flat_map(|accounts| &accounts.all).filter(|account| account.provider == id);
    let mut how: Vec<String> = own.clone().filter(|account| account.standing == Standing::Wins).map(words::account).collect();
    how.extend(
        own.filter(|account| account.standing == Standing::Shadowed).map(|account| format!("{} (not used)", words::credential(account))),
    );
    let row = Row { group: POPULAR, ..Row::new(Target::OpenAi, "OpenAI") };
    match how.is_empty() {
        false if facts.is_refused() => {
            Row { mark: Mark::Unusable, note: format!("no longer accepted, sign in again ({})", how.join(", ")), ..row }
        }
        true => Row { note: "ChatGPT Plus/Pro or API key".into(), ..row },
        false => Row { mark: Mark::Tick, note: how.join(", "), ..row },
    }
}
