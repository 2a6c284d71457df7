//! Texts, pictures and changes of files as content blocks.

use std::path::Path;

use agent_client_protocol::v1::schema::{
    ContentBlock, ContentChunk, Diff, ImageContent, MessageId, ToolCallContent,
};

use crate::base::phrases::boundary;
use crate::protocol::{CallOutput, DiffKind, FileDiff, Picture, ToolResult};

/// The most of one output that is shown, in bytes.
const LARGEST: usize = 64 << 10;

/// Returns a part of a message; all parts of one message have the same `id`.
pub fn chunk(text: &str, id: &str) -> ContentChunk {
    ContentChunk::new(text.into()).message_id(MessageId::new(id))
}

pub fn picture(picture: &Picture) -> ContentBlock {
    ContentBlock::Image(ImageContent::new(picture.data.as_ref(), picture.mime))
}

/// Returns the outcome of a call as a person sees it.
pub fn output(output: &CallOutput, folder: &Path) -> Vec<ToolCallContent> {
    let mut content = diffs(output.result.diffs(), folder);
    let words = output.for_people();
    let text = match &output.result {
        ToolResult::Command(result) if result.is_silent => "",
        ToolResult::Command(result) => output.text.get(result.output_at..).unwrap_or_default(),
        ToolResult::Edits(_) if output.ok => "",
        _ => words.as_ref(),
    };
    match &output.result {
        ToolResult::Command(_) | ToolResult::Lines { .. } | ToolResult::Found { .. } => {
            content.extend(verbatim(text));
        }
        _ if text.trim().is_empty() => {}
        _ => content.push(ToolCallContent::from(short(text))),
    }
    content.extend(output.images.iter().map(|shown| ToolCallContent::from(picture(shown))));
    content
}

/// Returns text that is not Markdown, such as a command's output, in a fence; `None` if it is
/// empty.
pub fn verbatim(text: &str) -> Option<ToolCallContent> {
    let text = short(text.trim_end());
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat((longest + 1).max(3));
    (!text.is_empty()).then(|| ToolCallContent::from(format!("{fence}\n{text}\n{fence}")))
}

fn short(text: &str) -> String {
    if text.len() <= LARGEST {
        return text.to_owned();
    }
    format!("{}…", &text[..boundary(text, LARGEST)])
}

/// Returns each hunk of each file, before and after the change.
pub fn diffs(diffs: &[FileDiff], folder: &Path) -> Vec<ToolCallContent> {
    let of_file = |diff: &FileDiff| {
        let path = folder.join(&diff.path);
        let hunks = hunks(&diff.hunks).into_iter();
        hunks
            .map(|hunk| {
                let old = (diff.kind != DiffKind::Added).then_some(hunk.old);
                ToolCallContent::Diff(Diff::new(path.clone(), hunk.new).old_text(old))
            })
            .collect::<Vec<_>>()
    };
    diffs.iter().flat_map(of_file).collect()
}

/// Both sides of a hunk, and the line of the new side that it begins at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    pub line: u32,
    pub old: String,
    pub new: String,
}

/// Returns the hunks of a unified diff.
pub fn hunks(text: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut last = ' ';
    for line in text.lines() {
        if line.starts_with("@@ ") {
            hunks.push(Hunk { line: first_line(line), ..Hunk::default() });
            continue;
        }
        let (Some(hunk), Some(side)) = (hunks.last_mut(), line.chars().next()) else { continue };
        let words = &line[side.len_utf8()..];
        for (text, sides) in [(&mut hunk.old, " -"), (&mut hunk.new, " +")] {
            if sides.contains(side) {
                text.push_str(words);
                text.push('\n');
            } else if side == '\\' && sides.contains(last) {
                // The line before it has no end.
                text.pop();
            }
        }
        last = side;
    }
    hunks
}

/// Returns the line that the new side begins at: 5 for `@@ -1,4 +5,6 @@`.
fn first_line(head: &str) -> u32 {
    let new = head.split_whitespace().find_map(|word| word.strip_prefix('+'));
    let line = new.and_then(|new| new.split(',').next()).and_then(|line| line.parse().ok());
    line.unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hunk_has_both_its_sides_and_its_place() {
        let text = "@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n@@ -9,1 +9,2 @@\n-nine\n\\ No newline at end of file\n+nine\n+ten\n";
        let both = hunks(text);
        assert_eq!(
            both,
            [
                Hunk { line: 1, old: "one\ntwo\nthree\n".into(), new: "one\nTWO\nthree\n".into() },
                Hunk { line: 9, old: "nine".into(), new: "nine\nten\n".into() },
            ]
        );
        assert_eq!(hunks(""), []);
    }

    #[test]
    fn output_is_fenced_so_that_nothing_in_it_ends_the_fence() {
        let text = |content: Option<ToolCallContent>| {
            let Some(ToolCallContent::Content(content)) = content else { return String::new() };
            let ContentBlock::Text(text) = content.content else { return String::new() };
            text.text
        };
        assert_eq!(text(verbatim("a\n")), "```\na\n```");
        assert_eq!(text(verbatim("a ```` b")), "`````\na ```` b\n`````");
        assert_eq!(verbatim(" \n"), None);
        let long = text(verbatim(&"ä".repeat(LARGEST)));
        assert!(long.len() < LARGEST + 20 && long.ends_with("…\n```"), "{}", long.len());
    }
}
