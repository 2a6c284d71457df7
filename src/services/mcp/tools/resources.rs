//! The resources of a server, for the model: two tools beside the server's own, one that lists them
//! and one that reads one.

use rmcp::model::{PaginatedRequestParams, ReadResourceRequestParams};
use rmcp::service::{Peer, RoleClient, ServiceError};
use serde_json::Value;

use crate::base::phrases::shorten;
use crate::base::text::{clean, clean_line};
use crate::protocol::CallOutput;
use crate::tools::SourceTool;

use super::answer;

const LIST: &str = "list_resources";
const READ: &str = "read_resource";
/// Resources of one answer.
const LISTED: usize = 200;

/// The two tools, without those whose name the server has given to a tool of its own.
pub fn tools(own: &[SourceTool]) -> impl Iterator<Item = SourceTool> {
    let list = SourceTool {
        name: LIST.into(),
        description: "Lists the server's resources and templates of them, with their URIs".into(),
        parameters: r#"{"type":"object","properties":{"cursor":{"type":"string"}}}"#.into(),
        read_only: true,
    };
    let read = SourceTool {
        name: READ.into(),
        description: "Reads a resource of the server".into(),
        parameters:
            r#"{"type":"object","properties":{"uri":{"type":"string"}},"required":["uri"]}"#.into(),
        read_only: true,
    };
    [list, read].into_iter().filter(|tool| own.iter().all(|own| own.name != tool.name))
}

/// The answer of a call of one of the two; `None` for any other tool.
///
/// # Errors
///
/// Fails with the server's reason.
pub async fn call(
    peer: &Peer<RoleClient>,
    tool: &str,
    arguments: &Value,
) -> Option<Result<CallOutput, ServiceError>> {
    match tool {
        LIST => Some(list(peer, arguments["cursor"].as_str()).await),
        READ => Some(read(peer, arguments["uri"].as_str().unwrap_or_default()).await),
        _ => None,
    }
}

async fn list(peer: &Peer<RoleClient>, cursor: Option<&str>) -> Result<CallOutput, ServiceError> {
    let params = PaginatedRequestParams::default().with_cursor(cursor.map(str::to_owned));
    let page = peer.list_resources(Some(params)).await?;
    let line = |uri: &str, name: &str, about: Option<&str>| {
        let about = shorten(&clean_line(about.unwrap_or(name)), 160);
        format!("- {}: {about}", clean_line(uri))
    };
    let mut lines: Vec<String> = page
        .resources
        .iter()
        .map(|it| line(&it.uri, &it.name, it.description.as_deref()))
        .collect();
    if cursor.is_none() {
        // A server without templates may not know the question.
        let templates =
            peer.list_resource_templates(None).await.map(|page| page.resource_templates);
        let templates = templates.unwrap_or_default();
        lines.extend(
            templates.iter().map(|it| line(&it.uri_template, &it.name, it.description.as_deref())),
        );
    }
    let left_out = lines.len().saturating_sub(LISTED);
    lines.truncate(LISTED);
    if left_out > 0 {
        lines.push(format!("({left_out} more are left out)"));
    }
    if let Some(cursor) = page.next_cursor {
        lines.push(format!("(There are more: `cursor` {})", clean_line(&cursor)));
    }
    if lines.is_empty() {
        lines.push("(It has none)".into());
    }
    Ok(CallOutput::text(LIST, lines.join("\n")))
}

async fn read(peer: &Peer<RoleClient>, uri: &str) -> Result<CallOutput, ServiceError> {
    let contents = peer.read_resource(ReadResourceRequestParams::new(uri)).await?.contents;
    let parts: Vec<String> = contents.into_iter().map(answer::resource).collect();
    let text = clean(&parts.join("\n\n")).into_owned();
    Ok(CallOutput::text(READ, text))
}
