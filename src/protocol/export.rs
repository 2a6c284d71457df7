//! A conversation as Markdown, to keep or to show to others. Writes no file.

use crate::base::{redact, text};

use super::{CallState, Entry, EventKind, Notice, Record, Saved, SessionSummary, Transcript};

/// Rows of a tool's output that are shown.
const OUTPUT_LINES: usize = 40;

/// [`page`], without what looks like a secret.
pub fn markdown(summary: &SessionSummary, records: &[Record]) -> String {
    redact(&text::clean(&page(summary, records))).into_owned()
}

/// The whole conversation as it was, under a heading of its title.
pub fn page(summary: &SessionSummary, records: &[Record]) -> String {
    let mut transcript = Transcript::default();
    transcript.apply(&EventKind::Replayed { records: records.to_vec(), saved: Saved::OnDisk });
    let title = text::clean_line(&summary.title).into_owned();
    let mut page = format!("# {title}\n\n`{}` in `{}`\n", summary.id, text::clean_line(&summary.folder.display().to_string()));
    for entry in transcript.entries() {
        page.push('\n');
        page.push_str(&shown(entry));
        page.push('\n');
    }
    page
}

fn shown(entry: &Entry) -> String {
    match entry {
        Entry::Assistant { text, .. } => text.trim_end().to_owned(),
        Entry::Call { call, state, .. } => {
            let (word, output) = match state {
                CallState::Ended(output) if output.ok => ("", output.text.as_str()),
                CallState::Ended(output) => (" (failed)", output.text.as_str()),
                CallState::Asking | CallState::Interrupted | CallState::Running { .. } | CallState::Waiting => (" (interrupted)", ""),
            };
            let call = format!("**{}**{word}\n\n{}", call.name, fenced("json", &call.arguments));
            if output.is_empty() { call } else { format!("{call}\n\n{}", fenced("", &head(output))) }
        }
        Entry::Interrupted => "*Interrupted*".into(),
        Entry::Notice(Notice { message, .. }) => format!("*{message}*"),
        Entry::Problem(problem) => format!("*Failed: {}*", problem.message),
        Entry::Reasoning { text, .. } => quoted(text),
        Entry::User { text, .. } => format!("## {}", text.trim_end().replace('\n', "\n\n").trim_start()),
    }
}

fn head(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    match lines.len().checked_sub(OUTPUT_LINES) {
        Some(more @ 1..) => format!("{}\n… {more} more lines", lines[..OUTPUT_LINES].join("\n")),
        _ => lines.join("\n"),
    }
}

/// In a fence longer than any inside.
fn fenced(language: &str, content: &str) -> String {
    let longest = content.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", content.trim_end())
}

fn quoted(content: &str) -> String {
    content.trim_end().lines().map(|line| format!("> {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::Timestamp;
    use crate::protocol::{CallOutput, Item, ItemKind, ToolCall, TurnId};

    fn item(kind: ItemKind) -> Record {
        Record::Item(Arc::new(Item { id: "i".into(), kind, wire: None }))
    }

    #[test]
    fn a_conversation_becomes_a_page_without_its_secrets() {
        let summary = SessionSummary {
            id: "ses_1".into(),
            folder: "/srv/plants".into(),
            title: "why".into(),
            created: Timestamp(0),
            changed: Timestamp(0),
            prompts: 1,
        };
        let call = ToolCall { id: "c".into(), name: "read".into(), arguments: "{}".into() };
        let records = [
            Record::TurnStarted(TurnId(1)),
            item(ItemKind::user("why?\nmy key is sk-proj-0123456789abcdef0123")),
            item(ItemKind::Reasoning { summary: "Hm".into() }),
            item(ItemKind::Call(call)),
            item(ItemKind::Output { call: "c".into(), output: CallOutput::text("", "```\nAuthorization: Bearer abcdefghijkl\n```") }),
            item(ItemKind::Assistant { text: "Because.".into() }),
        ];
        assert_eq!(
            markdown(&summary, &records),
            "# why\n\n`ses_1` in `/srv/plants`\n\n## why?\n\nmy key is [redacted]\n\n> Hm\n\n**read**\n\n```json\n{}\n```\n\n\
             ````\n```\nAuthorization: Bearer [redacted]\n```\n````\n\nBecause.\n\n*Interrupted*\n"
        );
    }
}
