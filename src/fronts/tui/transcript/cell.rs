//! One entry of the conversation as rows.

use std::ops::Range;

use ratatui::layout::Rect;

use super::call::{self, CallSheet, Details, ShownCall};
use super::web::{self, CitedPages};
use crate::base::text;
use crate::protocol::{CallState, Notice, Problem, TranscriptEntry, unnamed_pictures};
use crate::tui::paint::diff::Finish;
use crate::tui::paint::highlight::highlight;
use crate::tui::paint::markdown::{DocumentEnd, Markdown};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Canvas, Emphasis, Ink, LaidOutLines, Role, Span, TextRow};
use crate::tui::terminal::Links;

/// Columns before an entry's text for its mark.
pub const INSET: u16 = 2;
/// Rows of a folded prompt.
const PROMPT_ROWS: usize = 12;

/// The rows of an entry, with a blank one before them if it needs a gap.
#[derive(Debug, Default)]
pub struct EntryCell {
    gap: usize,
    body: Body,
    /// Rows of live output while the call runs.
    live: usize,
    owed: Owed,
    fold: Fold,
}

/// Whether details are shown as in all entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fold {
    #[default]
    AsAll,
    /// A search opened it, to show a hit.
    ForHit,
    /// A click turned it over.
    Turned,
}

/// Work that is put off until the entry is visible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Owed {
    /// The highlighting of a diff.
    Colours,
    #[default]
    Nothing,
}

#[derive(Debug)]
enum Body {
    Lines(LaidOutLines),
    /// Indented Markdown, with an ink if it is not the text's, and the cited pages below.
    Markdown {
        text: Box<Markdown>,
        tint: Option<Role>,
        cited: CitedPages,
    },
}

impl Default for Body {
    fn default() -> Self {
        Self::Lines(LaidOutLines::new())
    }
}

impl EntryCell {
    pub fn height(&self) -> usize {
        let rows = match &self.body {
            Body::Lines(lines) => lines.len(),
            Body::Markdown { text, cited, .. } => text.height() + cited.height(),
        };
        if rows == 0 { 0 } else { self.gap + rows }
    }

    /// Lays the entry out; an answer that grew costs only its new part.
    pub fn update(
        &mut self,
        entry: &TranscriptEntry,
        before: Option<&TranscriptEntry>,
        width: u16,
        details: Details,
    ) {
        let details = self.details(details);
        self.gap = before.map_or(0, |before| gap(before, entry));
        self.owed = Owed::Nothing;
        match entry {
            TranscriptEntry::Assistant { text, citations, done, .. } => {
                self.write(text, ending(*done), width, None);
                if let Body::Markdown { cited, .. } = &mut self.body {
                    *cited = CitedPages::of(citations, width.saturating_sub(INSET));
                }
            }
            TranscriptEntry::Reasoning { text, done, .. }
                if !done || details != Details::Folded =>
            {
                self.write(text, ending(*done), width, Some(Role::Dim));
            }
            TranscriptEntry::Reasoning { text, .. } => {
                self.body = Body::Lines(thought(text, width))
            }
            TranscriptEntry::User { text, images } => {
                let unnamed = unnamed_pictures(text, images.len());
                self.body = Body::Lines(prompt(text, unnamed, width, details))
            }
            TranscriptEntry::Call { call, title, action, state } => {
                self.live = match state {
                    CallState::Running { tail } => self.live.max(call::live_rows(tail)),
                    _ => 0,
                };
                if call::has_code(state) {
                    self.owed = Owed::Colours;
                }
                let sheet = CallSheet { width, details, finish: Finish::Plain, live: self.live };
                let shown = ShownCall { call, title, action: action.as_deref(), state };
                self.body = Body::Lines(call::lines(shown, sheet));
            }
            TranscriptEntry::Interrupted => {
                self.body = Body::Lines(marked("■ ", "Interrupted", None, Role::Warn, width))
            }
            TranscriptEntry::Notice(Notice { message, next }) => {
                self.body = Body::Lines(marked("• ", message, next.as_deref(), Role::Dim, width));
            }
            TranscriptEntry::WebSearch { search, .. } => {
                self.body = Body::Lines(web::row(search, width))
            }
            TranscriptEntry::Problem(Problem { message, next, .. }) => {
                self.body = Body::Lines(marked("✗ ", message, next.as_deref(), Role::Bad, width));
            }
        }
    }

