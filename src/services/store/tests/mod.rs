//! Logs after a crash, on a full disk, and of a newer codling.

mod folders;
mod going_back;
mod listing;
mod records;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{LiveWords, LogOrigin, RecordedSession, SessionStore, StoreError};
use crate::base::text::says;
use crate::base::{Clock, Timestamp};
use crate::protocol::{
    Author, CallOutput, CompactionResult, ContextNoteKind, Direction, Effort, FileChange,
    FileState, ForkPoint, Image, Item, ItemKind, KeepFrom, LogFailure, ModelRef, NodeKind, Patches,
    Picture, Problem, ProblemKind, Record, SessionId, SessionSelector, SessionSettings, ToolCall,
    TurnId, TurnOutcome, Usage, WebAction, WebSearch, WebSearchState, WhenHeld, Wire, WireSource,
};

struct Fixture {
    place: TempDir,
    sessions: SessionStore,
    clock: Clock,
}

impl Fixture {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let clock = Clock::standing(Timestamp(1_800_000_000_000));
        Self {
            sessions: SessionStore::new(place.path().join("sessions"), clock.clone()),
            place,
            clock,
        }
    }

    fn path(&self, id: &str) -> PathBuf {
        self.place.path().join("sessions").join(format!("{id}.jsonl"))
    }

    /// Writes a session with these records and closes it.
    fn with(&self, id: &str, folder: &str, records: &[Record]) -> Vec<u8> {
        self.sessions
            .begin(&id.into(), folder.as_ref(), KeepFrom::FirstPrompt)
            .unwrap()
            .append(records)
            .unwrap();
        fs::read(self.path(id)).unwrap()
    }

    fn ids(&self) -> Vec<String> {
        self.sessions
            .list()
            .unwrap()
            .summaries()
            .into_iter()
            .map(|session| session.id.to_string())
            .collect()
    }
}

fn item(id: &str, kind: ItemKind, wire: Option<&str>) -> Record {
    Record::Item(Arc::new(Item {
        id: id.into(),
        kind,
        wire: wire.map(|wire| Wire { text: wire.into(), source: WireSource::openai() }),
    }))
}

fn user(text: &str) -> Record {
    item("own_1", ItemKind::user(text), None)
}

fn settings() -> SessionSettings {
    SessionSettings {
        model: ModelRef::openai("m"),
        effort: Some(Effort("low".into())),
        tuning: Default::default(),
        context: Some(7),
        patches: Patches::AsText,
    }
}

/// A change that made an empty file.
fn changed(path: &str) -> FileChange {
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into();
    let kind = NodeKind::File { digest, image: Image::Kept };
    FileChange {
        path: path.into(),
        before: None,
        after: Some(FileState { kind, mode: 0o644, owner: None, stamp: None, attributes: None }),
        author: Author::Call,
    }
}

/// One record of every kind.
fn all() -> Vec<Record> {
    let image = Picture { mime: "image/png", data: "AAAA".into() };
    let failed = Problem {
        kind: ProblemKind::Internal,
        message: "it\nfailed".into(),
        next: Some("again".into()),
    };
    vec![
        Record::TurnStarted(TurnId(1)),
        user("why?\nbecause \u{2028} é"),
        Record::Settings(settings()),
        Record::ContextNote {
            kind: ContextNoteKind::Interrupted,
            item: Arc::new(Item { id: "own_2".into(), kind: ItemKind::user("(x)"), wire: None }),
        },
        item(
            "r",
            ItemKind::Reasoning { summary: "Hm".into() },
            Some("{ \"type\":\"reasoning\",\n \"n\": 1.50 }"),
        ),
        item(
            "f",
            ItemKind::Call(ToolCall {
                id: "c".into(),
                name: "read".into(),
                arguments: "{broken".into(),
            }),
            Some("{}"),
        ),
        item(
            "own_3",
            ItemKind::Output {
                call: "c".into(),
                output: CallOutput { images: vec![image], ..CallOutput::text("t", "x") },
            },
            None,
        ),
        item(
            "u",
            ItemKind::Unknown { kind: "web_search_call".into() },
            Some("{\"type\":\"web_search_call\"}"),
        ),
        item("m", ItemKind::assistant("Because."), Some("{\"a\" : \"\\u00e9\"}")),
        Record::Usage(Usage { input: 5, cached: 4, output: 3, reasoning: 2, cost: None }),
        Record::Changed {
            turn: TurnId(1),
            id: "run-1".into(),
            files: vec![changed("/srv/plants/a")],
        },
        Record::UndoBegun {
            turn: TurnId(1),
            direction: Direction::Undo,
            files: vec![changed("/srv/plants/a").reversed()],
        },
        Record::Undone {
            turn: TurnId(1),
            direction: Direction::Undo,
            files: vec![changed("/srv/plants/a").reversed()],
        },
        Record::Compacted {
            summary: Arc::new(Item {
                id: "own_4".into(),
                kind: ItemKind::user("So far"),
                wire: None,
            }),
            compaction: CompactionResult { before: 9, after: 1 },
        },
        Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
        Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Failed(failed) },
        Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted },
        Record::Title("A \"name\"".into()),
    ]
}

