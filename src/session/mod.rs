//! The machine that decides what an agent does next: inputs in, effects out. No IO, no clock, no runtime, no `Result`.
//!
//! The rule it exists for: **a step is judged as a whole**. A response with text *and* tool calls goes on; a turn ends only when a whole response holds
//! no tool call and the server did not ask for another request.

mod approval;
mod calls;
mod carried_over;
mod change_log;
mod compaction;
mod context_usage;
mod effect;
mod input;
mod jobs;
mod left_out;
mod losses;
mod partial_output;
mod permission;
mod permissions_note;
mod pictures;
mod prompt_queue;
mod question;
mod reconnect;
mod resume;
mod rules;
mod server_compaction;
mod session_mode;
mod shortened;
mod step;
mod thoughts;
mod turn;

#[cfg(test)]
mod tests;

pub use effect::{SessionEffect, SnapshotScope, ToolRun};
pub use input::{SessionInput, UndoneFiles};
pub use reconnect::ReconnectConfig;

use std::sync::Arc;

use crate::policy::PolicyConfig;
use crate::protocol::{
    AskId, Compactor, ContextNoteKind, EventKind, Item, ItemId, ItemKind, ModelRequestId, Presence,
    Problem, ProblemKind, PromptId, Record, Reply, Requester, Rule, SandboxOpenings, SessionId,
    SessionMode, SessionSettings, SettingsCommand, TimerId, ToolDefinition, ToolFace, TurnCommand,
    TurnId, Usage, WebAccess,
};

use carried_over::CarriedOver;
use change_log::ChangeLog;
use context_usage::ContextUsage;
use effect::EffectQueue;
use jobs::Jobs;
use partial_output::PartialOutput;
use prompt_queue::PromptQueue;
use server_compaction::SealedPast;
use session_mode::SessionModeTracker;
use thoughts::Thoughts;
use turn::Turn;

/// What a session is given once, and keeps.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    pub id: SessionId,
    pub instructions: Arc<str>,
    /// All there are now; which of them are offered depends on the model, the session mode, and who is there.
    pub tools: Arc<[ToolDefinition]>,
    /// The provider's own web search, as long as the session is open: a head that changes would cost the prompt cache.
    pub web_search: Option<WebAccess>,
    /// The tools that the settings ask for; `None` for those that fit the model.
    pub tool_face: Option<ToolFace>,
    /// Requests to the model in one turn, at the most; the last is made without tools, to sum up.
    pub max_steps: u32,
    pub policy: PolicyConfig,
    /// What the person allowed in this folder once and for all.
    pub kept_rules: Vec<Rule>,
    /// Percent of the context from which the conversation is summed up.
    pub compact_at: u8,
    /// Who sums it up.
    pub compactor: Compactor,
    pub reconnect: ReconnectConfig,
    /// As it begins.
    pub session_mode: SessionMode,
    pub presence: Presence,
    /// What a model is told that called its questions by names: each name, and what was answered.
    pub answers: fn(&[(String, String)]) -> String,
}

/// One conversation.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    settings: SessionSettings,
    history: Vec<Arc<Item>>,
    context_usage: ContextUsage,
    queue: PromptQueue,
    turn: Option<Turn>,
    past: RecordedHistory,
    mode: SessionModeTracker,
    change_log: ChangeLog,
    carried_over: CarriedOver,
    jobs: Jobs,
    thoughts: Thoughts,
    /// The one that stands for the beginning of the conversation.
    summary: Option<ItemId>,
    /// What that one stands for, where it is sealed.
    sealed: Option<SealedPast>,
    partial_output: PartialOutput,
    environment: EnvironmentState,
    names: IdSource,
    /// The settings as they were last recorded.
    recorded: Option<SessionSettings>,
    /// What closes off a turn that was cut off, to be recorded with the next prompt.
    mended: Vec<Record>,
}

/// How the turn before this one ended, as far as the model must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RecordedHistory {
    /// The program ended in it.
    CutOff,
    Interrupted,
    Settled,
}

/// Whether the model was told where it is, since the conversation was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EnvironmentState {
    Done,
    NotYet,
}

/// Gives out names that are never given twice.
#[derive(Debug, Default)]
struct IdSource {
    turns: u64,
    requests: u64,
    timers: u64,
    items: u64,
    asks: u64,
    prompts: u64,
}

impl IdSource {
    fn turn(&mut self) -> TurnId {
        self.turns += 1;
        TurnId(self.turns)
    }

    fn request(&mut self) -> ModelRequestId {
        self.requests += 1;
        ModelRequestId(self.requests)
    }

