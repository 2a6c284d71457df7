//! What taking a turn's changes back, or making them again, would do to each file. Does not know how it is done.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::protocol::{Act, Command, Direction, Footing, Later, Retrace, SessionId, Step, TurnCommand};
use crate::tui::msg::{Cmd, Toward};
use crate::tui::overlay::Reply;
use crate::tui::paint::{Lines, Role, Span, Theme, wrap};
use crate::tui::panel;

#[derive(Debug)]
pub struct RetraceDialog {
    session: SessionId,
    retrace: Retrace,
    overwrite: Overwrite,
    top: usize,
}

/// Whether later changes are about to be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overwrite {
    Chosen,
    Not,
}

/// Columns of what happens to a file.
const ACTS: usize = 10;

impl RetraceDialog {
    pub fn new(session: SessionId, retrace: Retrace) -> Self {
        Self { session, retrace, overwrite: Overwrite::Not, top: 0 }
    }

    pub fn key(&mut self, key: &KeyEvent) -> Reply {
        let overwrite = std::mem::replace(&mut self.overwrite, Overwrite::Not);
        match key.code {
            KeyCode::Esc if overwrite == Overwrite::Not => return Reply::close(),
            KeyCode::Enter if overwrite == Overwrite::Not && self.has(Footing::AsLeft) => return self.go(Later::Keep),
            KeyCode::Char('o') if self.has(Footing::ChangedSince) => self.overwrite = Overwrite::Chosen,
            KeyCode::Char('y') if overwrite == Overwrite::Chosen => return self.go(Later::Overwrite),
            KeyCode::Up => self.wheel(Toward::Start, 1),
            KeyCode::Down => self.wheel(Toward::End, 1),
            KeyCode::PageUp => self.wheel(Toward::Start, 8),
            KeyCode::PageDown => self.wheel(Toward::End, 8),
            _ => {}
        }
        Reply::stay()
    }

    /// Whether the next key may overwrite.
    pub fn is_asking(&self) -> bool {
        self.overwrite == Overwrite::Chosen
    }

    pub fn wheel(&mut self, toward: Toward, rows: u16) {
        self.top = match toward {
            Toward::End => self.top + usize::from(rows),
            Toward::Start => self.top.saturating_sub(usize::from(rows)),
        };
    }

    /// Draws it, and brings a position beyond the end back to the last page.
    pub fn draw(&mut self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let width = 90.min(area.width.saturating_sub(6));
        let columns = usize::from(width);
        let mut above = wrap(&[Span::new(format!("“{}”", text::clean_line(&self.retrace.prompt)), Role::User)], columns);
        above.truncate(2);
        let files = self.files(columns);
        let below = self.below();
        let (above_rows, below_rows) = (rows(&above), rows(&wrap(&below, columns)));
        let fixed = above_rows + below_rows + 2;
        let title = match self.retrace.direction {
            Direction::Redo => "Make the changes of this turn again?",
            Direction::Undo => "Take the changes of this turn back?",
        };
        let room = panel::dialog(title, "esc close", (width, fixed + rows(&files)), area, buffer, theme);
        above.draw(0..above.len(), room, buffer, theme);
        let list = Rect { y: room.y + above_rows + 1, height: room.height.saturating_sub(fixed), ..room };
        self.top = self.top.min(files.len().saturating_sub(usize::from(list.height)));
        let end = (self.top + usize::from(list.height)).min(files.len());
        files.draw(self.top..end, list, buffer, theme);
        if end < files.len() || self.top > 0 {
            let more = format!("{}–{end} of {} files · up/down", self.top + 1, files.len());
            panel::text(buffer, room.x, list.bottom(), &more, columns, theme.style(Role::Warn));
        }
        panel::write(&below, room, list.bottom() + 1, buffer, theme);
    }

    /// One row each.
    fn files(&self, columns: usize) -> Lines {
        let mut lines = Lines::new();
        for step in &self.retrace.files {
            let (act, act_role, note, note_role) = told(self.retrace.direction, step);
            let note = if note.is_empty() { String::new() } else { format!("  {note}") };
            let room = columns.saturating_sub(ACTS + text::width(&note));
            lines.push(&text::pad(act, ACTS), act_role);
            lines.push(&text::cut(&text::clean_line(&step.path), room), Role::Text);
            lines.push_row(&note, note_role);
        }
        lines
    }

    fn below(&self) -> Vec<Span<'static>> {
        if self.overwrite == Overwrite::Chosen {
            let mut spans = vec![Span::new("What was changed since is lost for good. ", Role::Bad)];
            spans.extend(panel::keys(&[("y", "yes, overwrite it"), ("esc", "back")]));
            return spans;
        }
        let mut keys = Vec::new();
        if self.has(Footing::AsLeft) {
            keys.push(("enter", if self.has(Footing::ChangedSince) { "do it, leave what was changed since" } else { "do it" }));
        }
        if self.has(Footing::ChangedSince) {
            keys.push(("o", "overwrite that too"));
        }
        keys.push(("esc", "leave all as it is"));
        panel::keys(&keys)
    }

    fn has(&self, footing: Footing) -> bool {
        self.retrace.files.iter().any(|step| step.footing == footing)
    }

    fn go(&self, later: Later) -> Reply {
        let command = TurnCommand::Retrace { direction: self.retrace.direction, turn: self.retrace.turn, later };
        Reply { cmds: vec![Cmd::Send(Command::Turn(self.session.clone(), command))], ..Reply::close() }
    }
}

/// What happens to a file, and what is to be known about it.
fn told(direction: Direction, step: &Step) -> (&'static str, Role, &'static str, Role) {
    let (act, role) = match (step.act, direction) {
        (Act::Create, _) => ("create", Role::Good),
        (Act::Remove, _) => ("remove", Role::Bad),
        (Act::Restore, Direction::Redo) => ("change", Role::Accent),
        (Act::Restore, Direction::Undo) => ("restore", Role::Accent),
    };
    match step.footing {
        Footing::AsLeft => (act, role, "", Role::Dim),
        Footing::ChangedSince => (act, Role::Warn, "! changed since", Role::Warn),
        Footing::Nothing => ("nothing", Role::Dim, "is so already", Role::Dim),
        Footing::Unknown => ("cannot", Role::Dim, "what it was is not kept", Role::Dim),
    }
}

fn rows(lines: &Lines) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}