#[test]
fn what_was_written_is_read_back_letter_for_letter() {
    let fixture = Fixture::new();
    fixture.with("ses_a", "/srv/plants", &all());
    let (summary, past) = fixture.sessions.read(&"ses_a".into()).unwrap();
    assert_eq!(past.records, all());
    assert_eq!(past.settings(), Some(&settings()));
    assert_eq!(
        (summary.title.as_str(), summary.prompts, summary.created),
        ("A \"name\"", 1, Timestamp(1_800_000_000_000))
    );
    assert_eq!(summary.folder, PathBuf::from("/srv/plants"));
}

#[cfg(unix)]
#[test]
fn logs_and_their_folder_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &[user("hi")]);
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(fixture.path("ses_a")), mode(fixture.place.path().join("sessions"))),
        (0o600, 0o700)
    );
}

#[test]
fn a_conversation_without_a_prompt_leaves_no_file() {
    let fixture = Fixture::new();
    let mut log =
        fixture.sessions.begin(&"ses_a".into(), "/x".as_ref(), KeepFrom::FirstPrompt).unwrap();
    log.append(&[Record::Settings(settings()), Record::Title("t".into())]).unwrap();
    assert!(!fixture.place.path().join("sessions").exists());
    log.append(&[user("hi")]).unwrap();
    let (summary, past) = fixture.sessions.read(&"ses_a".into()).unwrap();
    assert_eq!((summary.title.as_str(), past.records.len()), ("t", 3));
}

#[test]
fn any_first_part_of_a_log_opens_and_can_be_gone_on_with() {
    let fixture = Fixture::new();
    let whole = fixture.with("ses_a", "/x", &all());
    for length in 0..=whole.len() {
        let before = &whole[..length];
        let whole_lines = before.iter().filter(|byte| **byte == b'\n').count();
        fs::write(fixture.path("ses_a"), before).unwrap();
        let opened = fixture.sessions.resume(&"ses_a".into(), &WhenHeld::Copy("ses_f".into()));
        if matches!(opened, Err(StoreError::FirstLine { .. })) {
            assert_eq!(whole_lines, 0, "{length}");
            assert!(fixture.ids().is_empty(), "nothing of it is there to be listed");
            continue;
        }
        let mut opened = opened.unwrap();
        let read = opened.past.records.len() + usize::from(opened.past.header.is_some());
        assert!(read == whole_lines || read == whole_lines + 1, "{length}");
        assert_eq!(opened.past.records, all()[..opened.past.records.len()], "{length}");
        assert!(opened.past.damage.lines.is_empty(), "{length}");
        opened.log.append(&[user("on")]).unwrap();
        drop(opened);
        let (_, past) = fixture.sessions.read(&"ses_a".into()).unwrap();
        assert_eq!((past.damage.torn, past.damage.lines.len()), (0, 0), "{length}");
        assert_eq!(past.records.len() + usize::from(past.header.is_some()), read + 1, "{length}");
        assert_eq!(past.records.last(), Some(&user("on")), "{length}");
    }
}

