//! Tool definitions: the table of tools, with what a call of each would do, and what it is given to
//! run. Runs none.

use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use crate::protocol::{
    ActionKind, CallId, CallOutput, CallResult, Look, PathScope, PlannedAction, SecretAccess,
    ToolAudience, ToolCall, ToolDefinition, ToolEffects,
};

use super::arguments::Arguments;
use super::folder::WorkFolder;
use super::jobs::{Jobs, exec_command, write_stdin};
use super::open_files::OpenFiles;
use super::read_files::ReadFiles;
use super::refusal::ToolRefusal;
use super::shell::CommandContext;
use super::stop_signal::StopSignal;
use super::toolbox::ToolboxSetup;
use super::{
    edit, glob, grep, list, patch, question, read, shell, todo, view_image, webfetch, write,
};
use crate::base::phrases::shorten;

/// What a call works with while it is understood, and while it runs on a thread that may block.
#[derive(Debug)]
pub(super) struct ToolContext<'a> {
    pub folder: &'a WorkFolder,
    pub stop: &'a StopSignal,
    pub seen: &'a ReadFiles,
    pub call: &'a CallId,
    pub sight: SecretAccess,
    pub jobs: &'a Jobs,
    pub open_files: &'a OpenFiles<'a>,
}

/// What a call works with that waits for the world instead of blocking a thread.
pub(super) struct AsyncToolContext<'a> {
    pub call: &'a CallId,
    pub setup: &'a ToolboxSetup,
    pub reach: PathScope,
}

pub(super) type Answering<'a> =
    Pin<Box<dyn Future<Output = Result<CallOutput, ToolRefusal>> + Send + 'a>>;

/// The definition of a built-in tool.
#[derive(Clone, Copy, Debug)]
pub struct BuiltInDefinition {
    pub name: &'static str,
    pub description: &'static str,
    pub parameters: &'static str,
    pub grammar: Option<&'static str>,
    pub effects: ToolEffects,
    pub audience: ToolAudience,
}

impl BuiltInDefinition {
    pub fn owned(&self) -> ToolDefinition {
        ToolDefinition {
            name: self.name.into(),
            description: self.description.into(),
            parameters: compact(self.parameters),
            grammar: self.grammar.map(Into::into),
            effects: self.effects,
            audience: self.audience,
        }
    }
}

/// A schema as it is sent, without the white space that it is written with. One that is no JSON stays as it is.
fn compact(schema: &'static str) -> Arc<str> {
    serde_json::from_str::<Value>(schema)
        .map_or_else(|_no_json| schema.into(), |schema| schema.to_string().into())
}

pub(super) struct BuiltInTool {
    pub spec: BuiltInDefinition,
    /// What it is called for people.
    pub verb: &'static str,
    /// What the call would do; it changes nothing.
    pub action: fn(&mut Arguments, &ToolContext<'_>) -> Result<PlannedAction, ToolRefusal>,
    pub run: ToolFunction,
}

pub(super) enum ToolFunction {
    Awaited(for<'a> fn(Arguments, AsyncToolContext<'a>) -> Answering<'a>),
    /// Starts something that may go on when the call is answered.
    Starting,
    /// Waits for what was started.
    Visiting,
    Blocking(fn(&mut Arguments, &ToolContext<'_>) -> Result<CallOutput, ToolRefusal>),
    /// Starts something that is ended when nobody waits for it, and is heard while it runs.
    Commanding(
        fn(&mut Arguments, &ToolContext<'_>, CommandContext) -> Result<CallResult, ToolRefusal>,
    ),
}

pub(super) static TOOLS: &[BuiltInTool] = &[
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
        spec: webfetch::SPEC,
        verb: "fetch",
        action: webfetch::action,
        run: ToolFunction::Awaited(webfetch::run),
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

/// What every tool that only reads would do: look at its path.
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

/// `external` are the names of the tools that there are besides.
pub(super) fn find(
    call: &ToolCall,
    external: impl FnOnce() -> Vec<String>,
) -> Result<&'static BuiltInTool, CallOutput> {
    TOOLS.iter().find(|tool| tool.spec.name == call.name).ok_or_else(|| {
        let built_in = TOOLS.iter().map(|tool| tool.spec.name.to_owned());
        let names: Vec<String> =
            built_in.chain(external()).map(|name| format!("`{name}`")).collect();
        let names = names.join(", ");
        CallOutput::refusal(
            shorten(&call.name, 40),
            format!("There is no tool `{}`. The tools are {names}", shorten(&call.name, 100)),
        )
    })
}
