//! A question of the model, with its options and a field for a free answer.

use std::ops::Range;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use super::body::AskBody;
use super::keys::{KeyOutcome, Readiness};
use crate::base::{Timestamp, text};
use crate::protocol::{ApprovalResponse, AskId, Question, Selection, TurnCommand};
use crate::tui::composer::{Composer, FieldForm, FieldReply};
use crate::tui::paint::panel;
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span, wrap};

/// Letters typed this soon after a digit continue the answer that it began.
const WORD: Duration = Duration::from_secs(2);

/// Digits and blanks just typed at the options. They choose, unless a letter follows: then they
/// began a free answer.
#[derive(Debug, Default)]
struct Digits {
    typed: String,
    /// The choices before the first of them.
    picked: Vec<bool>,
    /// Until when a letter continues them.
    until: Option<Timestamp>,
}

impl Digits {
    fn and(mut self, letter: char, picked: &[bool], now: Timestamp) -> Self {
        if self.until.is_none_or(|until| until <= now) {
            (self.typed, self.picked) = (String::new(), picked.to_vec());
        }
        // A blank does not begin an answer.
        if !(letter == ' ' && self.typed.is_empty()) {
            self.typed.push(letter);
        }
        Self { until: Some(now + WORD), ..self }
    }

    /// The begun answer, and the choices before it.
    fn begin_answer(self, now: Timestamp) -> Option<(String, Vec<bool>)> {
        let goes_on = !self.typed.is_empty() && self.until.is_some_and(|until| now < until);
        goes_on.then_some((self.typed, self.picked))
    }
}

#[derive(Debug)]
pub struct QuestionAsk {
    id: AskId,
    question: Question,
    readiness: Readiness,
    /// Chosen options, if several may be.
    picked: Vec<bool>,
    /// The selected option; after the last one, the field.
    cursor: usize,
    field: Composer,
    typed: Digits,
    pub(super) body: AskBody,
    /// The rows of each option in the body.
    places: Vec<Range<usize>>,
    width: u16,
}

impl QuestionAsk {
    pub fn new(id: AskId, question: Question) -> Self {
        let mut field = Composer::new(FieldForm::SingleLine);
        field.set_placeholder(if question.options.is_empty() {
            "Type an answer"
        } else {
            "or type your own answer"
        });
        Self {
            id,
            picked: vec![false; question.options.len()],
            question,
            readiness: Readiness::default(),
            cursor: 0,
            field,
            typed: Digits::default(),
            body: AskBody::default(),
            places: Vec::new(),
            width: 0,
        }
    }

    /// Whether the field has the keyboard.
    pub fn is_writing(&self) -> bool {
        self.cursor == self.question.options.len()
    }

    pub fn key(&mut self, key: &KeyEvent, now: Timestamp) -> KeyOutcome {
        let typed = std::mem::take(&mut self.typed);
        let last = self.question.options.len();
        match key.code {
            KeyCode::Esc => {
                return self
                    .send(TurnCommand::Decide { ask: self.id, decision: ApprovalResponse::No });
            }
            KeyCode::Enter if key.modifiers.is_empty() => return self.answer(),
            KeyCode::PageUp | KeyCode::PageDown => return KeyOutcome::Ignored,
            KeyCode::Up => self.cursor = (self.cursor + last) % (last + 1),
            KeyCode::Down => self.cursor = (self.cursor + 1) % (last + 1),
            _ if self.is_writing() => {
                if self.field.key(*key) == FieldReply::Ignored {
                    return KeyOutcome::Ignored;
                }
            }
            KeyCode::Char(' ') => {
                self.typed = typed.and(' ', &self.picked, now);
                self.toggle();
            }
            KeyCode::Char(digit @ '1'..='9') if (digit as usize - '1' as usize) < last => {
                self.typed = typed.and(digit, &self.picked, now);
                self.cursor = digit as usize - '1' as usize;
                self.toggle();
            }
            KeyCode::Char(_) => {
                if let Some((begun, picked)) = typed.begin_answer(now) {
                    self.picked = picked;
                    for letter in begun.chars() {
                        self.field.key(KeyCode::Char(letter).into());
                    }
                }
                self.cursor = last;
                self.field.key(*key);
            }
            _ => return KeyOutcome::Ignored,
        }
        self.show_cursor();
        KeyOutcome::Taken
    }

    pub fn paste(&mut self, pasted: &str) {
        self.cursor = self.question.options.len();
        self.field.paste(pasted);
    }

    /// Empties the field; returns whether it held text.
    pub fn take_back(&mut self) -> bool {
        let written = !self.field.is_empty();
        self.field.clear();
        written
    }

    /// The rows it wants at this width.
    pub fn wants(&mut self, width: u16) -> usize {
        self.width = width;
        self.lines().0.len() + 1 + usize::from(panel::rows_of(&self.keys(), self.width))
    }

