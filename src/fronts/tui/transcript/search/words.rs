//! An entry as plain text, as it reads with all of its folds open: what a search looks through.

use crate::base::text::{clean, clean_line};
use crate::protocol::{Notice, Problem, TranscriptEntry};
use crate::tui::paint::markdown;
use crate::tui::transcript::call::{self, ShownCall};

/// The text of an entry; lines are parted by line feeds.
pub fn of(entry: &TranscriptEntry) -> String {
    let with_next = |message: &str, next: Option<&str>| {
        let next = next.map(|next| format!("\n{}", clean(next))).unwrap_or_default();
        format!("{}{next}", clean(message))
    };
    match entry {
        TranscriptEntry::Assistant { text, citations, .. } => {
            let mut words = markdown::plain(text);
            for cited in citations {
                words.push('\n');
                words.push_str(&clean_line(&cited.title));
                words.push('\n');
                words.push_str(&clean_line(&cited.url));
            }
            words
        }
        TranscriptEntry::Reasoning { text, .. } => markdown::plain(text),
        TranscriptEntry::User { text, .. } => clean(text).into_owned(),
        TranscriptEntry::Call { call, title, action, state } => {
            call::plain(ShownCall { call, title, action: action.as_deref(), state })
        }
        TranscriptEntry::Interrupted => "Interrupted".to_owned(),
        TranscriptEntry::Notice(Notice { message, next })
        | TranscriptEntry::Problem(Problem { message, next, .. }) => {
            with_next(message, next.as_deref())
        }
        TranscriptEntry::WebSearch { search, .. } => clean_line(&search.sentence()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        CallOutput, CallState, Citation, Completeness, DiffKind, FileDiff, PlannedAction, Todo,
        TodoState, ToolCall, ToolResult,
    };
    use crate::tui::transcript::call::Details;
    use crate::tui::transcript::cell::EntryCell;
    use crate::tui::transcript::search::{Needle, in_rows};

    fn call(name: &str, arguments: &str, state: CallState) -> TranscriptEntry {
        let call = ToolCall { id: "c".into(), name: name.into(), arguments: arguments.into() };
        let action = Some(PlannedAction::of(&call).into());
        TranscriptEntry::Call { call, title: String::new(), action, state }
    }

    fn entries() -> Vec<TranscriptEntry> {
        let diff = FileDiff {
            path: "one.rs".into(),
            kind: DiffKind::Updated,
            added: 1,
            removed: 1,
            hunks: "@@ -1,2 +1,2 @@\n here\n-use one;\n+\tuse three;\n".into(),
            completeness: Completeness::Complete,
        };
        let edits = ToolResult::Edits(vec![diff.clone(), FileDiff { path: "e.rs".into(), ..diff }]);
        let todo = |text: &str| Todo { text: text.into(), state: TodoState::Doing };
        let plan = ToolResult::Plan(vec![todo("See the tests"), todo("Here, too")]);
        let long = format!("{}e\n{}the end\n", "e hay ".repeat(60), "e row\n".repeat(500));
        let ended = |result, text: &str| {
            CallState::Ended(CallOutput { result, ..CallOutput::text("e", text) })
        };
        let text = ended(CallOutput::text("e", "").result, &long);
        let refused = CallState::Ended(CallOutput::refusal("e", "There is no e here"));
        let cited = Citation { title: "The page".into(), url: "https://e.example/e".into() };
        let answer = "# Where\n\nThe **tree** is `here`, [there](https://e.example):\n\n- one\n- `e`\n\n> Quote e\n\n| tree | e |\n|---|---|\n| pear | apple |\n\n```rust\nlet e = 1;\n```\n";
        vec![
            TranscriptEntry::Assistant {
                item: "a".into(),
                text: answer.into(),
                citations: vec![cited],
                done: true,
            },
            TranscriptEntry::Reasoning {
                item: "r".into(),
                text: "**See**\n\nhere".into(),
                done: true,
            },
            TranscriptEntry::User { text: format!("Hear me\n{long}"), images: Vec::new() },
            call("edit", "{}", ended(edits, "Changed")),
            call("plan", "{}", ended(plan, "Planned")),
            call("grep", r#"{"pattern":"tree"}"#, text.clone()),
            call("shell", r#"{"command":"make test\nhere"}"#, text),
            call("shell", r#"{"command":"make test"}"#, refused),
            call("read", r#"{"filePath":"e"}"#, CallState::Running { tail: "here\n".into() }),
            call("read", r#"{"filePath":"e"}"#, CallState::Waiting),
            call("read", r#"{"filePath":"e"}"#, CallState::Asking),
            TranscriptEntry::Interrupted,
            TranscriptEntry::Notice(Notice {
                message: "Be there".into(),
                next: Some("See".into()),
            }),
        ]
    }

    #[test]
    fn words_have_the_hits_that_an_open_entry_shows() {
        for width in [40, 80, 200] {
            for entry in entries() {
                let mut cell = EntryCell::default();
                cell.open_for_hit(&entry);
                cell.update(&entry, None, width, Details::Folded);
                for words in ["e", "the", "here"] {
                    let needle = Needle::new(words).unwrap();
                    let shown = in_rows(|row| cell.text_row(row), 0..cell.height(), &needle);
                    let counted = needle.hits(&needle.view(&of(&entry))).count();
                    assert_eq!(counted, shown.len(), "{words} at {width} in {:?}", of(&entry));
                }
            }
        }
    }
}
