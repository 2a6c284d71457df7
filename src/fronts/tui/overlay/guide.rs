//! The guide dialog, with one page.

use ratatui::layout::Rect;

use crate::base::phrases::shorten;
use crate::protocol::OfferedExtensions;
use crate::tui::guide::{contents, find};
use crate::tui::overlay::scroll::ScrollText;
use crate::tui::paint::markdown::{DocumentEnd, Markdown};
use crate::tui::paint::{Canvas, LaidOutLines, Role};

/// The widest readable column of text.
const WIDEST: u16 = 92;
/// The title of the page of skills.
const SKILLS: &str = "Skills";
/// Characters of a description that are shown.
const LONGEST: usize = 240;

#[derive(Debug)]
pub struct GuideDialog {
    title: String,
    text: String,
    page: Markdown,
    pub(super) scroll: ScrollText,
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

    /// The page that lists skills, and what is wrong with files of skills and commands.
    pub fn of_skills(known: &OfferedExtensions) -> Self {
        let (title, text) = (SKILLS.to_owned(), skills(known));
        Self { title, text, page: Markdown::new(), scroll: ScrollText::default(), sought: None }
    }

    /// Takes a fresh list, if this is the page of skills.
    pub fn know_skills(&mut self, known: &OfferedExtensions) {
        if self.title == SKILLS {
            self.text = skills(known);
        }
    }

    pub fn draw(&mut self, area: Rect, canvas: &mut Canvas) {
        let width = WIDEST.min(area.width.saturating_sub(6));
        self.page.update(&self.text, width, DocumentEnd::Complete);
        if let Some(words) = self.sought.take() {
            self.scroll.to(first_row(self.page.lines(), &words));
        }
        self.scroll.draw(&self.title, self.page.lines(), width, area, canvas);
    }
}

fn skills(known: &OfferedExtensions) -> String {
    let mut text =
        "# Skills\n\nThe model loads a skill where it fits; you call one with `/name` or \
                    `$name`. `/help extensions` says where they are found.\n"
            .to_owned();
    if known.skills.is_empty() {
        text.push_str("\nThere are none here.\n");
    }
    for skill in &known.skills {
        let name = skill.name.as_deref().unwrap_or("not usable");
        text.push_str(&format!("\n- **{name}** (`{}`)", skill.origin));
        if !skill.description.is_empty() {
            text.push_str(&format!(": {}", shorten(&skill.description, LONGEST)));
        }
        for problem in &skill.problems {
            text.push_str(&format!("\n  - {problem}"));
        }
    }
    if !known.problems.is_empty() {
        text.push_str("\n\n## Commands that cannot be used\n");
    }
    for problem in &known.problems {
        text.push_str(&format!("\n- {problem}"));
    }
    text
}

/// Returns the first heading that holds the words, else the first row, else the top.
fn first_row(lines: &LaidOutLines, words: &str) -> u16 {
    let holds = |row: &usize| lines.plain(*row).to_lowercase().contains(words);
    let is_heading = |row: &usize| lines.row(*row).any(|(_, ink)| ink.role == Role::Heading);
    let rows = || 0..lines.len();
    let row = rows().filter(is_heading).find(holds).or_else(|| rows().find(holds));
    row.and_then(|row| u16::try_from(row).ok()).unwrap_or(0)
}
