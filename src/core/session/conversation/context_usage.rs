//! Context usage: how much of the model's context the conversation fills, by the server's count and
//! an estimate of what came since.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::tool_name;
use crate::protocol::{
    ContextNoteKind, ContextPart, Item, ItemId, ItemKind, ToolDefinition, Usage,
};

use super::entry::Entry;

/// Bytes of text to a token, as a rule of thumb.
pub(super) const BYTES_PER_TOKEN: u64 = 4;
/// Bytes that a picture counts for.
const PICTURE: u64 = 1_000 * BYTES_PER_TOKEN;

#[derive(Debug, Default)]
pub(super) struct ContextUsage {
    /// Tokens of the last request and its answer.
    counted: Option<u64>,
    /// Bytes that came since.
    since: u64,
    /// Bytes of the whole conversation, whatever the server counted.
    all: u64,
}

impl ContextUsage {
    /// Adds an item, unless the server sent it and so has counted it.
    pub(super) fn add(&mut self, item: &Item) {
        let bytes = bytes(item);
        self.all = self.all.saturating_add(bytes);
        if item.wire.is_none() || self.counted.is_none() {
            self.since = self.since.saturating_add(bytes);
        }
    }

    pub(super) fn settle(&mut self, usage: Usage) {
        let counted = Some(usage.input.saturating_add(usage.output));
        *self = Self { counted, since: 0, ..*self };
    }

    /// Forgets what the server counted: the conversation is another one now.
    pub(super) fn restart<'a>(&mut self, items: impl IntoIterator<Item = &'a Item>) {
        *self = Self::default();
        items.into_iter().for_each(|item| self.add(item));
    }

    /// Tokens, with those that every request has besides the conversation.
    pub(super) fn estimate(&self, fixed: u64) -> u64 {
        self.counted.unwrap_or(fixed).saturating_add(self.since / BYTES_PER_TOKEN)
    }

    /// The same without what the server counted.
    pub(super) fn own_estimate(&self, fixed: u64) -> u64 {
        fixed.saturating_add(self.all / BYTES_PER_TOKEN)
    }
}

/// Tokens that items fill, as a rule of thumb.
pub fn tokens<'a>(items: impl IntoIterator<Item = &'a Arc<Item>>) -> u64 {
    items.into_iter().map(|item| bytes(item)).sum::<u64>() / BYTES_PER_TOKEN
}

/// Tokens that go with every request, as a rule of thumb.
pub fn fixed_tokens(instructions: &str, tools: &[ToolDefinition]) -> u64 {
    fixed(instructions, tools) / BYTES_PER_TOKEN
}

/// Bytes that go with every request.
fn fixed(instructions: &str, tools: &[ToolDefinition]) -> u64 {
    let tools = tools.iter().map(|tool| tool.description.len() + tool.parameters.len());
    (instructions.len() + tools.sum::<usize>()) as u64
}

/// The parts of a request with their tokens, in its order; those that are empty are left out.
pub(super) fn parts(
    instructions: &str,
    tools: &[ToolDefinition],
    summary: Option<&ItemId>,
    entries: &[Entry],
) -> Vec<(ContextPart, u64)> {
    let mut bytes_of = BTreeMap::new();
    let mut add = |part, bytes: u64| *bytes_of.entry(part).or_insert(0) += bytes;
    add(ContextPart::Instructions, instructions.len() as u64);
    for tool in tools {
        let part = match tool_name::split(&tool.name) {
            Some((server, _)) => ContextPart::Server(server.trim_start_matches("mcp__").into()),
            None => ContextPart::Tools,
        };
        add(part, fixed("", std::slice::from_ref(tool)));
    }
    for Entry { item, note } in entries {
        let (text, images) = extent(item);
        let part = match (&item.kind, note) {
            _ if Some(&item.id) == summary => ContextPart::Summary,
            (ItemKind::Compaction, _) => ContextPart::Summary,
            (_, Some(ContextNoteKind::Environment)) => ContextPart::Folder,
            (_, Some(_)) => ContextPart::Notes,
            (ItemKind::User { .. }, None) => ContextPart::Prompts,
            (ItemKind::Call(_) | ItemKind::Output { .. } | ItemKind::WebSearch(_), None) => {
                ContextPart::Calls
            }
            _ => ContextPart::Answers,
        };
        add(part, text);
        add(ContextPart::Pictures, images * PICTURE);
    }
    let tokens = bytes_of.into_iter().map(|(part, bytes)| (part, bytes / BYTES_PER_TOKEN));
    tokens.filter(|(_, tokens)| *tokens > 0).collect()
}

/// Bytes that an item fills, as a rule of thumb.
pub(super) fn bytes(item: &Item) -> u64 {
    let (text, images) = extent(item);
    text + images * PICTURE
}

/// The bytes of an item's text, and how many pictures it has.
fn extent(item: &Item) -> (u64, u64) {
    let (text, images) = match &item.kind {
        ItemKind::Assistant { text, .. } => (text.len(), 0),
        ItemKind::Call(call) => (call.name.len() + call.arguments.len(), 0),
        ItemKind::Output { output, .. } => (output.text.len(), output.images.len()),
        ItemKind::Reasoning { summary } => (summary.len(), 0),
        ItemKind::Compaction => (item.wire.as_ref().map_or(0, |wire| wire.text.len()), 0),
        ItemKind::Unknown { .. } | ItemKind::WebSearch(_) => (0, 0),
        ItemKind::User { text, images } => (text.len(), images.len()),
    };
    (text as u64, images as u64)
}
