//! Calls of every kind, in every state.

use super::*;
use crate::protocol::{Completeness, Denial, DenialCause, Todo, TodoState, ToolResult};
use crate::protocol::{PlannedAction, ToolCall};
use crate::tui::paint::diff::Finish;

fn call(name: &str, arguments: &str) -> ToolCall {
    ToolCall { id: "c".into(), name: name.into(), arguments: arguments.into() }
}

fn sheet(details: Details) -> CallSheet {
    CallSheet { width: 44, details, finish: Finish::Coloured, live: 0 }
}

fn laid_out(call: &ToolCall, title: &str, state: &CallState, sheet: CallSheet) -> String {
    let action = PlannedAction::of(call);
    lines(ShownCall { call, title, action: Some(&action), state }, sheet).to_text()
}

fn folded(call: &ToolCall, title: &str, state: &CallState) -> String {
    laid_out(call, title, state, sheet(Details::Folded))
}

fn shown(call: &ToolCall, title: &str, state: &CallState) -> String {
    laid_out(call, title, state, sheet(Details::Shown))
}

fn diff(path: &str, kind: DiffKind) -> FileDiff {
    let hunks = "@@ -1,2 +1,2 @@\n same\n-old\n+new\n".into();
    FileDiff {
        path: path.into(),
        kind,
        added: 1,
        removed: 1,
        hunks,
        completeness: Completeness::Complete,
    }
}

fn changed(title: &str, diffs: Vec<FileDiff>) -> CallOutput {
    CallOutput { result: ToolResult::Edits(diffs), ..CallOutput::text(title, "Changed it") }
}