    /// A row as text to select; `None` past the last one.
    pub fn text_row(&self, row: usize) -> Option<TextRow<'_>> {
        if self.height() == 0 {
            return None;
        }
        let Some(row) = row.checked_sub(self.gap) else { return Some(TextRow::default()) };
        match &self.body {
            Body::Lines(lines) => lines.text_row(row),
            Body::Markdown { text, cited, .. } => {
                let found = match row.checked_sub(text.height()) {
                    None => text.lines().text_row(row),
                    Some(below) => cited.text_row(below),
                };
                found.map(|found| TextRow { column: found.column + INSET, ..found })
            }
        }
    }

    /// Whether a click on this row opens or closes the entry: on its first one, or on one that
    /// counts what is hidden.
    pub fn is_fold(&self, entry: &TranscriptEntry, row: usize) -> bool {
        let counts = |row: TextRow<'_>| row.text[row.gutter..].starts_with('…');
        has_fold(entry) && (row == self.gap || self.text_row(row).is_some_and(counts))
    }

    /// Opens the entry to show a hit in it; returns whether there was anything to open.
    pub fn open_for_hit(&mut self, entry: &TranscriptEntry) -> bool {
        let opens = has_fold(entry) && self.fold != Fold::ForHit;
        if opens {
            self.fold = Fold::ForHit;
        }
        opens
    }

    /// Folds the entry again if a hit was the reason to open it; returns whether it was.
    pub fn close_for_hit(&mut self) -> bool {
        let was_open = self.fold == Fold::ForHit;
        if was_open {
            self.fold = Fold::AsAll;
        }
        was_open
    }

    /// Opens the entry if it is folded, and folds it if it is not.
    pub fn turn_fold(&mut self) {
        self.fold = if self.fold == Fold::AsAll { Fold::Turned } else { Fold::AsAll };
    }

    /// Shows details as in all entries.
    pub fn forget_fold(&mut self) {
        self.fold = Fold::AsAll;
    }

    fn details(&self, all: Details) -> Details {
        match (self.fold, all) {
            (Fold::AsAll, all) => all,
            (Fold::ForHit, _) => Details::Whole,
            (Fold::Turned, Details::Folded) => Details::Shown,
            (Fold::Turned, Details::Shown | Details::Whole) => Details::Folded,
        }
    }

    pub fn draw(&self, rows: Range<usize>, area: Rect, canvas: &mut Canvas, links: &mut Links) {
        let skipped = self.gap.saturating_sub(rows.start);
        let rows = rows.start.saturating_sub(self.gap)..rows.end.saturating_sub(self.gap);
        let down = u16::try_from(skipped).unwrap_or(0).min(area.height);
        let area = Rect { y: area.y + down, height: area.height - down, ..area };
        match &self.body {
            Body::Lines(lines) => lines.draw(rows, area, canvas),
            Body::Markdown { text, tint, cited } => {
                let inset = INSET.min(area.width);
                let area = Rect { x: area.x + inset, width: area.width - inset, ..area };
                let height = text.height();
                let shown = rows.start.min(height)..rows.end.min(height);
                text.lines().draw(shown.clone(), area, canvas);
                text.lines().mark_links(shown, area, canvas.buffer, links);
                let above = text.height().saturating_sub(rows.start);
                let below = |row: usize| row.saturating_sub(text.height());
                let down = u16::try_from(above).unwrap_or(u16::MAX).min(area.height);
                let under = Rect { y: area.y + down, height: area.height - down, ..area };
                cited.draw(below(rows.start)..below(rows.end), under, canvas);
                if let Some(role) = tint {
                    canvas.fill(area, *role);
                }
            }
        }
    }

    /// Highlights the code in these rows; entry, width and details are those of the last update.
    pub fn highlight(
        &mut self,
        rows: Range<usize>,
        entry: &TranscriptEntry,
        width: u16,
        details: Details,
    ) {
        if let (Owed::Colours, TranscriptEntry::Call { call, title, action, state }) =
            (std::mem::take(&mut self.owed), entry)
        {
            let details = self.details(details);
            let sheet = CallSheet { width, details, finish: Finish::Coloured, live: self.live };
            let shown = ShownCall { call, title, action: action.as_deref(), state };
            self.body = Body::Lines(call::lines(shown, sheet));
        }
        let Body::Markdown { text, tint: None, .. } = &mut self.body else { return };
        let rows = rows.start.saturating_sub(self.gap)..rows.end.saturating_sub(self.gap);
        for wanted in text.wanted_highlights(rows) {
            text.set_highlight(wanted.id, highlight(&wanted.language, &wanted.code).as_ref());
        }
    }

    #[cfg(test)]
    pub fn owes_colours(&self) -> bool {
        self.owed == Owed::Colours
    }

    fn write(&mut self, content: &str, ending: DocumentEnd, width: u16, tint: Option<Role>) {
        let width = width.saturating_sub(INSET).max(1);
        match &mut self.body {
            Body::Markdown { text, tint: before, .. } if *before == tint => {
                text.update(content, width, ending);
            }
            body => {
                let mut text = Box::new(Markdown::new());
                text.update(content, width, ending);
                *body = Body::Markdown { text, tint, cited: CitedPages::default() };
            }
        }
    }
}

