//! Tool definitions: what a built-in tool is called and takes, and what its functions are given to
//! work with.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use crate::extensions::ExtensionPlaces;
use crate::protocol::{
    CallId, CallOutput, Confinement, JobId, PathScope, SecretAccess, ToolAudience, ToolDefinition,
    ToolEffects, ToolFace,
};

use super::folder::WorkFolder;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::call::stop_signal::StopSignal;
use crate::tools::call::surroundings::ToolboxSetup;
use crate::tools::folder::open_files::OpenFiles;
use crate::tools::folder::read_files::ReadFiles;

/// The folder, the session's memory and the limits of one call, for planning it and for running it
/// on a thread that may block.
#[derive(Debug)]
pub(super) struct ToolContext<'a> {
    pub folder: &'a WorkFolder,
    pub stop: &'a StopSignal,
    pub read_files: &'a ReadFiles,
    pub call: &'a CallId,
    pub secrets: SecretAccess,
    pub jobs: &'a dyn RunningJobs,
    pub open_files: &'a OpenFiles<'a>,
    /// In whose form it is answered.
    pub face: ToolFace,
    /// Where skills are; `None` where there are none.
    pub skills: Option<&'a ExtensionPlaces>,
}

/// The jobs of a session, as a call that types into one looks them up.
pub(super) trait RunningJobs: fmt::Debug + Sync {
    /// Describes a job that runs or that ended lately.
    ///
    /// # Errors
    ///
    /// No job has this number; the refusal lists those that run.
    fn describe(&self, id: JobId) -> Result<JobDescription, ToolRefusal>;
}

/// A job, as a person is asked about it.
#[derive(Clone, Debug)]
pub(super) struct JobDescription {
    pub id: JobId,
    /// The first line of the command.
    pub title: String,
    /// The whole command.
    pub line: String,
    pub confinement: Confinement,
}

/// The same for a call that awaits the network instead of blocking a thread.
pub(super) struct AsyncToolContext<'a> {
    pub call: &'a CallId,
    pub setup: &'a ToolboxSetup,
    pub path_scope: PathScope,
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
    /// The answer to a call that the tool refuses.
    pub fn refused(&self, refusal: &ToolRefusal) -> CallOutput {
        CallOutput::refusal(self.name, refusal.sentence(self.parameters))
    }

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

/// A schema without the white space it is written with. Text that is no JSON stays as it is.
fn compact(schema: &'static str) -> Arc<str> {
    serde_json::from_str::<Value>(schema)
        .map_or_else(|_no_json| schema.into(), |schema| schema.to_string().into())
}
