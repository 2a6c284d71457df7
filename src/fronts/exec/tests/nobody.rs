//! Runs without a person: calls that change files, ask or plan.

use std::sync::Arc;

use super::scene::*;
use crate::base::Reader;
use crate::base::text::says;
use crate::exec::*;
use crate::protocol::*;

fn diff(path: &str, kind: DiffKind, added: u32, removed: u32) -> FileDiff {
    FileDiff {
        path: path.into(),
        kind,
        added,
        removed,
        hunks: "@@ -1 +1 @@\n-a\n+b\n".into(),
        completeness: Completeness::Complete,
    }
}

fn approval(call: &str, title: &str, subject: ApprovalSubject) -> EventKind {
    EventKind::Approval(Approval {
        id: AskId(1),
        call: call.into(),
        tool: "shell".into(),
        title: title.into(),
        subject,
        place: None,
        why: "It is not known to only read".into(),
        reason: Some("To see whether it holds".into()),
        learn: Arc::from([Rule::new(RuleSubject::Shell, "cargo test *", Ruling::Allow)]),
        opens: [].into(),
        passes_in: Some(ApprovalMode::Auto),
        confinement: Confinement::Folder,
        trusts: false,
        hazards: [].into(),
    })
}

fn tool_call(call: &str, tool: &str) -> ToolCall {
    ToolCall { id: call.into(), name: tool.into(), arguments: "{}".into() }
}

fn called(call: &str, tool: &str) -> EventKind {
    EventKind::CallStarted(tool_call(call, tool))
}

fn planned(call: &str, tool: &str) -> EventKind {
    let action = Arc::new(PlannedAction::of(&tool_call(call, tool)));
    EventKind::CallPlanned { call: call.into(), action }
}

fn ran(call: &str, output: CallOutput) -> EventKind {
    EventKind::CallEnded { call: call.into(), output }
}

fn changed(diffs: Vec<FileDiff>) -> CallOutput {
    CallOutput { result: ToolResult::Edits(diffs), ..CallOutput::text("2 files", "Changed") }
}

fn session_mode(mode: ApprovalMode) -> EventKind {
    EventKind::SessionMode(SessionMode {
        agent: Agent::Build,
        approval_mode: mode,
        sandbox: Sandbox::Namespaces,
    })
}

fn question() -> EventKind {
    let options = vec![QuestionOption { label: "Apples".into(), description: String::new() }];
    EventKind::Asked {
        id: AskId(2),
        call: "q".into(),
        question: Question { text: "Which fruit?".into(), options, ..Question::default() },
    }
}

/// Three commands that ask, a question, a change, a command that runs, a plan.
fn busy() -> Vec<EventKind> {
    let todo = |text: &str, state| Todo { text: text.into(), state };
    let todos = vec![
        todo("Look", TodoState::Done),
        todo("Mend", TodoState::Doing),
        todo("Rest", TodoState::Dropped),
    ];
    vec![
        session_mode(ApprovalMode::Ask),
        called("a", "shell"),
        approval("a", "cargo test", ApprovalSubject::Command("cargo test\n--all".into())),
        ran("a", CallOutput::refusal("cargo test", "No")),
        called("b", "apply_patch"),
        approval("b", "a.rs", ApprovalSubject::Change(vec![diff("a.rs", DiffKind::Updated, 1, 1)])),
        ran("b", CallOutput { ok: false, ..changed(vec![diff("a.rs", DiffKind::Updated, 1, 1)]) }),
        called("q", "question"),
        question(),
        ran("q", CallOutput::refusal("declined", "No")),
        session_mode(ApprovalMode::Auto),
        called("c", "apply_patch"),
        ran(
            "c",
            changed(vec![
                diff("b.rs", DiffKind::Moved { from: "a.rs".into() }, 3, 1),
                diff("new", DiffKind::Added, 2, 0),
            ]),
        ),
        called("d", "shell"),
        planned("d", "shell"),
        EventKind::CallRunning { call: "d".into(), title: "cargo test".into() },
        EventKind::CallProgress { call: "d".into(), tail: "running 3 tests".into() },
        ran("d", CallOutput::text("cargo test", "ok")),
        called("e", "shell"),
        planned("e", "shell"),
        EventKind::CallRunning { call: "e".into(), title: "false".into() },
        ran("e", CallOutput::refusal("false", "Exit 1")),
        called("t", "todo"),
        EventKind::Todos(todos.clone()),
        ran(
            "t",
            CallOutput { result: ToolResult::Plan(todos), ..CallOutput::text("1 of 2", "Noted") },
        ),
        EventKind::Compacting,
        EventKind::Compacted(Some(CompactionResult { before: 9000, after: 700 })),
        EventKind::Compacted(None),
        message("m", "That is all I may do."),
        ended(TurnOutcome::Done),
    ]
}

