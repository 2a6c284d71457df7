//! Deferral: where sources have many tools, a request carries `find_tools` in their place, and then
//! those that it found. A wire dialect may write the search and what it found in a form of its own.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::tool_name;
use crate::protocol::{Item, ItemKind, ToolDefinition};

/// Tools of sources that every request may carry.
const MANY: usize = 30;
/// The part of the context that they may fill, in percent.
const SHARE: u64 = 10;
/// Tokens of a context whose size is not known.
const CONTEXT: u64 = 128_000;
const BYTES_PER_TOKEN: u64 = 4;

/// The tools of a request with these items, for a context of so many tokens. Those that were found
/// come last, in the order they were found, so that the list before them stays as it is.
pub(super) fn offered<'a>(
    tools: impl Iterator<Item = &'a ToolDefinition>,
    context: Option<u64>,
    items: &[Arc<Item>],
) -> Arc<[ToolDefinition]> {
    let (external, mut own): (Vec<_>, Vec<_>) =
        tools.partition(|tool| tool_name::is_external(&tool.name));
    if !are_many(&external, context.unwrap_or(CONTEXT)) {
        own.retain(|tool| *tool.name != *tool_name::FIND);
        return own.into_iter().chain(external).cloned().collect();
    }
    let mut seen = HashSet::new();
    let found = items.iter().filter_map(|item| match &item.kind {
        ItemKind::Output { output, .. } => Some(tool_name::found(&output.text)),
        _ => None,
    });
    let found = found.flatten().filter(|name| seen.insert(*name));
    let found = found.filter_map(|name| external.iter().find(|tool| *tool.name == *name).copied());
    own.into_iter().chain(found).cloned().collect()
}

fn are_many(external: &[&ToolDefinition], context: u64) -> bool {
    let bytes = external
        .iter()
        .map(|tool| (tool.name.len() + tool.description.len() + tool.parameters.len()) as u64);
    external.len() > MANY || bytes.sum::<u64>() / BYTES_PER_TOKEN > context / 100 * SHARE
}

#[cfg(test)]
mod tests {
    use crate::protocol::{CallId, CallOutput, ItemId, ToolAudience, ToolEffects};

    use super::*;

    fn tool(name: &str, description: &str) -> ToolDefinition {
        ToolDefinition {
            name: name.into(),
            description: description.into(),
            parameters: "{}".into(),
            grammar: None,
            effects: ToolEffects::Looks,
            audience: ToolAudience::Everyone,
        }
    }

    fn answered(text: &str) -> Arc<Item> {
        let output = CallOutput::text("", text.to_owned());
        let kind = ItemKind::Output { call: CallId::new("c"), output };
        Arc::new(Item { id: ItemId::new("o"), kind, wire: None })
    }

    fn names(tools: &[ToolDefinition], context: Option<u64>, items: &[Arc<Item>]) -> String {
        let offered = offered(tools.iter(), context, items);
        offered.iter().map(|tool| &*tool.name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn many_tools_are_offered_once_they_were_found_and_few_at_once() {
        let few = ["find_tools", "read", "mcp__a__x"].map(|name| tool(name, ""));
        assert_eq!(names(&few, None, &[]), "read mcp__a__x");
        let mut many = few.to_vec();
        many.extend((0..MANY).map(|number| tool(&format!("mcp__a__{number}"), "")));
        assert_eq!(names(&many, None, &[]), "find_tools read");
        let first =
            answered(&format!("{}\n\n- mcp__a__7: Seven\n- mcp__gone__it: No", tool_name::FOUND));
        let second = answered(&format!("{}\n\n- mcp__a__x: X\n- mcp__a__7: 7", tool_name::FOUND));
        let other = answered("Found:\n- mcp__a__3: Three");
        let items = [first, other, second];
        assert_eq!(names(&many, None, &items[..2]), "find_tools read mcp__a__7");
        assert_eq!(names(&many, None, &items), "find_tools read mcp__a__7 mcp__a__x");
    }

    #[test]
    fn a_few_that_would_fill_a_tenth_of_the_context_wait_too() {
        let tools = ["find_tools", "mcp__a__x"].map(|name| tool(name, &"words ".repeat(1_000)));
        assert_eq!(names(&tools, Some(8_000), &[]), "find_tools");
        assert_eq!(names(&tools, Some(80_000), &[]), "mcp__a__x");
    }
}
