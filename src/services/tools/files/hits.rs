//! Matching lines by file, the newest files first, never more than are shown.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::base::phrases::{count, grouped};
use crate::tools::folder::lines::WINDOW;

/// Lines that an answer shows.
pub const SHOWN: usize = 100;
/// Characters of a line that an answer shows.
const LINE: usize = 400;
/// Characters in front of the match that are kept of a longer line.
const BEFORE: usize = 100;

#[derive(Debug, Default)]
pub struct FileHits {
    /// Line numbers from 1, and what of the line is shown.
    pub lines: Vec<(u64, String)>,
    pub total: u64,
}

#[derive(Debug, Default)]
pub struct Hits {
    files: BTreeMap<(Reverse<SystemTime>, PathBuf), FileHits>,
    kept: usize,
    pub total: u64,
    matching: u64,
    unread: u64,
}

impl Hits {
    pub fn add(&mut self, changed: SystemTime, path: &Path, found: io::Result<FileHits>) {
        let Ok(found) = found else {
            self.unread += 1;
            return;
        };
        if found.total == 0 {
            return;
        }
        self.total += found.total;
        self.matching += 1;
        self.kept += found.lines.len();
        self.files.insert((Reverse(changed), path.to_path_buf()), found);
        // The oldest file can go once the others alone fill the answer.
        while let Some(oldest) = self.files.last_entry() {
            if self.kept - oldest.get().lines.len() < SHOWN {
                break;
            }
            self.kept -= oldest.remove().lines.len();
        }
    }

    /// Empty when nothing matched and every file could be searched.
    pub fn render(&self, shown: impl Fn(&Path) -> String) -> String {
        let mut text = String::new();
        let mut left = SHOWN;
        for ((_, path), found) in &self.files {
            if left == 0 || text.len() > WINDOW {
                break;
            }
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{}\n", shown(path)));
            for (number, line) in found.lines.iter().take(left) {
                if text.len() > WINDOW {
                    break;
                }
                text.push_str(&format!("  {number}: {line}\n"));
                left -= 1;
            }
        }
        let lines = (SHOWN - left) as u64;
        if lines < self.total {
            let files = count(self.matching, "file");
            text.push_str(&format!(
                "({lines} of {} matching lines in {files} shown; a narrower `pattern`, `path` or `include` finds the others)\n",
                grouped(self.total)
            ));
        }
        if self.unread > 0 {
            text.push_str(&format!("({} could not be searched)\n", count(self.unread, "file")));
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// A line as it is shown: whole when short, else what surrounds the match (at byte `at`).
pub fn excerpt(line: &[u8], at: usize) -> String {
    let end =
        line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    let at = at.min(end);
    // No more of the line is decoded than could be shown.
    let (from, to) = (character_at(line, at.saturating_sub(LINE * 4)), end.min(at + LINE * 4));
    let (before, after) =
        (String::from_utf8_lossy(&line[from..at]), String::from_utf8_lossy(&line[at..to]));
    let (front, back) = (before.chars().count(), after.chars().count());
    let skipped = if from == 0 && front + back.min(LINE - BEFORE) <= LINE {
        0
    } else {
        front.saturating_sub(BEFORE)
    };
    let room = LINE - (front - skipped);
    let lead = if from + skipped > 0 { "…" } else { "" };
    let tail = if back > room || to < end { "…" } else { "" };
    let (start, rest): (String, String) =
        (before.chars().skip(skipped).collect(), after.chars().take(room).collect());
    format!("{lead}{start}{rest}{tail}")
}

/// The first byte from `at` on that begins a character.
fn character_at(line: &[u8], at: usize) -> usize {
    line[at..].iter().position(|byte| byte & 0xc0 != 0x80).map_or(at, |more| at + more)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn what_surrounds_a_match_is_shown_of_a_long_line() {
        assert_eq!(excerpt(b"let x = 1;\r\n", 4), "let x = 1;");
        assert_eq!(excerpt("ä match".as_bytes(), 3), "ä match");
        let late = format!("{}needle{}", "a".repeat(5000), "b".repeat(5000));
        let shown = excerpt(late.as_bytes(), 5000);
        assert_eq!(
            shown,
            format!("…{}needle{}…", "a".repeat(BEFORE), "b".repeat(LINE - BEFORE - 6))
        );
        let early = format!("{}needle{}", "a".repeat(50), "b".repeat(5000));
        assert_eq!(
            excerpt(early.as_bytes(), 50),
            format!("{}needle{}…", "a".repeat(50), "b".repeat(LINE - 56))
        );
        let at_the_end = format!("{}needle", "a".repeat(5000));
        assert_eq!(excerpt(at_the_end.as_bytes(), 5000), format!("…{}needle", "a".repeat(BEFORE)));
    }

    #[test]
    fn the_newest_files_stay_and_no_more_than_fill_the_answer() {
        let mut hits = Hits::default();
        for age in 0..50_u64 {
            let lines = (1..=30).map(|number| (number, format!("line {number}"))).collect();
            let changed = UNIX_EPOCH + Duration::from_secs(1000 - age);
            hits.add(changed, Path::new(&format!("f{age:02}")), Ok(FileHits { lines, total: 30 }));
        }
        assert_eq!((hits.files.len(), hits.total), (4, 1500));
        let text = hits.render(|path| path.display().to_string());
        assert!(text.starts_with("f00\n  1: line 1\n"), "{text}");
        assert!(text.contains("\nf03\n") && !text.contains("f04"), "{text}");
        assert!(
            text.ends_with("(100 of 1,500 matching lines in 50 files shown; a narrower `pattern`, `path` or `include` finds the others)"),
            "{text}"
        );
    }
}
