//! The dialog for the model, its reasoning effort, speed and verbosity.

use std::collections::HashMap;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::protocol::{
    Account, AccountCommand, AccountKind, Command, CredentialSource, Model, ModelMarks, ModelRef,
    ModelSource, ProviderAuth, ProviderId, ProviderSource, ServiceTier, SessionId, SessionSettings,
    SettingsCommand, Tuning, Verbosity,
};
use crate::tui::commands::ctrl_letter;
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role, Span};
use crate::tui::picker::{AtCursor, Picked, Picker, PickerRow, RowMark};
use crate::tui::program_facts::{Connection, Facts};
use crate::tui::wording;

/// Tokens that are soon full; what Ollama gives unless it is told otherwise.
const SMALL_CONTEXT: u64 = 8_192;
const FAVORITES: &str = "Favorites";
const RECENT: &str = "Recent";
/// The most models that are shown as recent.
const MOST_RECENT: usize = 5;
/// Rows below the list: a gap, the model's purpose, the source of the list.
const BELOW: u16 = 3;

#[derive(Debug)]
pub struct ModelDialog {
    session: SessionId,
    current: Option<SessionSettings>,
    pub(super) picker: Picker<Choice>,
    /// The provider whose models the person has just got, until they are there.
    just_connected: Option<ProviderId>,
}

/// A model with its settings.
#[derive(Clone, Debug)]
pub struct Choice {
    model: Model,
    effort: Option<usize>,
    tuning: Tuning,
}

impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        self.model.id == other.model.id && self.model.provider == other.model.provider
    }
}

/// The purpose of a model, what it costs, and what it lacks.
fn about(model: &Model) -> String {
    let price = |price: u64| format!("${}", price as f64 / 1e6);
    let prices = model.prices.map(|prices| {
        format!("{} in, {} out per million tokens", price(prices.input), price(prices.output))
    });
    let is_small = model.context.is_some_and(|size| size <= SMALL_CONTEXT);
    let small = is_small.then(|| "little context: its server can be told to give more".to_owned());
    let lacks = [(model.pictures, "sees no pictures"), (model.calls_tools, "calls no tools")]
        .into_iter()
        .filter(|(has, _)| *has == Some(false))
        .map(|(_, lack)| lack.to_owned());
    let purpose = text::clean_line(&model.description).into_owned();
    let parts = Some(purpose).filter(|purpose| !purpose.is_empty()).into_iter();
    parts.chain(prices).chain(small).chain(lacks).collect::<Vec<_>>().join(" · ")
}

/// The places of marked models before all others, and their headings. A list of one provider's
/// models is short enough without those that were used last.
fn places(marks: &ModelMarks, has_several: bool) -> HashMap<ModelRef, (usize, &'static str)> {
    let recent = marks.recent.iter().take(if has_several { MOST_RECENT } else { 0 });
    let recent = recent.filter(|model| !marks.favorites.contains(model));
    let favorites = marks.favorites.iter().map(|model| (model, FAVORITES));
    let all = favorites.chain(recent.map(|model| (model, RECENT)));
    all.enumerate().map(|(rank, (model, group))| (model.clone(), (rank, group))).collect()
}

/// The credential that requests to a provider use.
fn credential(facts: &Facts, provider: &ProviderId) -> String {
    let account = facts.accounts.as_ref().and_then(|accounts| accounts.of(provider));
    match (account, facts.own_provider(provider)) {
        (Some(Account { kind: AccountKind::ApiKey, source: CredentialSource::File(_), .. }), _) => {
            "Asked with your key in auth.json".to_owned()
        }
        (Some(account), _) => format!("Asked with {}", wording::account(account)),
        (None, Some(own)) if own.auth == ProviderAuth::OpenAiSignIn => {
            "Asked with your sign-in to OpenAI".to_owned()
        }
        (None, Some(own)) if own.source != ProviderSource::BuiltIn => {
            format!("Asked without a key at {}", text::clean_line(&own.base.to_string()))
        }
        (None, _) => String::new(),
    }
}

impl ModelDialog {
    /// Creates the dialog; `current` is the session's model.
    pub fn new(session: SessionId, current: Option<SessionSettings>, facts: &Facts) -> Self {
        let mut dialog = Self {
            session,
            current,
            picker: Picker::new("Search models", Vec::new()),
            just_connected: None,
        };
        dialog.refresh(facts);
        dialog
    }

    /// Points at the first model of a provider, as soon as its list is there.
    pub fn after_connecting(self, provider: ProviderId) -> Self {
        Self { just_connected: Some(provider).filter(|it| !it.is_openai()), ..self }
    }

    /// Applies its choices to this conversation from now on.
    pub fn turn_to(&mut self, session: &SessionId) {
        self.session = session.clone();
    }

