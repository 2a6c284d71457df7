//! The session: a machine that decides what an agent does next. Inputs go in, effects come out; it
//! has no IO, no clock, no runtime and no `Result`.
//!
//! **A step is judged as a whole**: a response with text *and* tool calls goes on. A turn ends only
//! when a whole response holds no tool call and the server did not ask for another request.
//!
//! A session is a tree. Its leaves (the conversation, the permissions, the changes, the jobs) know
//! nobody; the turn machine is handed them, and `Session` hands each input to the one it is for.

#![warn(missing_docs)]

mod effect;
mod input;

mod turns;

mod calls;

mod changes;
mod conversation;
mod jobs;
mod permissions;

mod context;
mod deferral;
mod going_back;
mod ids;
mod instructions;
mod resume;
mod sentences;

#[cfg(test)]
mod tests;

pub use context::SessionConfig;
pub use effect::{SessionEffect, SnapshotScope, ToolRun};
pub use input::{SessionInput, UndoneFiles};
pub use instructions::Instructions;
pub use turns::{CompactionConfig, ReconnectConfig};

use std::collections::HashSet;
use std::sync::Arc;

use crate::protocol::{
    Compactor, Direction, EventKind, FileChange, KnownRule, Model, Presence, Problem, Reply,
    Requester, SandboxOpenings, SessionMode, SessionSettings, SettingsCommand, ToolDefinition,
    ToolFace, TurnCommand, TurnId, WebAccess,
};

use changes::Changes;
use context::{Context, Parts};
use conversation::{Conversation, losses};
use effect::{EffectQueue, not_now};
use going_back::GoingBack;
use ids::IdSource;
use jobs::Jobs;
use permissions::Permissions;
use turns::TurnMachine;

/// One conversation.
#[derive(Debug)]
pub struct Session {
    context: Context,
    ids: IdSource,
    turns: TurnMachine,
    conversation: Conversation,
    permissions: Permissions,
    changes: Changes,
    jobs: Jobs,
    going_back: Option<GoingBack>,
}

impl Session {
    pub fn new(config: SessionConfig, settings: SessionSettings) -> Self {
        let compactor = config.compaction.by;
        Self {
            context: Context {
                id: config.id,
                instructions: config.instructions,
                web_search: config.web_search,
                tool_face: config.tool_face,
                max_steps: config.max_steps,
                compaction: config.compaction,
                reconnect: config.reconnect,
                on_usage_limit: config.on_usage_limit,
                offers_questions: config.presence == Presence::Attended,
                presence: config.presence,
                answers: config.answers,
                settings,
                tools: config.tools,
            },
            ids: IdSource::default(),
            turns: TurnMachine::default(),
            conversation: Conversation::new(compactor),
            permissions: Permissions::new(config.policy, config.session_mode, config.kept_rules),
            changes: Changes::default(),
            jobs: Jobs::default(),
            going_back: None,
        }
    }

    pub fn settings(&self) -> &SessionSettings {
        &self.context.settings
    }

    /// The openings of the sandbox.
    pub fn grants(&self) -> &SandboxOpenings {
        self.permissions.grants()
    }

    pub fn web_search(&self) -> Option<WebAccess> {
        self.context.web_search
    }

    /// Whose tools the model has.
    pub fn tool_face(&self) -> ToolFace {
        self.context.tool_face()
    }

    /// The tools that the model is offered, but for those that it has found among many.
    pub fn offered_tools(&self) -> Arc<[ToolDefinition]> {
        self.context.offered_tools(&[])
    }

    /// The smaller model that sums up and gives titles, where the settings name one.
    pub fn small_model(&self) -> Option<&SessionSettings> {
        self.context.compaction.small_model.as_ref()
    }

    pub fn compactor(&self) -> Compactor {
        self.conversation.compactor()
    }

    /// A sentence on what a change to this model costs the conversation, where it costs anything.
    pub fn losses(&self, model: &Model) -> Option<String> {
        losses(&self.conversation, model, self.context.web_search.is_some())
    }

    pub fn session_mode(&self) -> SessionMode {
        self.permissions.mode()
    }

    /// Whether the next prompt waits for a look at where the conversation takes place.
    pub fn needs_environment(&self) -> bool {
        self.conversation.needs_environment()
    }

    /// All rules in force.
    pub fn rules(&self) -> Arc<[KnownRule]> {
        self.permissions.rules()
    }

    /// Whether rules of the folder are in force, which another conversation may take back.
    pub fn has_folder_rules(&self) -> bool {
        self.permissions.has_folder_rules()
    }

    /// The changes to files that were not taken back, oldest first.
    pub fn standing_changes(&self) -> Vec<FileChange> {
        self.changes.standing()
    }

    /// Calls whose changes are recorded, by the ids of their records.
    pub fn recorded_changes(&self) -> HashSet<String> {
        self.changes.recorded()
    }

