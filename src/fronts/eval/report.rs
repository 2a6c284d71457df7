//! The report of an evaluation: a table for people, JSON for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::base::phrases::{count, grouped};
use crate::base::text;
use crate::protocol::Usage;

use super::attempt::{Attempt, AttemptOutcome};
use super::task::Task;

/// The version of the JSON format.
const VERSION: u32 = 1;

/// All attempts, in the order of the tasks.
pub struct Report<'a> {
    pub tasks: &'a [Task],
    pub attempts: &'a [Attempt],
}

impl AttemptOutcome {
    /// The outcome in a word or two.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::NotPassed(_) => "failed",
            Self::CheckTimedOut => "check timed out",
            Self::OutOfSteps => "out of steps",
            Self::OutOfTime => "out of time",
            Self::OutOfTokens => "out of tokens",
            Self::Broken(_) => "broken",
            Self::Interrupted => "interrupted",
        }
    }

    fn why(&self) -> Option<&str> {
        match self {
            Self::NotPassed(said) => Some(said),
            Self::Broken(problem) => Some(&problem.message),
            _ => None,
        }
    }
}

impl Report<'_> {
    /// A row for each task, and the sums.
    pub fn table(&self) -> String {
        let mut rows =
            vec![["task", "result", "tokens", "cached", "steps", "seconds"].map(str::to_owned)];
        for attempt in self.attempts {
            let Usage { input, output, .. } = attempt.usage;
            rows.push([
                text::clean_line(&self.tasks[attempt.task].name).into_owned(),
                attempt.outcome.word().to_owned(),
                grouped(input + output),
                share(attempt.usage),
                attempt.steps.to_string(),
                seconds(attempt.took.as_secs_f64()),
            ]);
        }
        let widths: Vec<usize> = (0..6)
            .map(|column| rows.iter().map(|row| text::width(&row[column])).max().unwrap_or(0))
            .collect();
        let mut table = String::new();
        for row in &rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let room = " ".repeat(width - text::width(cell));
                // Text is aligned left, numbers right.
                let (before, behind) =
                    if column < 2 { ("", room) } else { (room.as_str(), String::new()) };
                let _fits = write!(line, "{before}{cell}{behind}  ");
            }
            table.push_str(line.trim_end());
            table.push('\n');
        }
        let total = self.usage();
        let _fits = writeln!(
            table,
            "\n{} of {} passed · {} tokens ({} cached) · {} · {} s",
            self.passed(),
            self.tasks.len(),
            grouped(total.input + total.output),
            share(total),
            count(self.attempts.iter().map(|attempt| attempt.steps).sum(), "step"),
            seconds(self.attempts.iter().map(|attempt| attempt.took.as_secs_f64()).sum()),
        );
        table
    }

    /// The report as one JSON object.
    ///
    /// # Errors
    ///
    /// An error of the serializer.
    pub fn json(&self) -> serde_json::Result<String> {
        let tasks = self.attempts.iter().map(|attempt| TaskLine {
            task: &self.tasks[attempt.task].name,
            result: attempt.outcome.word(),
            passed: attempt.outcome == AttemptOutcome::Passed,
            why: attempt.outcome.why(),
            session: attempt.session.as_str(),
            tokens: TokenLine::of(attempt.usage),
            steps: attempt.steps,
            seconds: rounded(attempt.took.as_secs_f64()),
        });
        let report = ReportLine {
            version: VERSION,
            codling: env!("CARGO_PKG_VERSION"),
            passed: self.passed(),
            of: self.tasks.len(),
            tokens: TokenLine::of(self.usage()),
            tasks: tasks.collect(),
        };
        serde_json::to_string_pretty(&report).map(|text| text + "\n")
    }

    fn passed(&self) -> usize {
        self.attempts.iter().filter(|attempt| attempt.outcome == AttemptOutcome::Passed).count()
    }

    fn usage(&self) -> Usage {
        let mut total = Usage::default();
        self.attempts.iter().for_each(|attempt| total.add(attempt.usage));
        total
    }
}

#[derive(Serialize)]
struct ReportLine<'a> {
    version: u32,
    codling: &'a str,
    passed: usize,
    of: usize,
    tokens: TokenLine,
    tasks: Vec<TaskLine<'a>>,
}

#[derive(Serialize)]
struct TaskLine<'a> {
    task: &'a str,
    result: &'a str,
    passed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    session: &'a str,
    tokens: TokenLine,
    steps: u64,
    seconds: f64,
}

#[derive(Serialize)]
struct TokenLine {
    input: u64,
    cached: u64,
    output: u64,
    reasoning: u64,
}

impl TokenLine {
    fn of(Usage { input, cached, output, reasoning, .. }: Usage) -> Self {
        Self { input, cached, output, reasoning }
    }
}

/// The share of the input tokens that came from the cache.
fn share(usage: Usage) -> String {
    let share = usage.cached.saturating_mul(100).checked_div(usage.input);
    share.map_or_else(|| "-".into(), |percent| format!("{percent}%"))
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

fn seconds(seconds: f64) -> String {
    format!("{:.1}", rounded(seconds))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::protocol::{Problem, ProblemKind};

    use super::super::task::Limits;
    use super::*;

    fn task(name: &str) -> Task {
        let limits =
            Limits { time: Duration::ZERO, check_time: Duration::ZERO, steps: 1, tokens: 1 };
        Task {
            name: name.into(),
            prompt: "p".into(),
            check: "true".into(),
            repo: "r".into(),
            overlay: None,
            limits,
            model: None,
        }
    }

    fn attempt(task: usize, outcome: AttemptOutcome, input: u64, cached: u64) -> Attempt {
        Attempt {
            task,
            session: "ses_1".into(),
            outcome,
            usage: Usage { input, cached, output: 100, reasoning: 7, cost: None },
            steps: 3,
            took: Duration::from_millis(1_260),
        }
    }

    #[test]
    fn a_report_is_a_table_and_the_same_as_json() {
        let tasks = [task("fix-the-sum"), task("b"), task("never-begun")];
        let broken = AttemptOutcome::Broken(Problem::new(ProblemKind::Network, "No line"));
        let attempts =
            [attempt(0, AttemptOutcome::Passed, 12_000, 9_000), attempt(1, broken, 0, 0)];
        let report = Report { tasks: &tasks, attempts: &attempts };
        assert_eq!(
            report.table(),
            "\
task         result  tokens  cached  steps  seconds
fix-the-sum  passed  12,100     75%      3      1.3
b            broken     100       -      3      1.3

1 of 3 passed · 12,200 tokens (75% cached) · 6 steps · 2.5 s
"
        );
        let json: serde_json::Value = serde_json::from_str(&report.json().unwrap()).unwrap();
        assert_eq!((&json["passed"], &json["of"]), (&1.into(), &3.into()));
        assert_eq!(json["tasks"][1]["why"], "No line");
        assert_eq!(json["tasks"][0]["tokens"]["cached"], 9_000);
        assert_eq!(json["tasks"][0]["seconds"], 1.3);
    }
}