#[test]
fn a_damaged_line_is_passed_over_and_told_and_one_of_a_newer_kind_is_kept() {
    let fixture = Fixture::new();
    let whole =
        String::from_utf8(fixture.with("ses_a", "/x", &[user("one"), user("two")])).unwrap();
    for (line, damaged) in [
        ("{\"type\":\"user\",\"id\":\"x\"", true),
        ("\u{0}\u{0}\u{0}", true),
        ("{\"type\":\"user\",\"id\":\"x\"}", true),
        ("{\"type\":\"user\",\"id\":7,\"text\":\"x\"}", true),
        ("[]", true),
        ("{\"type\":\"weather\",\"turn\":\"a word\"}", false),
        ("{\"type\":\"weather\",\"id\":\"x\"}", false),
        ("", false),
    ] {
        let mut lines: Vec<&str> = whole.lines().collect();
        lines.insert(2, line);
        let text = lines.join("\n") + "\n";
        fs::write(fixture.path("ses_a"), &text).unwrap();
        let mut opened =
            fixture.sessions.resume(&"ses_a".into(), &WhenHeld::Copy("ses_f".into())).unwrap();
        assert_eq!(opened.past.records, [user("one"), user("two")], "{line}");
        assert_eq!(opened.past.damage.lines, if damaged { vec![3] } else { vec![] }, "{line}");
        opened.log.append(&[user("three")]).unwrap();
        assert!(
            fs::read_to_string(fixture.path("ses_a")).unwrap().starts_with(&text),
            "nothing is rewritten"
        );
    }
}

#[test]
fn a_crash_between_any_two_records_loses_only_what_came_after() {
    let fixture = Fixture::new();
    for kept in 1..all().len() {
        let id = format!("ses_{kept}");
        let mut log = fixture
            .sessions
            .begin(&SessionId::new(id.as_str()), "/x".as_ref(), KeepFrom::FirstPrompt)
            .unwrap();
        for record in &all()[..=kept] {
            log.append(std::slice::from_ref(record)).unwrap();
        }
        // Read while the writer has it open, as after a kill.
        let past = RecordedSession::read(&fs::read(fixture.path(&id)).unwrap());
        assert_eq!(past.records, all()[..=kept]);
        drop(log);
    }
}

#[test]
fn a_log_of_a_newer_codling_is_listed_and_left_alone() {
    let fixture = Fixture::new();
    let bytes = fixture.with("ses_a", "/x", &[user("one")]);
    let newer = String::from_utf8(bytes).unwrap().replace("\"version\":2", "\"version\":3");
    fs::write(fixture.path("ses_a"), &newer).unwrap();
    assert!(matches!(
        fixture.sessions.resume(&"ses_a".into(), &WhenHeld::Copy("ses_f".into())),
        Err(StoreError::Newer { .. })
    ));
    assert!(matches!(fixture.sessions.rename(&"ses_a".into(), "t"), Err(StoreError::Newer { .. })));
    let listed = fixture.sessions.list().unwrap().summaries();
    assert_eq!((&*listed[0].title, listed[0].failure), ("one", Some(LogFailure::Newer)));
    let latest = SessionSelector::Latest("/x".into());
    assert!(matches!(fixture.sessions.find(&latest), Err(StoreError::NoneHere { .. })));
    assert_eq!(fs::read_to_string(fixture.path("ses_a")).unwrap(), newer);
}

#[test]
fn a_log_whose_first_line_is_damaged_is_listed_and_not_opened_anywhere() {
    let fixture = Fixture::new();
    let bytes = fixture.with("ses_a", "/x", &[user("one")]);
    let text = String::from_utf8(bytes).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(fixture.path("ses_a"), format!("{{damaged\n{rest}")).unwrap();
    let listed = fixture.sessions.list().unwrap().summaries();
    assert_eq!((&*listed[0].title, listed[0].failure), ("one", Some(LogFailure::FirstLine)));
    assert!(listed[0].is_of("/y".as_ref()), "it may be about any folder");
    let id = || "ses_a".into();
    let copy = WhenHeld::Copy("ses_b".into());
    for opened in [
        fixture.sessions.resume(&id(), &copy),
        fixture.sessions.fork(&id(), &"ses_c".into(), ForkPoint::End, KeepFrom::Start),
    ] {
        assert!(matches!(opened, Err(StoreError::FirstLine { .. })));
    }
    assert_eq!(fixture.sessions.read(&id()).unwrap().1.records.len(), 1, "it can be exported");
    fixture.sessions.delete(&id()).unwrap();
    assert_eq!(fixture.ids(), Vec::<String>::new());
}

