//! The place that comes nearest to lines that are nowhere. A guess, and said to be one by whoever
//! tells of it.

use std::collections::{HashMap, HashSet};

use super::TextRow;

/// How often one line may stand in what is looked for before it tells nothing.
const REPEATS: usize = 8;
/// Lines looked at when not one line is the same.
const EFFORT: usize = 20_000;

/// The line (counted from 0) where what comes nearest begins; `None` where nothing comes near.
pub fn nearest(rows: &[TextRow<'_>], wanted: &[&str]) -> Option<usize> {
    let mut known: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, line) in wanted.iter().enumerate().filter(|(_, line)| line.trim().len() > 1) {
        let places = known.entry(line.trim()).or_default();
        if places.len() < REPEATS {
            places.push(at);
        }
    }
    // Every line that is the same votes for where the block would begin.
    let mut votes: HashMap<usize, usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        for offset in known.get(row.text.trim()).into_iter().flatten() {
            *votes.entry(at.saturating_sub(*offset)).or_default() += row.text.trim().len();
        }
    }
    let elected = votes.into_iter().max_by_key(|(at, weight)| (*weight, usize::MAX - at));
    elected.map(|(at, _)| at).or_else(|| most_alike(rows, wanted))
}

/// By the words of the longest line.
fn most_alike(rows: &[TextRow<'_>], wanted: &[&str]) -> Option<usize> {
    let (offset, longest) = wanted.iter().enumerate().max_by_key(|(_, line)| line.trim().len())?;
    let looked_for: HashSet<&str> = words(longest).collect();
    let shared = |row: &TextRow<'_>| {
        words(row.text).collect::<HashSet<_>>().intersection(&looked_for).count()
    };
    let best = rows
        .iter()
        .take(EFFORT)
        .map(shared)
        .enumerate()
        .max_by_key(|(at, shared)| (*shared, usize::MAX - at));
    best.filter(|(_, shared)| *shared * 2 >= looked_for.len().max(1) && *shared > 0)
        .map(|(at, _)| at.saturating_sub(offset))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    // Long lines say what they say at their beginning.
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).take(200)
}
