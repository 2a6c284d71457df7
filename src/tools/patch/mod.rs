//! `apply_patch`: several changes of several files as one text, in the form that some models write
//! best.

mod hunk;
mod parse;
mod place;
mod shell;

use crate::protocol::{
    CallOutput, DiffKind, FileDiff, PlannedAction, ToolAudience, ToolEffects, ToolResult,
};

use super::arguments::Arguments;
use super::change::ChangeSet;
use super::edit;
use super::refusal::ToolRefusal;
use super::tool_definitions::{BuiltInDefinition, ToolContext};
use crate::base::phrases::count;
use hunk::{PatchSection, SectionAction};
use place::{PlacementError, apply};

pub use shell::meant;

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "apply_patch",
    description: include_str!("../../../assets/tools/apply_patch.md"),
    parameters: r#"{
  "type": "object",
  "properties": {
    "input": { "type": "string", "description": "The whole patch, from its first line to its last" }
  },
  "required": ["input"],
  "additionalProperties": false
}"#,
    grammar: Some(include_str!("../../../assets/tools/apply_patch.lark")),
    effects: ToolEffects::Changes,
    audience: ToolAudience::Patchers,
};

pub fn action(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let mut sheet = ChangeSet::draft(context);
    plan(arguments, &mut sheet)?;
    sheet.action()
}

pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let mut sheet = ChangeSet::new(context);
    plan(arguments, &mut sheet)?;
    let done = sheet.carry_out()?;
    let mut text: String = done.diffs.iter().map(|diff| format!("{}\n", told(diff))).collect();
    for warning in &done.warnings {
        text.push_str(&format!("{warning}\n"));
    }
    let title = match done.diffs.as_slice() {
        [only] => only.path.clone(),
        many => count(many.len() as u64, "file"),
    };
    Ok(CallOutput {
        result: ToolResult::Edits(done.diffs),
        ..CallOutput::text(title, text.trim_end())
    })
}

fn told(diff: &FileDiff) -> String {
    let FileDiff { path, kind, added, removed, .. } = diff;
    match kind {
        DiffKind::Added => format!("Made `{path}` (+{added})"),
        DiffKind::Deleted => format!("Deleted `{path}`"),
        DiffKind::Moved { from } => format!("Moved `{from}` to `{path}` (+{added} -{removed})"),
        DiffKind::Updated => format!("Changed `{path}` (+{added} -{removed})"),
    }
}

fn plan(arguments: &mut Arguments, sheet: &mut ChangeSet<'_>) -> Result<(), ToolRefusal> {
    let input = arguments.text("input")?;
    arguments.end()?;
    for section in parse::sections(&input)? {
        follow(&section, sheet)?;
    }
    Ok(())
}

fn follow(section: &PatchSection<'_>, sheet: &mut ChangeSet<'_>) -> Result<(), ToolRefusal> {
    let file = sheet.open(section.path)?;
    let shown = sheet.shown(file).to_owned();
    match &section.action {
        SectionAction::Add(text) => {
            if sheet.is_there(file) {
                return Err(ToolRefusal::AlreadyThere { shown, with: "`*** Update File:`" });
            }
            sheet.write(file, text.clone())
        }
        SectionAction::Delete => {
            sheet.own_name(section.path)?;
            match sheet.is_there(file) {
                true => sheet.remove(file),
                // Says what is there instead.
                false => drop(sheet.text(file)?),
            }
            Ok(())
        }
        SectionAction::Update { to, hunks } => {
            let text = sheet.text(file)?;
            let text = apply(text, hunks).map_err(|trouble| refusal(trouble, sheet, file))?;
            sheet.write(file, text)?;
            let Some(to) = to else { return Ok(()) };
            sheet.own_name(section.path)?;
            let target = sheet.open(to)?;
            if target != file {
                if sheet.is_there(target) {
                    return Err(ToolRefusal::AlreadyThere {
                        shown: sheet.shown(target).to_owned(),
                        with: "a patch of its own, or delete it first",
                    });
                }
                sheet.own_name(to)?;
                sheet.rename(file, target);
            }
            Ok(())
        }
    }
}

/// Lines of a file are told only when the model has seen it: nobody has allowed a look at another.
fn refusal(trouble: PlacementError, sheet: &ChangeSet<'_>, file: usize) -> ToolRefusal {
    let near = match (&trouble.missing, sheet.text(file)) {
        (Some(lines), Ok(text)) if sheet.is_known(file) => format!(".{}", edit::near(text, lines)),
        (Some(_), _) => ": `read` it again".to_owned(),
        (None, _) => String::new(),
    };
    ToolRefusal::Hunk {
        shown: sheet.shown(file).to_owned(),
        hunk: trouble.hunk,
        reason: trouble.reason,
        near,
    }
}

#[cfg(test)]
mod tests;
