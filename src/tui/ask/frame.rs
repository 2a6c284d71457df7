//! The border that all asks stand in, its words in it. Does not know what is inside.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::tui::paint::{Role, Theme};
use crate::tui::panel;

/// What stands in the border: the title and the count above, what is out of sight below.
pub struct Frame<'a> {
    pub title: &'a str,
    pub count: &'a str,
    pub hidden: &'a str,
}

impl Frame<'_> {
    /// Draws it; answers the room inside.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) -> Rect {
        panel::border(area, buffer, theme, Role::Warn);
        let room = usize::from(area.width.saturating_sub(6));
        let count = if self.count.is_empty() { String::new() } else { format!(" {} ", self.count) };
        let title = text::cut(self.title, room.saturating_sub(count.len() + 3));
        panel::text(buffer, area.x + 2, area.y, &format!(" {title} "), room, theme.style(Role::Heading));
        at_right(&count, area.y, area, Role::Dim, buffer, theme);
        if !self.hidden.is_empty() {
            at_right(&format!(" {} ", self.hidden), area.bottom().saturating_sub(1), area, Role::Warn, buffer, theme);
        }
        Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) }
    }
}

fn at_right(words: &str, y: u16, area: Rect, role: Role, buffer: &mut Buffer, theme: &Theme) {
    let width = u16::try_from(text::width(words)).unwrap_or(0);
    panel::text(buffer, area.right().saturating_sub(width + 2), y, words, usize::from(width), theme.style(role));
}
