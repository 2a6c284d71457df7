//! Transcripts of events that come one after the other.

use super::*;
use crate::protocol::{CallOutput, CompactionResult, Direction, ToolCall, TurnId};

fn item(id: &str, kind: ItemKind) -> Item {
    Item { id: id.into(), kind, wire: None }
}

fn started(id: &str) -> EventKind {
    EventKind::CallStarted(ToolCall { id: id.into(), name: "shell".into(), arguments: "{}".into() })
}

fn progress(id: &str, tail: &str) -> EventKind {
    EventKind::CallProgress { call: id.into(), tail: tail.into() }
}

fn running(id: &str) -> EventKind {
    EventKind::CallRunning { call: id.into(), title: "cargo test".into() }
}

fn ended(id: &str) -> EventKind {
    EventKind::CallEnded { call: id.into(), output: CallOutput::text("cargo test", "fine") }
}

fn turn_ended(outcome: TurnOutcome) -> EventKind {
    EventKind::TurnEnded { turn: TurnId(1), outcome }
}

fn told(events: &[EventKind]) -> (Transcript, Vec<TranscriptChange>) {
    let mut transcript = Transcript::default();
    let changes = events.iter().map(|event| transcript.apply(event)).collect();
    (transcript, changes)
}

#[test]
fn a_call_waits_asks_runs_and_ends_in_one_place() {
    let approval = Approval {
        id: crate::protocol::AskId(1),
        call: "c".into(),
        tool: "shell".into(),
        title: "cargo".into(),
        subject: crate::protocol::ApprovalSubject::Command("cargo test".into()),
        place: None,
        why: String::new(),
        reason: None,
        learn: [].into(),
        opens: [].into(),
        passes_in: None,
        confinement: crate::protocol::Confinement::Free,
        trusts: false,
        hazards: [].into(),
    };
    let events = [
        started("a"),
        started("c"),
        EventKind::Approval(approval),
        running("c"),
        progress("c", "1\n"),
        ended("c"),
    ];
    let mut transcript = Transcript::default();
    let mut states = Vec::new();
    for event in &events {
        transcript.apply(event);
        states.push(match transcript.entries().get(1).map(|entry| &**entry) {
            Some(TranscriptEntry::Call { state, title, .. }) => format!("{title}: {state:?}"),
            _ => String::new(),
        });
    }
    let output = r#"Ended(CallOutput { title: "cargo test", text: "fine", images: [], result: Text, ok: true })"#;
    assert_eq!(
        states,
        [
            "",
            ": Waiting",
            "cargo: Asking",
            "cargo test: Running { tail: \"\" }",
            "cargo test: Running { tail: \"1\\n\" }",
            &format!("cargo test: {output}"),
        ]
    );
    assert!(matches!(
        *transcript.entries()[0],
        TranscriptEntry::Call { state: CallState::Waiting, .. }
    ));
}

#[test]
fn progress_touches_one_entry_and_only_where_it_says_something_new() {
    let (_, changes) = told(&[
        started("c"),
        progress("c", "too early"),
        running("c"),
        progress("c", "1"),
        progress("c", "1"),
        ended("c"),
        progress("c", "2"),
    ]);
    let expected = [
        TranscriptChange::One(0),
        TranscriptChange::None,
        TranscriptChange::One(0),
        TranscriptChange::One(0),
        TranscriptChange::None,
        TranscriptChange::One(0),
        TranscriptChange::None,
    ];
    assert_eq!(changes, expected);
}

#[test]
fn a_web_search_is_one_entry_from_its_beginning_to_its_end() {
    let began =
        |id: &str| EventKind::ItemStarted { item: id.into(), opening: ItemOpening::WebSearch };
    let found = WebSearch {
        action: crate::protocol::WebAction::Open { url: "https://a".into() },
        state: WebSearchState::Done,
    };
    let (transcript, changes) = told(&[
        began("a"),
        began("b"),
        EventKind::ItemDone(item("a", ItemKind::WebSearch(found.clone()))),
        turn_ended(TurnOutcome::Interrupted),
    ]);
    let [one, two] = [TranscriptChange::One(0), TranscriptChange::One(1)];
    assert_eq!(changes, [one, two, one, TranscriptChange::From(1)]);
    let entry = |id: &str, search| TranscriptEntry::WebSearch { item: id.into(), search };
    let given_up = WebSearch { state: WebSearchState::Failed, ..WebSearch::begun() };
    assert_eq!(
        transcript.entries()[..2].iter().map(|entry| (**entry).clone()).collect::<Vec<_>>(),
        [entry("a", found), entry("b", given_up)]
    );
    let (transcript, _) = told(&[began("a"), EventKind::ItemDropped("a".into())]);
    assert_eq!(transcript.entries(), []);
}

