//! The history: items in their order, the notes among them, and how they are recorded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, Compactor, ContextNoteKind, EventKind, Item, ItemId, ItemKind, ModelRef,
    Presence, Record, SandboxOpenings, SessionMode, SessionSettings, ToolCall, ToolResult, Usage,
};

use super::super::effect::EffectQueue;
use super::announcements::Announcements;
use super::compaction_context::{CompactionContext, progress};
use super::context_usage::ContextUsage;
use super::entry::Entry;
use super::reasoning::ReasoningModels;
use super::sealed_past::SealedPast;

/// The items that the model is sent, and their record.
#[derive(Debug)]
pub struct Conversation {
    pub(super) history: Vec<Entry>,
    pub(super) usage: ContextUsage,
    pub(super) compaction_context: CompactionContext,
    pub(super) reasoning_models: ReasoningModels,
    /// The summary that stands for the beginning.
    pub(super) summary: Option<ItemId>,
    /// The items that it stands for, where it is sealed.
    pub(super) sealed: Option<SealedPast>,
    pub(super) announcements: Announcements,
    /// Who sums it up.
    pub(super) compactor: Compactor,
    /// The settings as they were last recorded.
    pub(super) recorded: Option<SessionSettings>,
    environment: EnvironmentState,
    /// Records that close off a turn that was cut off: they go with the next prompt.
    repairs: Vec<Record>,
    /// The number of the item that was given an id last.
    items: u64,
}

/// Whether the model was told where it is, since the conversation was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EnvironmentState {
    NotYet,
    Told,
}

impl Conversation {
    pub fn new(compactor: Compactor) -> Self {
        Self {
            history: Vec::new(),
            usage: ContextUsage::default(),
            compaction_context: CompactionContext::default(),
            reasoning_models: ReasoningModels::default(),
            summary: None,
            sealed: None,
            announcements: Announcements::default(),
            compactor,
            recorded: None,
            environment: EnvironmentState::NotYet,
            repairs: Vec::new(),
            items: 0,
        }
    }

    pub fn compactor(&self) -> Compactor {
        self.compactor
    }

    /// Whether the next prompt waits for a look at where the conversation takes place.
    pub fn needs_environment(&self) -> bool {
        self.environment == EnvironmentState::NotYet
    }

    /// An id that no other item of the conversation has.
    pub fn item_id(&mut self) -> ItemId {
        self.items += 1;
        ItemId::own(self.items)
    }

    /// Skips the ids up to one that the log holds.
    pub fn begin_after(&mut self, number: u64) {
        self.items = self.items.max(number);
    }

    /// A new item of ours.
    pub fn item(&mut self, kind: ItemKind) -> Item {
        Item { id: self.item_id(), kind, wire: None }
    }

    /// Adds an item to the conversation and to its log.
    pub fn keep(&mut self, item: Item, effects: &mut EffectQueue) {
        let item = Arc::new(item);
        effects.append(Record::Item(Arc::clone(&item)));
        self.push(item, None);
    }

    /// Adds an item that the log holds already.
    pub fn push(&mut self, item: Arc<Item>, note: Option<ContextNoteKind>) {
        if let ItemKind::Output { output, .. } = &item.kind
            && let ToolResult::Plan(todos) = &output.result
        {
            self.compaction_context.planned(todos);
        }
        let asked = self.recorded.as_ref().map(|settings| &settings.model);
        self.reasoning_models.attribute(&item, asked);
        self.usage.add(&item);
        self.history.push(Entry { item, note });
    }

    /// Adds a prompt of the person's.
    pub fn keep_prompt(&mut self, prompt: Item, effects: &mut EffectQueue) {
        self.compaction_context.prompted(&prompt.id);
        self.keep(prompt, effects);
    }

    /// Adds the output of a call.
    pub fn answer(&mut self, call: CallId, output: CallOutput, effects: &mut EffectQueue) {
        let item = self.item(ItemKind::Output { call, output });
        self.keep(item, effects);
    }

    /// Takes in the items of a step, and returns the calls among them. A second call of the same
    /// name could never be answered, and is left out.
    pub fn keep_step(&mut self, items: Vec<Item>, effects: &mut EffectQueue) -> Vec<ToolCall> {
        let mut calls: Vec<ToolCall> = Vec::new();
        for item in items {
            if let ItemKind::Call(call) = &item.kind {
                if calls.iter().any(|other| other.id == call.id) {
                    continue;
                }
                calls.push(call.clone());
            }
            self.keep(item, effects);
        }
        calls
    }

    /// Adds a note: words for the model that nobody typed, and that are not shown as typed.
    pub fn add_note(&mut self, kind: ContextNoteKind, text: &str, effects: &mut EffectQueue) {
        let item = Arc::new(self.item(ItemKind::user(text)));
        effects.append(Record::ContextNote { kind, item: Arc::clone(&item) });
        self.push(item, Some(kind));
    }

