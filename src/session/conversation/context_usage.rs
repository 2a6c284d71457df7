//! Context usage: how much of the model's context the conversation fills, by the server's count and
//! an estimate of what came since.

use crate::protocol::{Item, ItemKind, ToolDefinition, Usage};

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
}

impl ContextUsage {
    /// Adds an item, unless the server sent it and so has counted it.
    pub(super) fn add(&mut self, item: &Item) {
        if item.wire.is_none() || self.counted.is_none() {
            self.since = self.since.saturating_add(bytes(item));
        }
    }

    pub(super) fn settle(&mut self, usage: Usage) {
        *self = Self { counted: Some(usage.input.saturating_add(usage.output)), since: 0 };
    }

    /// Forgets what the server counted: the conversation is another one now.
    pub(super) fn restart<'a>(&mut self, items: impl IntoIterator<Item = &'a Item>) {
        *self = Self::default();
        items.into_iter().for_each(|item| self.add(item));
    }

    /// Tokens, with the bytes that every request holds besides the conversation.
    pub(super) fn estimate(&self, fixed: u64) -> u64 {
        self.counted.unwrap_or(fixed / BYTES_PER_TOKEN).saturating_add(self.since / BYTES_PER_TOKEN)
    }
}

/// Bytes that go with every request.
pub(super) fn fixed(instructions: &str, tools: &[ToolDefinition]) -> u64 {
    let tools = tools.iter().map(|tool| tool.description.len() + tool.parameters.len());
    (instructions.len() + tools.sum::<usize>()) as u64
}

/// Bytes that an item fills, as a rule of thumb.
pub(super) fn bytes(item: &Item) -> u64 {
    let (text, images) = match &item.kind {
        ItemKind::Assistant { text, .. } => (text.len(), 0),
        ItemKind::Call(call) => (call.name.len() + call.arguments.len(), 0),
        ItemKind::Output { output, .. } => (output.text.len(), output.images.len()),
        ItemKind::Reasoning { summary } => (summary.len(), 0),
        ItemKind::Compaction => (item.wire.as_ref().map_or(0, |wire| wire.text.len()), 0),
        ItemKind::Unknown { .. } | ItemKind::WebSearch(_) => (0, 0),
        ItemKind::User { text, images } => (text.len(), images.len()),
    };
    text as u64 + images as u64 * PICTURE
}
