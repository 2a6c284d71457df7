//! `skill`: the instructions of a skill, its folder and the files in it.

use crate::base::phrases::shorten;
use crate::extensions::{self, Skill};
use crate::protocol::{
    ActionKind, CallOutput, Location, Look, PlannedAction, Target, ToolAudience, ToolEffects,
};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "skill",
    description: codling_assets::tools::SKILL,
    parameters: r#"{
  "type": "object",
  "properties": { "name": { "type": "string" } },
  "required": ["name"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Looks,
    audience: ToolAudience::Others,
};

/// Names that are listed where there is no such skill.
const LISTED: usize = 50;

/// Plans to look at the skill's file, which its origin vouches for: nobody is asked.
///
/// # Errors
///
/// Refuses wrong arguments, and a name that no skill has.
pub fn action(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let skill = find(arguments, context)?;
    let target = Target {
        path: skill.folder.join("SKILL.md"),
        shown: skill.origin.clone(),
        location: Location::Inside,
    };
    let kind = ActionKind::Look { look: Look::Read, targets: vec![target] };
    Ok(PlannedAction::new(skill.name, kind))
}

/// Runs `skill`.
///
/// # Errors
///
/// As [`action`].
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let skill = find(arguments, context)?;
    Ok(CallOutput::text(skill.name.clone(), skill.text()))
}

fn find(arguments: &mut Arguments, context: &ToolContext<'_>) -> Result<Skill, ToolRefusal> {
    let name = arguments.text("name")?;
    arguments.end()?;
    let skills = context.skills.map(extensions::skills).unwrap_or_default();
    let bare = name.trim().trim_start_matches(['/', '$']);
    skills.named(bare).cloned().ok_or_else(|| {
        let names = skills.list.iter().take(LISTED).map(|skill| format!("`{}`", skill.name));
        let known = names.collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "none".to_owned() } else { known };
        ToolRefusal::NoSkill { name: shorten(&name, 100), known }
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use crate::protocol::{CallId, ToolCall};
    use crate::tools::Toolbox;

    fn call(name: &str) -> ToolCall {
        ToolCall {
            id: CallId::from("call_1"),
            name: "skill".into(),
            arguments: format!("{{\"name\": \"{name}\"}}"),
        }
    }

    #[tokio::test]
    async fn a_skill_is_answered_with_its_folder_and_files_and_only_where_there_are_any() {
        let dir = tempfile::tempdir().unwrap();
        let bare = Toolbox::of(dir.path(), Vec::new());
        let is_offered = |toolbox: &Toolbox| {
            toolbox.definitions().iter().any(|definition| *definition.name == *"skill")
        };
        assert!(!is_offered(&bare));
        let folder = dir.path().join(".agents/skills/pdf");
        fs::create_dir_all(folder.join("scripts")).unwrap();
        let text = "---\nname: pdf\ndescription: d\nallowed-tools: shell\n---\nDo it.";
        fs::write(folder.join("SKILL.md"), text).unwrap();
        fs::write(folder.join("scripts/run.sh"), "").unwrap();
        let toolbox = Toolbox::with_skills_of(dir.path());
        assert!(is_offered(&toolbox));
        let action = toolbox.preview(&call("pdf")).await.unwrap();
        assert_eq!(action.title, "pdf");
        let output = toolbox.answer(&call("$pdf")).await;
        assert!(output.ok, "{}", output.text);
        assert!(output.text.contains("Do it.") && output.text.contains("- scripts/run.sh"));
        let refused = toolbox.answer(&call("nope")).await;
        assert!(!refused.ok && refused.text.contains("`pdf`"), "{}", refused.text);
        // `allowed-tools` changes nothing.
        let shell = ToolCall {
            name: "shell".into(),
            arguments: r#"{"command": "touch x"}"#.into(),
            ..call("")
        };
        let before = bare.preview(&shell).await.unwrap();
        assert_eq!(toolbox.preview(&shell).await.unwrap(), before);
    }
}
