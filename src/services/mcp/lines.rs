//! The last lines that a server wrote to its standard error, for people.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::tools::plain;

/// Lines that are kept, and bytes of one.
const LINES: usize = 20;
const LONGEST: usize = 400;

/// Clones share the lines.
#[derive(Clone, Debug, Default)]
pub struct LastLines(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<String>,
    /// The line that has not ended yet.
    rest: Vec<u8>,
}

impl LastLines {
    /// Takes in what came; a line without an end is cut.
    pub fn add(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            match byte {
                b'\n' => kept.end_line(),
                _ if kept.rest.len() < LONGEST => kept.rest.push(*byte),
                _ => {}
            }
        }
    }

    /// All that are kept, without control codes.
    pub fn all(&self) -> Arc<[String]> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.end_line();
        kept.lines.iter().cloned().collect()
    }

    /// The last one.
    pub fn last(&self) -> Option<String> {
        self.all().last().cloned()
    }
}

impl Kept {
    fn end_line(&mut self) {
        let line = plain(&self.rest).trim_end().to_owned();
        self.rest.clear();
        if !line.is_empty() {
            self.lines.push_back(line);
            while self.lines.len() > LINES {
                self.lines.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_whole_short_and_plain() {
        let lines = LastLines::default();
        for number in 0..30 {
            lines.add(format!("line {number}\r\n").as_bytes());
        }
        lines.add(b"\x1b[31mred\x1b[0m, and no end");
        lines.add(&vec![b'x'; 10_000]);
        let all = lines.all();
        assert_eq!((all.len(), all[0].as_str()), (LINES, "line 11"));
        assert!(all[LINES - 1].starts_with("red, and no end") && all[LINES - 1].len() <= LONGEST);
        assert_eq!(LastLines::default().last(), None);
    }
}
