//! Folding a long text to the available rows: the first and last ones, important ones, and counts
//! of the rest.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::tui::paint::{LaidOutLines, Role};

/// The most rows of one important part.
const MOST_OF_ONE: usize = 2;
/// With fewer rows there is no room to fold.
pub const LEAST_ROWS: usize = 3;

/// A shortened view of a longer text.
#[derive(Debug, Default)]
pub struct Fold {
    pub lines: LaidOutLines,
    /// Complete rows at the beginning.
    pub head: usize,
    /// The number of rows left out.
    pub hidden: usize,
}

impl Fold {
    /// Folds the first `count` of `lines` to `room` rows; `None` if they fit, or if even a fold
    /// does not. `must` lists the important rows, most severe first.
    pub fn of(
        lines: &LaidOutLines,
        count: usize,
        must: &[Range<usize>],
        room: usize,
    ) -> Option<Self> {
        if count <= room || room < LEAST_ROWS {
            return None;
        }
        let mut shown = BTreeSet::from([0, count - 1]);
        let mut left_out = Vec::new();
        for range in must {
            let end = range.end.min(count);
            let rows = (range.start..end.min(range.start + MOST_OF_ONE)).chain(end.checked_sub(1));
            let with: BTreeSet<usize> = shown.iter().copied().chain(rows).collect();
            if cost(&with) <= room {
                shown = with;
            } else {
                left_out.push(range.start);
            }
        }
        grow(&mut shown, count, room);
        let head = (0..count).find(|row| !shown.contains(row)).unwrap_or(count);
        let mut fold = Self { lines: LaidOutLines::new(), head, hidden: 0 };
        let mut next = 0;
        for row in shown {
            fold.gap(lines, next..row, &left_out);
            copy(&mut fold.lines, lines, row);
            next = row + 1;
        }
        Some(fold)
    }

    /// Adds the row for a gap: the row itself if only one is missing, else their count.
    fn gap(&mut self, lines: &LaidOutLines, rows: Range<usize>, left_out: &[usize]) {
        match rows.len() {
            0 => {}
            1 => copy(&mut self.lines, lines, rows.start),
            count => {
                self.hidden += count;
                let words = match left_out.iter().filter(|row| rows.contains(row)).count() {
                    0 => format!("… {count} lines …"),
                    1 => format!("… {count} lines, one of them to be looked at …"),
                    grave => format!("… {count} lines, {grave} of them to be looked at …"),
                };
                self.lines.push_row(&words, Role::Warn);
            }
        }
    }
}

/// Adds rows from the beginning and the end in turn while there is room.
fn grow(shown: &mut BTreeSet<usize>, count: usize, room: usize) {
    loop {
        let before = shown.len();
        let first = (0..count).find(|row| !shown.contains(row));
        let last = (0..count).rev().find(|row| !shown.contains(row));
        for row in [first, last].into_iter().flatten() {
            shown.insert(row);
            if cost(shown) > room {
                shown.remove(&row);
            }
        }
        if shown.len() == before {
            return;
        }
    }
}

/// The number of rows, with one for each gap.
fn cost(shown: &BTreeSet<usize>) -> usize {
    let gaps = shown.iter().zip(shown.iter().skip(1)).filter(|(row, next)| *row + 1 < **next);
    shown.len() + gaps.count()
}

fn copy(to: &mut LaidOutLines, from: &LaidOutLines, row: usize) {
    from.row(row).for_each(|(piece, ink)| to.push(piece, ink));
    to.end_row();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(count: usize, must: &[Range<usize>], room: usize) -> Option<(Vec<String>, usize)> {
        let mut lines = LaidOutLines::new();
        (0..count).for_each(|row| lines.push_row(&row.to_string(), Role::Text));
        let fold = Fold::of(&lines, count, must, room)?;
        let rows = 0..fold.lines.len();
        Some((rows.map(|row| fold.lines.plain(row).to_owned()).collect(), fold.head))
    }

    #[test]
    fn the_ends_and_what_must_be_seen_are_kept_and_the_rest_is_counted() {
        assert_eq!(folded(5, &[], 5), None);
        assert_eq!(folded(5, &[], 2), None);
        assert_eq!(folded(34, &[], 3).unwrap().0, ["0", "… 32 lines …", "33"]);
        assert_eq!(
            folded(34, &[], 6).unwrap(),
            (["0", "1", "2", "… 29 lines …", "32", "33"].map(str::to_owned).into(), 3)
        );
        let must = 20..21;
        assert_eq!(
            folded(34, std::slice::from_ref(&must), 5).unwrap().0,
            ["0", "… 19 lines …", "20", "… 12 lines …", "33"].map(str::to_owned),
        );
    }

    #[test]
    fn what_must_be_seen_and_has_no_room_is_counted_as_such() {
        let must: Vec<_> = (5..30).step_by(2).map(|row| row..row + 1).collect();
        let (rows, _) = folded(34, &must, 7).unwrap();
        assert!(rows.iter().any(|row| row.contains("to be looked at")), "{rows:?}");
        assert_eq!((rows[0].as_str(), rows[rows.len() - 1].as_str()), ("0", "33"));
    }

    #[test]
    fn it_never_takes_more_rows_than_there_are() {
        for count in 4..40 {
            for room in LEAST_ROWS..count {
                for at in 0..count {
                    let must = [at..at + 5, 3..4];
                    let (rows, head) = folded(count, &must, room).unwrap();
                    assert!(rows.len() <= room && head > 0, "{count} {room} {at} {rows:?}");
                }
            }
        }
    }
}
