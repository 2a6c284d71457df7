//! The dialog of queued prompts: edit one, move it, send it now or drop it.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::protocol::{
    Command, PromptId, PromptTiming, QueueCommand, QueuedPrompt, SessionId, TurnCommand,
};
use crate::tui::conversation::Conversation;
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel::RowPlaces;
use crate::tui::paint::{Canvas, Role, panel};
use crate::tui::wording;

/// The largest width in columns.
const WIDTH: u16 = 100;
const NONE: &str = "Nothing waits";
const ELSEWHERE: &str = "written on another screen · ";

#[derive(Debug)]
pub struct QueueDialog {
    session: SessionId,
    /// The prompts as last drawn, to which keys refer, with whether they can be changed here.
    shown: Vec<(PromptId, bool)>,
    cursor: Option<PromptId>,
    rows: RowPlaces,
}

impl QueueDialog {
    /// The list of this conversation's prompts, with the cursor on the last that is one's own.
    pub fn new(talk: &Conversation) -> Self {
        let shown = Self::rows(talk);
        let own = shown.iter().rev().find(|(_, own)| *own).or(shown.last());
        let cursor = own.map(|(id, _)| *id);
        Self { session: talk.id().clone(), cursor, shown, rows: RowPlaces::default() }
    }

    fn rows(talk: &Conversation) -> Vec<(PromptId, bool)> {
        talk.session.queued.iter().map(|queued| (queued.id, talk.is_own(queued))).collect()
    }

    /// Applies its choices to this conversation from now on.
    pub fn turn_to(&mut self, session: &SessionId) {
        self.session = session.clone();
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        let change = match key.code {
            KeyCode::Esc => return DialogReply::close(),
            KeyCode::Up => return self.go(-1),
            KeyCode::Down | KeyCode::Tab => return self.go(1),
            KeyCode::Enter | KeyCode::Char('e') => QueueCommand::TakeBack,
            KeyCode::Char('s') => QueueCommand::Steer,
            KeyCode::Char('+') => QueueCommand::Earlier,
            KeyCode::Char('-') => QueueCommand::Later,
            KeyCode::Char('x') | KeyCode::Delete => QueueCommand::Drop,
            _ => return DialogReply::stay(),
        };
        let Some((id, _)) = self.shown.iter().find(|(id, own)| Some(*id) == self.cursor && *own)
        else {
            return DialogReply::stay();
        };
        let command = Command::Turn(self.session.clone(), TurnCommand::Queue(change(*id)));
        match key.code {
            KeyCode::Enter | KeyCode::Char('e') => DialogReply::finish([Cmd::Send(command)]),
            _ => DialogReply::run([Cmd::Send(command)]),
        }
    }

    pub fn wheel(&mut self, toward: Toward) {
        self.go(toward.step());
    }

    /// Puts the cursor on the row in a cell of the screen.
    pub fn click(&mut self, at: Position) {
        if let Some((prompt, _)) = self.rows.at(at).and_then(|row| self.shown.get(row)) {
            self.cursor = Some(*prompt);
        }
    }

    fn go(&mut self, by: isize) -> DialogReply {
        let at = self.shown.iter().position(|(id, _)| Some(*id) == self.cursor).unwrap_or(0);
        let last = self.shown.len().saturating_sub(1);
        self.cursor = self.shown.get(at.saturating_add_signed(by).min(last)).map(|(id, _)| *id);
        DialogReply::stay()
    }

    pub fn draw(&mut self, talk: &Conversation, area: Rect, canvas: &mut Canvas) {
        let queued = &talk.session.queued;
        let at = self.shown.iter().position(|(id, _)| Some(*id) == self.cursor).unwrap_or(0);
        self.shown = Self::rows(talk);
        if !self.shown.iter().any(|(id, _)| Some(*id) == self.cursor) {
            let last = self.shown.len().saturating_sub(1);
            self.cursor = self.shown.get(at.min(last)).map(|(id, _)| *id);
        }
        let width = WIDTH.min(area.width.saturating_sub(6));
        let keys = panel::keys(match queued.as_slice() {
            [] => &[],
            _ => &[
                ("enter", "edit"),
                ("s", "send now, into this turn"),
                ("x", "drop"),
                ("+/-", "move"),
            ],
        });
        let rows = u16::try_from(queued.len().max(1)).unwrap_or(u16::MAX);
        let size = (width, rows.saturating_add(2 + panel::rows_of(&keys, width)));
        let room = panel::dialog("Queued prompts", "esc close", size, area, canvas);
        let above = panel::footer(&keys, room, canvas);
        if queued.is_empty() {
            self.rows = RowPlaces::default();
            let width = usize::from(room.width);
            canvas.text(room.x, room.y + 1, NONE, width, Role::Dim);
            return;
        }
        let listed = rows.min(above.bottom().saturating_sub(room.y + 1));
        let chosen = queued.iter().position(|it| Some(it.id) == self.cursor).unwrap_or(0);
        let label = |queued: &QueuedPrompt| text::width(wording::timing(queued.timing));
        let labels = queued.iter().map(label).max().unwrap_or_default();
        let list = Rect { y: room.y + 1, height: listed, ..room };
        self.rows = panel::list(queued, chosen, list, canvas, |prompt, row, in_row, canvas| {
            draw_prompt((prompt, talk.is_own(prompt)), labels, row, in_row, canvas);
        });
    }
}

fn draw_prompt(
    (prompt, is_own): (&QueuedPrompt, bool),
    labels: usize,
    row: Rect,
    in_row: &dyn Fn(Role) -> Role,
    canvas: &mut Canvas,
) {
    let role = match prompt.timing {
        PromptTiming::NextTurn => Role::Dim,
        PromptTiming::Steer => Role::Accent,
    };
    let label = wording::timing(prompt.timing);
    canvas.text(row.x + 2, row.y, label, labels, in_row(role));
    let x = row.x + 4 + u16::try_from(labels).unwrap_or(0);
    let room = usize::from(row.right().saturating_sub(x));
    let from = if is_own { "" } else { ELSEWHERE };
    let line = format!("{from}{}", text::clean_line(&prompt.text));
    let role = if is_own { Role::Text } else { Role::Dim };
    canvas.text(x, row.y, &text::cut(&line, room), room, in_row(role));
}