/// Whether parts of an entry can be folded away.
fn has_fold(entry: &TranscriptEntry) -> bool {
    match entry {
        TranscriptEntry::Call { state, .. } => matches!(state, CallState::Ended(_)),
        TranscriptEntry::Reasoning { done, .. } => *done,
        TranscriptEntry::User { .. } => true,
        _ => false,
    }
}

/// Blank rows between two entries; none between similar one-row entries.
fn gap(before: &TranscriptEntry, entry: &TranscriptEntry) -> usize {
    match (before, entry) {
        (
            TranscriptEntry::Call { action: before, state: ended, .. },
            TranscriptEntry::Call { action, state, .. },
        ) if call::is_brief(before.as_deref(), ended)
            && call::is_brief(action.as_deref(), state) =>
        {
            0
        }
        (TranscriptEntry::Notice(_), TranscriptEntry::Notice(_))
        | (TranscriptEntry::WebSearch { .. }, TranscriptEntry::WebSearch { .. }) => 0,
        _ => 1,
    }
}

fn ending(done: bool) -> DocumentEnd {
    if done { DocumentEnd::Complete } else { DocumentEnd::Open }
}

/// A prompt behind its mark, cut if long.
fn prompt(content: &str, images: usize, width: u16, details: Details) -> LaidOutLines {
    let band = |role| Ink::new(role, Emphasis::PROMPT);
    let ink = band(Role::User).bold();
    let cleaned = text::clean(content);
    // Only the visible part is wrapped: a prompt may contain a whole file.
    let most = if details == Details::Folded { PROMPT_ROWS } else { usize::MAX };
    let end =
        cleaned.match_indices('\n').nth(most.saturating_sub(1)).map_or(cleaned.len(), |(at, _)| at);
    let mut lines = LaidOutLines::new();
    let prefix = Prefix::new(vec![Span::new("› ", ink)], vec![Span::new("  ", band(Role::User))]);
    lines.wrap(&[Span::new(&cleaned[..end], band(Role::User))], usize::from(width), &prefix);
    if lines.len() > most || end < cleaned.len() {
        // The rest begins with the end of the last line shown.
        let hidden =
            lines.len().saturating_sub(most) + cleaned[end..].trim_end().lines().skip(1).count();
        lines.truncate(most);
        match hidden {
            0 => {}
            1 => push_note(&mut lines, "… 1 more line · ctrl+o shows it"),
            _ => push_note(&mut lines, &format!("… {hidden} more lines · ctrl+o shows them")),
        }
    }
    match images {
        0 => {}
        1 => push_note(&mut lines, "1 image"),
        many => push_note(&mut lines, &format!("{many} images")),
    }
    lines
}

/// Adds a remark about a prompt below it.
fn push_note(lines: &mut LaidOutLines, words: &str) {
    let ink = Ink::new(Role::Dim, Emphasis::PROMPT);
    lines.push("  ", ink);
    lines.end_gutter(0);
    lines.push_row(words, ink);
}

/// Folded reasoning: its first line, which models write as a heading.
fn thought(content: &str, width: u16) -> LaidOutLines {
    let first = content
        .lines()
        .map(|line| line.trim_matches(['*', '#', ' ']))
        .find(|line| !line.is_empty())
        .unwrap_or("…");
    let more = content.lines().filter(|line| !line.trim().is_empty()).count().saturating_sub(1);
    let tail = if more > 0 { " · ctrl+o" } else { "" };
    let room = usize::from(width).saturating_sub(2 + "Thought: ".len() + text::width(tail));
    let mut lines = LaidOutLines::new();
    lines.push("  Thought: ", Role::Dim);
    lines.end_gutter(0);
    lines.push(&text::cut(&text::clean_line(first), room), Role::Dim);
    lines.push_row(tail, Role::Faint);
    lines
}

/// A sentence behind a mark, with its advice below.
fn marked(
    mark: &'static str,
    message: &str,
    next: Option<&str>,
    role: Role,
    width: u16,
) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    let prefix = Prefix::behind(mark, role);
    lines.wrap(&[Span::new(text::clean(message), role)], usize::from(width), &prefix);
    if let Some(next) = next {
        let prefix = Prefix::behind("  ", Role::Text);
        lines.wrap(&[Span::new(text::clean(next), Role::Text)], usize::from(width), &prefix);
    }
    lines
}