#[test]
fn the_end_of_a_turn_touches_what_was_still_open() {
    let answer = |id| EventKind::ItemDone(item(id, ItemKind::assistant("Done.")));
    let (_, changes) =
        told(&[started("a"), ended("a"), answer("b"), turn_ended(TurnOutcome::Done)]);
    assert_eq!(changes.last(), Some(&TranscriptChange::None));
    let (transcript, changes) = told(&[
        started("a"),
        ended("a"),
        started("b"),
        answer("c"),
        turn_ended(TurnOutcome::Interrupted),
    ]);
    assert_eq!(changes.last(), Some(&TranscriptChange::From(1)));
    assert!(matches!(
        *transcript.entries()[1],
        TranscriptEntry::Call { state: CallState::Interrupted, .. }
    ));
    assert_eq!(
        transcript.entries().last().map(|last| &**last),
        Some(&TranscriptEntry::Interrupted)
    );
    let (transcript, changes) = told(&[answer("a"), turn_ended(TurnOutcome::MaxSteps)]);
    assert_eq!(changes.last(), Some(&TranscriptChange::From(1)));
    assert_eq!(
        transcript.entries().last().map(|last| (**last).clone()),
        TurnOutcome::MaxSteps.notice().map(TranscriptEntry::Notice)
    );
}

#[test]
fn what_has_ended_is_never_looked_for_again() {
    let (transcript, changes) = told(&[
        started("a"),
        turn_ended(TurnOutcome::Interrupted),
        ended("a"),
        started("a"),
        ended("a"),
    ]);
    assert_eq!(
        changes[2..],
        [TranscriptChange::None, TranscriptChange::One(2), TranscriptChange::One(2)],
        "the same name may come again"
    );
    assert_eq!(transcript.entries().len(), 3);
}

#[test]
fn a_resumed_conversation_is_settled_and_an_unended_turn_interrupted() {
    let record = |id: &str, kind| Record::Item(item(id, kind).into());
    let call = ToolCall { id: "c".into(), name: "shell".into(), arguments: "{}".into() };
    let records = vec![
        Record::TurnStarted(TurnId(1)),
        record("u", ItemKind::user("go")),
        record("i", ItemKind::Call(call.clone())),
        record("o", ItemKind::Output { call: "c".into(), output: CallOutput::text("ls", "a") }),
        Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
        Record::Compacted {
            summary: item("s", ItemKind::user("sum")).into(),
            compaction: CompactionResult { before: 182_400, after: 9_000 },
        },
        Record::Undone { turn: TurnId(1), direction: Direction::Undo, files: Vec::new() },
        Record::TurnStarted(TurnId(2)),
        record("i2", ItemKind::Call(ToolCall { id: "d".into(), ..call })),
    ];
    let mut transcript = Transcript::default();
    transcript.replay(&records, OpenTurn::CutOff);
    assert_eq!(transcript.apply(&ended("d")), TranscriptChange::None);
    let shown: Vec<_> = transcript
        .entries()
        .iter()
        .map(|entry| match &**entry {
            TranscriptEntry::Call { state: CallState::Ended(output), .. } => output.title.clone(),
            TranscriptEntry::Call { state, .. } => format!("{state:?}"),
            TranscriptEntry::Notice(notice) => notice.message.clone(),
            other => format!("{other:?}").chars().take(11).collect(),
        })
        .collect();
    assert_eq!(
        shown,
        [
            "User { text",
            "ls",
            "The conversation was summarized for the model: about 182k tokens became 9k",
            "The changes of a turn were taken back",
            "Interrupted",
            "Interrupted",
        ]
    );
}
