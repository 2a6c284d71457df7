//! What a session begins with: its place, its model, and what the settings say of every session. Opens nothing.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Settings;
use crate::policy::Law;
use crate::protocol::{Agent, Effort, Mode, Model, ModelId, Rule, SessionId, SessionSettings, Stance};
use crate::sandbox;
use crate::session::Charter;
use crate::store::{Log, Origin, Past};
use crate::tools::Toolbox;

const INSTRUCTIONS: &str = include_str!("../../assets/prompts/system.md");

pub(super) struct Opening {
    pub(super) id: SessionId,
    pub(super) folder: PathBuf,
    pub(super) model: Option<ModelId>,
    pub(super) effort: Option<Effort>,
    pub(super) rules: Rules,
    pub(super) log: Log,
    /// What the log holds, when the session is an earlier one.
    pub(super) past: Option<(Past, Origin)>,
}

/// What the settings say of every session.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    max_steps: u32,
    mode: Mode,
    compact_at: u8,
    rules: Arc<[Rule]>,
    home: Option<PathBuf>,
    /// What a person wants every model to know.
    pub(super) guidance: PathBuf,
}

impl Rules {
    pub(super) fn of(settings: &Settings) -> Self {
        Self { max_steps: settings.max_steps, mode: Mode::Ask, compact_at: 85, rules: Arc::new([]), home: None, guidance: PathBuf::new() }
    }
}

impl Opening {
    pub(super) fn charter(&self) -> Charter {
        let Rules { max_steps, mode, compact_at, rules, home, .. } = self.rules.clone();
        Charter {
            id: self.id.clone(),
            instructions: INSTRUCTIONS.into(),
            tools: Toolbox::specs(),
            max_steps,
            law: Law { folder: self.folder.clone(), home, rules },
            compact_at,
            stance: Stance { agent: Agent::Build, mode, sandbox: sandbox::present() },
        }
    }
}

/// The first model of a list is its default.
pub(super) fn default_model(models: &[Model]) -> Option<ModelId> {
    models.first().map(|model| model.id.clone())
}

pub(super) fn settings_for(models: &[Model], model: ModelId, effort: Option<Effort>) -> SessionSettings {
    let known = models.iter().find(|known| known.id == model);
    SessionSettings {
        context: known.and_then(|known| known.context),
        effort: effort.or_else(|| known.and_then(|known| known.default_effort.clone())),
        model,
    }
}
