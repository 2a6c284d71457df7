//! `write`: a whole file, new or in the place of one that was read.

use crate::protocol::{CallOutput, PlannedAction, ToolAudience, ToolEffects, ToolResult};

use super::change::ChangeSet;
use super::matching::LineEnding;
use crate::base::phrases::count;
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "write",
    description: codling_assets::tools::WRITE,
    parameters: r#"{
  "type": "object",
  "properties": {
    "filePath": { "type": "string", "description": "Relative to the folder, or absolute" },
    "content": { "type": "string", "description": "All that the file will hold" }
  },
  "required": ["filePath", "content"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Changes,
    audience: ToolAudience::Editors,
};

/// Plans a call of `write` with the difference it makes. Changes nothing.
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

/// Runs `write`: gives a file a new text, or makes it.
///
/// # Errors
///
/// Refuses wrong arguments, a file that may not be changed or that the model has not seen as it is,
/// and a write that fails.
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let mut change_set = ChangeSet::new(context);
    let mut text = plan(arguments, &mut change_set)?;
    let done = change_set.carry_out()?;
    for warning in &done.warnings {
        text.push_str(&format!(". {warning}"));
    }
    let title = done.diffs.first().map(|diff| diff.path.clone()).unwrap_or_default();
    Ok(CallOutput { result: ToolResult::Edits(done.diffs), ..CallOutput::text(title, text) })
}

fn plan(arguments: &mut Arguments, change_set: &mut ChangeSet<'_>) -> Result<String, ToolRefusal> {
    let path = arguments.text("filePath")?;
    let content = arguments.any_text("content")?;
    arguments.end()?;
    let file = change_set.open(&path)?;
    let shown = change_set.shown(file).to_owned();
    let lines = count(content.lines().count() as u64, "line");
    if !change_set.is_there(file) {
        change_set.write(file, content)?;
        return Ok(format!("Made `{shown}` ({lines})"));
    }
    let before = change_set.text(file)?;
    if !change_set.is_known(file) {
        return Err(ToolRefusal::NotRead { shown });
    }
    // A mark at the beginning is the file's own, not a part of its text.
    let content = content.strip_prefix('\u{feff}').unwrap_or(&content);
    // Models write `\n`, whatever the file has.
    let content = match LineEnding::of(before) {
        Some(LineEnding::CrLf) => LineEnding::CrLf.dress(content),
        Some(LineEnding::Lf) | None => content.to_owned(),
    };
    change_set.write(file, content)?;
    Ok(format!("Replaced the whole text of `{shown}` ({lines})"))
}