    pub fn refresh(&mut self, facts: &Facts) {
        let untouched = self.picker.is_empty();
        let models = facts.models.iter().flat_map(|models| &models.all);
        // OpenAI's are of no use to a person who has only other providers.
        let has_others = models.clone().any(|model| !model.provider.is_openai());
        let has_openai = facts.connection(&ProviderId::openai()) != Connection::None;
        let models: Vec<&Model> = models
            .filter(|model| has_openai || !has_others || !model.provider.is_openai())
            .collect();
        let first = models.first().map(|model| &model.provider);
        let has_several = models.iter().any(|model| Some(&model.provider) != first);
        let places = places(&facts.marks, has_several);
        let rows = models.iter().map(|model| {
            let place = places.get(&model.reference()).copied();
            let group = match place {
                Some((_, group)) => group.into(),
                None if has_several || !places.is_empty() => {
                    facts.provider_name(&model.provider).into()
                }
                None => "".into(),
            };
            (place, PickerRow { group, ..self.row(model) })
        });
        let mut rows: Vec<_> = rows.collect();
        // The sort is stable, so each provider's models keep their order.
        rows.sort_by_key(|(place, _)| place.map_or(usize::MAX, |(rank, _)| rank));
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        self.picker.replace(rows);
        if let Some(provider) = &self.just_connected
            && let Some(model) = models.iter().find(|model| model.provider == *provider)
        {
            let first = self.row(model).value;
            self.picker.point_at(&first);
            self.just_connected = None;
        }
        if untouched && let Some(current) = &self.current {
            let place = facts.model(&current.model).map(|model| self.row(model).value);
            if let Some(choice) = place {
                self.picker.point_at(&choice);
            }
        }
        self.show_efforts();
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        match key.code {
            KeyCode::Esc => return DialogReply::close(),
            KeyCode::Left => self.turn(-1),
            KeyCode::Right => self.turn(1),
            KeyCode::Tab => self.hurry(),
            KeyCode::BackTab => self.write_more(),
            _ if ctrl_letter(key) == Some('f') => {
                let model = self.picker.current().map(|row| row.value.model.reference());
                return DialogReply::ask(model.map(AccountCommand::MarkModel));
            }
            _ => {
                if self.picker.key(key) == Picked::Chosen {
                    return self.choose();
                }
                self.show_efforts();
            }
        }
        DialogReply::stay()
    }

    pub fn paste(&mut self, text: &str) {
        self.picker.paste(text);
        self.show_efforts();
    }

    pub fn wheel(&mut self, toward: Toward) {
        self.picker.jump(toward.step());
        self.show_efforts();
    }

    pub fn draw(&self, facts: &Facts, area: Rect, canvas: &mut Canvas) -> Position {
        let at_cursor = self.picker.current().map(|row| &row.value.model);
        let keys = [
            Some(("enter", "use it")),
            Some(("left/right", "reasoning effort")),
            at_cursor.filter(|model| !model.tiers.is_empty()).map(|_| ("tab", "speed")),
            at_cursor.filter(|model| model.verbosity.is_some()).map(|_| ("shift+tab", "verbosity")),
            at_cursor.map(|_| ("ctrl+f", "favorite")),
            Some(("esc", "close")),
        ];
        let keys = panel::keys(&keys.into_iter().flatten().collect::<Vec<_>>());
        let width = 76.min(area.width.saturating_sub(6));
        let size = (width, self.picker.height() + BELOW + panel::rows_of(&keys, width));
        let room = panel::dialog("Choose a model", "esc close", size, area, canvas);
        let room = panel::footer(&keys, room, canvas);
        let list = Rect { height: room.height.saturating_sub(BELOW), ..room };
        let caret = self.picker.draw(list, canvas);
        if facts.models.is_none() {
            canvas.fill(list, Role::Text);
            canvas.text(
                list.x,
                list.y + 2,
                &text::pad("The list of models has not arrived yet", 60),
                60,
                Role::Dim,
            );
        }
        let about = self.picker.current().map(|row| about(&row.value.model)).unwrap_or_default();
        canvas.text(
            room.x,
            list.bottom() + 1,
            &text::cut(&about, usize::from(room.width)),
            usize::from(room.width),
            Role::Text,
        );
        let is_openais =
            self.picker.current().is_none_or(|row| row.value.model.provider.is_openai());
        let known = facts.models.as_ref().filter(|_| is_openais);
        let source = match known.map(|models| models.source) {
            Some(ModelSource::BuiltIn) => {
                "The built-in list: the server's own is not available right now"
            }
            Some(ModelSource::Cache) => {
                "The list from last time; asking the server for a newer one"
            }
            Some(ModelSource::Server) | None => "",
        };
        let provider = self.picker.current().map(|row| &row.value.model.provider);
        let source = match (source, provider) {
            ("", Some(provider)) => credential(facts, provider),
            (source, _) => source.to_owned(),
        };
        panel::write(&[Span::new(source, Role::Dim)], room, list.bottom() + 2, canvas);
        caret
    }

