//! Folding: a summary takes the place of the items before it. Also cuts a conversation that does
//! not fit although it was summed up.

use std::collections::HashSet;
use std::sync::Arc;

use crate::protocol::{
    ContextNoteKind, ContextPart, Item, ItemId, ItemKind, ModelRef, SessionSettings, ToolDefinition,
};

use super::compaction_context::SHORT_PROMPT;
use super::context_usage::{bytes, parts, tokens};
use super::entry::Entry;
use super::history::Conversation;

/// Bytes of a summary where even that and the open prompts do not fit.
const SHORT_SUMMARY: usize = 16 << 10;

impl Conversation {
    /// The items as this model gets them: without the thoughts of others.
    pub fn items_for(&self, model: &ModelRef) -> Vec<Arc<Item>> {
        self.sent(self.in_use(model), model)
    }

    /// The parts of a request to this model, each with an estimate of its tokens.
    pub fn parts(
        &self,
        instructions: &str,
        tools: &[ToolDefinition],
        model: &ModelRef,
    ) -> Vec<(ContextPart, u64)> {
        let mut entries = self.in_use(model);
        self.reasoning_models.leave_out_foreign(&mut entries, model);
        parts(instructions, tools, self.summary.as_ref(), &entries)
    }

    /// The items that a summary would stand for, as this model gets them.
    pub fn items_to_fold(&self, model: &ModelRef) -> Vec<Arc<Item>> {
        let mut past = self.in_use(model);
        past.truncate(past.len() - self.pending(model));
        self.sent(past, model)
    }

    /// The items in which codling speaks.
    pub fn notes(&self) -> HashSet<ItemId> {
        let sealed = self.sealed.iter().flat_map(|past| &past.items);
        let is_note = |entry: &&Entry| entry.note.is_some_and(ContextNoteKind::is_of_codling);
        let notes = self.history.iter().chain(sealed).filter(is_note);
        notes.map(|entry| entry.item.id.clone()).collect()
    }

    fn sent(&self, mut entries: Vec<Entry>, model: &ModelRef) -> Vec<Arc<Item>> {
        self.reasoning_models.leave_out_foreign(&mut entries, model);
        entries.into_iter().map(|entry| entry.item).collect()
    }

    /// Lets a summary stand for everything but the last notes on place and permissions, the last
    /// prompts, and the prompts that are not answered yet.
    pub fn fold(&mut self, summary: &Arc<Item>, settings: &SessionSettings) {
        let pending = self.history.split_off(self.foldable(&settings.model));
        let past = self.unsealed();
        let last = |kind| {
            let both = past.iter().chain(&pending);
            both.rev().find(|entry| entry.note == Some(kind)).cloned()
        };
        let notes = [last(ContextNoteKind::Environment), last(ContextNoteKind::Permissions)];
        let prompts = self.compaction_context.last_prompts(&past, settings.context);
        let entry = Entry { item: Arc::clone(summary), note: None };
        self.history = notes.into_iter().flatten().chain(prompts).chain([entry]).collect();
        // Pending notes on place and permissions now stand before the summary, and so are a part of
        // what it stands for.
        let (summarized, pending): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(Entry::is_about_surroundings);
        self.seal(summary, past.into_iter().chain(summarized).collect());
        self.history.extend(pending);
        self.recount();
        self.announcements.forget_agent();
    }

    /// How many items at the end are prompts and notes that came after the model's last word.
    fn pending(&self, model: &ModelRef) -> usize {
        let is_pending = |entry: &&Entry| {
            matches!(entry.item.kind, ItemKind::User { .. })
                || self.is_readable_summary(&entry.item, model)
        };
        self.history.iter().rev().take_while(is_pending).count()
    }

    /// The tokens of these, as a rule of thumb: no summary stands for them.
    pub fn pending_tokens(&self, model: &ModelRef) -> u64 {
        tokens(self.history[self.foldable(model)..].iter().map(|entry| &entry.item))
    }

    /// How many items a summary would stand for.
    pub fn foldable(&self, model: &ModelRef) -> usize {
        self.history.len() - self.pending(model)
    }

    /// Makes a conversation shorter that does not fit although it was summed up just now. `false`
    /// where there was nothing to leave out.
    ///
    /// The last prompt stays, though only its beginning: without it the model would not know its
    /// task.
    pub fn shrink(&mut self) -> bool {
        let before: u64 = self.history.iter().map(|entry| bytes(&entry.item)).sum();
        let is_summary = |entry: &Entry| self.summary.as_ref() == Some(&entry.item.id);
        let is_prompt = |entry: &&Entry| self.compaction_context.is_prompt(entry);
        let summed_up = self.history.iter().rposition(is_summary);
        let (past, open) = self.history.split_at(summed_up.map_or(0, |at| at + 1));
        let last = self.history.iter().rfind(is_prompt).map(|entry| &entry.item.id);
        let stays = |entry: &&Entry| !is_prompt(entry) || Some(&entry.item.id) == last;
        let mut shorter: Vec<Entry> = past
            .iter()
            .filter(stays)
            .map(|entry| match is_prompt(&entry) {
                true => entry.cut(SHORT_PROMPT),
                false if is_summary(entry) => entry.cut(SHORT_SUMMARY),
                false => entry.clone(),
            })
            .collect();
        shorter.extend(open.iter().map(|entry| entry.cut(SHORT_PROMPT)));
        self.history = shorter;
        self.recount();
        self.history.iter().map(|entry| bytes(&entry.item)).sum::<u64>() < before
    }
}
