//! `codling guide`: a page on standard output, laid out as the screen does it.

use ratatui::backend::IntoCrossterm;

use crate::base::{Console, Reader};
use crate::protocol::Exit;
use crate::tui::guide::{Hit, contents, find};
use crate::tui::paint::markdown::{DocumentEnd, Markdown};
use crate::tui::paint::{ColorEnv, LaidOutLines, Theme};

/// The widest column of text that reads well.
const WIDEST: u16 = 100;

/// Where a page is printed to.
#[derive(Clone, Debug)]
pub struct GuideOutput {
    /// The variables that decide about colors.
    pub color: ColorEnv,
    /// The width of the terminal; `None` if there is none.
    pub columns: Option<u16>,
}

/// Prints the page of a topic or the best one for a search; without words, the list of topics.
/// A page goes to a terminal in colour, and anywhere else as plain text.
///
/// Returns [`Exit::Usage`] if no page holds the words.
pub fn guide(words: &str, output: &GuideOutput, console: &mut Console) -> Exit {
    let hits = find(words);
    let text = match &hits[..] {
        [] if words.trim().is_empty() => contents(),
        [] => {
            console.problem(
                &format!("the guide says nothing about `{}`", words.trim()),
                Some("`codling guide` lists its topics"),
            );
            return Exit::Usage;
        }
        [best, ..] => best.page.text.to_owned(),
    };
    let width = output.columns.unwrap_or(WIDEST).min(WIDEST);
    let mut page = Markdown::new();
    page.update(&text, width, DocumentEnd::Complete);
    match console.out_reader() {
        Reader::Terminal => {
            let theme = Theme::new(output.color.depth(), output.color.ground());
            console.picture(&colored(page.lines(), &theme));
        }
        Reader::Program => {
            let lines = page.lines();
            (0..lines.len()).for_each(|row| console.line(lines.plain(row).trim_end()));
        }
    }
    if let [_, others @ ..] = &hits[..]
        && !others.is_empty()
    {
        console.note(&format!("Also in: {}", topics(others)));
    }
    Exit::Done
}

fn topics(hits: &[Hit]) -> String {
    let names: Vec<String> = hits.iter().map(|hit| format!("`{}`", hit.page.topic)).collect();
    names.join(", ")
}

/// Formats each row as a string with escape codes for its colours.
fn colored(lines: &LaidOutLines, theme: &Theme) -> Vec<String> {
    let styled = |row: usize| {
        lines
            .row(row)
            .map(|(piece, ink)| {
                let style: crossterm::style::ContentStyle = theme.style(ink).into_crossterm();
                style.apply(piece).to_string()
            })
            .collect()
    };
    (0..lines.len()).map(styled).collect()
}
