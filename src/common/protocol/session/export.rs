//! A conversation as Markdown, to keep or to show to others. Writes no file.

use crate::base::{redact, text};

use crate::protocol::{
    CallState, Citation, Completeness, DiffKind, FileDiff, Notice, OpenTurn, Record,
    SessionSummary, Todo, TodoState, ToolResult, Transcript, TranscriptEntry, unnamed_pictures,
};

/// Rows of a tool's output that are shown.
const OUTPUT_LINES: usize = 40;

/// [`page`], without what looks like a secret.
pub fn markdown(summary: &SessionSummary, records: &[Record]) -> String {
    redact(&text::clean(&page(summary, records))).into_owned()
}

/// The whole conversation as it was, under a heading of its title.
pub fn page(summary: &SessionSummary, records: &[Record]) -> String {
    let mut transcript = Transcript::default();
    transcript.replay(records, OpenTurn::of(summary));
    let elsewhere = if summary.is_open_elsewhere { ", open in another codling" } else { "" };
    let branches = match summary.branches {
        0 => String::new(),
        1 => ", with 1 branch that was left".to_owned(),
        many => format!(", with {many} branches that were left"),
    };
    let title = text::clean_line(&summary.title).into_owned();
    let mut page = format!(
        "# {title}\n\n`{}` in `{}`{branches}{elsewhere}\n",
        summary.id,
        text::clean_line(&summary.folder.display().to_string())
    );
    for entry in transcript.entries() {
        page.push('\n');
        page.push_str(&shown(entry));
        page.push('\n');
    }
    page
}

fn shown(entry: &TranscriptEntry) -> String {
    match entry {
        TranscriptEntry::Assistant { text, citations, .. } => {
            let links = citations.iter().enumerate().map(|(at, citation)| cited(at + 1, citation));
            let links: Vec<String> = links.collect();
            [text.trim_end().to_owned(), links.join("\n")].join("\n\n").trim_end().to_owned()
        }
        TranscriptEntry::Call { call, state, .. } => {
            let word = match state {
                CallState::Ended(output) if output.ok => "",
                CallState::Ended(_) => " (failed)",
                CallState::Interrupted => " (interrupted)",
                CallState::Asking | CallState::Running { .. } | CallState::Waiting => " (running)",
            };
            let head = format!("**{}**{word}", call.name);
            let (shown, output) = match state {
                CallState::Ended(output) => (pictured(&output.result), head_of(&output.text)),
                _ => (None, String::new()),
            };
            let mut parts = vec![head];
            match (shown, word) {
                // The result already shows what was asked.
                (Some(shown), "") => parts.push(shown),
                (shown, _) => {
                    parts.push(fenced("json", &call.arguments));
                    parts.extend(shown);
                    parts.extend((!output.is_empty()).then(|| fenced("", &output)));
                }
            }
            parts.join("\n\n")
        }
        TranscriptEntry::Interrupted => "*Interrupted*".into(),
        TranscriptEntry::Notice(Notice { message, .. }) => format!("*{message}*"),
        TranscriptEntry::Problem(problem) => format!("*Failed: {}*", problem.message),
        TranscriptEntry::Reasoning { text, .. } => quoted(text),
        TranscriptEntry::User { text, images } => {
            let prompt = format!("## {}", text.trim_end().replace('\n', "\n\n").trim_start());
            match unnamed_pictures(text, images.len()) {
                0 => prompt,
                1 => format!("{prompt}\n\n*With 1 image*"),
                many => format!("{prompt}\n\n*With {many} images*"),
            }
        }
        TranscriptEntry::WebSearch { search, .. } => {
            format!("*{}*", text::clean_line(&search.sentence()))
        }
    }
}

/// A page that the answer refers to, under it. The address stands as it is, so that nothing in the
/// title can change where it leads.
fn cited(number: usize, Citation { title, url }: &Citation) -> String {
    let (title, url) = (text::clean_line(title), text::clean_line(url));
    if title.trim().is_empty() {
        format!("{number}. <{url}>")
    } else {
        format!("{number}. {title}: <{url}>")
    }
}

