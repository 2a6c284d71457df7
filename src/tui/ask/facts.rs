//! What is known about a wish, as rows: the wish itself, and where, why and how. Does not know who decides.

use crate::base::text::{self, reveal};
use crate::protocol::{Approval, Confinement, DiffKind, FileDiff, Rule, Subject, Wish};
use crate::tui::paint::diff::{self, Finish, Frame};
use crate::tui::paint::wrap::{Breaks, Prefix, expand_tabs, wrap_into};
use crate::tui::paint::{Lines, Role, Span};

/// More of a change than anybody reads.
const ROWS: usize = 5_000;
/// Columns of the border that a title leaves to counts.
const BESIDE_TITLE: usize = 28;
/// More blanks in a row, and more empty lines, say nothing but hide what follows.
const BLANKS: usize = 40;
const EMPTY: usize = 2;
/// Columns of the names of facts.
const NAMES: usize = 12;

/// `Run this command?`
pub fn title(wish: &Wish) -> String {
    match wish {
        Wish::Change(files) => match files.as_slice() {
            [file] => {
                let path = if let DiffKind::Moved { from } = &file.kind { from } else { &file.path };
                format!("{} {}?", verb(file), reveal(path))
            }
            [first, others @ ..] if others.iter().all(|file| verb(file) == verb(first)) => {
                format!("{} {} files?", verb(first), files.len())
            }
            files => format!("Change {} files?", files.len()),
        },
        Wish::Command(_) => "Run this command?".into(),
        Wish::Fetch(_) => "Fetch this address?".into(),
        Wish::Look(_) => "Look at this?".into(),
    }
}

fn verb(file: &FileDiff) -> &'static str {
    match file.kind {
        DiffKind::Added => "Create",
        DiffKind::Deleted => "Delete",
        DiffKind::Moved { .. } => "Move",
        DiffKind::Updated => "Change",
    }
}

/// All of what would be done.
pub fn what(wish: &Wish, width: usize) -> Lines {
    let mut lines = Lines::new();
    match wish {
        Wish::Change(files) => {
            let frame = Frame { width: u16::try_from(width).unwrap_or(u16::MAX), inset: 0, rows: ROWS, hint: "", finish: Finish::Coloured };
            match files.as_slice() {
                [file] if says_all(wish, file, width) => diff::put_body(&mut lines, file, frame),
                _ => diff::put(&mut lines, files, frame),
            }
        }
        Wish::Command(command) => {
            let mut rest = command.trim_end_matches('\n').split('\n').enumerate().peekable();
            while let Some((at, line)) = rest.next() {
                let mark = if at == 0 { "$ " } else { "> " };
                let mut empty = usize::from(is_blank(line));
                while empty > 0 && rest.next_if(|(_, line)| is_blank(line)).is_some() {
                    empty += 1;
                }
                match empty {
                    0 => verbatim(&mut lines, mark, line, width),
                    1..=EMPTY => (0..empty).for_each(|_| verbatim(&mut lines, mark, "", width)),
                    _ => verbatim(&mut lines, mark, &format!("<{empty} empty lines>"), width),
                }
            }
        }
        Wish::Fetch(address) => verbatim(&mut lines, "", address, width),
        Wish::Look(paths) => paths.iter().for_each(|path| verbatim(&mut lines, "", path, width)),
    }
    lines
}

/// What the title says of a change, as far as it can be counted: ` +12 −3`.
pub fn counts(wish: &Wish) -> Lines {
    let mut lines = Lines::new();
    if let Wish::Change(files) = wish {
        diff::push_counts(&mut lines, files);
    }
    lines.end_row();
    lines
}

/// Whether the title says all that the head of the file would: its whole path, and nothing but that.
fn says_all(wish: &Wish, file: &FileDiff, width: usize) -> bool {
    let has_lines = file.added + file.removed > 0;
    has_lines && !matches!(file.kind, DiffKind::Moved { .. }) && text::width(&title(wish)) + BESIDE_TITLE <= width
}

/// What is known besides the wish.
#[derive(Debug, Default)]
pub struct Around {
    /// Where it happens, and why it is asked.
    place: Lines,
    /// What the model says it is for.
    said: Lines,
    /// How it would run.
    manner: Lines,
    /// What would be learned.
    learned: Lines,
}

impl Around {
    pub fn new(approval: &Approval, width: usize) -> Self {
        let mut around = Self::default();
        // Of a look the paths are all there is to see.
        if let Some(place) = approval.place.as_ref().filter(|_| !matches!(approval.wish, Wish::Look(_))) {
            fact(&mut around.place, "where", reveal(place).into_owned(), Role::Text, width);
        }
        fact(&mut around.place, "why", reveal(&approval.why.replace('\n', " ")).into_owned(), Role::Text, width);
        if let Some(reason) = &approval.reason {
            fact(&mut around.said, "model says", format!("“{}”", text::clean_line(reason.trim())), Role::Quote, width);
        }
        if matches!(approval.wish, Wish::Command(_)) {
            let (how, role) = match approval.confinement {
                Confinement::Folder => ("in the sandbox: it writes only in the folder, and has no network", Role::Text),
                Confinement::ReadOnly => ("in the sandbox: it cannot write, and has no network", Role::Text),
                Confinement::Free => ("without a sandbox: it can do all that you can", Role::Warn),
            };
            fact(&mut around.manner, "runs", how.into(), role, width);
        }
        if !approval.learn.is_empty() {
            fact_of(&mut around.learned, "always", &learned(&approval.learn, width), width);
        }
        around
    }