#[test]
fn who_has_a_session_open_is_told_to_others_who_ask_and_nobody_once_it_is_closed() {
    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &[user("one")]);
    let id: SessionId = "ses_a".into();
    assert!(!fixture.sessions.is_held(&id).unwrap());
    let held = fixture.sessions.resume(&id, &WhenHeld::Refuse).unwrap();
    assert!(fixture.sessions.is_held(&id).unwrap());
    match fixture.sessions.resume(&id, &WhenHeld::Refuse) {
        Err(StoreError::OpenElsewhere { open }) => {
            assert_eq!(open.session, id);
            assert_eq!(open.holder.unwrap().process, std::process::id());
        }
        other => panic!("{other:?}"),
    }
    drop(held);
    assert!(!fixture.sessions.is_held(&id).unwrap());
    assert_eq!(fixture.sessions.held_by(&id).holder, None);
    assert!(fixture.sessions.resume(&id, &WhenHeld::Refuse).is_ok());
}

#[test]
fn what_is_kept_from_the_start_is_listed_before_anything_is_said_in_it() {
    let fixture = Fixture::new();
    for (id, keep_from) in [("ses_a", KeepFrom::Start), ("ses_b", KeepFrom::FirstPrompt)] {
        let mut log = fixture.sessions.begin(&id.into(), "/x".as_ref(), keep_from).unwrap();
        log.append(&[]).unwrap();
    }
    assert_eq!(fixture.ids(), ["ses_a"]);
    let listed = fixture.sessions.list().unwrap().summaries();
    assert!(!listed[0].says_something());
    let latest = SessionSelector::Latest("/x".into());
    assert!(matches!(fixture.sessions.find(&latest), Err(StoreError::NoneHere { .. })));
    fixture.sessions.archive(&"ses_a".into()).unwrap();
    fixture.sessions.unarchive(&"ses_a".into()).unwrap();
    assert!(fixture.sessions.resume(&"ses_a".into(), &WhenHeld::Refuse).is_ok());
}

#[test]
fn a_session_that_another_holds_is_copied_and_can_be_neither_renamed_nor_deleted() {
    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &all());
    let held = fixture.sessions.resume(&"ses_a".into(), &WhenHeld::Copy("ses_b".into())).unwrap();
    assert_eq!(held.origin, LogOrigin::Itself);
    let held_by = fixture.sessions.held_by(&"ses_a".into()).holder;
    assert!(held_by.is_some());
    let mut copy =
        fixture.sessions.resume(&"ses_a".into(), &WhenHeld::Copy("ses_b".into())).unwrap();
    assert_eq!(
        (copy.origin, copy.id.as_str(), copy.past.records.len()),
        (LogOrigin::Held(held_by), "ses_b", all().len())
    );
    assert!(!fixture.path("ses_b").exists(), "a copy that is only looked at leaves no file");
    copy.log.append(&[user("on")]).unwrap();
    let (_, past) = fixture.sessions.read(&"ses_b".into()).unwrap();
    assert_eq!(
        (past.records.len(), past.header.unwrap().forked_from),
        (all().len() + 1, Some("ses_a".into()))
    );
    assert!(matches!(fixture.sessions.delete(&"ses_a".into()), Err(StoreError::InUse { .. })));
    assert!(matches!(fixture.sessions.rename(&"ses_a".into(), "t"), Err(StoreError::InUse { .. })));
    drop(held);
    fixture.sessions.rename(&"ses_a".into(), "mine").unwrap();
    assert_eq!(fixture.sessions.read(&"ses_a".into()).unwrap().0.title, "mine");
    fixture.sessions.delete(&"ses_a".into()).unwrap();
    assert_eq!(fixture.ids(), ["ses_b"]);
}

