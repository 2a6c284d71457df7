//! The guide dialog, with one page.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::fronts::tui::guide::{contents, find};
use crate::fronts::tui::messages::Toward;
use crate::fronts::tui::overlay::DialogReply;
use crate::fronts::tui::overlay::scroll::ScrollText;
use crate::fronts::tui::paint::markdown::{DocumentEnd, Markdown};
use crate::fronts::tui::paint::{LaidOutLines, Role, Theme};

/// The widest readable column of text.
const WIDEST: u16 = 92;

#[derive(Debug)]
pub struct GuideDialog {
    title: String,
    text: String,
    page: Markdown,
    scroll: ScrollText,
    /// Words to scroll to when the page is first drawn, in lower case.
    sought: Option<String>,
}

impl GuideDialog {
    /// Opens the page of a topic or the best one for a search, and the list of topics for the word
    /// `guide`. Returns `None` if no page holds the words.
    pub fn of(words: &str) -> Option<Self> {
        let is_list = words.trim().eq_ignore_ascii_case("guide");
        let hits = if is_list { Vec::new() } else { find(words) };
        let (title, text) = match &hits[..] {
            [best, others @ ..] => {
                let named: Vec<&str> = others.iter().map(|hit| hit.page.topic).collect();
                let also = if named.is_empty() {
                    String::new()
                } else {
                    format!("\n\n---\n\nAlso in: `{}`", named.join("`, `"))
                };
                (format!("Guide: {}", best.page.topic), format!("{}{also}", best.page.text))
            }
            [] if is_list => ("Guide".to_owned(), contents()),
            [] => return None,
        };
        let sought = Some(words.trim().to_lowercase());
        Some(Self { title, text, page: Markdown::new(), scroll: ScrollText::default(), sought })
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        self.scroll.key(key)
    }

    pub fn wheel(&mut self, toward: Toward, rows: u16) {
        self.scroll.by(toward, rows);
    }

    pub fn draw(&mut self, area: Rect, buffer: &mut Buffer, theme: &Theme) {
        let width = WIDEST.min(area.width.saturating_sub(6));
        self.page.update(&self.text, width, DocumentEnd::Complete);
        if let Some(words) = self.sought.take() {
            self.scroll.to(first_row(self.page.lines(), &words));
        }
        self.scroll.draw(&self.title, self.page.lines(), width, area, buffer, theme);
    }
}

/// Returns the first heading that holds the words, else the first row, else the top.
fn first_row(lines: &LaidOutLines, words: &str) -> u16 {
    let holds = |row: &usize| lines.plain(*row).to_lowercase().contains(words);
    let is_heading = |row: &usize| lines.row(*row).any(|(_, ink)| ink.role == Role::Heading);
    let rows = || 0..lines.len();
    let row = rows().filter(is_heading).find(holds).or_else(|| rows().find(holds));
    row.and_then(|row| u16::try_from(row).ok()).unwrap_or(0)
}
