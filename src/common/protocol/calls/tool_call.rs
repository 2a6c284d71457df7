//! Tool calls: what the model may ask to be done (tool definitions), and what came of it.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{AllowedHost, CallId, Patches, Picture, ToolResult, UserReply};

/// A tool as it is offered to the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolDefinition {
    /// The name by which the model calls it.
    pub name: Arc<str>,
    /// The description that the model reads.
    pub description: Arc<str>,
    /// A JSON Schema of the arguments, as text.
    pub parameters: Arc<str>,
    /// A Lark grammar of the whole input, for models that write text instead of arguments.
    pub grammar: Option<Arc<str>>,
    /// Its effects, which decide the calls that run beside it and where it is offered.
    pub effects: ToolEffects,
    /// Which models it is offered to.
    pub audience: ToolAudience,
}

/// The effects of a tool, as far as order and agents depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolEffects {
    /// Asks a person while other calls run; offered only where somebody is there.
    Asks,
    /// Changes files, or whatever a tool source reaches: runs alone, in order, and is offered
    /// neither to Plan nor in read-only mode.
    Changes,
    /// Only looks, and runs beside other calls.
    Looks,
    /// Runs a command: alone, in order; what it can do depends on how it is kept in.
    Runs,
}

/// Which tools a model is offered: what it was taught decides, where the settings do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ToolFace {
    /// Those of Codex, by their names and in their forms.
    Codex,
    /// Codling's own.
    #[default]
    Own,
}

impl ToolFace {
    /// For a model that was taught to change files like this: patches that follow a grammar are
    /// taught with Codex's tools.
    pub fn of(patches: Patches) -> Self {
        match patches {
            Patches::AsText => Self::Codex,
            Patches::AsArgument | Patches::Never => Self::Own,
        }
    }
}

/// Which models a tool is offered to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolAudience {
    /// Models that were taught with Codex's tools.
    CodexTrained,
    /// All models.
    Everyone,
    /// Models that were not taught with Codex's tools.
    Others,
    /// Models that do not write patches.
    Editors,
    /// Models that write patches well.
    Patchers,
}

/// A call that the model made. Neither the name nor the arguments are known to be valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The model's own id for it, which may come twice in a session.
    pub id: CallId,
    /// The tool's name, as the model wrote it; there may be no such tool.
    pub name: String,
    /// JSON text, as the model wrote it; it may be broken.
    pub arguments: String,
}

impl ToolCall {
    /// The name without what models write around it by mistake: `functions.` and blanks before it,
    /// a mark such as `<|channel|>` with all that follows, and blanks behind it. The name as it
    /// stands where nothing else is there.
    pub fn plain_name(&self) -> &str {
        let name = self.name.split("<|").next().unwrap_or_default().trim();
        let name = name.strip_prefix("functions.").unwrap_or(name);
        if name.is_empty() { &self.name } else { name }
    }

    /// The same call of a tool with another name.
    pub fn renamed(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }
}

/// The answer to a call, for the model and for a person. Every call gets exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallOutput {
    /// Short, for the head of a cell: `src/main.rs` or `12 matches for fn`.
    pub title: String,
    /// The text that the model reads.
    pub text: String,
    /// Pictures that the model looks at, beside the text.
    pub images: Vec<Picture>,
    /// The result that a person sees instead of the text.
    pub result: ToolResult,
    /// Whether the tool did what was asked; a refusal or a failure is an answer too.
    pub ok: bool,
}

/// A call that has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallResult {
    /// The output for the model and the person.
    pub output: CallOutput,
    /// Why a command seems to have failed because of what kept it in: one sentence without a full
    /// stop.
    pub blocked: Option<String>,
    /// The command was ended because undo could not have brought back what it was about to
    /// destroy: one sentence without a full stop.
    pub loses: Option<String>,
    /// Hosts that it asked for in the sandbox and that are not open.
    pub unreached: Vec<AllowedHost>,
    /// A notice that the person must always see: one sentence or more, without a full stop at the
    /// end.
    pub notice: Option<String>,
}

impl From<CallOutput> for CallResult {
    fn from(output: CallOutput) -> Self {
        Self { output, blocked: None, loses: None, unreached: Vec::new(), notice: None }
    }
}

impl CallOutput {
    /// An output that tells the model what a person said or did to the call.
    pub fn reply(title: impl Into<String>, reply: UserReply) -> Self {
        let ok = matches!(reply, UserReply::Answered(_));
        Self { ok, ..Self::text(title, reply.told()) }
            .with(ToolResult::Reply { reply: Box::new(reply), proposed: Vec::new() })
    }

    /// Its text for a person: what forbids a call is told them in other words than the model.
    pub fn for_people(&self) -> Cow<'_, str> {
        match &self.result {
            ToolResult::Denied(denial) => Cow::Owned(denial.sentence()),
            _ => Cow::Borrowed(&self.text),
        }
    }

    /// The same output, with what a person sees of it.
    pub fn with(self, result: ToolResult) -> Self {
        Self { result, ..self }
    }

    /// An answer that says what went wrong, for the model to act on.
    pub fn refusal(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { ok: false, ..Self::text(title, text) }
    }

    /// An answer with nothing but text for the model; `ok` is `true`.
    pub fn text(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            images: Vec::new(),
            result: ToolResult::Text,
            ok: true,
        }
    }
}
