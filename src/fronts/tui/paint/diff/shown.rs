//! A line of a file as shown: cleaned, with tabs and carriage returns visible if they may be the
//! change.

use std::borrow::Cow;

use super::hunks::{HunkLine, Sign};
use crate::base::text::{self, reveal};

/// The drawn text of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct VisibleLine<'a> {
    pub text: Cow<'a, str>,
    /// Byte offsets of visible blanks' signs.
    pub blanks: Vec<usize>,
}

/// Whether carriage returns at line ends get a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Returns {
    /// All lines have one.
    Usual,
    Telling,
}

/// Bytes of a blank's sign.
pub(super) const BLANK: usize = 3;

const TAB: char = '→';
const RETURN: char = '␍';

impl Returns {
    pub fn of(lines: &[HunkLine<'_>]) -> Self {
        let usual = lines
            .iter()
            .all(|line| matches!(line.sign, Sign::Gap | Sign::Remark) || line.text.ends_with('\r'));
        if usual { Self::Usual } else { Self::Telling }
    }
}

impl<'a> VisibleLine<'a> {
    /// Prepares a line of at most `columns` columns.
    pub fn new(line: &HunkLine<'a>, columns: usize, returns: Returns) -> Self {
        let raw = line.text;
        if raw.len() <= columns && raw.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Self { text: Cow::Borrowed(raw), blanks: Vec::new() };
        }
        let is_changed = matches!(line.sign, Sign::Added | Sign::Removed);
        let tells = is_changed && returns == Returns::Telling;
        let raw = if tells { raw } else { raw.strip_suffix('\r').unwrap_or(raw) };
        // The rest could not be seen anyway.
        let end = raw.char_indices().nth(columns.saturating_mul(4)).map_or(raw.len(), |(at, _)| at);
        // A person judges a change by its text: hidden and reordering characters are written out.
        let cleaned = reveal(&raw[..end]).into_owned();
        let mut shown = expand(&cleaned, if is_changed { TAB } else { ' ' });
        if cleaned.ends_with(RETURN) && end == raw.len() {
            shown.blanks.push(shown.text.len() - RETURN.len_utf8());
        }
        match text::cut(&shown.text, columns) {
            Cow::Borrowed(whole) if whole.len() == shown.text.len() => {}
            cut => shown.text = Cow::Owned(cut.into_owned()),
        }
        shown
    }
}

/// Expands tabs to a mark and blanks up to the next multiple of four.
fn expand(line: &str, mark: char) -> VisibleLine<'static> {
    let mut expanded = String::with_capacity(line.len() + 16);
    let mut blanks = Vec::new();
    let mut column = 0;
    for piece in line.split_inclusive('\t') {
        let body = piece.strip_suffix('\t');
        expanded.push_str(body.unwrap_or(piece));
        if let Some(body) = body {
            column += text::width(body);
            let fill = 4 - column % 4;
            if mark != ' ' {
                blanks.push(expanded.len());
            }
            expanded.push(mark);
            expanded.extend(std::iter::repeat_n(' ', fill - 1));
            column += fill;
        }
    }
    VisibleLine { text: Cow::Owned(expanded), blanks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_clean_and_says_what_its_blanks_are() {
        for (sign, text, expected) in [
            (Sign::Added, "plain", "plain"),
            (Sign::Kept, "a\tb", "a   b"),
            (Sign::Added, "\ta\tb", "→   a→  b"),
            (Sign::Removed, "end\r", "end␍"),
            (Sign::Kept, "end\r", "end"),
            (Sign::Added, "mid\rdle", "mid␍dle"),
            (Sign::Added, "\u{1b}[2J\u{202e}x", "␛[2J<U+202E>x"),
            (Sign::Kept, "a\u{200b}b\u{2066}", "a<U+200B>b<U+2066>"),
            (Sign::Added, "0123456789abcdefghijk", "0123456789abcdefghi…"),
            (Sign::Kept, "中中中中中中中中中中中", "中中中中中中中中中…"),
        ] {
            let line = HunkLine { sign, number: None, old: None, text };
            let shown = VisibleLine::new(&line, 20, Returns::Telling);
            assert_eq!(shown.text, expected, "{text:?}");
            assert!(
                shown.blanks.iter().all(|at| shown.text[*at..].starts_with(['→', '␍'])),
                "{shown:?}"
            );
        }
        let usual = HunkLine { sign: Sign::Added, number: None, old: None, text: "end\r" };
        assert_eq!(VisibleLine::new(&usual, 20, Returns::of(&[usual])).text, "end");
    }
}
