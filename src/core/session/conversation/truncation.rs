//! Truncation: a shorter conversation, for a request to sum it up that does not fit either.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::text::head;
use crate::protocol::{CallId, CallOutput, Item, ItemKind, ToolCall};

use super::context_usage::{BYTES_PER_TOKEN, bytes};

/// Characters that are kept of an output.
const LEAN_OUTPUT: usize = 600;
/// Bytes of an answer, or of the arguments of a call, that stay.
const LEAN_WORDS: usize = 16 * 1024;

/// As much from the end as fits into half of the context, and no more than half of it all. No
/// output is without its call.
pub fn tail(items: Vec<Arc<Item>>, context: Option<u64>) -> Vec<Arc<Item>> {
    let all: u64 = items.iter().map(|item| bytes(item)).sum();
    let mut room =
        context.map_or(all, |tokens| all.min(tokens.saturating_mul(BYTES_PER_TOKEN))) / 2;
    let fits = |item: &&Arc<Item>| {
        let left = room.checked_sub(bytes(item));
        room = left.unwrap_or(0);
        left.is_some()
    };
    let count = items.iter().rev().take_while(fits).count().max(1);
    let mut called: HashSet<CallId> = HashSet::new();
    let kept = items.into_iter().rev().take(count).rev();
    kept.filter(|item| match &item.kind {
        ItemKind::Call(call) => {
            called.insert(call.id.clone());
            true
        }
        ItemKind::Output { call, .. } => called.contains(call),
        _ => true,
    })
    .collect()
}

/// An item with less in it; thoughts and searches are left out.
pub fn lean(item: &Arc<Item>) -> Option<Arc<Item>> {
    match &item.kind {
        ItemKind::Reasoning { .. } | ItemKind::Unknown { .. } | ItemKind::WebSearch(_) => None,
        ItemKind::Output { call, output }
            if output.text.len() > LEAN_OUTPUT || !output.images.is_empty() =>
        {
            let head: String = output.text.chars().take(LEAN_OUTPUT).collect();
            let output = CallOutput {
                images: Vec::new(),
                text: format!("{head}\n(the rest is left out)"),
                ..output.clone()
            };
            Some(Arc::new(Item {
                kind: ItemKind::Output { call: call.clone(), output },
                ..(**item).clone()
            }))
        }
        ItemKind::Assistant { text, .. } if text.len() > LEAN_WORDS => {
            let text = format!("{}\n(the rest is left out)", head(text, LEAN_WORDS));
            Some(Arc::new(Item {
                kind: ItemKind::assistant(text),
                id: item.id.clone(),
                wire: None,
            }))
        }
        ItemKind::Call(call) if call.arguments.len() > LEAN_WORDS => {
            let call = ToolCall { arguments: r#"{"note":"left out"}"#.into(), ..call.clone() };
            Some(Arc::new(Item { kind: ItemKind::Call(call), id: item.id.clone(), wire: None }))
        }
        _ => Some(Arc::clone(item)),
    }
}
