//! Suggests the known word that a mistyped one most likely meant.

/// The candidate nearest to `word`, if at most a third of its letters (and at least one) differ.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The number of letters to insert, delete, change or swap (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, y) in b.iter().enumerate() {
            row[j + 1] = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(before_last[j - 1] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keys_finds_the_word_and_another_word_finds_nothing() {
        let words =
            ["model", "effort", "max_steps", "idle_limit_seconds", "auth_file", "log", "run"];
        for (typed, meant) in [
            ("modle", Some("model")),
            ("Model", Some("model")),
            ("efort", Some("effort")),
            ("max_step", Some("max_steps")),
            ("max-steps", Some("max_steps")),
            ("idle_limit_secs", Some("idle_limit_seconds")),
            ("rnu", Some("run")),
            ("colour", None),
            ("", None),
            ("autonomous", None),
        ] {
            assert_eq!(nearest(typed, words), meant, "{typed}");
        }
    }
}