/// The result as a person sees it instead of the text; `None` if there is only text.
fn pictured(shown: &ToolResult) -> Option<String> {
    match shown {
        ToolResult::Edits(diffs) if !diffs.is_empty() => {
            Some(diffs.iter().map(diff).collect::<Vec<_>>().join("\n\n"))
        }
        ToolResult::Plan(todos) if !todos.is_empty() => {
            Some(todos.iter().map(todo).collect::<Vec<_>>().join("\n"))
        }
        ToolResult::Command(_)
        | ToolResult::Denied(_)
        | ToolResult::Edits(_)
        | ToolResult::Found { .. }
        | ToolResult::Lines { .. }
        | ToolResult::Page(_)
        | ToolResult::Plan(_)
        | ToolResult::Reply { .. }
        | ToolResult::Text => None,
    }
}

fn diff(FileDiff { path, kind, added, removed, hunks, completeness: whole }: &FileDiff) -> String {
    let side = |letter: char, path: &str| format!("{letter}/{}", text::clean_line(path));
    let (old, new) = match kind {
        DiffKind::Added => ("/dev/null".into(), side('b', path)),
        DiffKind::Deleted => (side('a', path), "/dev/null".into()),
        DiffKind::Moved { from } => (side('a', from), side('b', path)),
        DiffKind::Updated => (side('a', path), side('b', path)),
    };
    let shown = fenced("diff", &format!("--- {old}\n+++ {new}\n{hunks}"));
    match whole {
        Completeness::Truncated => {
            format!("{shown}\n\n*Not all of it: {added} lines were added and {removed} removed*")
        }
        Completeness::Complete => shown,
    }
}

fn todo(Todo { text, state }: &Todo) -> String {
    let text = text::clean_line(text);
    match state {
        TodoState::Doing => format!("- [ ] {text} (now)"),
        TodoState::Done => format!("- [x] {text}"),
        TodoState::Dropped => format!("- [ ] {text} (dropped)"),
        TodoState::Open => format!("- [ ] {text}"),
    }
}

