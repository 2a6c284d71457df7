//! The report of an evaluation: tables for people, JSON for programs.

pub mod record;
pub mod resume;
mod summary;
pub mod table;

use serde::Serialize;

use crate::base::phrases::{count, grouped};

use record::{AttemptRecord, Tokens, Verdict};
use summary::{Summary, cost, summaries};
use table::Table;

/// The version of the JSON format.
pub const VERSION: u32 = 2;

/// All attempts so far, in the order of their keys.
pub struct Report<'a> {
    pub attempts: &'a [AttemptRecord],
    /// How many there will be in the end.
    pub planned: usize,
}

impl Report<'_> {
    /// A row for each attempt, one for each combination, and the sums.
    pub fn table(&self) -> String {
        let combinations = summaries(self.attempts);
        let has_repeats = self.attempts.iter().any(|attempt| attempt.key.repeat > 1);
        let headings =
            ["task", "combination", "try", "result", "tokens", "cached", "steps", "seconds"];
        let mut rows = Table::new(&headings, 4);
        for attempt in self.attempts {
            let name = (combinations.len() > 1).then(|| attempt.key.combination.name());
            rows.row([
                attempt.key.task.clone(),
                name.unwrap_or_default(),
                if has_repeats { attempt.key.repeat.to_string() } else { String::new() },
                result(attempt),
                grouped(attempt.tokens.total()),
                attempt.tokens.cached_share(),
                attempt.steps.to_string(),
                seconds(attempt.seconds),
            ]);
        }
        let mut tokens = Tokens::default();
        self.attempts.iter().for_each(|attempt| tokens.add(attempt.tokens));
        let skipped = self.skipped();
        let sums = [
            format!("{} of {} passed", self.passed(), self.planned - skipped),
            if skipped > 0 { format!("{skipped} skipped") } else { String::new() },
            format!("{} tokens ({} cached)", grouped(tokens.total()), tokens.cached_share()),
            cost(self.attempts.iter()).map(dollars).unwrap_or_default(),
            count(self.attempts.iter().map(|attempt| attempt.steps).sum(), "step"),
            format!("{} s", seconds(self.attempts.iter().map(|attempt| attempt.seconds).sum())),
        ];
        let sums: Vec<_> = sums.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}\n{}\n{}\n", rows.print(), by_combination(&combinations), sums.join(" · "))
    }

    /// The report as one JSON object.
    ///
    /// # Errors
    ///
    /// An error of the serializer.
    pub fn json(&self) -> serde_json::Result<String> {
        let mut tokens = Tokens::default();
        self.attempts.iter().for_each(|attempt| tokens.add(attempt.tokens));
        let skipped = self.skipped();
        let report = ReportLine {
            version: VERSION,
            codling: env!("CARGO_PKG_VERSION"),
            passed: self.passed(),
            of: self.planned - skipped,
            skipped,
            tokens,
            cost_usd: cost(self.attempts.iter()),
            combinations: summaries(self.attempts),
            attempts: self.attempts,
        };
        serde_json::to_string_pretty(&report).map(|text| text + "\n")
    }

    /// Whether everything was attempted, and all that was not skipped passed.
    pub fn is_success(&self) -> bool {
        let passed = self.passed();
        self.attempts.len() == self.planned && passed > 0 && passed + self.skipped() == self.planned
    }

    fn passed(&self) -> usize {
        self.attempts.iter().filter(|attempt| attempt.passed).count()
    }

    fn skipped(&self) -> usize {
        self.attempts.iter().filter(|attempt| attempt.result == Verdict::Skipped).count()
    }
}

