//! The form for a provider that is not in the list: its name, its address and its API.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use super::go::Go;
use super::sign_in_error;
use crate::base::text;
use crate::protocol::{
    BaseUrl, ConfigCommand, ConfigEdit, ConfigMerge, ConfigValue, OriginError, Problem,
    ProblemKind, ProviderId, ProviderOffer, ProviderSource,
};
use crate::tui::composer::{Composer, FieldForm, FieldReply};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role, Span};
use crate::tui::program_facts::Facts;

const WIDTH: u16 = 70;
/// A way to a server of the same network without a key in the clear.
const TUNNEL: &str = "Use https, or `ssh -L 8000:127.0.0.1:8000 HOST` and http://127.0.0.1:8000";
/// Columns of a field's name.
const LABEL: u16 = 11;
/// The words of the settings for each dialect, and what they are for people.
const DIALECTS: [(&str, &str); 3] = [
    ("chat", "Chat Completions"),
    ("responses", "OpenAI Responses"),
    ("anthropic", "Anthropic Messages"),
];

/// The form, and how far it is.
#[derive(Debug)]
pub struct OtherProvider {
    name: Composer,
    address: Composer,
    dialect: usize,
    row: Row,
    state: State,
    kind: FormKind,
    /// The name for people, where it is known.
    title: Option<String>,
}

/// The reason for the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FormKind {
    Azure,
    /// The public catalogue gave the address, which the person is to look at.
    Offered,
    Own,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Name,
    Address,
    Dialect,
}

#[derive(Debug)]
enum State {
    Refused(Problem),
    Typing,
    /// The settings of this provider are being written.
    Writing(ProviderId),
}

impl OtherProvider {
    pub fn new() -> Self {
        let field = |placeholder: &str| {
            let mut field = Composer::new(FieldForm::SingleLine);
            field.set_placeholder(placeholder);
            field
        };
        Self {
            name: field("acme"),
            address: field("https://llm.acme.example/v1"),
            dialect: 0,
            row: Row::Name,
            state: State::Typing,
            kind: FormKind::Own,
            title: None,
        }
    }

    /// The form for a resource of Azure's.
    pub fn azure() -> Self {
        let mut form = Self { row: Row::Address, kind: FormKind::Azure, ..Self::new() };
        form.name.paste("azure");
        form.address.set_placeholder("https://RESOURCE.openai.azure.com/openai/v1");
        form
    }

    /// The form with what the public catalogue says of a provider.
    pub fn offered(offer: &ProviderOffer) -> Self {
        let dialect = DIALECTS.iter().position(|(word, _)| *word == offer.dialect.as_str());
        let mut form = Self {
            dialect: dialect.unwrap_or_default(),
            row: Row::Dialect,
            kind: FormKind::Offered,
            ..Self::new()
        };
        form.name.paste(offer.id.as_str());
        form.address.paste(&offer.base.to_string());
        form.title = Some(offer.name.clone());
        form
    }

    pub fn key(&mut self, key: &KeyEvent, facts: &Facts) -> Go {
        match (key.code, self.row) {
            (KeyCode::Esc, _) => return Go::Back,
            _ if matches!(self.state, State::Writing(_)) => {}
            (KeyCode::Enter, Row::Dialect) => return self.write(facts),
            (KeyCode::Enter | KeyCode::Tab | KeyCode::Down, _) => self.row = self.row.next(),
            (KeyCode::BackTab | KeyCode::Up, _) => self.row = self.row.before(),
            (KeyCode::Left, Row::Dialect) => self.turn(DIALECTS.len() - 1),
            (KeyCode::Right | KeyCode::Char(' '), Row::Dialect) => self.turn(1),
            (_, Row::Dialect) => {}
            (_, Row::Name | Row::Address) => {
                if self.field().key(*key) == FieldReply::Changed {
                    self.state = State::Typing;
                }
            }
        }
        Go::Stay(DialogReply::stay())
    }

    pub fn paste(&mut self, pasted: &str) {
        if self.row != Row::Dialect && !matches!(self.state, State::Writing(_)) {
            self.field().paste(pasted.trim());
            self.state = State::Typing;
        }
    }

    /// Takes the answer to what was written.
    pub fn refused(&mut self, message: &str) {
        self.state = State::Refused(Problem::new(ProblemKind::Config, message));
    }

    /// The provider whose settings are there now.
    pub fn written(&self, facts: &Facts) -> Option<ProviderId> {
        let State::Writing(id) = &self.state else { return None };
        let own = facts.own_provider(id)?;
        (own.source == ProviderSource::Settings).then(|| id.clone())
    }

    fn field(&mut self) -> &mut Composer {
        if self.row == Row::Name { &mut self.name } else { &mut self.address }
    }

    fn turn(&mut self, by: usize) {
        self.dialect = (self.dialect + by) % DIALECTS.len();
        self.state = State::Typing;
    }

