//! The words that a shell completes: `codling completion SHELL` prints the shell's part, which asks
//! this program for the words each time.

use clap::CommandFactory;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{CompleteEnv, Shells};

use crate::base::Console;
use crate::config::{Env, Flags, Settings, load};
use crate::engine;
use crate::protocol::{ApprovalMode, Exit, Model, ModelRef, SessionSummary};
use crate::tui;

use crate::cli::args::Args;

/// The variable in which the shell's part names the shell when it asks for words.
const VARIABLE: &str = "CODLING_COMPLETE";
/// The shells that there is a part for.
pub const SHELLS: [&str; 3] = ["bash", "fish", "zsh"];
/// Conversations that are offered, the latest first.
const MOST: usize = 100;

/// Answers a shell that asks for words; `None` if this is a start like any other.
pub fn serve(env: &Env) -> Option<Exit> {
    if !env.has(VARIABLE) {
        return None;
    }
    let folder = std::env::current_dir().ok();
    let complete = CompleteEnv::with_factory(Args::command).var(VARIABLE);
    match complete.try_complete(std::env::args_os(), folder.as_deref()) {
        Ok(true) => Some(Exit::Done),
        Ok(false) => None,
        // Words about it would stand in the middle of the line that somebody types.
        Err(_) => Some(Exit::Usage),
    }
}

/// Prints the part of a shell.
pub fn print(shell: &str, console: &mut Console) -> Exit {
    let mut script = Vec::new();
    let written = Shells::builtins().completer(shell).is_some_and(|completer| {
        completer.write_registration(VARIABLE, "codling", "codling", "codling", &mut script).is_ok()
    });
    if !written {
        return Exit::Usage;
    }
    console.print(&String::from_utf8_lossy(&script));
    Exit::Done
}

/// The models that are known without a request, with their names.
pub fn models() -> Vec<CompletionCandidate> {
    let models = settings().map(|settings| engine::known_models(&settings)).unwrap_or_default();
    let candidate = |model: Model| {
        let name = ModelRef { provider: model.provider, id: model.id }.to_string();
        CompletionCandidate::new(name).help(Some(model.name.into()))
    };
    models.into_iter().map(candidate).collect()
}

/// The latest conversations of all folders, with their titles.
pub fn sessions() -> Vec<CompletionCandidate> {
    let known = settings().map(|settings| engine::known_sessions(&settings)).unwrap_or_default();
    let candidate = |session: SessionSummary| {
        CompletionCandidate::new(session.id.as_str()).help(Some(session.title.into()))
    };
    known.into_iter().take(MOST).map(candidate).collect()
}

/// The approval modes.
pub fn modes() -> Vec<CompletionCandidate> {
    ApprovalMode::ALL.into_iter().map(|mode| CompletionCandidate::new(mode.as_str())).collect()
}

/// The topics of the guide.
pub fn topics() -> Vec<CompletionCandidate> {
    tui::GUIDE_PAGES.iter().map(|page| CompletionCandidate::new(page.topic)).collect()
}

/// The person's settings; whatever is wrong with them is told when codling starts.
fn settings() -> Option<Settings> {
    let loaded = load(&Env::of_process(), None, &Flags::default(), &engine::dialects());
    loaded.ok().map(|loaded| loaded.settings)
}
