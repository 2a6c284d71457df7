//! The machine that decides what an agent does next: inputs in, effects out. No IO, no clock, no runtime, no `Result`.
//!
//! The rule it exists for: **a step is judged as a whole**. A response with text *and* tool calls goes on; a turn ends only when a whole response holds
//! no tool call and the server did not ask for another request.

mod calls;
mod change_log;
mod context;
mod decide;
mod effect;
mod input;
mod pictures;
mod queue;
mod resume;
mod retry;
mod spared;
mod stance;
mod step;
mod summary;
mod turn;
mod weigh;

#[cfg(test)]
mod tests;

pub use effect::{Effect, Errand, Guard};
pub use input::{Input, UndoneFiles};

use std::sync::Arc;

use crate::policy::Law;
use crate::protocol::{
    AlarmId, EventKind, Grants, Item, ItemId, ItemKind, Presence, Record, Rule, SampleId, SessionId, SessionSettings, SettingsCommand,
    Stance, ToolSpec, TurnCommand, TurnId, Usage,
};

use change_log::ChangeLog;
use context::Gauge;
use effect::Effects;
use queue::Queue;
use spared::Spared;
use stance::Bearing;
use turn::Turn;

/// What a session is given once, and keeps.
#[derive(Clone, Debug)]
pub struct Charter {
    pub id: SessionId,
    pub instructions: Arc<str>,
    /// All there are; which of them are offered depends on the model, the stance, and who is there.
    pub tools: Arc<[ToolSpec]>,
    /// Requests to the model in one turn, at the most; the last is made without tools, to sum up.
    pub max_steps: u32,
    pub law: Law,
    /// What the person allowed in this folder once and for all.
    pub kept_rules: Vec<Rule>,
    /// Percent of the context from which the conversation is summed up.
    pub compact_at: u8,
    /// As it begins.
    pub stance: Stance,
    pub presence: Presence,
}

/// One conversation.
#[derive(Debug)]
pub struct Session {
    charter: Charter,
    settings: SessionSettings,
    history: Vec<Arc<Item>>,
    gauge: Gauge,
    queue: Queue,
    turn: Option<Turn>,
    past: Past,
    bearing: Bearing,
    change_log: ChangeLog,
    spared: Spared,
    survey: Survey,
    names: Names,
    /// The settings as they were last recorded.
    recorded: Option<SessionSettings>,
    /// What closes off a turn that was cut off, to be recorded with the next prompt.
    mended: Vec<Record>,
}

/// How the turn before this one ended, as far as the model must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Past {
    /// The program ended in it.
    CutOff,
    Interrupted,
    Settled,
}

/// Whether the model was told where it is, since the conversation was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Survey {
    Done,
    ToDo,
}

/// Gives out names that are never given twice.
#[derive(Debug, Default)]
struct Names {
    turns: u64,
    samples: u64,
    alarms: u64,
    items: u64,
}

impl Names {
    fn turn(&mut self) -> TurnId {
        self.turns += 1;
        TurnId(self.turns)
    }

    fn sample(&mut self) -> SampleId {
        self.samples += 1;
        SampleId(self.samples)
    }

    fn alarm(&mut self) -> AlarmId {
        self.alarms += 1;
        AlarmId(self.alarms)
    }

    fn item(&mut self) -> ItemId {
        self.items += 1;
        ItemId::new(format!("own_{}", self.items))
    }
}

impl Session {
    pub fn new(charter: Charter, settings: SessionSettings) -> Self {
        Self {
            bearing: Bearing::new(charter.stance, charter.kept_rules.clone()),
            charter,
            settings,
            history: Vec::new(),
            gauge: Gauge::default(),
            queue: Queue::default(),
            turn: None,
            past: Past::Settled,
            change_log: ChangeLog::default(),
            spared: Spared::default(),
            survey: Survey::ToDo,
            names: Names::default(),
            recorded: None,
            mended: Vec::new(),
        }
    }

    pub fn settings(&self) -> &SessionSettings {
        &self.settings
    }

    /// What is open to commands in the sandbox.
    pub fn grants(&self) -> &Grants {
        &self.charter.law.grants
    }

    pub fn stance(&self) -> Stance {
        self.bearing.stance
    }

