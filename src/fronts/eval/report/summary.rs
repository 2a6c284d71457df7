//! The summary of each combination: how often it passed, how sure that is, and what it took.

use std::collections::BTreeMap;

use serde::Serialize;

use super::record::{AttemptRecord, Tokens, Verdict, rounded};
use crate::eval::grid::Combination;

/// How many standard deviations lie on each side of a 95 % interval.
const DEVIATIONS: f64 = 1.959_964;

/// All attempts with one combination. Those that were skipped do not count.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    #[serde(flatten)]
    pub combination: Combination,
    pub attempts: usize,
    pub passed: usize,
    /// The mean over the tasks of the share of attempts that passed; `None` without attempts.
    pub pass_at_1: Option<f64>,
    /// Wilson's interval for the share of all attempts that pass, with 95 % confidence.
    pub interval: Option<[f64; 2]>,
    pub tokens: Tokens,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    pub steps: u64,
    pub seconds: f64,
}

/// The summaries of all combinations, in their order.
pub fn summaries(records: &[AttemptRecord]) -> Vec<Summary> {
    let mut by_combination: BTreeMap<&Combination, Vec<&AttemptRecord>> = BTreeMap::new();
    for record in records {
        by_combination.entry(&record.key.combination).or_default().push(record);
    }
    by_combination.into_iter().map(|(combination, own)| summary(combination, &own)).collect()
}

fn summary(combination: &Combination, records: &[&AttemptRecord]) -> Summary {
    let counted: Vec<_> =
        records.iter().filter(|record| record.result != Verdict::Skipped).collect();
    let passed = counted.iter().filter(|record| record.passed).count();
    let mut by_task: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for record in &counted {
        let (passed, attempts) = by_task.entry(&record.key.task).or_default();
        *passed += usize::from(record.passed);
        *attempts += 1;
    }
    let shares = by_task.values().map(|(passed, attempts)| share(*passed, *attempts));
    let pass_at_1 = (!by_task.is_empty()).then(|| shares.sum::<f64>() / number(by_task.len()));
    let mut tokens = Tokens::default();
    records.iter().for_each(|record| tokens.add(record.tokens));
    Summary {
        combination: combination.clone(),
        attempts: counted.len(),
        passed,
        pass_at_1,
        interval: (!counted.is_empty()).then(|| wilson(passed, counted.len())),
        tokens,
        cost_usd: cost(records.iter().copied()),
        steps: records.iter().map(|record| record.steps).sum(),
        seconds: rounded(records.iter().map(|record| record.seconds).sum()),
    }
}

/// The sum of the costs that are known; `None` where none is.
pub fn cost<'a>(records: impl Iterator<Item = &'a AttemptRecord>) -> Option<f64> {
    records.filter_map(|record| record.cost_usd).reduce(|sum, cost| sum + cost)
}

/// Wilson's interval with 95 % confidence: the lower and the upper end.
fn wilson(passed: usize, attempts: usize) -> [f64; 2] {
    let (of, share) = (number(attempts), share(passed, attempts));
    let squared = DEVIATIONS * DEVIATIONS;
    let middle = share + squared / (2.0 * of);
    let spread = (share * (1.0 - share) / of + squared / (4.0 * of * of)).sqrt() * DEVIATIONS;
    let scale = 1.0 + squared / of;
    [(middle - spread) / scale, (middle + spread) / scale].map(|end| end.clamp(0.0, 1.0))
}

fn share(passed: usize, attempts: usize) -> f64 {
    number(passed) / number(attempts)
}

#[expect(clippy::cast_precision_loss, reason = "nobody makes so many attempts")]
fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::grid::AttemptKey;

    fn record(task: &str, model: &str, repeat: u32, result: Verdict) -> AttemptRecord {
        let combination = Combination { model: Some(model.into()), ..Combination::default() };
        let key = AttemptKey { task: task.into(), combination, repeat };
        let record = AttemptRecord::new(key, "ses_1".into()).ended((result, None));
        AttemptRecord { cost_usd: record.passed.then_some(0.5), ..record }
    }

    #[test]
    fn each_task_counts_alike_however_often_it_was_attempted() {
        let records = [
            record("a", "x", 1, Verdict::Passed),
            record("a", "x", 2, Verdict::Passed),
            record("a", "x", 3, Verdict::Passed),
            record("b", "x", 1, Verdict::Failed),
            record("c", "x", 1, Verdict::Skipped),
            record("a", "y", 1, Verdict::Skipped),
        ];
        let [x, y] = &summaries(&records)[..] else { panic!("two combinations") };
        assert_eq!((x.attempts, x.passed, x.pass_at_1), (4, 3, Some(0.5)));
        assert_eq!(x.cost_usd, Some(1.5));
        assert_eq!((y.attempts, y.pass_at_1, y.interval, y.cost_usd), (0, None, None, None));
    }

    #[test]
    fn the_interval_is_wilsons() {
        for (passed, attempts, [low, high]) in
            [(0, 10, [0.0, 0.2775]), (8, 10, [0.4902, 0.9433]), (30, 30, [0.8865, 1.0])]
        {
            let [from, to] = wilson(passed, attempts);
            let fits = (from - low).abs() < 1e-4 && (to - high).abs() < 1e-4;
            assert!(fits, "{passed} of {attempts}: {from} to {to}");
        }
    }
}
