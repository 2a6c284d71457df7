//! A window of lines out of a stream of any length, in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

/// Characters of one line that are kept.
pub const LINE: usize = 2000;
/// Bytes that a window holds, line numbers included.
pub const WINDOW: usize = 50 * 1024;
/// Once the window is full, this much more is read to tell how many lines there are.
const AHEAD: u64 = 16 << 20;
/// Enough for `LINE` characters of any kind.
const LINE_BYTES: usize = LINE * 4;

#[derive(Debug, PartialEq, Eq)]
pub struct LineWindow {
    /// Without line ends; long ones are cut with a mark.
    pub lines: Vec<String>,
    pub total: Total,
    pub full: WindowEnd,
}

/// How many lines the stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    Exactly(u64),
    MoreThan(u64),
}

/// The limit that ended the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowEnd {
    Bytes,
    Lines,
    /// The stream came to its end first.
    No,
}

/// Whether bytes look like something other than text. Takes the first few thousand bytes of a file.
pub fn is_binary(head: &[u8]) -> bool {
    if head.contains(&0) {
        return true;
    }
    let controls = head.iter().filter(|byte| matches!(byte, 1..=7 | 14..=26 | 28..=31)).count();
    let foreign = String::from_utf8_lossy(head).matches('\u{fffd}').count();
    controls * 10 > head.len() || foreign * 10 > head.len() * 3
}

/// At most `limit` lines from line `first` on (counted from 1).
///
/// # Errors
///
/// Fails if the stream cannot be read.
pub fn window(stream: impl Read, first: u64, limit: u64) -> io::Result<LineWindow> {
    let mut stream = BufReader::with_capacity(64 * 1024, stream);
    let mut window =
        LineWindow { lines: Vec::new(), total: Total::Exactly(0), full: WindowEnd::No };
    let mut line = Line::default();
    let (mut ended, mut bytes, mut ahead) = (0_u64, 0, 0);
    loop {
        let buffer = stream.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        if ended + 1 >= first && window.full == WindowEnd::No {
            line.push(part);
        } else {
            line.length += part.len() as u64;
        }
        let used = part.len() + usize::from(end.is_some());
        if end.is_some() {
            ended += 1;
            window.take(&mut line, ended, first, limit, &mut bytes);
        }
        stream.consume(used);
        if window.full != WindowEnd::No {
            ahead += used as u64;
            if ahead > AHEAD {
                window.total = Total::MoreThan(ended);
                return Ok(window);
            }
        }
    }
    if line.length > 0 {
        ended += 1;
        window.take(&mut line, ended, first, limit, &mut bytes);
    }
    window.total = Total::Exactly(ended);
    Ok(window)
}

impl LineWindow {
    fn take(&mut self, line: &mut Line, number: u64, first: u64, limit: u64, bytes: &mut usize) {
        let line = std::mem::take(line);
        if number < first || self.full != WindowEnd::No {
            return;
        }
        if self.lines.len() as u64 >= limit {
            self.full = WindowEnd::Lines;
            return;
        }
        let text = line.cut();
        let size = text.len() + 8;
        if *bytes + size > WINDOW {
            self.full = WindowEnd::Bytes;
            return;
        }
        *bytes += size;
        self.lines.push(text);
    }
}

#[derive(Default)]
struct Line {
    kept: Vec<u8>,
    length: u64,
}

impl Line {
    fn push(&mut self, part: &[u8]) {
        let room = LINE_BYTES.saturating_sub(self.kept.len()).min(part.len());
        self.kept.extend_from_slice(&part[..room]);
        self.length += part.len() as u64;
    }

    fn cut(self) -> String {
        let whole = self.kept.len() as u64 == self.length;
        let kept = self.kept.strip_suffix(b"\r").filter(|_| whole).unwrap_or(&self.kept);
        let text = String::from_utf8_lossy(kept);
        match text.char_indices().nth(LINE) {
            None if whole => text.into_owned(),
            cut => {
                let end = cut.map_or(text.len(), |(at, _)| at);
                format!("{}… (line cut here, it has {} bytes)", &text[..end], self.length)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, first: u64, limit: u64) -> (Vec<String>, Total, WindowEnd) {
        let window = window(text.as_bytes(), first, limit).unwrap();
        (window.lines, window.total, window.full)
    }

    #[test]
    fn windows_begin_and_end_where_they_are_asked_to() {
        let lines =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        for (text, first, limit, wanted, total, full) in [
            ("a\nb\nc\n", 1, 9, lines(&["a", "b", "c"]), 3, WindowEnd::No),
            ("a\nb\nc", 1, 9, lines(&["a", "b", "c"]), 3, WindowEnd::No),
            ("a\nb\nc", 1, 3, lines(&["a", "b", "c"]), 3, WindowEnd::No),
            ("a\nb\nc", 2, 1, lines(&["b"]), 3, WindowEnd::Lines),
            ("a\r\n\r\nb", 1, 9, lines(&["a", "", "b"]), 3, WindowEnd::No),
            ("a\nb", 3, 9, lines(&[]), 2, WindowEnd::No),
            ("", 1, 9, lines(&[]), 0, WindowEnd::No),
            ("\n", 1, 9, lines(&[""]), 1, WindowEnd::No),
            ("\n\n\n", 2, 1, lines(&[""]), 3, WindowEnd::Lines),
        ] {
            assert_eq!(
                of(text, first, limit),
                (wanted, Total::Exactly(total), full),
                "{text:?} {first} {limit}"
            );
        }
    }

    #[test]
    fn long_lines_are_cut_between_characters_and_the_next_one_is_whole() {
        let text = format!("{}\nshort", "ä".repeat(5000));
        let (lines, ..) = of(&text, 1, 9);
        assert_eq!(lines[0], format!("{}… (line cut here, it has 10000 bytes)", "ä".repeat(LINE)));
        assert_eq!(lines[1], "short");
        let (lines, ..) = of(&"🦀".repeat(LINE), 1, 9);
        assert_eq!(lines[0], "🦀".repeat(LINE));
    }

    #[test]
    fn a_window_holds_no_more_than_its_bytes() {
        let text = format!("{}\n", "x".repeat(1000)).repeat(500);
        let (lines, total, full) = of(&text, 1, 2000);
        assert_eq!(
            (lines.len(), total, full),
            (WINDOW / 1008, Total::Exactly(500), WindowEnd::Bytes)
        );
    }

    #[test]
    fn an_endless_stream_ends_the_count_not_the_program() {
        let window = window((&b"\n\n\n\n"[..]).chain(io::repeat(b'x')), 1, 3).unwrap();
        assert_eq!((window.lines.len(), window.full), (3, WindowEnd::Lines));
        assert!(window.total == Total::MoreThan(4));
    }

    #[test]
    fn text_is_told_from_other_bytes() {
        for text in ["plain", "ümläut", "\x1b[31mred\x1b[0m", "tab\tform\x0c"] {
            assert!(!is_binary(text.as_bytes()), "{text}");
        }
        assert!(!is_binary(b"latin caf\xe9 and more of it") && !is_binary(b""));
        for bytes in [
            &b"\x7fELF\x02\x01\x01\0\0"[..],
            b"a\0b",
            b"\x01\x02\x03abc",
            b"\xff\xd8\xff\xe0\xfe\x80\x81ab",
        ] {
            assert!(is_binary(bytes), "{bytes:?}");
        }
    }
}
