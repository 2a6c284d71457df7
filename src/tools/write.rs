//! `write`: a whole file, new or in the place of one that was read. Does not know how files reach the disk.

use crate::protocol::{Audience, CallOutput, Deed, Shown, ToolSort, ToolSpec};

use super::arguments::Arguments;
use super::change::Sheet;
use super::matching::Ending;
use super::refusal::Refusal;
use super::table::Task;
use super::words::count;

pub const SPEC: ToolSpec = ToolSpec {
    name: "write",
    description: include_str!("../../assets/tools/write.md"),
    parameters: r#"{
  "type": "object",
  "properties": {
    "filePath": { "type": "string", "description": "The file, relative to the folder or absolute" },
    "content": { "type": "string", "description": "Everything that the file is to hold" }
  },
  "required": ["filePath", "content"],
  "additionalProperties": false
}"#,
    grammar: None,
    sort: ToolSort::Changes,
    audience: Audience::Editors,
};

pub fn deed(arguments: &mut Arguments, task: &Task<'_>) -> Result<Deed, Refusal> {
    let mut sheet = Sheet::draft(task);
    plan(arguments, &mut sheet)?;
    sheet.deed()
}

pub fn run(arguments: &mut Arguments, task: &Task<'_>) -> Result<CallOutput, Refusal> {
    let mut sheet = Sheet::new(task);
    let mut text = plan(arguments, &mut sheet)?;
    let done = sheet.carry_out()?;
    for warning in &done.warnings {
        text.push_str(&format!(". {warning}"));
    }
    let title = done.diffs.first().map(|diff| diff.path.clone()).unwrap_or_default();
    Ok(CallOutput { shown: Shown::Diffs(done.diffs), ..CallOutput::text(title, text) })
}

fn plan(arguments: &mut Arguments, sheet: &mut Sheet<'_>) -> Result<String, Refusal> {
    let path = arguments.text("filePath")?;
    let content = arguments.any_text("content")?;
    arguments.end()?;
    let file = sheet.open(&path)?;
    let shown = sheet.shown(file).to_owned();
    let lines = count(content.lines().count() as u64, "line");
    if !sheet.is_there(file) {
        sheet.write(file, content)?;
        return Ok(format!("Made `{shown}` ({lines})"));
    }
    let before = sheet.text(file)?;
    if !sheet.is_known(file) {
        return Err(Refusal::NotRead { shown });
    }
    // A mark at the beginning is the file's own, not a part of its text.
    let content = content.strip_prefix('\u{feff}').unwrap_or(&content);
    // Models write `\n`, whatever the file has.
    let content = match Ending::of(before) {
        Some(Ending::CrLf) => Ending::CrLf.dress(content),
        Some(Ending::Lf) | None => content.to_owned(),
    };
    sheet.write(file, content)?;
    Ok(format!("Replaced the whole text of `{shown}` ({lines})"))
}