    /// Has the settings written, unless they cannot be right.
    fn write(&mut self, facts: &Facts) -> Go {
        let (name, address) = (self.name.text(), self.address.text());
        let (name, address) = (name.trim(), address.trim());
        let refuse = |message: String, next: &str| {
            State::Refused(Problem::new(ProblemKind::Config, message).with_next(next))
        };
        let Some(id) = ProviderId::named(name).filter(|id| !id.is_openai()) else {
            self.row = Row::Name;
            let next = "Use small letters, digits, `-` and `_`, such as `acme`";
            self.state = refuse("This cannot be a provider's name".into(), next);
            return Go::Stay(DialogReply::stay());
        };
        if facts.own_provider(&id).is_some() {
            self.row = Row::Name;
            let next = "Choose it in the list, or give this one another name";
            self.state = refuse(format!("There is a provider `{id}` already"), next);
            return Go::Stay(DialogReply::stay());
        }
        if let Err(error) = BaseUrl::parse(address) {
            self.row = Row::Address;
            let next = match &error {
                OriginError::Insecure { .. } => TUNNEL,
                _ => {
                    "Give the address before the paths of requests: https, or http on this machine"
                }
            };
            self.state = refuse(error.to_string(), next);
            return Go::Stay(DialogReply::stay());
        }
        let title = self.title.as_deref().map(|title| ("name", title));
        let value = [("base_url", address), ("dialect", DIALECTS[self.dialect].0)]
            .into_iter()
            .chain(title)
            .map(|(key, text)| (key.to_owned(), ConfigValue::Text(text.to_owned())));
        let edit = ConfigEdit {
            path: vec!["provider".into(), id.to_string()],
            value: Some(ConfigValue::Table(value.collect())),
            merge: ConfigMerge::Upsert,
        };
        self.state = State::Writing(id);
        Go::Write(ConfigCommand::Write { edits: vec![edit], expected: None })
    }

    pub fn draw(&self, area: Rect, canvas: &mut Canvas) -> Option<Position> {
        let width = WIDTH.min(area.width.saturating_sub(6));
        let enter = match (&self.state, self.row) {
            (State::Writing(_), _) => "",
            (_, Row::Dialect) => "save",
            (_, Row::Name | Row::Address) => "next",
        };
        let mut pairs = vec![("enter", enter), ("up/down", "field"), ("esc", "back")];
        if self.row == Row::Dialect {
            pairs.insert(1, ("left/right", "change"));
        }
        pairs.retain(|pair| !pair.1.is_empty());
        let keys = panel::keys(&pairs);
        let refused = match &self.state {
            State::Refused(problem) => sign_in_error::height(problem, width),
            State::Typing | State::Writing(_) => 1,
        };
        let title = match (&self.title, self.kind) {
            (Some(title), _) => text::clean_line(title),
            (None, FormKind::Azure) => "Azure OpenAI".into(),
            (None, _) => "Another provider".into(),
        };
        let rows = 4 + refused + panel::rows_of(&keys, width) + 1;
        let room = panel::dialog(&title, "esc back", (width, rows), area, canvas);
        let above = panel::footer(&keys, room, canvas);
        let mut caret = None;
        let rows = [("name", Row::Name), ("address", Row::Address), ("API", Row::Dialect)];
        for (at, (label, row)) in rows.into_iter().enumerate() {
            let y = above.y + at as u16;
            let role = if row == self.row { Role::Accent } else { Role::Dim };
            let mark = if row == self.row { "›" } else { " " };
            let label = format!("{mark} {label}");
            canvas.text(above.x, y, &label, usize::from(LABEL), role);
            let x = above.x + LABEL + 1;
            let place = Rect { x, y, width: above.right().saturating_sub(x), height: 1 };
            let at = match row {
                Row::Name => Some(self.name.draw(place, canvas)),
                Row::Address => Some(self.address.draw(place, canvas)),
                Row::Dialect => {
                    let name = DIALECTS[self.dialect].1;
                    let shown =
                        if row == self.row { format!("‹ {name} ›") } else { name.to_owned() };
                    canvas.text(x, y, &shown, usize::from(place.width), Role::Text);
                    None
                }
            };
            if row == self.row {
                caret = at;
            }
        }
        let y = above.y + 4;
        match &self.state {
            State::Refused(problem) => {
                sign_in_error::draw(problem, Role::Bad, above, y, canvas);
            }
            State::Typing => {
                let about = [Span::new(self.kind.about(), Role::Dim)];
                panel::write(&about, above, y, canvas);
            }
            State::Writing(_) => {
                panel::write(&[Span::new("Saving …", Role::Text)], above, y, canvas);
            }
        }
        caret
    }
}

impl FormKind {
    fn about(self) -> &'static str {
        match self {
            Self::Azure => "The key is asked for next; models are called as your deployments are",
            Self::Offered => "From models.dev: your key will go to this address. Enter adds it",
            Self::Own => "Goes into config.toml; the key is asked for next",
        }
    }
}

impl Row {
    fn next(self) -> Self {
        match self {
            Self::Name => Self::Address,
            Self::Address => Self::Dialect,
            Self::Dialect => Self::Name,
        }
    }

    fn before(self) -> Self {
        self.next().next()
    }
}
