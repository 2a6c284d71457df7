//! The machine that decides what an agent does next: inputs in, effects out. No IO, no clock, no runtime, no `Result`.
//!
//! The rule it exists for: **a step is judged as a whole**. A response with text *and* tool calls goes on; a turn ends only when a whole response holds
//! no tool call and the server did not ask for another request.

mod effect;
mod input;
mod resume;
mod retry;
mod step;
mod turn;

#[cfg(test)]
mod tests;

pub use effect::Effect;
pub use input::Input;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::protocol::{
    AlarmId, EventKind, Item, ItemId, ItemKind, Record, SampleId, SessionId, SessionSettings, SettingsCommand, ToolSpec, TurnCommand,
    TurnId, Usage,
};

use effect::Effects;
use turn::Turn;

/// What a session is given once, and keeps.
#[derive(Clone, Debug)]
pub struct Charter {
    pub id: SessionId,
    pub instructions: Arc<str>,
    pub tools: Arc<[ToolSpec]>,
    /// Requests to the model in one turn, at the most; the last is made without tools, to sum up.
    pub max_steps: u32,
}

/// One conversation.
#[derive(Debug)]
pub struct Session {
    charter: Charter,
    settings: SessionSettings,
    history: Vec<Arc<Item>>,
    /// Prompts that wait for the running step to end.
    queue: VecDeque<String>,
    turn: Option<Turn>,
    past: Past,
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
            charter,
            settings,
            history: Vec::new(),
            queue: VecDeque::new(),
            turn: None,
            past: Past::Settled,
            names: Names::default(),
            recorded: None,
            mended: Vec::new(),
        }
    }

    pub fn settings(&self) -> &SessionSettings {
        &self.settings
    }

    /// Takes in what happened and says what must be done, in order. Never fails: what does not fit the state is out of date, and dropped.
    pub fn handle(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Effects::default();
        match input {
            Input::Command(TurnCommand::Submit(draft)) => self.submit(draft.text, &mut effects),
            Input::Command(TurnCommand::Interrupt) => self.interrupt(&mut effects),
            Input::Command(_) | Input::Settings(SettingsCommand::Agent(_) | SettingsCommand::Mode(_)) => {}
            Input::Settings(SettingsCommand::Model { model, effort }) => {
                self.settings.model = model;
                self.settings.effort = effort;
            }
            Input::Context(tokens) => {
                self.settings.context = tokens;
                effects.tell(EventKind::Settings(self.settings.clone()));
            }
            Input::Delta(sample, delta) => self.hear(sample, delta, &mut effects),
            Input::SampleEnded(sample, end) => self.end_sample(sample, end, &mut effects),
            Input::SampleFailed(sample, failure) => self.fail_sample(sample, failure, &mut effects),
            Input::Ran { call, output } => self.end_call(&call, output, &mut effects),
            Input::Alarm(alarm) => self.ring(alarm, &mut effects),
            Input::Renewed(sample) => self.renewed(sample, &mut effects),
            Input::NotRenewed(sample, problem) => self.not_renewed(sample, problem, &mut effects),
        }
        effects.into_vec()
    }

    fn submit(&mut self, text: String, effects: &mut Effects) {
        if self.turn.is_some() {
            effects.tell(EventKind::Queued { text: text.clone() });
            self.queue.push_back(text);
        } else {
            self.begin_turn(vec![text], effects);
        }
    }

    /// Adds a prompt to the conversation, for the model and on the screen.
    fn add_prompt(&mut self, text: String, effects: &mut Effects) {
        let item = Item { id: self.names.item(), kind: ItemKind::user(text), wire: None };
        effects.tell(EventKind::ItemDone(item.clone()));
        self.keep(item, effects);
    }

    /// Adds words for the model that nobody typed, and so are not shown as typed.
    fn add_remark(&mut self, text: &str, effects: &mut Effects) {
        let item = Item { id: self.names.item(), kind: ItemKind::user(text), wire: None };
        let item = Arc::new(item);
        effects.append(Record::Remark(Arc::clone(&item)));
        self.history.push(item);
    }

    /// Adds an item to the conversation and to its log.
    fn keep(&mut self, item: Item, effects: &mut Effects) {
        let item = Arc::new(item);
        effects.append(Record::Item(Arc::clone(&item)));
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
            effects.append(Record::Usage(usage));
            effects.tell(EventKind::Usage(usage));
        }
    }
}
