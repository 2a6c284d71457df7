//! The person's own settings while the program runs: read again, changed, and taken over for what
//! begins from then on.

use crate::config::{Settings, SettingsSource};
use crate::engine::work::blocking;
use crate::protocol::{ConfigCommand, Problem, ProblemKind, Reply, ReplyResult};

use super::link::client::Replier;
use super::link::engine_message::{EngineMessage, EngineSender};
use super::problem;

/// Does it beside the loop.
pub(super) fn perform(
    command: ConfigCommand,
    source: Option<SettingsSource>,
    sender: EngineSender,
    replier: Replier,
) {
    let Some(source) = source else {
        let why = "The settings cannot be read again here";
        return replier.refuse(Problem::new(ProblemKind::Config, why));
    };
    drop(blocking(move || {
        let (result, adopted) = attempt(command, &source);
        if let Some(settings) = adopted {
            let _loop_ended = sender.send(EngineMessage::Configured(settings));
        }
        let _loop_ended = sender.send(EngineMessage::Answer(replier, result));
    }));
}

fn attempt(
    command: ConfigCommand,
    source: &SettingsSource,
) -> (ReplyResult, Option<Box<Settings>>) {
    let reported = |view| Ok(Reply::Config(Box::new(view)));
    match command {
        ConfigCommand::Read => match source.read() {
            Ok((_, view)) => (reported(view), None),
            Err(error) => (Err(problem::of_config(&error)), None),
        },
        ConfigCommand::Write { edits, expected } => {
            match source.write(&edits, expected.as_deref()) {
                Ok(Ok((settings, view))) => (reported(view), Some(Box::new(settings))),
                Ok(Err(refusal)) => (Ok(Reply::ConfigRefused(refusal)), None),
                Err(error) => (Err(problem::of_config(&error)), None),
            }
        }
    }
}

/// Replaces the values that a session begins with; places and sign-ins stay in use.
pub(super) fn adopt(settings: &mut Settings, new: Settings) {
    settings.model = new.model;
    settings.providers = new.providers;
    settings.effort = new.effort;
    settings.verbosity = new.verbosity;
    settings.service_tier = new.service_tier;
    settings.max_steps = new.max_steps;
    settings.reconnect_limit = new.reconnect_limit;
    settings.approvals = new.approvals;
    settings.tool_face = new.tool_face;
    settings.web_search = new.web_search;
    settings.compact_at = new.compact_at;
    settings.compactor = new.compactor;
    settings.small_model = new.small_model;
    settings.rules = new.rules;
    settings.rule_files = new.rule_files;
    settings.grants = new.grants;
}