    /// What goes on below the wish, and what stays in sight: all of it where a row is between them; else what takes no more rows than that,
    /// the words of the model going first, then what would be learned.
    pub fn part(&self, beside: usize, most: usize) -> (Lines, Lines) {
        let Self { place, said, manner, learned } = self;
        let whole = put_together(&[place, said, manner, learned]);
        if whole.len() <= beside.max(most) {
            return (Lines::new(), whole);
        }
        for (left, kept) in [(vec![said], vec![place, manner, learned]), (vec![said, learned], vec![place, manner])] {
            let kept = put_together(&kept);
            if kept.len() <= most {
                return (put_together(&left), kept);
            }
        }
        (whole, Lines::new())
    }
}

fn put_together(parts: &[&Lines]) -> Lines {
    let mut lines = Lines::new();
    parts.iter().for_each(|part| lines.append(part));
    lines
}

/// Blanks in a row that push what follows out of sight are counted instead of drawn.
fn closed(line: &str) -> String {
    let mut closed = String::with_capacity(line.len().min(4096));
    let mut rest = line;
    while let Some(at) = rest.find(is_space) {
        let (text, from) = rest.split_at(at);
        let run = from.find(|c| !is_space(c)).unwrap_or(from.len());
        let count = from[..run].chars().count();
        closed.push_str(text);
        if count > BLANKS {
            closed.push_str(&format!(" <{count} blanks> "));
        } else {
            closed.push_str(&from[..run]);
        }
        rest = &from[run..];
    }
    closed + rest
}

fn is_blank(line: &str) -> bool {
    line.chars().all(is_space)
}

/// Also what only looks like a blank.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

/// The rules, and for how long they hold where that fits behind the last of them.
fn learned(rules: &[Rule], width: usize) -> Vec<Span<'static>> {
    const HOW_LONG: &str = " · in this conversation";
    let rules: Vec<_> = rules.iter().map(rule).collect();
    let last = rules.last().map_or(0, |rule| text::width(rule));
    let mut spans = vec![Span::new(rules.join("\n"), Role::Code)];
    if NAMES + last + text::width(HOW_LONG) <= width {
        spans.push(Span::new(HOW_LONG, Role::Dim));
    }
    spans
}

/// `shell: cargo test *`
fn rule(rule: &Rule) -> String {
    let meaning = if (rule.subject, rule.pattern.as_str()) == (Subject::Edit, "*") { " (every change in the folder)" } else { "" };
    format!("{}: {}{meaning}", rule.subject.as_str(), reveal(&rule.pattern.replace('\n', " ")))
}

/// A line as it is, broken where a row is full, with a mark at its beginning that tells it from the rest of a longer one.
fn verbatim(lines: &mut Lines, mark: &'static str, line: &str, width: usize) {
    let prefix = Prefix::new(vec![Span::new(mark, Role::Dim)], vec![Span::new(" ".repeat(mark.len()), Role::Dim)]);
    let shown = closed(&expand_tabs(&reveal(line)));
    wrap_into(lines, &[Span::new(shown, Role::Code)], width, &prefix, Breaks::Graphemes);
}

fn fact(lines: &mut Lines, name: &'static str, words: String, role: Role, width: usize) {
    fact_of(lines, name, &[Span::new(words, role)], width);
}

fn fact_of(lines: &mut Lines, name: &'static str, spans: &[Span<'_>], width: usize) {
    let prefix = Prefix::new(vec![Span::new(text::pad(name, NAMES), Role::Dim)], vec![Span::new(" ".repeat(NAMES), Role::Dim)]);
    wrap_into(lines, spans, width, &prefix, Breaks::Words);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(command: &str) -> Vec<String> {
        let lines = what(&Wish::Command(command.to_owned()), 60);
        (0..lines.len()).map(|row| lines.row(row).map(|(piece, _)| piece).collect::<String>().trim_end().to_owned()).collect()
    }

    #[test]
    fn blanks_do_not_push_the_end_of_a_command_out_of_sight() {
        let wide = " ".repeat(5_000);
        assert_eq!(shown(&format!("ls{wide}; rm -rf src")), ["$ ls <5000 blanks> ; rm -rf src"]);
        assert_eq!(shown(&format!("ls\t{}\u{3000}\u{2800}; rm x", "\u{a0}".repeat(50))).len(), 1);
        let tall = "\n".repeat(300);
        assert_eq!(shown(&format!("ls{tall}rm -rf src")), ["$ ls", "> <299 empty lines>", "> rm -rf src"]);
        assert_eq!(shown("a\n\n    b  c"), ["$ a", ">", ">     b  c"]);
    }
}
