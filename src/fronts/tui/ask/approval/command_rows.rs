//! A command as rows for approval, and the rows of each part of it: literal lines, in which blanks
//! cannot hide text and lookalike letters are marked.

use std::ops::Range;

use crate::base::text::reveal;
use crate::base::{closed, code_point, is_blank, lookalikes};
use crate::tui::paint::wrap::{Prefix, expand_tabs};
use crate::tui::paint::{LaidOutLines, Role, Span};

/// More empty lines in a row only hide the text below.
const EMPTY: usize = 2;

/// Adds a line unaltered, broken at full rows. The mark stands only before its first row.
pub fn verbatim(lines: &mut LaidOutLines, mark: &'static str, line: &str, width: usize) {
    let prefix = Prefix::new(
        vec![Span::new(mark, Role::Dim)],
        vec![Span::new(" ".repeat(mark.len()), Role::Dim)],
    );
    let shown = closed(&expand_tabs(&reveal(line)));
    let mut spans = Vec::new();
    let mut from = 0;
    for (at, letter) in lookalikes(&shown) {
        let end = at + letter.len_utf8();
        spans.push(Span::new(&shown[from..end], Role::Code));
        spans.push(Span::new(format!("<{}>", code_point(letter)), Role::Warn));
        from = end;
    }
    spans.push(Span::new(&shown[from..], Role::Code));
    lines.wrap_anywhere(&spans, width, &prefix);
}

pub struct CommandRows<'a> {
    pub lines: LaidOutLines,
    command: &'a str,
    width: usize,
    /// For each line: its first byte, its first row and its mark.
    starts: Vec<(usize, usize, &'static str)>,
}

impl<'a> CommandRows<'a> {
    pub fn of(command: &'a str, width: usize) -> Self {
        let mut rows = Self { lines: LaidOutLines::new(), command, width, starts: Vec::new() };
        let mut at = 0;
        let mut rest = command.trim_end_matches('\n').split('\n').peekable();
        while let Some(line) = rest.next() {
            let mark = if at == 0 { "$ " } else { "> " };
            rows.starts.push((at, rows.lines.len(), mark));
            at += line.len() + 1;
            let mut empty = usize::from(is_blank(line));
            while empty > 0
                && let Some(next) = rest.next_if(|line| is_blank(line))
            {
                empty += 1;
                at += next.len() + 1;
            }
            let lines = &mut rows.lines;
            match empty {
                0 => verbatim(lines, mark, line, width),
                1..=EMPTY => (0..empty).for_each(|_| verbatim(lines, mark, "", width)),
                _ => verbatim(lines, mark, &format!("<{empty} empty lines>"), width),
            }
        }
        rows
    }

    /// The rows that contain these bytes of the command.
    pub fn of_part(&self, part: &Range<usize>) -> Range<usize> {
        self.row_of(part.start)..self.row_of(part.end.max(part.start + 1) - 1) + 1
    }

    /// The row that contains a byte.
    fn row_of(&self, byte: usize) -> usize {
        let next = self.starts.partition_point(|(at, ..)| *at <= byte);
        let Some((at, first, mark)) = next.checked_sub(1).and_then(|line| self.starts.get(line))
        else {
            return 0;
        };
        let is_boundary = |end: &usize| self.command.is_char_boundary(*end);
        let end = (byte + 1..=self.command.len()).find(is_boundary).unwrap_or(self.command.len());
        let before = self.command.get(*at..end).unwrap_or_default();
        let mut lines = LaidOutLines::new();
        verbatim(&mut lines, mark, before.split('\n').next().unwrap_or_default(), self.width);
        (first + lines.len().saturating_sub(1)).min(self.lines.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(command: &str) -> Vec<String> {
        let lines = CommandRows::of(command, 60).lines;
        (0..lines.len())
            .map(|row| {
                lines.row(row).map(|(piece, _)| piece).collect::<String>().trim_end().to_owned()
            })
            .collect()
    }

    #[test]
    fn blanks_do_not_push_the_end_of_a_command_out_of_sight() {
        let wide = " ".repeat(5_000);
        assert_eq!(shown(&format!("ls{wide}; rm -rf src")), ["$ ls <5000 blanks> ; rm -rf src"]);
        assert_eq!(shown(&format!("ls\t{}\u{3000}\u{2800}; rm x", "\u{a0}".repeat(50))).len(), 1);
        let tall = "\n".repeat(300);
        assert_eq!(
            shown(&format!("ls{tall}rm -rf src")),
            ["$ ls", "> <299 empty lines>", "> rm -rf src"]
        );
        assert_eq!(shown("a\n\n    b  c"), ["$ a", ">", ">     b  c"]);
    }

    #[test]
    fn a_part_is_found_in_its_rows() {
        let long = "x".repeat(200);
        let command = format!("ls\n\n\n\n\necho {long}; rm -rf ~/é\nls");
        let rows = CommandRows::of(&command, 60);
        let at = command.find("rm").unwrap();
        let found = rows.of_part(&(at..at + "rm -rf ~/é".len()));
        let seen: String = found.clone().map(|row| rows.lines.plain(row)).collect();
        assert!(seen.contains("rm") && seen.contains("~/é") && found.len() <= 2, "{seen}");
        assert_eq!(rows.of_part(&(command.len() - 2..command.len())).start, rows.lines.len() - 1);
        assert_eq!(rows.of_part(&(0..2)), 0..1);
        assert!(rows.of_part(&(command.len() + 9..command.len() + 12)).end <= rows.lines.len());
    }
}