#[test]
fn a_call_says_how_it_stands_and_folds_its_output() {
    let read = call("read", r#"{"filePath":"a.rs"}"#);
    let done = CallState::Ended(CallOutput::text("a.rs", "one\n\ttwo\nthree\n"));
    let failed = CallState::Ended(CallOutput::refusal(
        "b.rs",
        "There is no such file, but there is another quite like it",
    ));
    for (state, rows) in [
        (CallState::Waiting, "◌ read a.rs · waiting\n"),
        (CallState::Running { tail: String::new() }, "◌ read a.rs …\n"),
        (CallState::Asking, ""),
        (CallState::Interrupted, "■ read a.rs · interrupted\n"),
        (done.clone(), "✓ read a.rs · 3 lines\n"),
        (
            failed,
            "✗ read b.rs\n  │ There is no such file, but there is\n  │ another quite like it\n",
        ),
    ] {
        assert_eq!(folded(&read, "", &state), rows);
    }
    assert_eq!(folded(&read, "what it means", &done), "✓ read what it means · 3 lines\n");
    assert_eq!(shown(&read, "", &done), "✓ read a.rs · 3 lines\n  │ one\n  │     two\n  │ three\n");
}

#[test]
fn a_change_of_one_file_has_one_head() {
    let edit = call("edit", "{}");
    let rows = "  1   same\n  2 - old\n  2 + new\n";
    for (kind, head) in [
        (DiffKind::Updated, "✓ edit a.rs +1 −1\n"),
        (DiffKind::Added, "✓ edit a.rs +1 −1 · new file\n"),
        (DiffKind::Deleted, "✓ edit a.rs +1 −1 · deleted\n"),
        (DiffKind::Moved { from: "b.rs".into() }, "✓ edit a.rs +1 −1\n  R b.rs → a.rs +1 −1\n"),
    ] {
        let state = CallState::Ended(changed("a.rs", vec![diff("a.rs", kind)]));
        assert_eq!(folded(&edit, "", &state), format!("{head}{rows}"));
    }
    let patch = call("apply_patch", "*** Begin Patch\n*** Update File: a.rs\n");
    assert_eq!(folded(&patch, "", &CallState::Waiting), "◌ patch a.rs · waiting\n");
    let two = vec![diff("a.rs", DiffKind::Updated), diff("b.rs", DiffKind::Updated)];
    let two = folded(&patch, "a.rs, b.rs", &CallState::Ended(changed("", two)));
    assert_eq!(
        two,
        format!("✓ patch a.rs, b.rs +2 −2\n  M a.rs +1 −1\n{rows}  M b.rs +1 −1\n{rows}")
    );
}

#[test]
fn a_change_that_was_not_made_is_shown_on_demand_only() {
    let output = CallOutput {
        ok: false,
        text: "The person said no: not this one".into(),
        ..changed("a.rs", vec![diff("a.rs", DiffKind::Updated)])
    };
    let (edit, state) = (call("edit", "{}"), CallState::Ended(output));
    let head = "✗ edit a.rs\n  │ The person said no: not this one\n";
    assert_eq!(folded(&edit, "", &state), head);
    assert_eq!(
        shown(&edit, "", &state),
        format!("{head}  M a.rs +1 −1\n  1   same\n  2 - old\n  2 + new\n")
    );
}

#[test]
fn a_command_shows_its_first_lines_and_the_end_of_its_output() {
    let shell =
        call("shell", r#"{"command":"cargo test -q\necho 1\necho 2\necho 3\n","reason":"to see"}"#);
    let command = "    echo 1\n    echo 2\n    … 1 more line\n";
    let tail = "1\n2\n3\n4\n5\n6\n";
    let running = CallState::Running { tail: tail.into() };
    assert_eq!(
        folded(&shell, "cargo test -q", &running),
        format!("◌ $ cargo test -q …\n{command}  │ 2\n  │ 3\n  │ 4\n  │ 5\n  │ 6\n")
    );
    let held = CallSheet { live: 3, ..sheet(Details::Folded) };
    let calm = laid_out(&shell, "", &CallState::Running { tail: "1\n".into() }, held);
    assert_eq!(calm, format!("◌ $ cargo test -q …\n{command}  │ 1\n  │ \n  │ \n"));
    let output = CallOutput::command("cargo test -q", 101, 0, tail);
    let failed = CallState::Ended(output);
    assert_eq!(
        folded(&shell, "", &failed),
        format!(
            "✗ $ cargo test -q · exit 101 · 6 lines\n{command}  │ … 3 more lines · ctrl+o shows them\n  │ 4\n  │ 5\n  │ 6\n"
        )
    );
    assert_eq!(
        shown(&shell, "", &failed),
        "✗ $ cargo test -q · exit 101 · 6 lines\n    echo 1\n    echo 2\n    echo 3\n  │ 1\n  │ 2\n  │ 3\n  │ 4\n  │ 5\n  │ 6\n"
    );
    let unknown = call("shell", "{");
    assert_eq!(folded(&unknown, "ls -la", &CallState::Interrupted), "■ $ ls -la · interrupted\n");
}

#[test]
fn a_plan_is_a_list_with_boxes() {
    let todo = |text: &str, state| Todo { text: text.into(), state };
    let todos = vec![
        todo("Read the parser", TodoState::Done),
        todo("Write a test for it that fails as it should", TodoState::Doing),
        todo("Mend it", TodoState::Open),
        todo("Rewrite everything", TodoState::Dropped),
    ];
    let output = CallOutput { result: ToolResult::Plan(todos), ..CallOutput::text("", "Noted") };
    assert_eq!(
        folded(&call("todo", "{}"), "plan", &CallState::Ended(output)),
        "✓ plan 1 of 3 done\n  ☑ Read the parser\n  ◐ Write a test for it that fails as it\n    should\n  ☐ Mend it\n  ☒ Rewrite everything\n"
    );
    let many = vec![todo("a", TodoState::Open); 15];
    let output = CallOutput { result: ToolResult::Plan(many), ..CallOutput::text("", "Noted") };
    assert!(
        folded(&call("todo", "{}"), "", &CallState::Ended(output))
            .ends_with("  ☐ a\n  … 3 more · ctrl+o shows them\n")
    );
}

#[test]
fn a_question_is_shown_whole_with_its_answer() {
    let asked = call(
        "question",
        r#"{"question":"Which database shall the tests run against from now on?"}"#,
    );
    assert_eq!(folded(&asked, "", &CallState::Asking), "", "it stands below, as it is asked");
    let answered = CallState::Ended(CallOutput::text("", "PostgreSQL"));
    assert_eq!(
        folded(&asked, "", &answered),
        "✓ question Which database shall the tests\n  run against from now on?\n  │ PostgreSQL\n"
    );
}

#[test]
fn a_person_is_not_told_about_the_user() {
    let shell = call("shell", r#"{"command":"make"}"#);
    let question = call("question", r#"{"question":"Which?"}"#);
    for (call, said, rows) in [
        (&shell, UserReply::Refused(None), "✗ $ make · you said no\n"),
        (
            &shell,
            UserReply::Refused(Some("use just".into())),
            "✗ $ make · you said no\n  │ use just\n",
        ),
        (&shell, UserReply::Stopped(None), "■ $ make · interrupted\n"),
        (
            &shell,
            UserReply::Stopped(Some("one\ntwo\n".into())),
            "■ $ make · interrupted\n  │ one\n  │ two\n",
        ),
        (&shell, UserReply::NotRun, "■ $ make · not run\n"),
        (&shell, UserReply::NotAsked(None), "✗ $ make · there was nobody to ask\n"),
        (&question, UserReply::NotAsked(None), "✗ question Which? · there was nobody to ask\n"),
        (&question, UserReply::Declined(None), "✗ question Which? · you gave no answer\n"),
        (
            &question,
            UserReply::Declined(Some("later".into())),
            "✗ question Which? · you gave no answer\n  │ later\n",
        ),
    ] {
        let state = CallState::Ended(CallOutput::reply("", said));
        assert_eq!(folded(call, "", &state), rows);
    }
    let answered = CallState::Ended(CallOutput::reply("", UserReply::Answered("this".into())));
    assert_eq!(folded(&question, "", &answered), "✓ question Which?\n  │ this\n");
    let refused = CallState::Ended(CallOutput::refusal(
        "make",
        "The mode is read-only: say what you would run instead",
    ));
    assert_eq!(
        folded(&shell, "", &refused),
        "✗ $ make\n  │ The mode is read-only: say what you\n  │ would run instead\n"
    );
    let shown = "Plan changes nothing: say what you would change";
    let denied = CallOutput::refusal("make", shown)
        .with(ToolResult::Denied(Box::new(Denial::by(DenialCause::Plan))));
    let rows = folded(&shell, "", &CallState::Ended(denied));
    assert!(rows.contains("`tab` switches") && !rows.contains("say what"), "{rows}");
    let quoted = CallState::Ended(CallOutput::text("a.rs", UserReply::Refused(None).told()));
    assert_eq!(
        folded(&call("read", "{}"), "a.rs", &quoted),
        "✓ read a.rs · 1 line\n",
        "what only quotes it is no refusal"
    );
}
