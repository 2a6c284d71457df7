//! The list of permission rules in force and of what is open to commands in the sandbox, with their
//! sources and a key to remove one.

use std::path::Path;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::protocol::{
    Command, KnownRule, RuleSource, Ruling, SandboxOpening, SandboxOpenings, SessionId,
    SettingsCommand,
};
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel;
use crate::tui::paint::panel::RowPlaces;
use crate::tui::paint::{Canvas, Role, Span, wrap};
use crate::tui::wording;

const NONE: &str = "There are no rules yet: answering a request with `a` adds one";
/// Rows for the full text of the selected rule.
const MOST_WHOLE: u16 = 4;
/// Columns for a rule's effect.
const RULING: usize = 6;

#[derive(Debug, Default)]
pub struct RulesPage {
    /// The rows as last drawn, to which keys refer.
    shown: Vec<Listed>,
    cursor: usize,
    rows: RowPlaces,
}

/// A row of the list.
#[derive(Debug)]
pub enum Listed {
    Rule(KnownRule),
    Opening(SandboxOpening),
}

/// The rules, and what is open behind them.
pub fn listed(rules: &[KnownRule], opened: &SandboxOpenings) -> Vec<Listed> {
    let rules = rules.iter().cloned().map(Listed::Rule);
    rules.chain(opened.each().map(Listed::Opening)).collect()
}

impl RulesPage {
    /// Handles up, down, and `x` to remove the selected row.
    pub fn key(&mut self, key: &KeyEvent, session: &SessionId) -> DialogReply {
        match key.code {
            KeyCode::Up => self.go(Toward::Start),
            KeyCode::Down => self.go(Toward::End),
            KeyCode::Char('x') | KeyCode::Delete => {
                let removal = self.shown.get(self.cursor).and_then(Listed::removal);
                return DialogReply::run(
                    removal
                        .map(|(_, removal)| Cmd::Send(Command::Settings(session.clone(), removal))),
                );
            }
            _ => {}
        }
        DialogReply::stay()
    }

    pub fn go(&mut self, toward: Toward) {
        let last = self.shown.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(toward.step()).min(last);
    }

    /// Puts the cursor on the row in a cell of the screen.
    pub fn click(&mut self, at: Position) {
        self.cursor = self.rows.at(at).unwrap_or(self.cursor);
    }

    pub fn draw(
        &mut self,
        rules: Vec<Listed>,
        home: Option<&Path>,
        area: Rect,
        canvas: &mut Canvas,
    ) {
        self.shown = rules;
        let rules = &self.shown;
        self.cursor = self.cursor.min(rules.len().saturating_sub(1));
        let width = 76.min(area.width.saturating_sub(6));
        let chosen = rules.get(self.cursor);
        let keys = match chosen.map(Listed::removal) {
            Some(Some((name, _))) => {
                panel::keys(&[("up/down", "choose"), ("x", name), ("tab", "modes")])
            }
            Some(None) => panel::keys(&[("up/down", "choose"), ("tab", "modes")]),
            None => panel::keys(&[("tab", "modes")]),
        };
        let whole = chosen.map_or(NONE.to_owned(), |row| row.in_words(home));
        let whole = wrap(&[Span::new(whole, Role::Dim)], usize::from(width));
        let whole_rows = u16::try_from(whole.len()).unwrap_or(u16::MAX).min(MOST_WHOLE);
        let listed = u16::try_from(rules.len()).unwrap_or(u16::MAX);
        let rows = listed.saturating_add(1 + whole_rows + 2 + u16::from(listed > 0));
        let room = panel::dialog("Rules", "esc close", (width, rows), area, canvas);
        let last = room.bottom().saturating_sub(1);
        let list =
            room.bottom().saturating_sub(room.y + 1 + whole_rows + 2 + u16::from(listed > 0));
        let list = Rect { y: room.y + 1, height: list.min(listed), ..room };
        self.rows = panel::list(rules, self.cursor, list, canvas, draw_row);
        let y = list.bottom() + u16::from(listed > 0);
        let below = Rect { y, height: whole_rows.min(last.saturating_sub(y)), ..room };
        whole.draw(0..usize::from(whole_rows), below, canvas);
        panel::write(&keys, room, last, canvas);
    }
}

/// The number of rules in words: `3 rules`.
pub fn count(rules: &[KnownRule]) -> String {
    match rules.len() {
        0 => "rules".into(),
        1 => "1 rule".into(),
        many => format!("{many} rules"),
    }
}

/// `shell: cargo test *`
pub fn name(known: &KnownRule) -> String {
    let rule = &known.rule;
    text::clean_line(&format!("{}: {}", rule.subject.as_str(), rule.pattern)).into_owned()
}

/// `allow`, `ask`, `deny`, as settings have them.
pub fn ruling(known: &KnownRule) -> &'static str {
    match known.rule.ruling {
        Ruling::Allow => "allow",
        Ruling::Ask => "ask",
        Ruling::Deny => "deny",
    }
}

/// The source of a rule in a few words.
pub fn source(known: &KnownRule) -> &'static str {
    match known.source {
        RuleSource::Conversation => "this conversation",
        RuleSource::Folder => "this folder",
        RuleSource::Settings(_) => "settings",
    }
}

/// The full rule, and where it can be removed.
fn in_words(known: &KnownRule, home: Option<&Path>) -> String {
    let back = match &known.source {
        RuleSource::Conversation => "applies until this conversation is closed".to_owned(),
        RuleSource::Folder => "applies in this folder, in later conversations too".to_owned(),
        RuleSource::Settings(file) => {
            format!("is set in `{}`: change it there", wording::folder(file, home))
        }
    };
    format!("`{}` {back}", name(known))
}

impl Listed {
    /// Removes it when `x` is pressed: the word for that, and the command; `None` if it stays.
    fn removal(&self) -> Option<(&'static str, SettingsCommand)> {
        match self {
            Self::Rule(KnownRule { source: RuleSource::Settings(_), .. }) => None,
            Self::Rule(known) => Some(("revoke", SettingsCommand::Revoke(known.clone()))),
            Self::Opening(opening) => Some(("close", SettingsCommand::Close(opening.clone()))),
        }
    }

    fn in_words(&self, home: Option<&Path>) -> String {
        match self {
            Self::Rule(known) => in_words(known, home),
            Self::Opening(_) => format!(
                "Commands in the sandbox can use `{}` in mode `auto`. `x` closes it for this conversation",
                self.name()
            ),
        }
    }

    fn ruling(&self) -> &'static str {
        match self {
            Self::Rule(known) => ruling(known),
            Self::Opening(_) => "open",
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Rule(known) => name(known),
            Self::Opening(opening) => text::clean_line(&opening.in_words()).into_owned(),
        }
    }

    fn source(&self) -> &'static str {
        match self {
            Self::Rule(known) => source(known),
            Self::Opening(_) => "sandbox",
        }
    }
}

fn draw_row(listed: &Listed, row: Rect, in_row: &dyn Fn(Role) -> Role, canvas: &mut Canvas) {
    let x = row.x + 2;
    canvas.text(x, row.y, listed.ruling(), RULING, in_row(Role::Dim));
    let source = listed.source();
    let right = row.right().saturating_sub(u16::try_from(text::width(source)).unwrap_or(0));
    canvas.text(right, row.y, source, source.len(), in_row(Role::Dim));
    let x = x + u16::try_from(RULING + 1).unwrap_or(0);
    let room = usize::from(right.saturating_sub(x + 2));
    canvas.text(x, row.y, &text::cut(&listed.name(), room), room, in_row(Role::Code));
}
