//! A client's choices for a thread, translated for the engine.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::{Effort, ModelId, ModelName, OpenOptions, ProviderId};

use crate::app_server::request::permissions::{
    AskForApproval, PermissionProfile, Permissions, Reviewer, SandboxMode,
};

/// The options for opening a thread, as far as codling supports them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Choice {
    approval_policy: Option<AskForApproval>,
    approvals_reviewer: Option<Reviewer>,
    sandbox: Option<SandboxMode>,
    permissions: Option<PermissionProfile>,
    model: Option<String>,
    model_provider: Option<String>,
    base_instructions: Option<String>,
    developer_instructions: Option<String>,
    pub cwd: Option<PathBuf>,
    config: Option<serde_json::Map<String, Value>>,
}

impl Choice {
    pub fn gated(&self) -> Option<&'static str> {
        match self.approval_policy {
            Some(AskForApproval::Granular(_)) => Some("askForApproval.granular"),
            _ => None,
        }
    }
}

impl Choice {
    /// The options with which the engine opens the session.
    pub fn options(&self, permissions: &Permissions) -> OpenOptions {
        let effort = self.config.as_ref().and_then(|config| config.get("model_reasoning_effort"));
        OpenOptions {
            model: self.model.as_deref().map(|model| named(model, self.model_provider.as_deref())),
            effort: effort.and_then(Value::as_str).map(|effort| Effort(effort.to_owned())),
            mode: Some(permissions.mode()),
            presence: Some(permissions.presence()),
            instructions: self.base_instructions.as_deref().map(Into::into),
            guidance: self.developer_instructions.as_deref().map(Into::into),
            ..OpenOptions::default()
        }
    }

    pub fn permissions(&self, before: &Permissions) -> Permissions {
        let setting = self.config.as_ref().and_then(|config| config.get("approvals_reviewer"));
        // An unknown reviewer is treated as one that is not a person.
        let set = setting
            .map(|name| serde_json::from_value(name.clone()).unwrap_or(Reviewer::AutoReview));
        before
            .with(self.approval_policy.clone(), self.permissions.map(Into::into).or(self.sandbox))
            .reviewed_by(self.approvals_reviewer.or(set))
    }
}

/// A model as clients name it: with its provider in front, or separately.
pub fn named(model: &str, provider: Option<&str>) -> ModelName {
    match provider.and_then(ProviderId::named) {
        Some(provider) => {
            let own = format!("{provider}/");
            let id = model.strip_prefix(&own).unwrap_or(model);
            ModelName { provider: Some(provider), id: ModelId::new(id) }
        }
        None => ModelName::parse(model),
    }
}
