//! What is carried over a summary word for word: the last prompts, the plan and the files that were
//! changed. A summary may forget; these may not.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;
use std::sync::Arc;

use crate::base::text::head;
use crate::protocol::{ContextNoteKind, Item, ItemId, ItemKind, Todo, TodoState};

use super::Session;
use super::context_usage::{BYTES_PER_TOKEN, bytes};
use super::effect::EffectQueue;

/// Tokens of prompts that stay as they were typed.
const PROMPTS: u64 = 20_000;
/// Of the model's context, prompts may fill one part of so many.
const SHARE: u64 = 4;
/// Files that are named.
const FILES: usize = 60;
/// Bytes of a summary where even that and the open prompts do not fit.
const SHORT_SUMMARY: usize = 16 << 10;
/// Bytes of an open prompt then.
const SHORT_PROMPT: usize = 32 << 10;

const LEFT_OUT: &str = "\n(The rest was left out: it did not fit into the context.)";

/// What a person typed, and the model's plan.
#[derive(Debug, Default)]
pub(super) struct CarriedOver {
    prompts: HashSet<ItemId>,
    plan: Vec<Todo>,
}

impl CarriedOver {
    pub(super) fn prompted(&mut self, item: &ItemId) {
        self.prompts.insert(item.clone());
    }

    pub(super) fn planned(&mut self, plan: &[Todo]) {
        plan.clone_into(&mut self.plan);
    }

    fn is_prompt(&self, item: &Item) -> bool {
        self.prompts.contains(&item.id)
    }
}

impl Session {
    /// Of what a summary is to stand for, the last prompts that there is room for, in their order.
    /// The last one stays in any case, its beginning alone where the whole does not fit: it says what
    /// is being done.
    pub(super) fn last_prompts(&self, past: &[Arc<Item>]) -> Vec<Arc<Item>> {
        let share = self.settings.context.map_or(u64::MAX, |context| context / SHARE);
        let mut room = PROMPTS.min(share) * BYTES_PER_TOKEN;
        let all = usize::try_from(room).unwrap_or(usize::MAX);
        let fits = |item: &&Arc<Item>| {
            let left = room.checked_sub(bytes(item));
            room = left.unwrap_or(0);
            left.is_some()
        };
        let prompts = past.iter().rev().filter(|item| self.carried_over.is_prompt(item));
        let last = prompts.clone().next().map(|last| cut(last, all.min(SHORT_PROMPT)));
        let mut kept: Vec<Arc<Item>> = prompts.take_while(fits).cloned().collect();
        if kept.is_empty() {
            kept.extend(last);
        }
        kept.reverse();
        kept
    }

    /// Tells the model behind a summary where the work stands.
    pub(super) fn tell_progress(&mut self, effects: &mut EffectQueue) {
        let mut text = String::new();
        let plan = &self.carried_over.plan;
        if plan.iter().any(|item| matches!(item.state, TodoState::Open | TodoState::Doing)) {
            text.push_str("Your plan:\n");
            for Todo { text: item, state } in plan {
                let state = match state {
                    TodoState::Doing => "doing",
                    TodoState::Done => "done",
                    TodoState::Dropped => "dropped",
                    TodoState::Open => "open",
                };
                let _fits = writeln!(text, "- {state}: {item}");
            }
        }
        let changed: BTreeSet<String> = self
            .change_log
            .changed()
            .iter()
            .map(|path| path.strip_prefix(&self.config.policy.folder).unwrap_or(path))
            .map(|path| path.display().to_string())
            .collect();
        if !changed.is_empty() {
            text.push_str("Files changed so far in this conversation:\n");
            for file in changed.iter().take(FILES) {
                let _fits = writeln!(text, "- {file}");
            }
            if changed.len() > FILES {
                let _fits = writeln!(text, "- and {} more", changed.len() - FILES);
            }
        }
        let jobs: Vec<String> = self.jobs.list().collect();
        if !jobs.is_empty() {
            text.push_str(&format!("Commands that still run:\n{}\n", jobs.join("\n")));
        }
        if !text.is_empty() {
            self.add_note(ContextNoteKind::Progress, text.trim_end(), effects);
        }
    }

    /// Makes a conversation shorter that does not fit although it was summed up just now. Answers whether there was anything to leave out.
    ///
    /// The last prompt stays, though only its beginning: without it the model would not know what it
    /// is to do.
    pub(super) fn shrink(&mut self) -> bool {
        let before: u64 = self.history.iter().map(|item| bytes(item)).sum();
        let heard = self.history.iter().rposition(|item| self.is_summary(item));
        let (past, open) = self.history.split_at(heard.map_or(0, |at| at + 1));
        let is_prompt = |item: &&Arc<Item>| self.carried_over.is_prompt(item);
        let last = self.history.iter().rfind(is_prompt).map(|item| &item.id);
        let stays = |item: &&Arc<Item>| !is_prompt(item) || Some(&item.id) == last;
        let mut shorter: Vec<Arc<Item>> = past
            .iter()
            .filter(stays)
            .map(|item| match is_prompt(&item) {
                true => cut(item, SHORT_PROMPT),
                false if self.is_summary(item) => cut(item, SHORT_SUMMARY),
                false => Arc::clone(item),
            })
            .collect();
        shorter.extend(open.iter().map(|item| match item.kind {
            ItemKind::User { .. } => cut(item, SHORT_PROMPT),
            _ => Arc::clone(item),
        }));
        self.history = shorter;
        self.recount();
        self.history.iter().map(|item| bytes(item)).sum::<u64>() < before
    }

    fn is_summary(&self, item: &Item) -> bool {
        self.summary.as_ref() == Some(&item.id)
    }
}

/// A text with its beginning alone, and without pictures.
fn cut(item: &Arc<Item>, most: usize) -> Arc<Item> {
    match &item.kind {
        ItemKind::User { text, images } if text.len() > most || !images.is_empty() => {
            let kind = ItemKind::user(format!("{}{LEFT_OUT}", head(text, most)));
            Arc::new(Item { id: item.id.clone(), kind, wire: None })
        }
        _ => Arc::clone(item),
    }
}
