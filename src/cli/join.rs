//! The one place where settings become an engine, and the screen is put before it.

use crate::engine::Engine;
use crate::protocol::{Event, Exit, Problem, ProblemKind};

use super::stage::Stage;

use crate::config::{Loaded, Settings};

/// Starts the engine inside the running runtime. Events go to `tell`.
pub fn engine(settings: Settings, tell: impl Fn(Event) + Send + Sync + 'static) -> Result<Engine, Problem> {
    // JOIN (engine): build the hands from `settings`, then `Engine::start(setup, tell)`.
    drop((settings, tell));
    Err(Problem::new(ProblemKind::Internal, "This build has no engine"))
}

/// Runs the terminal UI until it is left.
pub fn screen(stage: &Stage, loaded: Loaded, folder: &std::path::Path) -> Result<Exit, Problem> {
    // JOIN (tui): `tui::run(Start { .. }, |sink| ..)`: the warnings go to `sink` as notices, then the engine is started on a thread of its own.
    let _joined_later = (stage.label(), loaded.warnings.len(), folder);
    Err(Problem::new(ProblemKind::Internal, "This build has no terminal UI"))
}