    /// Tells the model where it is, unless it was told the same before.
    pub fn environment_described(&mut self, text: &str, effects: &mut EffectQueue) {
        let is_same = |entry: &Entry| matches!(&entry.item.kind, ItemKind::User { text: before, .. } if before == text);
        let announced = self.last_note(ContextNoteKind::Environment);
        if !announced.is_some_and(is_same) && !text.is_empty() {
            self.add_note(ContextNoteKind::Environment, text, effects);
        }
    }

    /// Notes that the engine looked at where the conversation takes place.
    pub fn note_look(&mut self) {
        self.environment = EnvironmentState::Told;
    }

    pub(super) fn last_note(&self, kind: ContextNoteKind) -> Option<&Entry> {
        self.history.iter().rfind(|entry| entry.note == Some(kind))
    }

    /// Tells the model what may be done, which jobs have ended and who works, where that is news.
    pub fn announce(
        &mut self,
        mode: SessionMode,
        presence: Presence,
        openings: &SandboxOpenings,
        jobs: Option<String>,
        effects: &mut EffectQueue,
    ) {
        // Permissions are about the place, so they need a note about it.
        if self.last_note(ContextNoteKind::Environment).is_some()
            && let Some(text) = self.announcements.permissions(mode, presence, openings)
        {
            self.add_note(ContextNoteKind::Permissions, &text, effects);
        }
        if let Some(text) = jobs {
            self.add_note(ContextNoteKind::Jobs, &text, effects);
        }
        if let Some((agent, text)) = self.announcements.agent(mode.agent) {
            self.add_note(ContextNoteKind::Agent(agent), text, effects);
        }
    }

    /// Tells the model behind a summary where the work stands: its plan, the changed files, and
    /// the jobs that run.
    pub fn note_progress(
        &mut self,
        changed: &[PathBuf],
        folder: &Path,
        jobs: Vec<String>,
        effects: &mut EffectQueue,
    ) {
        let text = progress(self.compaction_context.plan(), changed, folder, &jobs);
        if !text.is_empty() {
            self.add_note(ContextNoteKind::Progress, text.trim_end(), effects);
        }
    }

    /// Records the settings, if they differ from those that were recorded last.
    pub fn keep_settings(&mut self, settings: &SessionSettings, effects: &mut EffectQueue) {
        if self.recorded.as_ref() != Some(settings) {
            self.recorded = Some(settings.clone());
            effects.append(Record::Settings(settings.clone()));
        }
    }

    /// Takes over the settings that the log holds.
    pub fn recall_settings(&mut self, settings: &SessionSettings) {
        self.recorded = Some(settings.clone());
    }

    /// Takes over a note that the log holds.
    pub fn recall_note(&mut self, kind: ContextNoteKind, text: &str) {
        self.announcements.recall(kind, text);
    }

    /// Takes over a prompt that the log holds.
    pub fn recall_prompt(&mut self, prompt: &ItemId) {
        self.compaction_context.prompted(prompt);
    }

    /// Takes the place of the conversation that went back to this one: no id is given twice, and
    /// the model is told where it is only if it does not know.
    pub fn follow(&mut self, left: &Self) {
        self.begin_after(left.items);
        if self.last_note(ContextNoteKind::Environment).is_some() {
            self.environment = left.environment;
        }
    }

    /// Closes off something that was cut off: the record goes with the next prompt.
    pub fn repair(&mut self, record: Record) {
        self.repairs.push(record);
    }

    /// Records the repairs of what was cut off.
    pub fn record_repairs(&mut self, effects: &mut EffectQueue) {
        for record in std::mem::take(&mut self.repairs) {
            effects.append(record);
        }
    }

    /// Takes over the server's count of a request and its answer.
    pub fn settle_usage(&mut self, usage: Usage) {
        self.usage.settle(usage);
        self.note_counted();
    }

    /// Records and tells the server's count.
    pub fn note_usage(&mut self, usage: Option<Usage>, effects: &mut EffectQueue) {
        if let Some(usage) = usage {
            self.settle_usage(usage);
            effects.append(Record::Usage(usage));
            effects.emit(EventKind::Usage(usage));
        }
    }

    /// Estimates the tokens of the conversation for the model in use, with those that every request
    /// has besides it.
    pub fn estimate(&self, fixed: u64, model: &ModelRef) -> u64 {
        self.for_form_in_use(self.usage.estimate(fixed), model)
    }

    /// The same by our own rule of thumb alone, whatever the server counted.
    pub fn own_estimate(&self, fixed: u64, model: &ModelRef) -> u64 {
        let sealed = self.sealed_tokens(model);
        self.usage.own_estimate(fixed).saturating_add(sealed)
    }
}
