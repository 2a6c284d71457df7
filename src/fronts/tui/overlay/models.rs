//! Choosing a model and how long it thinks.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::fronts::tui::messages::{Cmd, Toward};
use crate::fronts::tui::overlay::DialogReply;
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::paint::{Role, Span, Theme, wrap};
use crate::fronts::tui::picker::{AtCursor, Picked, Picker, PickerRow, RowMark};
use crate::fronts::tui::program_facts::Facts;
use crate::fronts::tui::wording;
use crate::protocol::{Command, Effort, Model, ModelRef, ModelSource, SessionId, SettingsCommand};

#[derive(Debug)]
pub struct ModelDialog {
    session: SessionId,
    current: Option<(ModelRef, Option<Effort>)>,
    picker: Picker<Choice>,
}

/// A model, with the effort that is set for it here.
#[derive(Clone, Debug)]
struct Choice {
    model: Model,
    effort: Option<usize>,
}

impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        self.model.id == other.model.id && self.model.provider == other.model.provider
    }
}

impl ModelDialog {
    /// `current` is what the session uses.
    pub fn new(
        session: SessionId,
        current: Option<(ModelRef, Option<Effort>)>,
        facts: &Facts,
    ) -> Self {
        let mut dialog =
            Self { session, current, picker: Picker::new("Search models", Vec::new()) };
        dialog.refresh(facts);
        dialog
    }

    pub fn refresh(&mut self, facts: &Facts) {
        let untouched = self.picker.is_empty();
        let models = facts.models.iter().flat_map(|models| &models.all);
        let rows = models.map(|model| self.row(model)).collect();
        self.picker.replace(rows);
        if untouched && let Some((named, _)) = &self.current {
            let place =
                facts.model(named).map(|model| Choice { model: model.clone(), effort: None });
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

    pub fn draw(&self, facts: &Facts, area: Rect, buffer: &mut Buffer, theme: &Theme) -> Position {
        let keys = panel::keys(&[
            ("enter", "use it"),
            ("left/right", "how long it thinks"),
            ("esc", "close"),
        ]);
        let width = 76.min(area.width.saturating_sub(6));
        let below = 3 + u16::try_from(wrap(&keys, usize::from(width)).len()).unwrap_or(1);
        let size = (width, self.picker.height() + below);
        let room = panel::dialog("Choose a model", "esc close", size, area, buffer, theme);
        let list = Rect { height: room.height.saturating_sub(below), ..room };
        let caret = self.picker.draw(list, buffer, theme);
        if facts.models.is_none() {
            buffer.set_style(list, theme.style(Role::Text));
            panel::text(
                buffer,
                list.x,
                list.y + 2,
                &text::pad("The list of models has not arrived yet", 60),
                60,
                theme.style(Role::Dim),
            );
        }
        let about = self
            .picker
            .current()
            .map(|row| text::clean_line(&row.value.model.description).into_owned())
            .unwrap_or_default();
        panel::text(
            buffer,
            room.x,
            list.bottom() + 1,
            &text::cut(&about, usize::from(room.width)),
            usize::from(room.width),
            theme.style(Role::Text),
        );
        let source = match facts.models.as_ref().map(|models| models.source) {
            Some(ModelSource::BuiltIn) => {
                "The built-in list: the server's own is not available right now"
            }
            Some(ModelSource::Cache) => {
                "The list from last time; asking the server for a newer one"
            }
            Some(ModelSource::Server) | None => "",
        };
        let y =
            panel::write(&[Span::new(source, Role::Dim)], room, list.bottom() + 2, buffer, theme);
        panel::write(&keys, room, y, buffer, theme);
        caret
    }

    fn row(&self, model: &Model) -> PickerRow<Choice> {
        let current = self.current.as_ref().filter(|(current, _)| *current == model.reference());
        let wanted =
            current.and_then(|(_, effort)| effort.as_ref()).or(model.default_effort.as_ref());
        let effort =
            wanted.and_then(|wanted| model.efforts.iter().position(|effort| effort == wanted));
        let effort =
            effort.or_else(|| (!model.efforts.is_empty()).then_some(model.efforts.len() / 2));
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
            ..PickerRow::new(Choice { model: model.clone(), effort }, name)
        }
    }

    /// The effort beside the row under the cursor, and beside no other.
    fn show_efforts(&mut self) {
        self.picker.each(|row, at_cursor| {
            row.tail = match row.value.effort.and_then(|at| row.value.model.efforts.get(at)) {
                Some(effort) if at_cursor == AtCursor::Yes => {
                    format!("‹ {} ›", text::clean_line(&effort.0))
                }
                Some(effort) if row.mark == RowMark::Current => {
                    text::clean_line(&effort.0).into_owned()
                }
                _ => String::new(),
            };
        });
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
        let command = SettingsCommand::Model { model: row.value.model.reference().into(), effort };
        DialogReply {
            cmds: vec![Cmd::Send(Command::Settings(self.session.clone(), command))],
            ..DialogReply::close()
        }
    }
}
