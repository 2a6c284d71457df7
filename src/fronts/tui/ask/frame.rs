//! The border of all asks, with its texts.

use ratatui::layout::Rect;

use crate::base::text;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, LaidOutLines, Role};

/// Texts in the border: title and count above, hidden rows below.
pub struct AskFrame<'a> {
    pub title: &'a str,
    /// Stands behind the title in the same row.
    pub counts: Option<LaidOutLines>,
    pub count: &'a str,
    pub hidden: &'a str,
    pub room: Room,
}

/// How much of the screen an ask has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// A part, above the composer.
    #[default]
    Panel,
    /// The whole screen, while the person reads.
    Screen,
}

/// The rows and columns that an ask may take with its border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskRoom {
    pub width: u16,
    /// Rows while the composer keeps its own.
    pub beside: u16,
    /// Rows with those of the composer and most of the conversation's.
    pub most: u16,
}

/// Which rows an ask needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// The composer keeps its rows.
    #[default]
    Beside,
    /// Also takes the rows of the composer and of queued prompts.
    Most,
}

impl AskFrame<'_> {
    /// Draws the border; returns the area inside.
    pub fn draw(&self, area: Rect, canvas: &mut Canvas) -> Rect {
        let inside = panel::border(area, canvas, Role::Warn);
        let room = usize::from(area.width.saturating_sub(6));
        let count = if self.count.is_empty() { String::new() } else { format!(" {} ", self.count) };
        let title = text::cut(self.title, room.saturating_sub(count.len() + 3));
        let mut x = canvas.text(area.x + 2, area.y, &format!(" {title}"), room, Role::Heading);
        let most = area.right().saturating_sub(u16::try_from(count.len()).unwrap_or(0) + 4);
        let fits = |counts: &&LaidOutLines| usize::from(most.saturating_sub(x)) > counts.width(0);
        let counts = self.counts.as_ref().filter(fits);
        for (piece, ink) in counts.iter().flat_map(|counts| counts.row(0)) {
            x = canvas.text(x, area.y, piece, usize::from(most.saturating_sub(x)), ink);
        }
        canvas.text(x, area.y, " ", 1, Role::Text);
        at_right(&count, area.y, area, Role::Dim, canvas);
        let hidden = match (self.room, self.hidden) {
            (Room::Panel, "") => String::new(),
            (Room::Panel, hidden) => format!(" {hidden} · ctrl+f full screen "),
            (Room::Screen, "") => " ctrl+f back ".into(),
            (Room::Screen, hidden) => format!(" {hidden} · ctrl+f back "),
        };
        at_right(&hidden, area.bottom().saturating_sub(1), area, Role::Warn, canvas);
        inside
    }
}

fn at_right(words: &str, y: u16, area: Rect, role: Role, canvas: &mut Canvas) {
    let width = u16::try_from(text::width(words)).unwrap_or(0);
    canvas.text(area.right().saturating_sub(width + 2), y, words, usize::from(width), role);
}
