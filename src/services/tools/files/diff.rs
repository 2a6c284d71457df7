//! The difference between two texts, as hunks for people and as numbered lines for the model.

use std::borrow::Cow;
use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, DiffTag};

use crate::protocol::{Completeness, DiffKind, FileDiff};

/// Bytes of the hunks that are kept.
const HUNKS: usize = 64 * 1024;
/// Bytes of one line of them.
const LINE: usize = 4096;
/// Lines around a change.
const AROUND: usize = 3;
/// After that long, a change is told in more lines than it would need.
const PATIENCE: Duration = Duration::from_millis(500);
/// Lines that the model is shown, and bytes of each.
const EXCERPT: usize = 40;
const EXCERPT_LINE: usize = 200;

/// The difference as it is kept with a call. `path` is for people.
pub fn diff(path: &str, kind: DiffKind, before: &str, after: &str) -> FileDiff {
    diff_within(HUNKS, path, kind, before, after)
}

/// The difference with at most `room` bytes of hunks. `path` is for people.
pub fn diff_within(room: usize, path: &str, kind: DiffKind, before: &str, after: &str) -> FileDiff {
    let (old, new) = (lines(before), lines(after));
    let ops = ops(&old, &new);
    let mut file = opaque(path, kind);
    for op in ops.iter().filter(|op| op.tag() != DiffTag::Equal) {
        file.removed += op.old_range().len() as u32;
        file.added += op.new_range().len() as u32;
    }
    let mut hunks = Hunks { text: String::new(), whole: Completeness::Complete, room };
    for group in similar::group_diff_ops(ops, AROUND) {
        hunks.group(&group, &old, &new);
    }
    FileDiff { hunks: hunks.text.into(), completeness: hunks.whole, ..file }
}

/// The diff of a file that is no text, or whose text does not change.
pub fn opaque(path: &str, kind: DiffKind) -> FileDiff {
    FileDiff {
        path: path.to_owned(),
        kind,
        added: 0,
        removed: 0,
        hunks: "".into(),
        completeness: Completeness::Complete,
    }
}

/// The changed lines as they are now, with their numbers and two lines around; only the first ones
/// of many.
pub fn excerpt(before: &str, after: &str) -> String {
    let (old, new) = (lines(before), lines(after));
    let mut text = String::new();
    let mut left = EXCERPT;
    for group in similar::group_diff_ops(ops(&old, &new), 2) {
        if !text.is_empty() {
            text.push_str("…\n");
        }
        for number in spans(&group).1 {
            let Some(less) = left.checked_sub(1) else {
                text.push_str("… (more lines changed)\n");
                return text;
            };
            left = less;
            text.push_str(&format!(
                "{}\t{}\n",
                number + 1,
                beginning(new[number].trim_end_matches(['\n', '\r']), EXCERPT_LINE)
            ));
        }
    }
    text
}

/// With their ends: a change of these is a change.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn ops(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    similar::capture_diff_slices_deadline(
        Algorithm::Myers,
        old,
        new,
        Some(Instant::now() + PATIENCE),
    )
}

/// The old and the new lines that a group of changes covers.
fn spans(group: &[DiffOp]) -> (Range<usize>, Range<usize>) {
    match (group.first(), group.last()) {
        (Some(first), Some(last)) => (
            first.old_range().start..last.old_range().end,
            first.new_range().start..last.new_range().end,
        ),
        _ => (0..0, 0..0),
    }
}

struct Hunks {
    text: String,
    whole: Completeness,
    /// Bytes that may still come.
    room: usize,
}

impl Hunks {
    fn group(&mut self, group: &[DiffOp], old: &[&str], new: &[&str]) {
        let (before, after) = spans(group);
        self.push(&format!("@@ -{} +{} @@\n", place(&before), place(&after)));
        for op in group {
            if op.tag() == DiffTag::Equal {
                self.lines(' ', &old[op.old_range()]);
                continue;
            }
            self.lines('-', &old[op.old_range()]);
            self.lines('+', &new[op.new_range()]);
        }
    }

