//! `apply_patch`: several changes of several files as one text, in the form that some models write
//! best.

mod answer;
mod hunk;
mod parse;
mod placement;
pub mod program;

use std::time::Instant;

use crate::protocol::{CallOutput, PlannedAction, ToolAudience, ToolEffects, ToolFace, ToolResult};

use super::change::ChangeSet;
use super::edit;
use crate::base::phrases::count;
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};
use hunk::{PatchSection, SectionAction};
use placement::{PlacementError, apply};

pub use parse::HEADS;

/// Names under which lines of the shell call it; the second is a common misspelling.
pub const NAMES: [&str; 2] = [SPEC.name, "applypatch"];

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "apply_patch",
    description: codling_assets::tools::APPLY_PATCH,
    parameters: r#"{
  "type": "object",
  "properties": {
    "input": { "type": "string", "description": "The whole patch, from its first line to its last" }
  },
  "required": ["input"],
  "additionalProperties": false
}"#,
    grammar: Some(codling_assets::tools::APPLY_PATCH_GRAMMAR),
    effects: ToolEffects::Changes,
    audience: ToolAudience::Patchers,
};

/// Plans a call of `apply_patch` with the differences it makes. Changes nothing.
///
/// # Errors
///
/// Refuses what [`run`] would refuse now.
pub fn action(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let mut change_set = ChangeSet::draft(context);
    plan(&input(arguments)?, &mut change_set)?;
    change_set.action()
}

/// Runs `apply_patch`: changes all files of the patch, or none.
///
/// # Errors
///
/// Refuses a patch that cannot be read or does not fit, a file that may not be changed, and a write
/// that fails. No file has changed then.
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let began = Instant::now();
    let mut change_set = ChangeSet::new(context);
    let notes = plan(&input(arguments)?, &mut change_set)?;
    let done = change_set.carry_out()?;
    let mut text = match context.face {
        ToolFace::Codex => answer::as_codex(&done.diffs, began.elapsed()),
        ToolFace::Own => answer::own(&done.diffs),
    };
    for warning in notes.iter().chain(&done.warnings) {
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

fn input(arguments: &mut Arguments) -> Result<String, ToolRefusal> {
    let input = arguments.text("input")?;
    arguments.end()?;
    Ok(input)
}

/// Notes for the model, about changes that it may have meant otherwise.
fn plan(input: &str, change_set: &mut ChangeSet<'_>) -> Result<Vec<String>, ToolRefusal> {
    let mut notes = Vec::new();
    for section in parse::sections(input)? {
        follow(&section, change_set, &mut notes)?;
    }
    Ok(notes)
}

fn follow(
    section: &PatchSection<'_>,
    change_set: &mut ChangeSet<'_>,
    notes: &mut Vec<String>,
) -> Result<(), ToolRefusal> {
    let file = change_set.open(section.path)?;
    let shown = change_set.shown(file).to_owned();
    match &section.action {
        SectionAction::Add(text) => {
            if change_set.is_there(file) {
                return Err(ToolRefusal::AlreadyThere { shown, with: "`*** Update File:`" });
            }
            change_set.write(file, text.clone())
        }
        SectionAction::Delete => {
            change_set.own_name(section.path)?;
            match change_set.is_there(file) {
                true => change_set.remove(file),
                // Says what is there instead.
                false => drop(change_set.text(file)?),
            }
            Ok(())
        }
        SectionAction::Update { to, hunks } => {
            let text = change_set.text(file)?;
            let patched = apply(text, hunks).map_err(|error| refusal(error, change_set, file))?;
            notes.extend(patched.appended.iter().map(|(hunk, line)| {
                format!(
                    "Hunk {hunk} of `{shown}` names no place: its lines stand at the end of the file, from line {line} on"
                )
            }));
            change_set.write(file, patched.text)?;
            let Some(to) = to else { return Ok(()) };
            change_set.own_name(section.path)?;
            let target = change_set.open(to)?;
            if target != file {
                if change_set.is_there(target) {
                    return Err(ToolRefusal::AlreadyThere {
                        shown: change_set.shown(target).to_owned(),
                        with: "a patch of its own, or delete it first",
                    });
                }
                change_set.own_name(to)?;
                change_set.rename(file, target);
            }
            Ok(())
        }
    }
}

/// Lines of a file are told only when the model has seen it: nobody has allowed a look at another.
fn refusal(error: PlacementError, change_set: &ChangeSet<'_>, file: usize) -> ToolRefusal {
    let near = match (&error.missing, change_set.text(file)) {
        (Some(lines), Ok(text)) if change_set.is_known(file) => {
            format!(".{}", edit::near(text, lines))
        }
        (Some(_), _) => ": read it again".to_owned(),
        (None, _) => String::new(),
    };
    ToolRefusal::Hunk {
        shown: change_set.shown(file).to_owned(),
        hunk: error.hunk,
        reason: error.reason,
        near,
    }
}

#[cfg(test)]
mod tests;
