//! The findings of `codling review`: the schema of the answer, and how they are printed.

use serde::{Deserialize, Serialize};

use crate::base::{Console, text};
use crate::protocol::{Problem, ProblemKind};

/// The JSON Schema of the answer.
pub const SCHEMA: &str = codling_assets::prompts::REVIEW_FINDINGS_SCHEMA;

/// How findings are printed, and which ones count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingsForm {
    /// Whether stdout gets JSON.
    pub json: bool,
    /// The least severity that is printed and counted.
    pub least: Severity,
}

/// How grave a finding is, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "their names say it")]
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

impl Severity {
    /// All of them, the gravest first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The word for it, in the answer and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Findings {
    summary: String,
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Finding {
    file: String,
    line: Option<u64>,
    severity: Severity,
    title: String,
    body: String,
}

/// Prints the findings that count, the gravest first; returns how many they are.
///
/// # Errors
///
/// A [`Problem`] if the answer is not what the schema describes.
pub fn print(answer: &str, form: FindingsForm, console: &mut Console) -> Result<usize, Problem> {
    let mut all: Findings = serde_json::from_str(answer.trim()).map_err(|error| {
        Problem::new(ProblemKind::Answer, format!("The answer is no list of findings: {error}"))
            .with_next("Ask again, or use another `--model`: not every model follows a schema")
    })?;
    all.findings.retain(|finding| finding.severity <= form.least);
    all.findings.sort_by_key(|finding| finding.severity);
    if form.json {
        console.line(&serde_json::to_string_pretty(&all).unwrap_or_default());
        return Ok(all.findings.len());
    }
    console.line(&text::clean(&all.summary));
    for Finding { file, line, severity, title, body } in &all.findings {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        console.line("");
        let place = format!("{}{line}", text::clean_line(file));
        console.line(&format!("{place}  {}  {}", severity.as_str(), text::clean_line(title)));
        for row in text::clean(body).lines() {
            console.line(&format!("    {row}"));
        }
    }
    Ok(all.findings.len())
}
