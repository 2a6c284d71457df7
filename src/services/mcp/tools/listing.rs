//! The tools of a server, as far as they can be used.

use std::collections::HashSet;
use std::sync::Arc;

use rmcp::model::{PaginatedRequestParams, Tool};
use rmcp::service::{Peer, RoleClient, ServiceError};

use crate::base::phrases::{count, shorten};
use crate::base::text::{clean, clean_line, head};
use crate::mcp::error::McpError;
use crate::protocol::McpPrompt;
use crate::tools::SourceTool;

use super::{prompts, resources, schema};

/// Tools of a server, and pages that they come in.
const TOOLS: usize = 500;
const PAGES: usize = 100;
/// Bytes of a description that the model reads.
const DESCRIPTION: usize = 4 << 10;
/// Letters of a name or a summary that people read.
const SUMMARY: usize = 200;

/// All that a server offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its tools; `read_only` is the server's own word.
    pub tools: Arc<[SourceTool]>,
    /// Why some are left out: a sentence without a full stop.
    pub left_out: Option<String>,
    /// Names of those among the tools that read its resources.
    pub resource_tools: Arc<[Arc<str>]>,
    /// Its prompts, by name.
    pub prompts: Arc<[McpPrompt]>,
}

/// Asks a server what it offers.
///
/// # Errors
///
/// Fails if its tools cannot be listed.
pub async fn list(peer: &Peer<RoleClient>) -> Result<Listing, McpError> {
    let offers = peer.peer_info().map(|info| info.capabilities.clone()).unwrap_or_default();
    let mut listing = Listing::default();
    if offers.tools.is_some() {
        let tools = all_tools(peer).await.map_err(|error| McpError::List(error.to_string()))?;
        (listing.tools, listing.left_out) = usable(tools);
    }
    if offers.resources.is_some() {
        let more: Vec<SourceTool> = resources::tools(&listing.tools).collect();
        listing.resource_tools = more.iter().map(|tool| Arc::clone(&tool.name)).collect();
        listing.tools = listing.tools.iter().cloned().chain(more).collect();
    }
    if offers.prompts.is_some() {
        match prompts::list(peer).await {
            Ok(prompts) => listing.prompts = prompts.into(),
            // Its tools can be used all the same.
            Err(error) => tracing::info!(%error, "the prompts of an MCP server cannot be listed"),
        }
    }
    Ok(listing)
}

async fn all_tools(peer: &Peer<RoleClient>) -> Result<Vec<Tool>, ServiceError> {
    let (mut all, mut cursor) = (Vec::new(), None);
    for _page in 0..PAGES {
        let params = PaginatedRequestParams::default().with_cursor(cursor);
        let page = peer.list_tools(Some(params)).await?;
        all.extend(page.tools);
        cursor = page.next_cursor;
        if cursor.is_none() || all.len() > TOOLS {
            break;
        }
    }
    Ok(all)
}

/// The tools that can be offered to a model, and why others are not.
fn usable(tools: Vec<Tool>) -> (Arc<[SourceTool]>, Option<String>) {
    let mut names = HashSet::new();
    let (mut usable, mut unusable, total) = (Vec::new(), Vec::new(), tools.len());
    for tool in tools {
        let schema = schema::usable(&tool.input_schema);
        let is_new = !tool.name.is_empty() && names.insert(tool.name.clone());
        match schema {
            Some(schema) if is_new && usable.len() < TOOLS => usable.push(SourceTool {
                description: description(&tool).into(),
                read_only: tool.annotations.is_some_and(|hints| {
                    hints.read_only_hint == Some(true) && hints.destructive_hint != Some(true)
                }),
                name: tool.name.as_ref().into(),
                parameters: schema.into(),
            }),
            _ => unusable.push(shorten(&clean_line(&tool.name), 60)),
        }
    }
    let left_out = match (total - usable.len(), total > TOOLS) {
        (0, _) => None,
        (_, true) => Some(format!("only the first {TOOLS} of its tools are offered")),
        (_, false) => Some(format!(
            "{} left out, whose name is taken or whose schema is too large: {}",
            count(unusable.len() as u64, "tool"),
            shorten(&unusable.join(", "), SUMMARY)
        )),
    };
    (usable.into(), left_out)
}

fn description(tool: &Tool) -> String {
    let words = tool.description.as_deref().or(tool.title.as_deref()).unwrap_or_default();
    head(&clean(words), DESCRIPTION).to_owned()
}

/// The first line of a description.
pub fn summary(description: &str) -> String {
    let line = description.lines().map(str::trim).find(|line| !line.is_empty());
    shorten(&clean_line(line.unwrap_or_default()), SUMMARY)
}

#[cfg(test)]
mod tests {
    use rmcp::model::ToolAnnotations;
    use serde_json::{Map, json};

    use super::*;

    fn tool(name: &str, description: &str) -> Tool {
        Tool::new(name.to_owned(), description.to_owned(), Map::new())
    }

    #[test]
    fn only_tools_that_can_be_sent_are_offered() {
        let mut huge = tool("huge", "");
        let schema = json!({ "description": "x".repeat(1 << 20) });
        huge.input_schema = Arc::new(schema.as_object().unwrap().clone());
        let read = tool("read", "Reads\u{1b}[2J").annotate(ToolAnnotations::new().read_only(true));
        let (tools, left_out) =
            usable(vec![read, tool("a", ""), tool("a", "again"), tool("", ""), huge]);
        let names: Vec<_> = tools.iter().map(|tool| (&*tool.name, tool.read_only)).collect();
        assert_eq!(names, [("read", true), ("a", false)]);
        assert!(!tools[0].description.contains('\u{1b}'));
        assert!(left_out.is_some());
        assert_eq!(usable(vec![tool("a", "b")]).1, None);
    }

    #[test]
    fn five_thousand_tools_are_cut() {
        let many = (0..5_000).map(|number| tool(&format!("t{number}"), "")).collect();
        let (tools, left_out) = usable(many);
        assert_eq!((tools.len(), left_out.is_some()), (TOOLS, true));
    }
}