    fn timer(&mut self) -> TimerId {
        self.timers += 1;
        TimerId(self.timers)
    }

    fn ask(&mut self) -> AskId {
        self.asks += 1;
        AskId(self.asks)
    }

    fn prompt(&mut self) -> PromptId {
        self.prompts += 1;
        PromptId(self.prompts)
    }

    fn item(&mut self) -> ItemId {
        self.items += 1;
        ItemId::new(format!("own_{}", self.items))
    }
}

impl Session {
    pub fn new(config: SessionConfig, settings: SessionSettings) -> Self {
        Self {
            mode: SessionModeTracker::new(config.session_mode, config.kept_rules.clone()),
            config,
            settings,
            history: Vec::new(),
            context_usage: ContextUsage::default(),
            queue: PromptQueue::default(),
            turn: None,
            past: RecordedHistory::Settled,
            change_log: ChangeLog::default(),
            carried_over: CarriedOver::default(),
            jobs: Jobs::default(),
            thoughts: Thoughts::default(),
            summary: None,
            sealed: None,
            partial_output: PartialOutput::default(),
            environment: EnvironmentState::NotYet,
            names: IdSource::default(),
            recorded: None,
            mended: Vec::new(),
        }
    }

    pub fn settings(&self) -> &SessionSettings {
        &self.settings
    }

    /// What is open to commands in the sandbox.
    pub fn grants(&self) -> &SandboxOpenings {
        &self.config.policy.grants
    }

    pub fn web_search(&self) -> Option<WebAccess> {
        self.config.web_search
    }

    pub fn compactor(&self) -> Compactor {
        self.config.compactor
    }

    pub fn session_mode(&self) -> SessionMode {
        self.mode.current
    }

    /// Whether the next prompt waits for a look at where the conversation takes place.
    pub fn needs_environment(&self) -> bool {
        self.environment == EnvironmentState::NotYet
    }

    /// Takes in what happened and says what must be done, in order. Never fails: what does not fit the state is out of date, and dropped.
    pub fn handle(&mut self, input: SessionInput) -> Vec<SessionEffect> {
        let mut effects = EffectQueue::default();
        match input {
            SessionInput::Command(asker, command) => self.command(asker, command, &mut effects),
            SessionInput::RulesNotKept(rules) => self.not_kept(&rules, &mut effects),
            SessionInput::Settings(command) => self.set(command, &mut effects),
            SessionInput::ModelKnown(settings) => {
                self.settings = settings;
                effects.tell(EventKind::Settings(self.settings.clone()));
            }
            SessionInput::EnvironmentDescribed(text) => {
                self.environment_described(&text, &mut effects)
            }
            SessionInput::OwnCommand { asker, line, call, action } => {
                let mark = effects.mark();
                let result = self.run_own(&line, call, action, &mut effects);
                effects.reply(mark, asker, result);
            }
            SessionInput::Delta(request, delta) => self.hear(request, delta, &mut effects),
            SessionInput::ModelRequestEnded(request, end) => {
                self.end_sample(request, end, &mut effects)
            }
            SessionInput::ModelRequestFailed(request, failure) => {
                self.fail_sample(request, failure, &mut effects)
            }
            SessionInput::Previewed { call, action, uncovered } => {
                self.understood(&call, action, uncovered.unwrap_or_default(), &mut effects)
            }
            SessionInput::Progress { call, tail } => self.progress(&call, tail, &mut effects),
            SessionInput::FolderRules(rules) => self.folder_rules(&rules, &mut effects),
            SessionInput::LossAsked { call, why } => self.loss_asked(&call, why, &mut effects),
            SessionInput::LossSettled(call) => self.loss_settled(&call, &mut effects),
            SessionInput::JobEnded(id, end) => self.job_ended(id, end, &mut effects),
            SessionInput::CallEnded { call, ran } => self.ran(&call, ran, &mut effects),
            SessionInput::Changed { turn, id, files } => {
                self.changed(turn, id, files, &mut effects)
            }
            SessionInput::UndoPreviewed { preview, chosen } => {
                self.undo_previewed(preview, chosen, &mut effects)
            }
            SessionInput::UndoPrepared { direction, turn, changes } => {
                self.undo_prepared(direction, turn, changes, &mut effects)
            }
            SessionInput::Undone(undone) => self.undone(undone, &mut effects),
            // Of calls that were made already it changes nothing.
            SessionInput::ToolsChanged(tools) => self.config.tools = tools,
            SessionInput::TimerFired(timer) => self.ring(timer, &mut effects),
            SessionInput::Renewed(request) => self.renewed(request, &mut effects),
            SessionInput::NotRenewed(request, failure) => {
                self.not_renewed(request, failure, &mut effects)
            }
        }
        effects.into_vec()
    }

