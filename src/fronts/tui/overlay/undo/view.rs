//! Drawing the undo dialog. Decides nothing.

use ratatui::layout::Rect;

use crate::base::text;
use crate::protocol::{Direction, ReviewedState, UndoAction, UndoStep};
use crate::tui::paint::panel;
use crate::tui::paint::panel::RowPlaces;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span, wrap};

use super::{GoBackWay, Purpose, State, UndoDialog, may_be_chosen};

/// Columns for the cursor, the mark and the effect.
const MARKS: usize = 6;
const ACTIONS: usize = 9;

impl UndoDialog {
    /// Draws the dialog; long lists are shown around the cursor.
    pub fn draw(&mut self, area: Rect, canvas: &mut Canvas) {
        let width = 90.min(area.width.saturating_sub(6));
        let columns = usize::from(width);
        let (title, hint) = match (self.state, self.purpose, self.preview.direction) {
            (State::Turns(_), ..) => ("Which turn?", "esc back"),
            (_, Purpose::GoBack(GoBackWay::Files), _) => {
                ("Take files back to before this prompt?", "esc close")
            }
            (_, Purpose::GoBack(_), _) => ("Go back to before this prompt?", "esc close"),
            (_, _, Direction::Redo) => ("Make the changes of this turn again?", "esc close"),
            (_, _, Direction::Undo) => ("Take the changes of this turn back?", "esc close"),
        };
        let mut above = match self.state {
            State::Turns(_) => LaidOutLines::new(),
            State::Asking | State::Choosing => wrap(
                &[Span::new(format!("“{}”", text::clean_line(&self.preview.prompt)), Role::User)],
                columns,
            ),
        };
        above.truncate(2);
        let below = self.below();
        let (above_rows, below_rows) = (rows(&above), rows(&wrap(&below, columns)));
        let fixed = above_rows + below_rows + 2;
        let (count, cursor) = match self.state {
            State::Turns(at) => (self.preview.turns.len(), at),
            State::Asking | State::Choosing => (self.preview.steps.len(), self.cursor),
        };
        let wanted = fixed.saturating_add(u16::try_from(count).unwrap_or(u16::MAX));
        let room = panel::dialog(title, hint, (width, wanted), area, canvas);
        // With little room the prompt gives way to a row of the list and the keys.
        let (above_rows, gap, fixed) = match room.height > fixed {
            true => (above_rows, 1, fixed),
            false => (0, 0, below_rows + 1),
        };
        above.draw(0..usize::from(above_rows), room, canvas);
        let first = room.y + above_rows + gap;
        let list = Rect { y: first, height: room.height.saturating_sub(fixed), ..room };
        let height = usize::from(list.height);
        let top = (cursor + 1).saturating_sub(height.max(1));
        let end = (top + height).min(count);
        let shown = match self.state {
            State::Turns(_) => self.turns(top, end, columns),
            State::Asking | State::Choosing => self.steps(top, end, columns),
        };
        shown.draw(0..shown.len(), list, canvas);
        let height = u16::try_from(shown.len()).unwrap_or(u16::MAX).min(list.height);
        self.rows = RowPlaces::new(Rect { height, ..list }, top, 1);
        if end < count || top > 0 {
            let what = if matches!(self.state, State::Turns(_)) { "turns" } else { "files" };
            let more = format!("{}–{end} of {count} {what} · up/down", top + 1);
            canvas.text(room.x, list.bottom(), &more, columns, Role::Warn);
        }
        panel::write(&below, room, list.bottom() + 1, canvas);
    }

    /// The steps, one row each.
    fn steps(&self, top: usize, end: usize, columns: usize) -> LaidOutLines {
        let mut lines = LaidOutLines::new();
        for (at, step) in self.preview.steps.iter().enumerate().take(end).skip(top) {
            let (action, role, note, note_role) = step_words(self.preview.direction, step);
            let note = if note.is_empty() { String::new() } else { format!("  {note}") };
            let mark = match (may_be_chosen(step), self.chosen.get(at)) {
                (true, Some(true)) => "[x]",
                (true, _) => "[ ]",
                (false, _) => "   ",
            };
            let cursor = if at == self.cursor { "› " } else { "  " };
            let name = match &step.action {
                UndoAction::MoveFrom(from) => format!("{from} → {}", step.shown),
                _ => step.shown.clone(),
            };
            // The name gives way to the note, but keeps a third of the row.
            let room = columns.saturating_sub(MARKS + ACTIONS);
            let note = text::cut(&note, room.saturating_sub(room / 3)).into_owned();
            lines.push(cursor, Role::Accent);
            lines.push(&format!("{mark} "), Role::Text);
            lines.push(&text::pad(action, ACTIONS), role);
            lines.push(
                &text::cut(&text::clean_line(&name), room.saturating_sub(text::width(&note))),
                Role::Text,
            );
            lines.push_row(&note, note_role);
        }
        lines
    }

