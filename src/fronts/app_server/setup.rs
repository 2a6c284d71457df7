//! The server's setup: settings and places, passed in once at the start.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::CommandLimits;
use crate::protocol::{ApprovalMode, ConfigView, ModelRef, Provider, ProviderId, needs_openai};

/// The version of the protocol's first implementation that this one is compatible with. Clients
/// read it from `userAgent` and leave fields out for older versions, so codling's own version
/// cannot be used here.
pub const COMPATIBLE_VERSION: &str = "0.169.0";

/// The settings that clients can read, and where things are.
#[derive(Clone, Debug)]
pub struct ServerSetup {
    /// The folder that clients call `codexHome`.
    pub home: PathBuf,
    /// The folder of threads that name none.
    pub folder: PathBuf,
    /// Where conversations are kept.
    pub sessions: PathBuf,
    /// The person's settings, the only ones that clients may write.
    pub config_file: PathBuf,
    /// The settings' model; `None` for the account's choice.
    pub model: Option<ModelRef>,
    /// The approval mode of threads that name none.
    pub mode: ApprovalMode,
    /// The mode given on the command line, which overrides the settings.
    pub typed_mode: Option<ApprovalMode>,
    /// The providers of the settings, renewed when those change.
    pub providers: Arc<[Provider]>,
    /// The problems in the settings file, sent to every client.
    pub warnings: Vec<ConfigWarning>,
    /// The limits on commands that clients run.
    pub commands: Arc<CommandLimits>,
}

/// A problem in the settings, and its place.
#[derive(Clone, Debug)]
pub struct ConfigWarning {
    /// The problem, in a sentence.
    pub summary: String,
    /// The next step for a person.
    pub details: Option<String>,
    /// The file of settings; `None` for a flag or a variable.
    pub path: Option<PathBuf>,
    /// Line and column, counted from 1.
    pub place: Option<(usize, usize)>,
}

impl ConfigWarning {
    pub(super) fn json(&self) -> Value {
        let at = self.place.map(|(line, column)| json!({ "line": line, "column": column }));
        json!({
            "summary": self.summary, "details": self.details, "path": self.path,
            "range": at.map(|at| json!({ "start": at, "end": at })),
        })
    }
}

impl ServerSetup {
    /// Adopts changed settings as defaults for threads that begin from now on.
    pub fn take_over(&mut self, view: &ConfigView) {
        self.model.clone_from(&view.model);
        self.mode = self.typed_mode.unwrap_or(view.approvals);
    }

    /// The provider of the default model.
    pub fn provider(&self) -> ProviderId {
        self.model.as_ref().map_or_else(ProviderId::openai, |model| model.provider.clone())
    }

    /// Whether that provider uses OpenAI's sign-in.
    pub fn needs_openai(&self) -> bool {
        needs_openai(self.model.as_ref(), &self.providers)
    }
}
