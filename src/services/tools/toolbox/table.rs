//! The table of built-in tools: for each its definition, its plan of a call, and how it runs.

use std::sync::Arc;

use super::tool_source::find_tools;
use crate::base::phrases::shorten;
use crate::protocol::{
    ActionKind, CallOutput, CallResult, Look, PlannedAction, ToolCall, ToolDefinition,
};
use crate::tools::ask::{question, todo};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{Answering, AsyncToolContext, BuiltInDefinition, ToolContext};
use crate::tools::files::{edit, glob, grep, list, patch, read, skill, write};
use crate::tools::jobs::{exec_command, write_stdin};
use crate::tools::pictures::view_image;
use crate::tools::shell::CommandContext;
use crate::tools::{shell, web};

pub struct BuiltInTool {
    pub spec: BuiltInDefinition,
    /// The verb of the tool, for people.
    pub verb: &'static str,
    /// Plans the call; it changes nothing.
    pub action: fn(&mut Arguments, &ToolContext<'_>) -> Result<PlannedAction, ToolRefusal>,
    pub run: ToolFunction,
}

pub enum ToolFunction {
    Awaited(for<'a> fn(Arguments, AsyncToolContext<'a>) -> Answering<'a>),
    /// Starts something that may go on when the call is answered.
    Starting,
    /// Waits for what was started.
    Visiting,
    /// Looks among the tools of the sources.
    Finding,
    Blocking(fn(&mut Arguments, &ToolContext<'_>) -> Result<CallOutput, ToolRefusal>),
    /// Starts something that is ended when nobody waits for it, and is heard while it runs.
    Commanding(
        fn(&mut Arguments, &ToolContext<'_>, CommandContext) -> Result<CallResult, ToolRefusal>,
    ),
}

pub static TOOLS: &[BuiltInTool] = &[
    BuiltInTool {
        spec: patch::SPEC,
        verb: "patch",
        action: patch::action,
        run: ToolFunction::Blocking(patch::run),
    },
    BuiltInTool {
        spec: edit::SPEC,
        verb: "edit",
        action: edit::action,
        run: ToolFunction::Blocking(edit::run),
    },
    BuiltInTool {
        spec: exec_command::SPEC,
        verb: shell::VERB,
        action: exec_command::action,
        run: ToolFunction::Starting,
    },
    BuiltInTool {
        spec: find_tools::SPEC,
        verb: "find tools",
        action: find_tools::action,
        run: ToolFunction::Finding,
    },
    BuiltInTool {
        spec: glob::SPEC,
        verb: "glob",
        action: |arguments, context| look(Look::Search, arguments, context),
        run: ToolFunction::Blocking(glob::run),
    },
    BuiltInTool {
        spec: grep::SPEC,
        verb: "grep",
        action: |arguments, context| look(Look::Search, arguments, context),
        run: ToolFunction::Blocking(grep::run),
    },
    BuiltInTool {
        spec: list::SPEC,
        verb: "list",
        action: |arguments, context| look(Look::List, arguments, context),
        run: ToolFunction::Blocking(list::run),
    },
    BuiltInTool {
        spec: question::SPEC,
        verb: "question",
        action: question::action,
        run: ToolFunction::Blocking(question::run),
    },
    BuiltInTool {
        spec: read::SPEC,
        verb: "read",
        action: |arguments, context| look(Look::Read, arguments, context),
        run: ToolFunction::Blocking(read::run),
    },
    BuiltInTool {
        spec: question::REQUEST_USER_INPUT,
        verb: "question",
        action: question::action,
        run: ToolFunction::Blocking(question::run),
    },
    BuiltInTool {
        spec: shell::SPEC,
        verb: shell::VERB,
        action: shell::action,
        run: ToolFunction::Commanding(shell::run),
    },
    BuiltInTool {
        spec: skill::SPEC,
        verb: "skill",
        action: skill::action,
        run: ToolFunction::Blocking(skill::run),
    },
    BuiltInTool {
        spec: todo::SPEC,
        verb: "plan",
        action: todo::action,
        run: ToolFunction::Blocking(todo::run),
    },
    BuiltInTool {
        spec: todo::UPDATE_PLAN,
        verb: "plan",
        action: todo::action,
        run: ToolFunction::Blocking(todo::run),
    },
    BuiltInTool {
        spec: view_image::SPEC,
        verb: "look at",
        action: |arguments, context| look(Look::Read, arguments, context),
        run: ToolFunction::Blocking(view_image::run),
    },
    BuiltInTool {
        spec: web::SPEC,
        verb: "fetch",
        action: web::action,
        run: ToolFunction::Awaited(web::run),
    },
    BuiltInTool {
        spec: write::SPEC,
        verb: "write",
        action: write::action,
        run: ToolFunction::Blocking(write::run),
    },
    BuiltInTool {
        spec: write_stdin::SPEC,
        verb: "type",
        action: write_stdin::action,
        run: ToolFunction::Visiting,
    },
];

/// The plan of every tool that only reads: to look at its path.
fn look(
    look: Look,
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let path = arguments.path().unwrap_or_else(|| ".".to_owned());
    let target = context.folder.target(&path)?;
    let title = arguments.subject().unwrap_or_else(|| target.shown.clone());
    Ok(PlannedAction::new(title, ActionKind::Look { look, targets: vec![target] }))
}

/// Whether a tool of codling's own has that name, in whichever set of tools a model gets.
pub fn is_built_in(name: &str) -> bool {
    TOOLS.iter().any(|tool| tool.spec.name == name)
}

/// Names of tools that an answer lists.
const LISTED: usize = 50;

/// `offered` are the tools that the model was offered.
///
/// # Errors
///
/// Fails with the answer for the model, which names those.
pub fn find(
    call: &ToolCall,
    offered: impl FnOnce() -> Arc<[ToolDefinition]>,
) -> Result<&'static BuiltInTool, CallOutput> {
    TOOLS.iter().find(|tool| tool.spec.name == call.name).ok_or_else(|| {
        let offered = offered();
        let names = offered.iter().take(LISTED).map(|tool| format!("`{}`", tool.name));
        let mut names = names.collect::<Vec<_>>().join(", ");
        if offered.len() > LISTED {
            names.push_str(&format!(" and {} more", offered.len() - LISTED));
        }
        CallOutput::refusal(
            shorten(&call.name, 40),
            format!("There is no tool `{}`. The tools are {names}", shorten(&call.name, 100)),
        )
    })
}