#[test]
fn a_copy_keeps_lines_of_kinds_that_are_not_known_here() {
    let fixture = Fixture::new();
    let mut text = String::from_utf8(fixture.with("ses_a", "/x", &[user("one")])).unwrap();
    text.push_str("{\"type\":\"weather\"}\nrubbish\n{\"type\":\"us");
    fs::write(fixture.path("ses_a"), &text).unwrap();
    fixture
        .sessions
        .fork(&"ses_a".into(), &"ses_b".into(), ForkPoint::End, KeepFrom::FirstPrompt)
        .unwrap()
        .log
        .append(&[user("two")])
        .unwrap();
    let copy = fs::read_to_string(fixture.path("ses_b")).unwrap();
    assert!(copy.contains("{\"type\":\"weather\"}\n") && !copy.contains("rubbish"), "{copy}");
    assert_eq!(
        RecordedSession::read(copy.as_bytes()).damage,
        super::recorded_session::LogDamage::default()
    );
}

#[test]
fn a_session_is_found_by_folder_or_by_a_part_of_its_id() {
    let fixture = Fixture::new();
    assert!(matches!(
        fixture.sessions.find(&SessionSelector::Latest("/x".into())),
        Err(StoreError::NoneHere { .. })
    ));
    for (id, folder, age) in [("ses_abc1", "/x", 30), ("ses_abc2", "/x", 10), ("ses_abc", "/y", 20)]
    {
        fixture.with(id, folder, &[user("hi")]);
        let then = std::time::SystemTime::now() - Duration::from_secs(age);
        fs::File::options().write(true).open(fixture.path(id)).unwrap().set_modified(then).unwrap();
    }
    assert_eq!(fixture.ids(), ["ses_abc2", "ses_abc", "ses_abc1"]);
    let found = |which| fixture.sessions.find(&which).map(|(id, _)| id.to_string());
    assert_eq!(found(SessionSelector::Latest("/x".into())).unwrap(), "ses_abc2");
    assert_eq!(found(SessionSelector::Latest("/y".into())).unwrap(), "ses_abc");
    let named = |name: &str| found(SessionSelector::Named(name.into()));
    assert_eq!(named("c1").unwrap(), "ses_abc1");
    assert_eq!(named("ses_abc").unwrap(), "ses_abc", "a whole id is no part of another");
    let several = named("abc").unwrap_err().to_string();
    assert!(says(&several, "`abc` … 3 conversations"), "{several}");
    for name in ["zzz", "", "../ses_abc", "/etc/passwd"] {
        assert!(matches!(named(name), Err(StoreError::NoSession { .. })), "{name}");
    }
    let outside = fixture.sessions.read(&"ses_/../../x".into());
    assert!(matches!(outside, Err(StoreError::NoSession { .. })));
}

#[test]
fn the_last_words_are_found_at_the_end_of_a_long_log() {
    let fixture = Fixture::new();
    let long = "word ".repeat(100_000);
    fixture.with(
        "ses_a",
        "/x",
        &[user(&long), user("the question"), item("m", ItemKind::assistant(long.clone()), None)],
    );
    let preview = fixture.sessions.preview(&"ses_a".into()).unwrap();
    assert_eq!(
        (preview.prompt.as_str(), preview.answer.as_str()),
        ("", ""),
        "the last line alone is longer than what is read"
    );
    fixture.with(
        "ses_b",
        "/x",
        &[user(&long), user("the question"), item("m", ItemKind::assistant("the answer"), None)],
    );
    let preview = fixture.sessions.preview(&"ses_b".into()).unwrap();
    assert_eq!((preview.prompt.as_str(), preview.answer.as_str()), ("the question", "the answer"));
}

/// An older codling must read such a line as the unknown item that it would have written itself.
#[test]
fn a_web_search_is_an_unknown_item_to_an_older_reader() {
    let fixture = Fixture::new();
    let kind = ItemKind::WebSearch(WebSearch {
        action: WebAction::Search { queries: vec!["pears".into()] },
        state: WebSearchState::Done,
    });
    let records = [user("hi"), item("w", kind, Some("{\"type\":\"web_search_call\"}"))];
    fixture.with("ses_a", "/x", &records);
    let log = fs::read_to_string(fixture.path("ses_a")).unwrap();
    let line = log.lines().last().unwrap();
    assert_eq!(
        line,
        r#"{"type":"other","id":"w","name":"web_search_call","web":{"action":"search","state":"done","queries":["pears"]},"wire":"{\"type\":\"web_search_call\"}"}"#
    );
    // It is also read without the new field, and with an action that is newer still.
    for line in [
        r#"{"type":"other","id":"w","name":"web_search_call","wire":"{}"}"#,
        r#"{"type":"other","id":"w","name":"web_search_call","web":{"action":"dream","state":"done"},"wire":"{}"}"#,
    ] {
        fs::write(
            fixture.path("ses_a"),
            format!(
                "{}{line}\n",
                log.lines().take(2).fold(String::new(), |all, line| all + line + "\n")
            ),
        )
        .unwrap();
        let (_, past) = fixture.sessions.read(&"ses_a".into()).unwrap();
        assert_eq!(
            past.records.last(),
            Some(&item("w", ItemKind::Unknown { kind: "web_search_call".into() }, Some("{}"))),
        );
    }
}