    /// Lays it out; returns the rows it takes, at most `most`.
    pub fn settle(&mut self, (width, most): (u16, u16), readiness: Readiness) -> u16 {
        self.readiness = readiness;
        let was_shown = self.places.get(self.cursor).is_some_and(|rows| self.body.shows(rows));
        self.width = width;
        (self.body.lines, self.places) = self.lines();
        let below = 1 + panel::rows_of(&self.keys(), self.width);
        let body = self.body.lines.len().min(usize::from(most.saturating_sub(below)));
        self.body.fit(body);
        // The selected option stays visible after a resize.
        if let Some(rows) = self.places.get(self.cursor).filter(|_| was_shown) {
            self.body.show(rows);
        }
        u16::try_from(body).unwrap_or(u16::MAX).saturating_add(below)
    }

    pub fn title(&self) -> String {
        match &self.question.asker {
            Some(asker) => format!("{} asks", text::clean_line(asker)),
            None => "The model asks".to_owned(),
        }
    }

    /// Says that other questions follow this one.
    pub fn more(&self) -> Option<String> {
        match self.question.next.len() {
            0 => None,
            1 => Some("one more follows".to_owned()),
            _ => Some("more follow".to_owned()),
        }
    }

    /// Draws the field and the keys; returns the position of the caret while the field has it.
    pub fn draw_below(&self, area: Rect, canvas: &mut Canvas) -> Option<Position> {
        let is_marked = self.is_marked(self.question.options.len());
        let caret = self.field.draw_behind(if is_marked { "› " } else { "  " }, area, canvas);
        panel::write(&self.keys(), area, area.y + 1, canvas);
        is_marked.then_some(caret)
    }

    fn answer(&mut self) -> KeyOutcome {
        // An option must have been visible to be chosen.
        if let Some(rows) = self.places.get(self.cursor)
            && !self.body.shows(rows)
        {
            self.body.show(rows);
            return KeyOutcome::Taken;
        }
        let option = |at: usize| self.question.options[at].label.clone();
        let mut words: Vec<String> =
            (0..self.picked.len()).filter(|at| self.picked[*at]).map(option).collect();
        let own = self.field.text().trim().to_owned();
        // Takes the selected option if only one may be chosen, or if none was marked.
        if !self.is_writing()
            && (self.question.selection == Selection::One || (words.is_empty() && own.is_empty()))
        {
            words = vec![option(self.cursor)];
        } else if !own.is_empty() {
            words.push(own);
        }
        if words.is_empty() {
            return KeyOutcome::Taken;
        }
        self.send(TurnCommand::Answer { ask: self.id, text: words.join(", ") })
    }

    fn send(&self, command: TurnCommand) -> KeyOutcome {
        KeyOutcome::Tell(None, command)
    }

    fn toggle(&mut self) {
        if self.question.selection == Selection::Any
            && let Some(picked) = self.picked.get_mut(self.cursor)
        {
            *picked = !*picked;
        }
    }

    /// Whether the cursor is shown.
    fn is_marked(&self, place: usize) -> bool {
        self.cursor == place && self.readiness == Readiness::Ready
    }

    fn show_cursor(&mut self) {
        (self.body.lines, self.places) = self.lines();
        if let Some(rows) = self.places.get(self.cursor) {
            self.body.show(rows);
        }
    }

    /// The question and its options, with the rows of each option.
    fn lines(&self) -> (LaidOutLines, Vec<Range<usize>>) {
        let width = usize::from(self.width);
        let mut lines =
            wrap(&[Span::new(text::clean(self.question.text.trim()), Role::Text)], width);
        if !self.question.options.is_empty() {
            lines.end_row();
        }
        let digits = self.question.options.len().to_string().len();
        let mut places = Vec::with_capacity(self.question.options.len());
        for (at, option) in self.question.options.iter().enumerate() {
            let first = lines.len();
            let chosen = self.is_marked(at);
            let mark = match (self.question.selection, self.picked[at]) {
                (Selection::One, _) => String::new(),
                (Selection::Any, true) => "[x] ".into(),
                (Selection::Any, false) => "[ ] ".into(),
            };
            let mark = format!("{}{:>digits$} {mark}", if chosen { "› " } else { "  " }, at + 1);
            let prefix = Prefix::behind(mark, Role::Accent);
            let mut spans = vec![Span::new(
                text::clean_line(&option.label),
                if chosen { Role::Selection } else { Role::Text },
            )];
            if !option.description.is_empty() {
                spans.push(Span::new(
                    format!("  {}", text::clean_line(&option.description)),
                    Role::Dim,
                ));
            }
            lines.wrap(&spans, width, &prefix);
            places.push(first..lines.len());
        }
        (lines, places)
    }

    fn keys(&self) -> Vec<Span<'static>> {
        let mut keys = match (self.question.selection, self.question.options.is_empty()) {
            (_, true) => panel::keys(&[("enter", "answers"), ("esc", "declines")]),
            (Selection::Any, false) => panel::keys(&[
                ("up/down", "choose"),
                ("space", "marks"),
                ("enter", "answers"),
                ("esc", "declines"),
            ]),
            (Selection::One, false) => {
                panel::keys(&[("up/down", "choose"), ("enter", "answers"), ("esc", "declines")])
            }
        };
        if self.readiness == Readiness::NotYet {
            keys.iter_mut().for_each(|span| span.ink = Role::Faint.into());
        }
        keys
    }
}