#[test]
fn what_asks_is_refused_at_once_the_person_is_told_and_the_turn_is_still_done() {
    let printed = play(OutputForm::Text, busy());
    insta::assert_snapshot!(printed.err, @r#"
    Refused $ cargo test: It is not known to only read
    Allow it with `--approval-mode auto`, or with `shell = { "cargo test *" = "allow" }` under `[permission]` in config.toml
    Refused shell a.rs: It is not known to only read
    There is nobody here to answer: Which fruit?
    Answer it in the prompt, or continue with `codling --continue`
    Approval mode: auto
    R a.rs → b.rs +3 −1
    A new +2
    $ cargo test
    $ false
    shell failed: false: Exit 1
    Plan 1/2: Mend
    Summarizing the conversation
    Summarized: about 9000 tokens became 700
    The conversation could not be summarized
    "#);
    assert_eq!((printed.out.as_str(), printed.exit), ("That is all I may do.\n", Exit::Done));
    // The session answers where nobody can be asked.
    assert!(
        printed.commands.iter().all(|command| !command.contains("Decide")),
        "{:?}",
        printed.commands
    );
}

#[test]
fn json_tells_what_was_refused_what_ran_and_what_changed() {
    let printed = play(OutputForm::Json, busy());
    let d = r#""added":1,"removed":1,"hunks":"@@ -1 +1 @@\n-a\n+b\n"}"#;
    let refused = r#""why":"It is not known to only read","reason":"To see whether it holds","rules":[{"permission":"shell","pattern":"cargo test *"}],"answer":"refused","next":"Allow it with `--approval-mode auto`, or with `shell = { \"cargo test *\" = \"allow\" }` under `[permission]` in config.toml"}"#;
    let expected = [
        r#"{"type":"session_mode","agent":"build","mode":"ask","sandbox":"present","tier":1}"#.to_owned(),
        format!(
            r#"{{"type":"approval","call":"a","tool":"shell","title":"cargo test","subject":{{"kind":"command","line":"cargo test\n--all"}},{refused}"#
        ),
        format!(
            r#"{{"type":"approval","call":"b","tool":"shell","title":"a.rs","subject":{{"kind":"change","diffs":[{{"path":"a.rs","change":"updated",{d}]}},{refused}"#
        ),
        format!(
            r#"{{"type":"output","call":"b","ok":false,"title":"2 files","text":"Changed","images":0,"diffs":[{{"path":"a.rs","change":"updated",{d}],"kind":"edits"}}"#
        ),
        r#"{"type":"question","call":"q","text":"Which fruit?","options":[{"label":"Apples"}],"several":false,"answer":"declined","next":"Answer it in the prompt, or continue with `codling --continue`"}"#.into(),
        r#"{"type":"call_running","call":"d","title":"cargo test"}"#.into(),
        r#"{"type":"progress","call":"d","tail":"running 3 tests"}"#.into(),
        r#"{"type":"todos","items":[{"text":"Look","state":"done"},{"text":"Mend","state":"doing"},{"text":"Rest","state":"dropped"}]}"#.into(),
        r#"{"type":"compacted","before":9000,"after":700}"#.into(),
        r#"{"type":"compacted"}"#.into(),
    ];
    let lines: Vec<&str> = printed.out.lines().collect();
    for line in &expected {
        assert!(lines.contains(&line.as_str()), "{line}\n{}", printed.out);
    }
    assert_eq!(lines[lines.len() - 2], r#"{"type":"changed","files":["b.rs","new"]}"#);
    assert_eq!((printed.err.as_str(), printed.exit), ("", Exit::Done));
}

#[test]
fn the_way_around_is_one_that_there_is_and_is_said_once() {
    use ApprovalMode::{Auto, Full};
    use RuleSubject::{Edit, Outside, Read, Shell};
    let long = "x".repeat(300);
    for (rules, passes_in, said) in [
        (
            &[(Shell, "cargo test *")][..],
            Some(Auto),
            r#"Allow it with `--approval-mode auto`, or with `shell = { "cargo test *" = "allow" }` under `[permission]` in config.toml"#,
        ),
        (
            &[(Edit, "*")],
            Some(Auto),
            r#"Allow it with `--approval-mode auto`, or with `edit = "allow"` under `[permission]` in config.toml"#,
        ),
        (
            &[(Shell, r#"echo "\*""#), (Shell, "b"), (Outside, "/etc/*")],
            Some(Full),
            r#"Allow it with `shell = { "echo \"\\*\"" = "allow", "b" = "allow" }` and `external_directory = { "/etc/*" = "allow" }` under `[permission]` in config.toml; `--approval-mode full` never asks"#,
        ),
        (
            &[(Read, ".env")],
            None,
            r#"Allow it with `read = { ".env" = "allow" }` under `[permission]` in config.toml"#,
        ),
        (&[(Shell, &long)], None, "a rule … `[permission]` in config.toml"),
        (&[(Shell, "a\nb")], Some(Full), "`--approval-mode full`"),
        (&[], Some(Full), "`--approval-mode full`"),
        (&[], Some(Auto), "Allow it with `--approval-mode auto`"),
        (&[], None, "`codling --continue`"),
    ] {
        let learn: Vec<Rule> = rules
            .iter()
            .map(|(subject, pattern)| Rule::new(*subject, *pattern, Ruling::Allow))
            .collect();
        let subject = || {
            let asked = approval("a", "curl x", ApprovalSubject::Command("curl x".into()));
            let EventKind::Approval(asked) = asked else { unreachable!() };
            EventKind::Approval(Approval { learn: learn.clone().into(), passes_in, ..asked })
        };
        let printed = play(OutputForm::Text, [subject(), subject(), ended(TurnOutcome::Done)]);
        let hints = printed.err.lines().filter(|line| !line.starts_with("Refused"));
        let hints: Vec<&str> = hints.collect();
        assert!(hints.len() == 1 && says(hints[0], said), "{}", printed.err);
    }
}

#[test]
fn control_characters_of_a_refused_command_never_reach_a_terminal() {
    let subject =
        approval("a", "rm \x1b[2K\rls", ApprovalSubject::Command("rm \x1b[2K\rls".into()));
    let printed = play_to(
        (Reader::Terminal, Reader::Terminal),
        OutputForm::Text,
        [subject, ended(TurnOutcome::Done)],
    );
    assert!(
        printed.err.contains("Refused $ rm ␛[2K") && !printed.err.contains("\x1b[2K"),
        "{:?}",
        printed.err
    );
}

#[test]
fn json_tells_what_is_open_in_the_sandbox_and_why_it_is_no_better() {
    let hosts = vec![AllowedHost::parse("*.a.org:8443").unwrap()];
    let opened = SandboxOpenings { hosts, folders: vec!["/srv/out".into()], readable: Vec::new() };
    let confined = |refused: &[&str], opened| {
        let refused = refused.iter().map(|why| (*why).to_owned()).collect();
        let printed = play(
            OutputForm::Json,
            vec![super::scene::opened(|view| {
                view.refused = refused;
                view.opened = opened;
            })],
        );
        printed.out.lines().find(|line| line.contains(r#""type":"sandbox""#)).map(str::to_owned)
    };
    assert_eq!(confined(&[], SandboxOpenings::default()), None);
    assert_eq!(
        confined(&["bubblewrap: no"], opened).as_deref(),
        Some(
            r#"{"type":"sandbox","refused":["bubblewrap: no"],"hosts":["*.a.org:8443"],"folders":["/srv/out"]}"#
        )
    );
}