    fn turns(&self, top: usize, end: usize, columns: usize) -> LaidOutLines {
        let mut lines = LaidOutLines::new();
        let State::Turns(cursor) = self.state else { return lines };
        for (at, turn) in self.preview.turns.iter().enumerate().take(end).skip(top) {
            let note = match (turn.standing, turn.undone) {
                (0, undone) => format!("{} taken back", changes(undone)),
                (standing, 0) => changes(standing),
                (standing, undone) => format!("{}, {undone} taken back", changes(standing)),
            };
            let note = format!("  {note}");
            lines.push(if at == cursor { "› " } else { "  " }, Role::Accent);
            let room = columns.saturating_sub(2 + text::width(&note));
            lines.push(&text::cut(&text::clean_line(&turn.prompt), room), Role::Text);
            lines.push_row(&note, Role::Dim);
        }
        lines
    }

    fn below(&self) -> Vec<Span<'static>> {
        match self.state {
            State::Turns(_) => panel::keys(&[("enter", "look at it"), ("esc", "back")]),
            State::Asking if self.risks() == 0 => self.without_some(),
            State::Asking => {
                let (what, it) = match self.risks() {
                    1 => ("1 file that may hold changes of your own is".to_owned(), "it"),
                    many => (format!("{many} files that may hold changes of your own are"), "them"),
                };
                let back = match self.preview.direction {
                    Direction::Redo => "/undo",
                    Direction::Undo => "/redo",
                };
                let mut spans = vec![Span::new(
                    format!("{what} written over; `{back}` brings {it} back. "),
                    Role::Bad,
                )];
                if self.leaves() > 0 {
                    spans.push(Span::new("Others stay as they are. ", Role::Bad));
                }
                spans.extend(panel::keys(&[("y", "yes, write over"), ("esc", "back")]));
                spans
            }
            State::Choosing => {
                let count = self.count();
                let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
                let act = match self.takes_words() {
                    true => format!("go back with {files}"),
                    false => format!("do it for {files}"),
                };
                let mut keys = Vec::new();
                if count > 0 || self.takes_words() {
                    keys.push(("enter", act.as_str()));
                }
                if self.preview.steps.iter().any(may_be_chosen) {
                    keys.extend([("space", "choose"), ("a", "all")]);
                }
                if self.preview.direction == Direction::Undo && self.has_earlier() {
                    keys.push(("s", "skip to the turn before"));
                }
                if self.preview.turns.len() > 1 {
                    keys.push(("t", "turns"));
                }
                if self.offers_words() {
                    keys.push(("w", "the conversation, too"));
                }
                keys.push(("esc", "leave everything as it is"));
                panel::keys(&keys)
            }
        }
    }
}

impl UndoDialog {
    /// The question before a conversation goes back without some of its files.
    fn without_some(&self) -> Vec<Span<'static>> {
        let stay = match self.leaves() {
            1 => "1 file stays as it is".to_owned(),
            many => format!("{many} files stay as they are"),
        };
        let mut spans = vec![Span::new(format!("{stay}. "), Role::Bad)];
        spans.extend(panel::keys(&[("y", "yes, go back all the same"), ("esc", "back")]));
        spans
    }
}

/// The effect on a file and its note.
fn step_words(direction: Direction, step: &UndoStep) -> (&'static str, Role, &str, Role) {
    let (action, role) = match (&step.action, direction) {
        (UndoAction::Create, _) => ("create", Role::Good),
        (UndoAction::MoveFrom(_), _) => ("move", Role::Accent),
        (UndoAction::Remove, _) => ("remove", Role::Bad),
        (UndoAction::Restore, Direction::Redo) => ("change", Role::Accent),
        (UndoAction::Restore, Direction::Undo) => ("restore", Role::Accent),
    };
    match &step.state {
        ReviewedState::AsLeft => (action, role, "", Role::Dim),
        ReviewedState::ChangedSince => (action, Role::Warn, "! changed since", Role::Warn),
        ReviewedState::PerhapsYours => (action, Role::Warn, "? perhaps yours", Role::Warn),
        ReviewedState::Already => ("nothing", Role::Dim, "already done", Role::Dim),
        ReviewedState::Cannot(why) => ("cannot", Role::Dim, why, Role::Dim),
    }
}

fn changes(count: usize) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}

fn rows(lines: &LaidOutLines) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}
