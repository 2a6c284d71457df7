//! Tool sources: tools from elsewhere (an MCP server, a client of ours) that may come and go while
//! a session runs.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;

use crate::base::phrases::{shorten, size};
use crate::base::{text, tool_name};
use crate::protocol::{
    ActionKind, CallId, CallOutput, PlannedAction, ToolAudience, ToolCall, ToolDefinition,
    ToolEffects,
};
use crate::tools::call::surroundings::{Elicitor, ProgressSink};
use crate::tools::shell::output::keep;

/// Bytes of an answer that the model gets.
const LONGEST: usize = 32 << 10;

/// The tools of a source as they are now, and news of it when they are others.
pub type SourceTools = watch::Receiver<Arc<[SourceTool]>>;

/// The output of a call, once it is there.
pub type SourceAnswer<'a> = Pin<Box<dyn Future<Output = CallOutput> + Send + 'a>>;

/// Where tools come from.
pub trait ToolSource: fmt::Debug + Send + Sync {
    /// The name of the server, as the person knows it; no two sources have the same.
    fn name(&self) -> &str;

    /// The tools as they are now, with news of changes.
    fn tools(&self) -> SourceTools;

    /// Calls a tool of its own. Whatever goes wrong is an answer too. Dropping the future ends the
    /// call.
    fn call<'a>(&'a self, call: SourceCall<'a>) -> SourceAnswer<'a>;
}

/// A call of a source's tool.
pub struct SourceCall<'a> {
    /// The call, as the session knows it.
    pub id: &'a CallId,
    /// The name that the tool has there.
    pub tool: &'a str,
    /// A JSON object, as text.
    pub arguments: &'a str,
    /// Hears how far the call has come.
    pub progress: ProgressSink,
    /// Asks a person what the tool's program wants to know; `None` where nobody can be asked.
    pub elicitor: Option<Elicitor>,
}

/// A tool as its source tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTool {
    /// There; the model knows it by another name.
    pub name: Arc<str>,
    /// Its description for the model.
    pub description: Arc<str>,
    /// A JSON Schema of an object, as text.
    pub parameters: Arc<str>,
    /// By the source's own word.
    pub read_only: bool,
}

/// All sources of a session, by name.
#[derive(Clone, Debug)]
pub struct ToolSources {
    sources: Vec<(Arc<dyn ToolSource>, SourceTools)>,
    /// Whether a built-in tool has this name.
    is_built_in: fn(&str) -> bool,
}

/// A tool of a source, by the name that the model knows it by.
#[derive(Clone, Debug)]
pub struct ExternalTool {
    name: String,
    tool: SourceTool,
    source: Arc<dyn ToolSource>,
}

impl ToolSources {
    pub fn new(sources: &[Arc<dyn ToolSource>], is_built_in: fn(&str) -> bool) -> Self {
        let mut sources: Vec<_> =
            sources.iter().map(|source| (Arc::clone(source), source.tools())).collect();
        sources.sort_by(|(one, _), (other, _)| one.name().cmp(other.name()));
        Self { sources, is_built_in }
    }

    /// By the names of source and tool. One whose schema is none is left out: a server of a model
    /// would refuse the whole request.
    pub fn tools(&self) -> Vec<ExternalTool> {
        let mut taken = HashSet::new();
        let mut all = Vec::new();
        for (source, tools) in &self.sources {
            let mut tools = tools.borrow().to_vec();
            tools.retain(is_usable);
            tools.sort_by(|one, other| one.name.cmp(&other.name));
            for tool in tools {
                let name = tool_name::offered(source.name(), &tool.name);
                let name = match taken.contains(&name) || (self.is_built_in)(&name) {
                    true => tool_name::distinct(source.name(), &tool.name),
                    false => name,
                };
                if taken.insert(name.clone()) {
                    all.push(ExternalTool { name, tool, source: Arc::clone(source) });
                }
            }
        }
        all
    }

    pub fn find(&self, name: &str) -> Option<ExternalTool> {
        self.tools().into_iter().find(|tool| tool.name == name)
    }

    /// A receiver for each source, which reports changes from now on.
    pub fn news(&self) -> Vec<SourceTools> {
        self.sources.iter().map(|(_, tools)| tools.clone()).collect()
    }
}

impl ExternalTool {
    pub fn definition(self) -> ToolDefinition {
        ToolDefinition {
            name: self.name.into(),
            description: self.tool.description,
            parameters: self.tool.parameters,
            grammar: None,
            effects: if self.tool.read_only { ToolEffects::Looks } else { ToolEffects::Changes },
            audience: ToolAudience::Everyone,
        }
    }

    /// Plans the call, as far as it can be known outside of the source.
    ///
    /// # Errors
    ///
    /// Fails with the answer for the model if the arguments are no JSON object.
    pub fn preview(&self, call: &ToolCall) -> Result<PlannedAction, CallOutput> {
        self.arguments(call)?;
        let (server, tool) = (self.source.name().to_owned(), self.tool.name.to_string());
        let title = format!("{}: {}", shorten(&server, 40), shorten(&tool, 60));
        let kind = ActionKind::External { server, tool, read_only: self.tool.read_only };
        Ok(PlannedAction { verb: "call".into(), ..PlannedAction::new(title, kind) })
    }

    /// The answer, no longer than a model should read; all of a longer one is kept in `outputs`.
    pub async fn run(
        &self,
        call: &ToolCall,
        (progress, elicitor): (ProgressSink, Option<Elicitor>),
        outputs: &Path,
    ) -> CallOutput {
        let arguments = match self.arguments(call) {
            Ok(arguments) => arguments,
            Err(refusal) => return refusal,
        };
        let (id, tool) = (&call.id, &*self.tool.name);
        let output = self.source.call(SourceCall { id, tool, arguments, progress, elicitor }).await;
        if output.text.len() <= LONGEST {
            return output;
        }
        let (whole, head) = (size(output.text.len() as u64), text::head(&output.text, LONGEST));
        let rest = match keep(outputs, id, &output.text) {
            Ok(path) => format!("All of the answer, {whole}, is in {}", path.display()),
            Err(error) => format!("The rest of {whole} is left out: {error}"),
        };
        CallOutput { text: format!("{head}\n\n({rest})"), ..output }
    }

    /// A source is not to be handed what is no object: it may take nothing for everything.
    fn arguments<'a>(&self, call: &'a ToolCall) -> Result<&'a str, CallOutput> {
        let arguments = Some(call.arguments.trim()).filter(|text| !text.is_empty()).unwrap_or("{}");
        match serde_json::from_str::<Value>(arguments) {
            Ok(Value::Object(_)) => Ok(arguments),
            _ => Err(CallOutput::refusal(
                self.name.clone(),
                format!("The arguments of `{}` must be a JSON object", self.name),
            )),
        }
    }
}

fn is_usable(tool: &SourceTool) -> bool {
    let is_object = serde_json::from_str::<Value>(&tool.parameters).is_ok_and(|it| it.is_object());
    if !is_object {
        tracing::warn!(tool = &*tool.name, "a tool was left out: its schema is none");
    }
    is_object && !tool.name.is_empty()
}

pub mod find_tools;

#[cfg(test)]
pub(crate) mod stand_in;
#[cfg(test)]
mod tests;