fn by_combination(combinations: &[Summary]) -> String {
    let headings = [
        "combination",
        "pass@1",
        "95 %",
        "attempts",
        "tokens",
        "cached",
        "cost",
        "steps",
        "seconds",
    ];
    let mut rows = Table::new(&headings, 1);
    for summary in combinations {
        let interval = summary.interval.map(|ends| ends.map(percent).join(" to "));
        rows.row([
            summary.combination.name(),
            summary.pass_at_1.map_or_else(|| "-".into(), percent),
            interval.unwrap_or_else(|| "-".into()),
            format!("{}/{}", summary.passed, summary.attempts),
            grouped(summary.tokens.total()),
            summary.tokens.cached_share(),
            summary.cost_usd.map(dollars).unwrap_or_default(),
            summary.steps.to_string(),
            seconds(summary.seconds),
        ]);
    }
    rows.print()
}

/// The verdict; for a skipped attempt with the program that is missing.
fn result(attempt: &AttemptRecord) -> String {
    let word = attempt.result.word();
    match &attempt.why {
        Some(why) if attempt.result == Verdict::Skipped => format!("{word}: {why}"),
        _ => word.to_owned(),
    }
}

#[derive(Serialize)]
struct ReportLine<'a> {
    version: u32,
    codling: &'a str,
    passed: usize,
    of: usize,
    skipped: usize,
    tokens: Tokens,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<f64>,
    combinations: Vec<Summary>,
    attempts: &'a [AttemptRecord],
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

fn dollars(cost: f64) -> String {
    format!("${cost:.4}")
}

/// Seconds for people.
pub fn seconds(seconds: f64) -> String {
    format!("{seconds:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::grid::{AttemptKey, Combination};

    fn attempt(task: &str, model: &str, result: Verdict, input: u64, cached: u64) -> AttemptRecord {
        let combination = Combination { model: Some(model.into()), ..Combination::default() };
        let key = AttemptKey { task: task.into(), combination, repeat: 1 };
        let tokens = Tokens { input, cached, output: 100, reasoning: 7 };
        let record = AttemptRecord::new(key, "ses_1".into()).ended((result, Some("gcc".into())));
        AttemptRecord { tokens, steps: 3, seconds: 1.3, ..record }
    }

    #[test]
    fn a_report_is_a_table_and_the_same_as_json() {
        let attempts = [
            attempt("b", "x", Verdict::Broken, 0, 0),
            attempt("fix-the-sum", "x", Verdict::Passed, 12_000, 9_000),
        ];
        let report = Report { attempts: &attempts, planned: 3 };
        assert_eq!(
            report.table(),
            "\
task         result  tokens  cached  steps  seconds
b            broken     100       -      3      1.3
fix-the-sum  passed  12,100     75%      3      1.3

combination  pass@1       95 %  attempts  tokens  cached  steps  seconds
x               50%  9% to 91%       1/2  12,200     75%      6      2.6

1 of 3 passed · 12,200 tokens (75% cached) · 6 steps · 2.6 s
"
        );
        let json: serde_json::Value = serde_json::from_str(&report.json().unwrap()).unwrap();
        assert_eq!((&json["passed"], &json["of"]), (&1.into(), &3.into()));
        assert_eq!(json["attempts"][1]["tokens"]["cached"], 9_000);
        assert_eq!(json["attempts"][1]["seconds"], 1.3);
        assert_eq!(json["combinations"][0]["pass_at_1"], 0.5);
        assert!(!report.is_success());
    }

    #[test]
    fn several_combinations_are_named_and_a_skipped_task_tells_what_is_missing() {
        let mut attempts =
            [attempt("a", "x", Verdict::Passed, 1, 0), attempt("a", "y", Verdict::Skipped, 1, 0)];
        attempts[0].cost_usd = Some(0.25);
        let report = Report { attempts: &attempts, planned: 2 };
        let table = report.table();
        assert!(table.contains("a     y            skipped: gcc"), "{table}");
        assert!(table.contains("1 of 1 passed · 1 skipped · "), "{table}");
        assert!(table.contains("$0.2500"), "{table}");
        assert!(report.is_success());
        let only_skipped = Report { attempts: &attempts[1..], planned: 1 };
        assert!(!only_skipped.is_success());
    }
}
