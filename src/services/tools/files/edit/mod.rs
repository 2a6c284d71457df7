//! `edit`: one piece of a file replaced by another.

mod replace;

use crate::protocol::{CallOutput, PlannedAction, ToolAudience, ToolEffects, ToolResult};

use super::change::{ChangeOutcome, ChangeSet};
use super::matching::{nearest, rows};
use crate::base::phrases::{count, shorten, size};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};
use crate::tools::folder::text_file::LIMIT;
use replace::{Leniency, ReplaceMiss, ReplaceScope, replace};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "edit",
    description: codling_assets::tools::EDIT,
    parameters: r#"{
  "type": "object",
  "properties": {
    "filePath": { "type": "string", "description": "Relative to the folder, or absolute" },
    "oldString": { "type": "string", "description": "The text as it is in the file, without line numbers, with enough lines around it to occur only once. Empty: create the file" },
    "newString": { "type": "string", "description": "The text that replaces it" },
    "replaceAll": { "type": "boolean", "description": "Replace every occurrence" }
  },
  "required": ["filePath", "oldString", "newString"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Changes,
    audience: ToolAudience::Editors,
};

/// Lines of the nearest place that the model is shown.
const SHOWN: usize = 8;

/// Plans a call of `edit` with the difference it makes. Changes nothing.
///
/// # Errors
///
/// Refuses what [`run`] would refuse now.
pub fn action(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let mut change_set = ChangeSet::draft(context);
    plan(arguments, &mut change_set)?;
    change_set.action()
}

/// Runs `edit`: replaces text in a file.
///
/// # Errors
///
/// Refuses wrong arguments, text that is not found or found several times, a file that may not be
/// changed, and a write that fails.
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let mut change_set = ChangeSet::new(context);
    let summary = plan(arguments, &mut change_set)?;
    change_set.carry_out().map(|done| output(done, &summary))
}

/// The answer of a tool that changes one file: the change, its warnings, and the lines as they are
/// now.
pub fn output(done: ChangeOutcome, summary: &str) -> CallOutput {
    let title = done.diffs.first().map(|diff| diff.path.clone()).unwrap_or_default();
    let mut text = summary.to_owned();
    for warning in &done.warnings {
        text.push_str(&format!(". {warning}"));
    }
    for excerpt in done.excerpts.iter().filter(|excerpt| !excerpt.is_empty()) {
        text.push_str(&format!(". Its lines are now:\n{}", excerpt.trim_end()));
    }
    CallOutput { result: ToolResult::Edits(done.diffs), ..CallOutput::text(title, text) }
}

/// The sentence that says what is done.
fn plan(arguments: &mut Arguments, change_set: &mut ChangeSet<'_>) -> Result<String, ToolRefusal> {
    let path = arguments.text("filePath")?;
    let old = arguments.any_text("oldString")?;
    let new = arguments.any_text("newString")?;
    let scope = if arguments.optional_flag("replaceAll")? == Some(true) {
        ReplaceScope::All
    } else {
        ReplaceScope::One
    };
    arguments.end()?;
    let file = change_set.open(&path)?;
    let shown = change_set.shown(file).to_owned();
    if old.is_empty() {
        if change_set.is_there(file) {
            return Err(ToolRefusal::AlreadyThere {
                shown,
                with: "an `oldString` that stands in it",
            });
        }
        change_set.write(file, new)?;
        return Ok(format!("Made `{shown}`"));
    }
    let text = change_set.text(file)?;
    if old == new {
        return Err(ToolRefusal::SameText);
    }
    if !change_set.is_known(file) {
        return Err(ToolRefusal::NotRead { shown });
    }
    let replaced =
        replace(text, &old, &new, scope).map_err(|miss| refusal(miss, &shown, text, &old))?;
    let places = if replaced.places == 1 {
        String::new()
    } else {
        format!(" at {}", count(replaced.places as u64, "place"))
    };
    let summary = format!("Changed `{shown}`{places}{}", overlooked(replaced.leniency));
    change_set.write(file, replaced.text)?;
    Ok(summary)
}

/// Names the part that did not fit exactly, so that the model gets it right next time.
fn overlooked(leniency: Leniency) -> &'static str {
    match leniency {
        Leniency::None => "",
        Leniency::LineEnds => ", whose lines end differently than those of `oldString`",
        Leniency::TrailingBlanks => ", whose lines differ from `oldString` in blanks at their ends",
        Leniency::Indentation => {
            ", where `oldString` is indented differently; `newString` follows the indentation of the file"
        }
        Leniency::BlankLines => ", where `oldString` has other blank lines around it",
        Leniency::Escapes => {
            ", where `oldString` was escaped once too often; `newString` was unescaped as well"
        }
        Leniency::LookAlikes => {
            ", where other characters stand that look like those of `oldString` (quotes, dashes, blanks)"
        }
    }
}

fn refusal(miss: ReplaceMiss, shown: &str, text: &str, old: &str) -> ToolRefusal {
    let shown = shown.to_owned();
    match miss {
        ReplaceMiss::Ambiguous(mut lines) => {
            lines.dedup();
            ToolRefusal::Ambiguous { shown, lines }
        }
        ReplaceMiss::Missing => ToolRefusal::NotFound { shown, near: near(text, old) },
        ReplaceMiss::TooLarge => ToolRefusal::LargeChange {
            shown,
            size: format!("more than {}", size(LIMIT)),
            limit: size(LIMIT),
        },
    }
}

/// The lines that come nearest, with their numbers.
pub fn near(text: &str, old: &str) -> String {
    let rows = rows(text);
    let wanted: Vec<&str> = old.lines().collect();
    let Some(at) = nearest(&rows, &wanted) else {
        return " Nothing in it comes near: read it again".to_owned();
    };
    let lines = rows.iter().enumerate().skip(at).take(wanted.len().clamp(1, SHOWN));
    let lines: Vec<String> = lines
        .map(|(number, row)| format!("\n{}\t{}", number + 1, shorten(row.text, 200)))
        .collect();
    format!(" What comes nearest begins at line {}:{}", at + 1, lines.concat())
}

#[cfg(test)]
mod tests;