    fn row(&self, model: &Model) -> PickerRow<Choice> {
        let current = self.current.as_ref().filter(|current| current.model == model.reference());
        let wanted =
            current.and_then(|current| current.effort.as_ref()).or(model.default_effort.as_ref());
        let effort =
            wanted.and_then(|wanted| model.efforts.iter().position(|effort| effort == wanted));
        let effort =
            effort.or_else(|| (!model.efforts.is_empty()).then_some(model.efforts.len() / 2));
        let now = self.current.as_ref().map(|current| current.tuning).unwrap_or_default();
        let tuning = Tuning {
            verbosity: model.verbosity.map(|usual| current.and(now.verbosity).unwrap_or(usual)),
            tier: if model.tiers.contains(&now.tier) { now.tier } else { ServiceTier::Standard },
        };
        let context = model
            .context
            .map(|size| format!("{} context", wording::tokens(size)))
            .unwrap_or_default();
        let id = text::clean_line(&model.reference().to_string()).into_owned();
        let name = text::clean_line(&model.name).into_owned();
        PickerRow {
            mark: if current.is_some() { RowMark::Current } else { RowMark::None },
            note: if id == name { context.clone() } else { format!("{id}  {context}") },
            also: id,
            ..PickerRow::new(Choice { model: model.clone(), effort, tuning }, name)
        }
    }

    /// Shows the settings beside the selected row and that of the current model.
    fn show_efforts(&mut self) {
        self.picker.each(|row, at_cursor| {
            let effort = match row.value.effort.and_then(|at| row.value.model.efforts.get(at)) {
                Some(effort) if at_cursor == AtCursor::Yes => {
                    format!("‹ {} ›", text::clean_line(&effort.0))
                }
                Some(effort) if row.mark == RowMark::Current => {
                    text::clean_line(&effort.0).into_owned()
                }
                _ => String::new(),
            };
            let is_told = at_cursor == AtCursor::Yes || row.mark == RowMark::Current;
            let Tuning { verbosity, tier } = row.value.tuning;
            let fast = (tier == ServiceTier::Fast).then(|| tier.to_string());
            let writes = verbosity
                .filter(|verbosity| row.value.model.verbosity != Some(*verbosity))
                .map(|verbosity| format!("verbosity {verbosity}"));
            let more = fast.into_iter().chain(writes).filter(|_| is_told);
            let tail = Some(effort).filter(|effort| !effort.is_empty()).into_iter().chain(more);
            row.tail = tail.collect::<Vec<_>>().join(" · ");
        });
    }

    fn hurry(&mut self) {
        if let Some(row) = self.picker.current_mut()
            && row.value.model.tiers.contains(&ServiceTier::Fast)
        {
            row.value.tuning.tier = match row.value.tuning.tier {
                ServiceTier::Fast => ServiceTier::Standard,
                ServiceTier::Standard => ServiceTier::Fast,
            };
        }
        self.show_efforts();
    }

    fn write_more(&mut self) {
        if let Some(row) = self.picker.current_mut() {
            let more = |now| match now {
                Verbosity::Low => Verbosity::Medium,
                Verbosity::Medium => Verbosity::High,
                Verbosity::High => Verbosity::Low,
            };
            row.value.tuning.verbosity = row.value.tuning.verbosity.map(more);
        }
        self.show_efforts();
    }

    fn turn(&mut self, by: isize) {
        if let Some(row) = self.picker.current_mut() {
            let last = row.value.model.efforts.len().saturating_sub(1);
            row.value.effort = row.value.effort.map(|at| at.saturating_add_signed(by).min(last));
        }
        self.show_efforts();
    }

    fn choose(&self) -> DialogReply {
        let Some(row) = self.picker.current() else { return DialogReply::stay() };
        let effort = row.value.effort.and_then(|at| row.value.model.efforts.get(at)).cloned();
        let Choice { model, tuning, .. } = &row.value;
        let before = self.row(model).value.tuning;
        let tier = Some(tuning.tier).filter(|tier| *tier != before.tier);
        let verbosity = tuning.verbosity.filter(|_| tuning.verbosity != before.verbosity);
        let commands = [
            Some(SettingsCommand::Model { model: model.reference().into(), effort }),
            tier.map(SettingsCommand::Tier),
            verbosity.map(SettingsCommand::Verbosity),
        ];
        let send = |command| Cmd::Send(Command::Settings(self.session.clone(), command));
        DialogReply::finish(commands.into_iter().flatten().map(send))
    }
}