    /// Takes in what happened and says what must be done, in order. Never fails: what does not fit the state is out of date, and dropped.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Effects::default();
        match input {
            Input::Command(command) => self.command(command, &mut effects),
            Input::Settings(command) => self.set(command, &mut effects),
            Input::ModelKnown { context, patches } => {
                self.settings.context = context;
                self.settings.patches = patches;
                effects.tell(EventKind::Settings(self.settings.clone()));
            }
            Input::Surveyed(text) => self.surveyed(&text, &mut effects),
            Input::Own { line, call } => self.run_own(line, call, &mut effects),
            Input::Delta(sample, delta) => self.hear(sample, delta, &mut effects),
            Input::SampleEnded(sample, end) => self.end_sample(sample, end, &mut effects),
            Input::SampleFailed(sample, failure) => self.fail_sample(sample, failure, &mut effects),
            Input::Understood { call, deed, uncovered } => self.understood(&call, deed, uncovered.unwrap_or_default(), &mut effects),
            Input::Progress { call, tail } => self.progress(&call, tail, &mut effects),
            Input::Ran { call, ran } => self.ran(&call, ran, &mut effects),
            Input::Changed { turn, id, files } => self.changed(turn, id, files, &mut effects),
            Input::UndoPreviewed { preview, chosen } => self.undo_previewed(preview, chosen, &mut effects),
            Input::UndoPrepared { direction, turn, changes } => self.undo_prepared(direction, turn, changes, &mut effects),
            Input::Undone(undone) => self.undone(undone, &mut effects),
            Input::Alarm(alarm) => self.ring(alarm, &mut effects),
            Input::Renewed(sample) => self.renewed(sample, &mut effects),
            Input::NotRenewed(sample, problem) => self.not_renewed(sample, problem, &mut effects),
        }
        effects.into_vec()
    }

    fn command(&mut self, command: TurnCommand, effects: &mut Effects) {
        match command {
            TurnCommand::Answer { call, text } => self.answer_question(&call, text, effects),
            TurnCommand::Compact => self.compact(effects),
            TurnCommand::Decide { call, decision } => self.decide(&call, decision, effects),
            TurnCommand::Interrupt => self.interrupt(effects),
            TurnCommand::PreviewUndo { direction, turn } => self.preview_undo(direction, turn, effects),
            // The engine makes a call of it first.
            TurnCommand::Shell { .. } => {}
            TurnCommand::SkipUndo(turn) => self.skip_undo(turn, effects),
            TurnCommand::Submit(draft) => self.submit(draft, effects),
            TurnCommand::Undo { direction, turn, steps } => self.undo(direction, turn, steps, effects),
            TurnCommand::Unqueue => self.unqueue(effects),
        }
    }

    fn set(&mut self, command: SettingsCommand, effects: &mut Effects) {
        match command {
            SettingsCommand::Agent(agent) => self.set_agent(agent, effects),
            SettingsCommand::Mode(mode) => self.set_mode(mode, effects),
            SettingsCommand::Model { model, effort } => {
                self.settings.model = model;
                self.settings.effort = effort;
            }
        }
    }

    /// Adds words for the model that nobody typed, and so are not shown as typed.
    fn add_remark(&mut self, text: &str, effects: &mut Effects) {
        let id = self.names.item();
        self.remark(id, text, effects);
    }

    fn remark(&mut self, id: ItemId, text: &str, effects: &mut Effects) {
        let item = Arc::new(Item { id, kind: ItemKind::user(text), wire: None });
        effects.append(Record::Remark(Arc::clone(&item)));
        self.push(item);
    }

    /// Adds an item to the conversation and to its log.
    fn keep(&mut self, item: Item, effects: &mut Effects) {
        let item = Arc::new(item);
        effects.append(Record::Item(Arc::clone(&item)));
        self.push(item);
    }

    fn push(&mut self, item: Arc<Item>) {
        self.gauge.add(&item);
        self.history.push(item);
    }

    /// Records the settings where they are others than were recorded.
    fn keep_settings(&mut self, effects: &mut Effects) {
        if self.recorded.as_ref() != Some(&self.settings) {
            self.recorded = Some(self.settings.clone());
            effects.append(Record::Settings(self.settings.clone()));
        }
    }

    fn note_usage(&mut self, usage: Option<Usage>, effects: &mut Effects) {
        if let Some(usage) = usage {
            self.gauge.settle(usage);
            effects.append(Record::Usage(usage));
            effects.tell(EventKind::Usage(usage));
        }
    }
}