    /// Takes an input and returns the effects that must follow, in their order. It never fails: an
    /// input that does not fit the state is out of date, and dropped.
    pub fn handle(&mut self, input: SessionInput) -> Vec<SessionEffect> {
        let mut effects = EffectQueue::default();
        match input {
            SessionInput::Command(asker, command) => self.command(asker, command, &mut effects),
            SessionInput::Settings(command) => self.set(command, &mut effects),
            SessionInput::ModelKnown(settings) => {
                self.context.settings = settings;
                effects.emit(EventKind::Settings(self.context.settings.clone()));
            }
            // Calls that were made already stay as they are.
            SessionInput::ToolsChanged(tools) => self.context.tools = tools,
            SessionInput::RulesNotKept(rules) => self.permissions.not_kept(&rules, &mut effects),
            SessionInput::FolderRules(rules) => self.permissions.folder_rules(&rules, &mut effects),
            SessionInput::JobEnded(id, end) => self.jobs.ended(id, end, &mut effects),
            SessionInput::Changed { turn, id, files } => {
                self.changes.record(turn, id, files, &mut effects)
            }
            SessionInput::UndoPreviewed { preview, chosen } => {
                self.changes.previewed(preview, chosen, &mut effects)
            }
            SessionInput::UndoPrepared { direction, turn, changes } => {
                self.changes.prepared(direction, turn, changes, &mut effects)
            }
            SessionInput::Undone(undone) => {
                if let Some(undone) = self.files_went_back(undone, &mut effects) {
                    self.changes.undone(undone, &mut effects);
                }
            }
            SessionInput::LookedBack { before, records } => {
                self.looked_back(before, records, &mut effects)
            }
            other => {
                let (turns, mut parts) = self.split(&mut effects);
                turns.handle(other, &mut parts);
            }
        }
        effects.into_vec()
    }

    /// The turn machine, and the parts that it works with.
    fn split<'a>(&'a mut self, effects: &'a mut EffectQueue) -> (&'a mut TurnMachine, Parts<'a>) {
        let Self { context, ids, turns, conversation, permissions, changes, jobs, .. } = self;
        (turns, Parts { context, conversation, permissions, changes, jobs, ids, effects })
    }

    /// Answers at once, but where it takes a look at files first.
    fn command(
        &mut self,
        asker: Option<Requester>,
        command: TurnCommand,
        effects: &mut EffectQueue,
    ) {
        let command = match command {
            TurnCommand::GoBack { before, part } => {
                return self.go_back(asker, before, part, effects);
            }
            TurnCommand::PreviewGoBack(before) => {
                return self.preview_going_back(asker, before, effects);
            }
            other => other,
        };
        let mark = effects.mark();
        let (turns, mut parts) = self.split(effects);
        let parts = &mut parts;
        let client = asker.as_ref().map(|asker| asker.client);
        let result = match command {
            TurnCommand::Answer { ask, text } => turns.answer(ask, asker, text, parts),
            TurnCommand::Compact { focus } => turns.compact(focus, parts),
            TurnCommand::Context => Ok(Reply::Context(parts.context_report())),
            TurnCommand::Decide { ask, decision } => turns.decide(ask, asker, decision, parts),
            TurnCommand::Interrupt => {
                turns.interrupt(parts);
                Ok(Reply::Done)
            }
            TurnCommand::PreviewUndo { direction, turn } => {
                let Parts { changes, jobs, effects, .. } = parts;
                let hindrance = |turn| hinder_undo(turns, jobs, direction, turn);
                return changes.preview(asker, (direction, turn), hindrance, effects);
            }
            // The engine looks, or makes a call of it first.
            TurnCommand::AnswerTool { .. }
            | TurnCommand::Diff(_)
            | TurnCommand::GetReady
            | TurnCommand::JobPorts
            | TurnCommand::Shell { .. }
            | TurnCommand::Timeline => Ok(Reply::Done),
            TurnCommand::Queue(command) => turns.change_queue(command, client, parts.effects),
            // Done above.
            TurnCommand::GoBack { .. } | TurnCommand::PreviewGoBack(_) => Ok(Reply::Done),
            TurnCommand::StopJob(job) => parts.jobs.stop(job, parts.effects),
            TurnCommand::SkipUndo(turn) => {
                return parts.changes.preview_before(asker, turn, parts.effects);
            }
            TurnCommand::Submit(prompt) => turns.submit(prompt, client, parts),
            TurnCommand::Undo { direction, turn, steps } => {
                let hindrance = hinder_undo(turns, parts.jobs, direction, turn);
                parts.changes.undo(direction, turn, steps, hindrance, parts.effects)
            }
        };
        effects.reply(mark, asker, result);
    }

    fn set(&mut self, command: SettingsCommand, effects: &mut EffectQueue) {
        let settings = &mut self.context.settings;
        match command {
            SettingsCommand::Agent(agent) => {
                self.permissions.set_agent(agent, effects);
                self.permissions_changed(effects);
            }
            SettingsCommand::Mode(mode) => {
                self.permissions.set_mode(mode, effects);
                self.permissions_changed(effects);
            }
            SettingsCommand::Model { model, effort } => {
                settings.model = model.of(&settings.model.provider);
                settings.effort = effort;
            }
            SettingsCommand::Presence(presence) => {
                self.context.presence = presence;
                self.permissions_changed(effects);
            }
            SettingsCommand::Close(opening) => self.permissions.close(&opening, effects),
            SettingsCommand::Revoke(known) => self.permissions.revoke(&known, effects),
            SettingsCommand::Tier(tier) => settings.tuning.tier = tier,
            SettingsCommand::Verbosity(verbosity) => settings.tuning.verbosity = Some(verbosity),
        }
    }

    fn permissions_changed(&mut self, effects: &mut EffectQueue) {
        let (turns, mut parts) = self.split(effects);
        turns.permissions_changed(&mut parts);
    }
}

/// The reason why the changes of a turn cannot be taken back, or made again, now.
fn hinder_undo(
    turns: &TurnMachine,
    jobs: &Jobs,
    direction: Direction,
    turn: TurnId,
) -> Option<Problem> {
    if turns.is_running() {
        return Some(not_now("Changes can be taken back once the turn has ended"));
    }
    jobs.hinder_undo(turn).filter(|_| direction == Direction::Undo)
}
