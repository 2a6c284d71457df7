//! Web searches, one row each, and the numbered pages that an answer cites.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::base::text;
use crate::protocol::{Citation, WebSearch, WebSearchState};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span, TextRow};
use crate::tui::terminal::{LINK, LINK_MORE};

/// Titles and addresses, with a blank row before them.
#[derive(Debug, Default)]
pub struct CitedPages {
    lines: LaidOutLines,
    links: Vec<CitedLink>,
}

/// The position of an address written out in full.
#[derive(Debug)]
struct CitedLink {
    rows: Range<usize>,
    column: u16,
}

/// One row for a search.
pub fn row(search: &WebSearch, width: u16) -> LaidOutLines {
    let (mark, role) = match search.state {
        WebSearchState::Done => ("✓ ", Role::Good),
        WebSearchState::Failed => ("✗ ", Role::Bad),
        WebSearchState::Running => ("◌ ", Role::Accent),
    };
    let end = if search.state == WebSearchState::Running { " …" } else { "" };
    let room = usize::from(width).saturating_sub(text::width(mark) + text::width(end));
    let mut lines = LaidOutLines::new();
    lines.push(mark, role);
    lines.end_gutter(0);
    lines.push(&text::cut(&text::clean_line(&search.sentence()), room), Role::Text);
    lines.push_row(end, Role::Dim);
    lines
}

impl CitedPages {
    pub fn of(citations: &[Citation], width: u16) -> Self {
        let mut pages = Self::default();
        for (at, Citation { title, url }) in citations.iter().enumerate() {
            if at == 0 {
                pages.lines.end_row();
            }
            let number = format!("[{}] ", at + 1);
            let column = text::width(&number);
            let (title, url) = (text::clean_line(title), text::clean_line(url));
            let mut lead = number;
            if !title.trim().is_empty() {
                let room = usize::from(width).saturating_sub(column);
                pages.lines.push(&lead, Role::Dim);
                pages.lines.push_row(&text::cut(&title, room), Role::Text);
                lead = " ".repeat(column);
            }
            let prefix = Prefix::behind(lead, Role::Dim);
            let first = pages.lines.len();
            let spans = [Span::new(url, Role::Link)];
            pages.lines.wrap_anywhere(&spans, usize::from(width), &prefix);
            let column = u16::try_from(column).unwrap_or(u16::MAX);
            pages.links.push(CitedLink { rows: first..pages.lines.len(), column });
        }
        pages
    }

    pub fn height(&self) -> usize {
        self.lines.len()
    }

    /// A row as text to select.
    pub fn text_row(&self, row: usize) -> Option<TextRow<'_>> {
        self.lines.text_row(row)
    }

    pub fn draw(&self, rows: Range<usize>, area: Rect, canvas: &mut Canvas) {
        let rows = rows.start..rows.end.min(rows.start + usize::from(area.height));
        self.lines.draw(rows.clone(), area, canvas);
        // A link that is only partly visible would lead elsewhere.
        let whole = |link: &&CitedLink| {
            link.rows.start >= rows.start && link.rows.end <= rows.end && link.column < area.width
        };
        for link in self.links.iter().filter(whole) {
            for row in link.rows.clone() {
                let mark = if row == link.rows.start { LINK } else { LINK_MORE };
                let end = u16::try_from(self.lines.width(row)).unwrap_or(u16::MAX).min(area.width);
                let place = Rect {
                    x: area.x + link.column,
                    y: area.y + u16::try_from(row - rows.start).unwrap_or(u16::MAX),
                    width: end.saturating_sub(link.column),
                    height: 1,
                };
                canvas.buffer.set_style(place, Style::new().underline_color(mark));
            }
        }
    }
}
