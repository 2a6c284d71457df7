//! What the server is told of the place it runs in, once and at the start.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::CommandLimits;
use crate::protocol::{
    ApprovalMode, ConfigView, Effort, ModelRef, Provider, ProviderId, needs_openai,
};

/// The version of the protocol's first implementation that this one is compatible with. Clients read
/// it out of `userAgent` and leave fields out for older ones, so codling's own version cannot stand there.
pub const COMPATIBLE_VERSION: &str = "0.169.0";

/// The settings as clients are told of them, and where things are.
#[derive(Clone, Debug)]
pub struct ServerSetup {
    /// What clients call `codexHome`.
    pub home: PathBuf,
    /// Where threads work that name no folder.
    pub folder: PathBuf,
    /// Where conversations are kept.
    pub sessions: PathBuf,
    pub config_file: PathBuf,
    pub model: Option<ModelRef>,
    pub effort: Option<Effort>,
    pub mode: ApprovalMode,
    /// The one that was typed at the start, which stands before the settings' one.
    pub typed_mode: Option<ApprovalMode>,
    pub providers: Arc<[Provider]>,
    /// What every client is told of the settings file.
    pub warnings: Vec<ConfigWarning>,
    /// What holds for commands that clients run.
    pub commands: Arc<CommandLimits>,
}

/// What is wrong with the settings, and where.
#[derive(Clone, Debug)]
pub struct ConfigWarning {
    pub summary: String,
    pub details: Option<String>,
    pub path: Option<PathBuf>,
    /// Line and column, counted from 1.
    pub place: Option<(usize, usize)>,
}

impl ConfigWarning {
    pub fn json(&self) -> Value {
        let at = self.place.map(|(line, column)| json!({ "line": line, "column": column }));
        json!({
            "summary": self.summary, "details": self.details, "path": self.path,
            "range": at.map(|at| json!({ "start": at, "end": at })),
        })
    }
}

impl ServerSetup {
    /// What threads that name nothing else begin with from now on.
    pub fn take_over(&mut self, view: &ConfigView) {
        self.model.clone_from(&view.model);
        self.effort.clone_from(&view.effort);
        self.mode = self.typed_mode.unwrap_or(view.approvals);
    }

    /// Who serves the model that is used where a client names none.
    pub fn provider(&self) -> ProviderId {
        self.model.as_ref().map_or_else(ProviderId::openai, |model| model.provider.clone())
    }

    /// Whether that provider takes OpenAI's sign-in.
    pub fn needs_openai(&self) -> bool {
        needs_openai(self.model.as_ref(), &self.providers)
    }
}