fn head_of(output: &str) -> String {
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
    content
        .trim_end()
        .lines()
        .map(|line| format!("> {line}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::Timestamp;
    use crate::protocol::{
        CallOutput, CompactionResult, Direction, Item, ItemKind, Picture, ToolCall, TurnId,
        WebAction, WebSearch, WebSearchState,
    };

    fn item(kind: ItemKind) -> Record {
        Record::Item(Arc::new(Item { id: "i".into(), kind, wire: None }))
    }

    fn summary(title: &str) -> SessionSummary {
        SessionSummary {
            id: "ses_1".into(),
            folder: "/srv/plants".into(),
            title: title.into(),
            is_named: false,
            created: Timestamp(0),
            changed: Timestamp(0),
            prompts: 1,
            branches: 0,
            failure: None,
            is_open_elsewhere: false,
            activity: None,
        }
    }

    #[test]
    fn a_turn_that_goes_on_in_another_program_was_not_interrupted() {
        let call = ToolCall { id: "c".into(), name: "read".into(), arguments: "{}".into() };
        let records = [Record::TurnStarted(TurnId(1)), item(ItemKind::Call(call))];
        let elsewhere = SessionSummary { is_open_elsewhere: true, ..summary("t") };
        let told = |summary| markdown(&summary, &records).contains("nterrupted");
        assert_eq!((told(summary("t")), told(elsewhere)), (true, false));
    }

    #[test]
    fn a_conversation_becomes_a_page_without_its_secrets() {
        let summary = summary("why");
        let call = ToolCall { id: "c".into(), name: "read".into(), arguments: "{}".into() };
        let records = [
            Record::TurnStarted(TurnId(1)),
            item(ItemKind::user("why?\nmy key is sk-proj-0123456789abcdef0123")),
            item(ItemKind::Reasoning { summary: "Hm".into() }),
            item(ItemKind::Call(call)),
            item(ItemKind::Output {
                call: "c".into(),
                output: CallOutput::text("", "```\nAuthorization: Bearer abcdefghijkl\n```"),
            }),
            item(ItemKind::WebSearch(WebSearch {
                action: WebAction::Open { url: "https://a\u{1b}[2J".into() },
                state: WebSearchState::Done,
            })),
            item(ItemKind::Assistant {
                text: "Because.".into(),
                citations: vec![
                    Citation { title: "A \u{7}page".into(), url: "https://a".into() },
                    Citation { title: String::new(), url: "https://b".into() },
                ],
            }),
            item(ItemKind::User {
                text: "and these?".into(),
                images: vec![Picture { mime: "image/png", data: "".into() }; 2],
            }),
        ];
        assert_eq!(
            markdown(&summary, &records),
            "# why\n\n`ses_1` in `/srv/plants`\n\n## why?\n\nmy key is [redacted]\n\n> Hm\n\n**read**\n\n```json\n{}\n```\n\n\
             ````\n```\nAuthorization: Bearer [redacted]\n```\n````\n\n*Opened https://a␛[2J*\n\nBecause.\n\n1. A ␇page: <https://a>\n2. <https://b>\n\n## and these?\n\n*With 2 images*\n\n*Interrupted*\n"
        );
    }

    #[test]
    fn changes_plans_summaries_and_going_back_are_shown_as_such() {
        let summary = summary("t");
        let call = |id: &str, name: &str| {
            item(ItemKind::Call(ToolCall {
                id: id.into(),
                name: name.into(),
                arguments: "{}".into(),
            }))
        };
        let ended = |id: &str, shown, ok| {
            item(ItemKind::Output {
                call: id.into(),
                output: CallOutput {
                    result: shown,
                    ok,
                    ..CallOutput::text("", "told to the model")
                },
            })
        };
        let change = |kind, hunks: &str, whole| FileDiff {
            path: "a\n.rs".into(),
            kind,
            added: 1,
            removed: 2,
            hunks: hunks.into(),
            completeness: whole,
        };
        let diffs = vec![
            change(DiffKind::Updated, "@@ -1 +1 @@\n-```\n+b\n", Completeness::Truncated),
            change(DiffKind::Moved { from: "old.rs".into() }, "", Completeness::Complete),
        ];
        let steps = [TodoState::Done, TodoState::Doing, TodoState::Open, TodoState::Dropped];
        let todos = steps.map(|state| Todo { text: "dig".into(), state }).into();
        let records = [
            Record::TurnStarted(TurnId(1)),
            call("1", "edit"),
            ended("1", ToolResult::Edits(diffs), true),
            call("2", "todo"),
            ended("2", ToolResult::Plan(todos), true),
            call("3", "edit"),
            ended(
                "3",
                ToolResult::Edits(vec![change(DiffKind::Added, "+x\n", Completeness::Complete)]),
                false,
            ),
            Record::TurnEnded { turn: TurnId(1), outcome: crate::protocol::TurnOutcome::Done },
            Record::Undone { turn: TurnId(1), direction: Direction::Undo, files: Vec::new() },
            Record::Compacted {
                summary: Arc::new(Item {
                    id: "s".into(),
                    kind: ItemKind::user("so far"),
                    wire: None,
                }),
                compaction: CompactionResult { before: 900, after: 100 },
            },
        ];
        let page = markdown(&summary, &records);
        let body = page.split_once("plants`\n\n").unwrap().1;
        assert_eq!(
            body,
            "**edit**\n\n````diff\n--- a/a .rs\n+++ b/a .rs\n@@ -1 +1 @@\n-```\n+b\n````\n\n*Not all of it: 1 lines were added and 2 removed*\n\n\
             ```diff\n--- a/old.rs\n+++ b/a .rs\n```\n\n\
             **todo**\n\n- [x] dig\n- [ ] dig (now)\n- [ ] dig\n- [ ] dig (dropped)\n\n\
             **edit** (failed)\n\n```json\n{}\n```\n\n```diff\n--- /dev/null\n+++ b/a .rs\n+x\n```\n\n```\ntold to the model\n```\n\n\
             *The changes of a turn were taken back*\n\n\
             *The conversation was summarized for the model: about 900 tokens became 100*\n"
        );
    }
}
