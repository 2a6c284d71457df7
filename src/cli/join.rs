//! The one place where settings become an engine, and the screen is put before it.

use std::path::Path;
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::config::{Loaded, Warning};
use crate::engine::Engine;
use crate::protocol::{Event, Exit, Notice, Problem, ProblemKind};

use super::stage::Stage;

/// Starts the engine inside the running runtime. Events go to `tell`, the warnings of the settings first. The task ends when the engine has.
pub fn engine(loaded: Loaded, tell: Arc<dyn Fn(Event) + Send + Sync>) -> Result<(Engine, JoinHandle<()>), Problem> {
    let notices = notices(&loaded.warnings);
    // JOIN (engine): Ok(Engine::start(Setup { settings: loaded.settings, notices }, tell))
    drop((notices, tell));
    Err(Problem::new(ProblemKind::Internal, "This build has no engine"))
}

/// Runs the terminal UI until it is left.
pub fn screen(stage: &Stage, loaded: Loaded, folder: &Path) -> Result<Exit, Problem> {
    let notices = notices(&loaded.warnings);
    // JOIN (tui): tui::run(Start { banner: stage.label(), home: stage.env.home(), .. }, |tell| Engine::start_on_thread(Setup { .. }, tell))
    let _joined_later = (stage.label(), notices, folder);
    Err(Problem::new(ProblemKind::Internal, "This build has no terminal UI"))
}

fn notices(warnings: &[Warning]) -> Vec<Notice> {
    warnings.iter().map(Warning::notice).collect()
}