    fn lines(&mut self, sign: char, lines: &[&str]) {
        for line in lines {
            let text = line.strip_suffix('\n').unwrap_or(line);
            let text = text.strip_suffix('\r').unwrap_or(text);
            let kept = beginning(text, LINE);
            if kept.len() != text.len() {
                self.whole = Completeness::Truncated;
            }
            self.push(&format!("{sign}{kept}\n"));
            if !line.ends_with('\n') {
                self.push("\\ No newline at end of file\n");
            }
            if self.room == 0 {
                return;
            }
        }
    }

    /// Once something had no room, nothing more has.
    fn push(&mut self, line: &str) {
        match self.room.checked_sub(line.len()) {
            Some(room) => {
                self.text.push_str(line);
                self.room = room;
            }
            None => {
                self.whole = Completeness::Truncated;
                self.room = 0;
            }
        }
    }
}

/// `4,2`: the first line, counted from 1, and how many; of none, the line before.
fn place(lines: &Range<usize>) -> String {
    format!("{},{}", if lines.is_empty() { lines.start } else { lines.start + 1 }, lines.len())
}

/// As much of a line as so many bytes hold.
fn beginning(line: &str, bytes: usize) -> Cow<'_, str> {
    if line.len() <= bytes {
        return Cow::Borrowed(line);
    }
    let end = (0..=bytes).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    Cow::Owned(format!("{}…", &line[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn updated(before: &str, after: &str) -> FileDiff {
        diff("a.txt", DiffKind::Updated, before, after)
    }

    #[test]
    fn changes_are_told_in_unified_hunks() {
        for (before, after, hunks, added, removed) in [
            ("a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", 1, 1),
            ("", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n", 2, 0),
            ("a\n", "", "@@ -1,1 +0,0 @@\n-a\n", 0, 1),
            ("a\r\nb\r\n", "a\r\n", "@@ -1,2 +1,1 @@\n a\n-b\n", 0, 1),
            ("a", "a\n", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n", 1, 1),
            ("a\n", "a\n", "", 0, 0),
            (
                "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
                "1\n2\n3\n4\n5\n6\n7\n8\nx\n",
                "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+x\n",
                1,
                1,
            ),
        ] {
            let diff = updated(before, after);
            assert_eq!(
                (&*diff.hunks, diff.added, diff.removed, diff.completeness),
                (hunks, added, removed, Completeness::Complete),
                "{before:?} {after:?}"
            );
        }
    }

    #[test]
    fn changes_that_are_far_apart_have_hunks_of_their_own() {
        let before: String = (1..=30).map(|number| format!("{number}\n")).collect();
        let after = before.replace("\n5\n", "\nfive\n").replace("\n25\n", "\n");
        let diff = updated(&before, &after);
        let heads: Vec<&str> = diff.hunks.lines().filter(|line| line.starts_with("@@")).collect();
        assert_eq!(heads, ["@@ -2,7 +2,7 @@", "@@ -22,7 +22,6 @@"]);
        assert_eq!((diff.added, diff.removed), (1, 2));
    }

    #[test]
    fn hunks_are_bounded_and_counts_are_not() {
        let many: String = (0..50_000).map(|number| format!("line {number}\n")).collect();
        for (before, after, added, removed) in [
            ("", many.as_str(), 50_000, 0),
            (many.as_str(), "", 0, 50_000),
            ("short\n", &"w".repeat(1 << 20), 1, 1),
        ] {
            let diff = updated(before, after);
            assert!(
                diff.hunks.len() <= HUNKS && diff.hunks.ends_with('\n'),
                "{}",
                diff.hunks.len()
            );
            assert_eq!(
                (diff.added, diff.removed, diff.completeness),
                (added, removed, Completeness::Truncated)
            );
        }
    }

    #[test]
    fn the_model_sees_the_changed_lines_with_their_numbers() {
        let before: String = (1..=20).map(|number| format!("{number}\n")).collect();
        let after = before.replace("\n5\n", "\nfive\n").replace("\n15\n", "\n");
        assert_eq!(
            excerpt(&before, &after),
            "3\t3\n4\t4\n5\tfive\n6\t6\n7\t7\n…\n13\t13\n14\t14\n15\t16\n16\t17\n"
        );
        let long = excerpt("", &"x\n".repeat(100));
        assert_eq!(
            (long.lines().count(), long.lines().last()),
            (41, Some("… (more lines changed)"))
        );
    }
}