    /// Answers at once, but where it takes a look at files first.
    fn command(
        &mut self,
        asker: Option<Requester>,
        command: TurnCommand,
        effects: &mut EffectQueue,
    ) {
        let mark = effects.mark();
        let result = match command {
            TurnCommand::Answer { ask, text } => self.answer_question(ask, asker, text, effects),
            TurnCommand::Compact => self.compact(effects),
            TurnCommand::Decide { ask, decision } => self.decide(ask, asker, decision, effects),
            TurnCommand::Interrupt => {
                self.interrupt(effects);
                Ok(Reply::Done)
            }
            TurnCommand::PreviewUndo { direction, turn } => {
                return self.preview_undo(asker, direction, turn, effects);
            }
            // The engine looks, or makes a call of it first.
            TurnCommand::AnswerTool { .. } | TurnCommand::GetReady | TurnCommand::Shell { .. } => {
                Ok(Reply::Done)
            }
            TurnCommand::StopJob(job) => self.stop_job(job, effects),
            TurnCommand::SkipUndo(turn) => return self.skip_undo(asker, turn, effects),
            TurnCommand::Submit(draft) => self.submit(draft, effects),
            TurnCommand::Undo { direction, turn, steps } => {
                self.undo(direction, turn, steps, effects)
            }
            TurnCommand::Unqueue => self.unqueue(effects),
        };
        effects.reply(mark, asker, result);
    }

    fn set(&mut self, command: SettingsCommand, effects: &mut EffectQueue) {
        match command {
            SettingsCommand::Agent(agent) => self.set_agent(agent, effects),
            SettingsCommand::Mode(mode) => self.set_mode(mode, effects),
            SettingsCommand::Model { model, effort } => {
                self.settings.model = model.of(&self.settings.model.provider);
                self.settings.effort = effort;
            }
            SettingsCommand::Revoke(known) => self.revoke(&known, effects),
            SettingsCommand::Tier(tier) => self.settings.tuning.tier = tier,
            SettingsCommand::Verbosity(verbosity) => {
                self.settings.tuning.verbosity = Some(verbosity)
            }
        }
    }

    /// Adds words for the model that nobody typed, and so are not shown as typed.
    fn add_note(&mut self, kind: ContextNoteKind, text: &str, effects: &mut EffectQueue) {
        let id = self.names.item();
        self.note(kind, id, text, effects);
    }

    fn note(&mut self, kind: ContextNoteKind, id: ItemId, text: &str, effects: &mut EffectQueue) {
        let item = Arc::new(Item { id, kind: ItemKind::user(text), wire: None });
        effects.append(Record::ContextNote { kind, item: Arc::clone(&item) });
        self.push(item);
    }

    /// Tells the model who works from here on and what may be done, where it believes something else.
    fn tell_mode(&mut self, effects: &mut EffectQueue) {
        // Without a word about the place there is none about what may be done in it.
        if self.history.iter().any(|item| turn::is_environment_note(item))
            && let Some(text) = self.mode.permission_news(&self.config.policy.grants)
        {
            let id = turn::permissions_note_id(self.names.item());
            self.note(ContextNoteKind::Permissions, id, &text, effects);
        }
        self.tell_jobs(effects);
        if let Some((agent, text)) = self.mode.news() {
            self.add_note(ContextNoteKind::Agent(agent), text, effects);
        }
    }

    /// Adds an item to the conversation and to its log.
    fn keep(&mut self, item: Item, effects: &mut EffectQueue) {
        let item = Arc::new(item);
        effects.append(Record::Item(Arc::clone(&item)));
        self.push(item);
    }

    fn push(&mut self, item: Arc<Item>) {
        self.attribute(&item);
        self.context_usage.add(&item);
        self.history.push(item);
    }

    /// Records the settings where they are others than were recorded.
    fn keep_settings(&mut self, effects: &mut EffectQueue) {
        if self.recorded.as_ref() != Some(&self.settings) {
            self.recorded = Some(self.settings.clone());
            effects.append(Record::Settings(self.settings.clone()));
        }
    }

    fn note_usage(&mut self, usage: Option<Usage>, effects: &mut EffectQueue) {
        if let Some(usage) = usage {
            self.context_usage.settle(usage);
            self.note_counted();
            effects.append(Record::Usage(usage));
            effects.tell(EventKind::Usage(usage));
        }
    }
}

/// What was asked does not fit what goes on.
fn not_now(message: &str) -> Problem {
    Problem::new(ProblemKind::NotNow, message)
}
