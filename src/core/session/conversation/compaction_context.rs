//! Compaction context, carried over a summary word for word: the last prompts, the plan and the
//! files that were changed. A summary may forget; these may not.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::protocol::{ItemId, Todo, TodoState};

use super::context_usage::{BYTES_PER_TOKEN, bytes};
use super::entry::Entry;

/// Tokens of prompts that stay as they were typed.
const PROMPTS: u64 = 20_000;
/// Prompts that stay: hundreds of short ones say little, and each takes some 80 bytes of a request
/// besides its text.
const MOST: usize = 100;
/// Prompts may fill one part of so many of the model's context.
const SHARE: u64 = 4;
/// Files that are named.
const FILES: usize = 60;
/// Bytes of an open prompt that does not fit whole.
pub(super) const SHORT_PROMPT: usize = 32 << 10;

/// The prompts of a person, and the model's plan.
#[derive(Debug, Default)]
pub(super) struct CompactionContext {
    prompts: HashSet<ItemId>,
    plan: Vec<Todo>,
}

impl CompactionContext {
    pub(super) fn prompted(&mut self, item: &ItemId) {
        self.prompts.insert(item.clone());
    }

    pub(super) fn planned(&mut self, plan: &[Todo]) {
        plan.clone_into(&mut self.plan);
    }

    pub(super) fn plan(&self) -> &[Todo] {
        &self.plan
    }

    pub(super) fn is_prompt(&self, entry: &Entry) -> bool {
        self.prompts.contains(&entry.item.id)
    }

    /// The last prompts that there is room for, in their order. The last one stays in any case, its
    /// beginning alone where the whole does not fit: it says what is being done.
    pub(super) fn last_prompts(&self, past: &[Entry], context: Option<u64>) -> Vec<Entry> {
        let share = context.map_or(u64::MAX, |context| context / SHARE);
        let mut room = PROMPTS.min(share) * BYTES_PER_TOKEN;
        let all = usize::try_from(room).unwrap_or(usize::MAX);
        let fits = |entry: &&Entry| {
            let left = room.checked_sub(bytes(&entry.item));
            room = left.unwrap_or(0);
            left.is_some()
        };
        let prompts = past.iter().rev().filter(|entry| self.is_prompt(entry));
        let last = prompts.clone().next().map(|last| last.cut(all.min(SHORT_PROMPT)));
        let mut kept: Vec<Entry> = prompts.take(MOST).take_while(fits).cloned().collect();
        if kept.is_empty() {
            kept.extend(last);
        }
        kept.reverse();
        kept
    }
}

/// Words for the model on where the work stands; empty where there is nothing to tell.
pub(super) fn progress(
    plan: &[Todo],
    changed: &[PathBuf],
    folder: &Path,
    jobs: &[String],
) -> String {
    let mut text = String::new();
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
    let changed: BTreeSet<String> = changed
        .iter()
        .map(|path| path.strip_prefix(folder).unwrap_or(path).display().to_string())
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
    if !jobs.is_empty() {
        let _fits = writeln!(text, "Commands that still run:\n{}", jobs.join("\n"));
    }
    text
}