#[test]
fn a_write_that_failed_is_tried_again_with_the_next() {
    let fixture = Fixture::new();
    // A file has the name that the folder needs.
    fs::write(fixture.place.path().join("sessions"), "").unwrap();
    let mut log =
        fixture.sessions.begin(&"ses_a".into(), "/x".as_ref(), KeepFrom::FirstPrompt).unwrap();
    assert!(log.append(&[user("one")]).is_err());
    fs::remove_file(fixture.place.path().join("sessions")).unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    log.append(&[user("two")]).unwrap();
    drop(log);
    assert_eq!(
        fixture.sessions.read(&"ses_a".into()).unwrap().1.records,
        [user("one"), user("two")]
    );
}

proptest! {
    #[test]
    fn any_bytes_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let past = RecordedSession::read(&bytes);
        prop_assert!(past.sound <= bytes.len());
    }

    #[test]
    fn damage_in_the_middle_costs_the_lines_it_hits(at in 0usize..2000, length in 1usize..80, with in any::<u8>()) {
        let fixture = Fixture::new();
        let mut bytes = fixture.with("ses_a", "/x", &all());
        let at = at % bytes.len();
        let end = (at + length).min(bytes.len());
        bytes[at..end].fill(with);
        let past = RecordedSession::read(&bytes);
        // Each record that was read was written, in the same order, unless its text was hit.
        let hit = bytes[..].split(|byte| *byte == b'\n').count();
        prop_assert!(past.records.len() + past.damage.lines.len() <= hit + 1);
        let lost = all().len().saturating_sub(past.records.len());
        prop_assert!(lost <= length / 20 + 2, "{lost} of {length}");
    }

    #[test]
    fn any_text_comes_back(text in any::<String>(), wire in any::<String>()) {
        let record = item("i", ItemKind::assistant(text), Some(&wire));
        let mut line = Vec::new();
        super::log_line::write(&record, Timestamp(0), &mut line);
        prop_assert_eq!(RecordedSession::read(&line).records, vec![record]);
    }
}

#[test]
fn words_of_an_answer_that_was_cut_off_are_read_as_one() {
    let words = |item: &str, text: &str| LiveWords::More { item: item.into(), text: text.into() };
    let answer = |id: &str, text: &str| {
        Record::Item(Arc::new(Item { id: id.into(), kind: ItemKind::assistant(text), wire: None }))
    };
    let fixture = Fixture::new();
    let mut log =
        fixture.sessions.begin(&"ses_1".into(), "/f".as_ref(), KeepFrom::FirstPrompt).unwrap();
    let (started, prompt) = (Record::TurnStarted(TurnId(1)), user("go"));
    log.append(&[started.clone(), prompt.clone()]).unwrap();
    log.append_words(&[words("a", "One "), words("b", "Void"), words("c", "Th")]).unwrap();
    log.append_words(&[words("a", "two."), LiveWords::Void("b".into()), words("c", "ree.")])
        .unwrap();
    log.append(&[answer("a", "One two.")]).unwrap();
    let kept = vec![started, prompt, answer("a", "One two."), answer("c", "Three.")];
    assert_eq!(log.read().unwrap().records, kept);
    // Records that follow a kill come after them.
    let ended = Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted };
    log.append(&[ended.clone(), Record::TurnStarted(TurnId(2))]).unwrap();
    let all = [kept, vec![ended, Record::TurnStarted(TurnId(2))]].concat();
    assert_eq!(log.read().unwrap().records, all);
}
