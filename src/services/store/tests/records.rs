//! Any record, written and read back.

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::super::{RecordedSession, log_line};
use crate::base::Timestamp;
use crate::protocol::{
    ActionKind, Agent, Author, CallOutput, Citation, CommandExit, CommandResult, CompactionResult,
    Completeness, ContextNoteKind, Denial, DenialCause, DiffKind, Direction, Effort, FileChange,
    FileDiff, FileState, Found, HostLocation, Image, Item, ItemKind, Location, Look, ModelRef,
    NodeKind, OutputRest, PageResult, Patches, Picture, PlannedAction, Problem, ProblemKind,
    Question, QuestionOption, Record, RequestedConfinement, Selection, ServiceTier,
    SessionSettings, Stamp, Target, Todo, TodoState, ToolCall, ToolResult, Tuning, TurnId,
    TurnOrigin, TurnOutcome, Usage, UserReply, Verbosity, WebAction, WebSearch, WebSearchState,
    Wire, WireSource,
};

fn text() -> BoxedStrategy<String> {
    any::<String>().boxed()
}

fn shown() -> impl Strategy<Value = ToolResult> {
    let kind = prop_oneof![
        Just(DiffKind::Added),
        Just(DiffKind::Deleted),
        Just(DiffKind::Updated),
        text().prop_map(|from| DiffKind::Moved { from })
    ];
    let whole = prop_oneof![Just(Completeness::Truncated), Just(Completeness::Complete)];
    let diff = (text(), kind, any::<u32>(), any::<u32>(), text(), whole).prop_map(
        |(path, kind, added, removed, hunks, whole)| FileDiff {
            path,
            kind,
            added,
            removed,
            hunks: hunks.into(),
            completeness: whole,
        },
    );
    let diffs = vec(diff, 0..3).boxed();
    let words = || option::of(text());
    let reply = prop_oneof![
        text().prop_map(UserReply::Answered),
        words().prop_map(UserReply::Declined),
        words().prop_map(UserReply::NotAsked),
        Just(UserReply::NotRun),
        words().prop_map(UserReply::Refused),
        words().prop_map(UserReply::Stopped),
    ];
    let exit = prop_oneof![
        any::<i32>().prop_map(CommandExit::Code),
        Just(CommandExit::Failed),
        any::<i32>().prop_map(CommandExit::Signal),
        Just(CommandExit::Stopped),
        (0..u64::from(u32::MAX)).prop_map(|ms| CommandExit::TimedOut(Duration::from_millis(ms))),
    ];
    let rest = prop_oneof![
        Just(OutputRest::NotKept),
        text().prop_map(|file| OutputRest::File(file.into()))
    ];
    let rest = option::of(rest);
    let command = (exit, any::<u32>(), vec(text(), 0..3), any::<u32>(), any::<bool>(), rest)
        .prop_map(|(exit, ms, notes, output_at, is_silent, rest)| CommandResult {
            exit,
            duration: Duration::from_millis(u64::from(ms)),
            notes,
            output_at: output_at as usize,
            is_silent,
            rest,
        });
    let found = (any::<u32>(), prop_oneof![Just(Found::Files), Just(Found::Matches)]);
    let page = (text(), any::<u16>(), any::<u64>()).prop_map(|(url, status, bytes)| PageResult {
        url,
        status,
        bytes,
    });
    let cause = prop_oneof![
        Just(DenialCause::Plan),
        Just(DenialCause::ReadOnly),
        text().prop_map(DenialCause::Rule)
    ];
    let denial = (cause, option::of(text())).prop_map(|(cause, detail)| Denial { cause, detail });
    prop_oneof![
        Just(ToolResult::Text),
        diffs.clone().prop_map(ToolResult::Edits),
        vec(todo(), 0..3).prop_map(ToolResult::Plan),
        command.prop_map(|result| ToolResult::Command(Box::new(result))),
        found.prop_map(|(count, what)| ToolResult::Found { count: count.into(), what }),
        any::<u32>().prop_map(|count| ToolResult::Lines { count: count.into() }),
        page.prop_map(ToolResult::Page),
        denial.prop_map(|denial| ToolResult::Denied(Box::new(denial))),
        (reply, diffs)
            .prop_map(|(reply, proposed)| ToolResult::Reply { reply: Box::new(reply), proposed }),
    ]
}

fn note_kind() -> impl Strategy<Value = ContextNoteKind> {
    prop_oneof![
        Just(ContextNoteKind::Agent(Agent::Build)),
        Just(ContextNoteKind::Agent(Agent::Plan)),
        Just(ContextNoteKind::CutOff),
        Just(ContextNoteKind::Environment),
        Just(ContextNoteKind::Expansion),
        Just(ContextNoteKind::Interrupted),
        Just(ContextNoteKind::LastStep),
        Just(ContextNoteKind::OwnCommand),
        Just(ContextNoteKind::Review),
        Just(ContextNoteKind::Permissions),
        Just(ContextNoteKind::Progress),
        Just(ContextNoteKind::PromptCommands),
        Just(ContextNoteKind::Undo),
        Just(ContextNoteKind::Unknown),
    ]
}

fn pictures() -> impl Strategy<Value = Vec<Picture>> {
    let mime =
        prop_oneof![Just("image/png"), Just("image/jpeg"), Just("image/gif"), Just("image/webp")];
    vec(
        (mime, "[A-Za-z0-9+/=]{0,20}").prop_map(|(mime, data)| Picture { mime, data: data.into() }),
        0..3,
    )
}

fn item() -> impl Strategy<Value = Arc<Item>> {
    let output = (text(), text(), text(), pictures(), shown(), any::<bool>()).prop_map(
        |(call, title, text, images, shown, ok)| ItemKind::Output {
            call: call.as_str().into(),
            output: CallOutput { title, text, images, result: shown, ok },
        },
    );
    let call = (text(), text(), text()).prop_map(|(id, name, arguments)| {
        ItemKind::Call(ToolCall { id: id.as_str().into(), name, arguments })
    });
    let kind = prop_oneof![
        (text(), citations()).prop_map(|(text, citations)| ItemKind::Assistant { text, citations }),
        web_search().prop_map(ItemKind::WebSearch),
        text().prop_map(|summary| ItemKind::Reasoning { summary }),
        text().prop_map(|kind| ItemKind::Unknown { kind }),
        (text(), pictures()).prop_map(|(text, images)| ItemKind::User { text, images }),
        call,
        output
    ];
    (text(), kind, option::of(text())).prop_map(|(id, kind, wire)| {
        Arc::new(Item {
            id: id.as_str().into(),
            kind,
            wire: wire.map(|wire| Wire { text: wire.into(), source: WireSource::openai() }),
        })
    })
}

fn citations() -> impl Strategy<Value = Vec<Citation>> {
    vec((text(), text()).prop_map(|(title, url)| Citation { title, url }), 0..3)
}

fn web_search() -> impl Strategy<Value = WebSearch> {
    let action = prop_oneof![
        (text(), text()).prop_map(|(url, pattern)| WebAction::Find { url, pattern }),
        text().prop_map(|url| WebAction::Open { url }),
        vec(text(), 0..3).prop_map(|queries| WebAction::Search { queries }),
    ];
    let state = prop_oneof![
        Just(WebSearchState::Done),
        Just(WebSearchState::Failed),
        Just(WebSearchState::Running)
    ];
    (action, state).prop_map(|(action, state)| WebSearch { action, state })
}

fn change() -> impl Strategy<Value = FileChange> {
    let state = || {
        let image = prop_oneof![Just(Image::Kept), Just(Image::NotKept)];
        let kind = prop_oneof![
            ("[0-9a-f]{64}", image)
                .prop_map(|(digest, image)| NodeKind::File { digest: digest.into(), image }),
            path().prop_map(|target| NodeKind::Link { target }),
            Just(NodeKind::Folder),
            Just(NodeKind::Special),
            Just(NodeKind::Unknown),
        ];
        let stamp = (any::<[u64; 3]>(), any::<[i64; 2]>()).prop_map(
            |([device, inode, length], [modified, changed])| Stamp {
                device,
                inode,
                length,
                modified,
                changed,
            },
        );
        let owner = option::of(any::<[u32; 2]>());
        let attributes = option::of("([0-9a-f]{64})?");
        let state = (kind, 0_u32..0o10000, owner, option::of(stamp), attributes);
        option::of(state.prop_map(|(kind, mode, owner, stamp, attributes)| FileState {
            kind,
            mode,
            owner,
            stamp,
            attributes: attributes.map(Into::into),
        }))
    };
    let author = prop_oneof![Just(Author::Call), Just(Author::Unknown)];
    (path(), state(), state(), author).prop_map(|(path, before, after, author)| FileChange {
        path,
        before,
        after,
        author,
    })
}

#[cfg(unix)]
fn path() -> impl Strategy<Value = std::path::PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    vec(any::<u8>(), 1..30).prop_map(|bytes| std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn path() -> impl Strategy<Value = std::path::PathBuf> {
    text().prop_map(Into::into)
}

fn todo() -> impl Strategy<Value = Todo> {
    let state = prop_oneof![
        Just(TodoState::Doing),
        Just(TodoState::Done),
        Just(TodoState::Dropped),
        Just(TodoState::Open)
    ];
    (text(), state).prop_map(|(text, state)| Todo { text, state })
}

fn action() -> impl Strategy<Value = PlannedAction> {
    let target = || {
        let location = prop_oneof![Just(Location::Inside), Just(Location::Outside)];
        (text(), text(), location).prop_map(|(path, shown, location)| Target {
            path: path.into(),
            shown,
            location,
        })
    };
    let targets = move || vec(target(), 0..3);
    let option =
        (text(), text()).prop_map(|(label, description)| QuestionOption { label, description });
    let selection = prop_oneof![Just(Selection::Any), Just(Selection::One)];
    let question = (proptest::option::of(text()), text(), vec(option, 0..3), selection);
    let question = vec(question, 1..4).prop_map(|all| {
        let mut all = all.into_iter().map(|(id, text, options, selection)| Question {
            asker: None,
            id,
            text,
            options,
            selection,
            next: Vec::new(),
        });
        let first = all.next().unwrap_or_default();
        Question { next: all.collect(), ..first }
    });
    let wanted =
        prop_oneof![Just(RequestedConfinement::AsUsual), Just(RequestedConfinement::Unconfined)];
    let host = prop_oneof![Just(HostLocation::Private), Just(HostLocation::Public)];
    let look = prop_oneof![Just(Look::List), Just(Look::Read), Just(Look::Search)];
    let kind = prop_oneof![
        question.prop_map(ActionKind::Ask),
        targets().prop_map(|targets| ActionKind::Change { targets, diffs: Vec::new() }),
        (text(), target(), wanted).prop_map(|(line, folder, wanted)| ActionKind::Command {
            line,
            folder,
            wanted
        }),
        (text(), text(), any::<bool>()).prop_map(|(server, tool, read_only)| {
            ActionKind::External { server, tool, read_only }
        }),
        (text(), host).prop_map(|(url, host)| ActionKind::Fetch { url, host }),
        (look, targets()).prop_map(|(look, targets)| ActionKind::Look { look, targets }),
        vec(todo(), 0..3).prop_map(ActionKind::Plan),
    ];
    (text(), text(), option::of(text()), kind).prop_map(|(verb, title, reason, kind)| {
        PlannedAction { verb: verb.into(), title, reason, kind }
    })
}

fn record() -> impl Strategy<Value = Record> {
    let turn = || any::<u64>().prop_map(TurnId);
    let direction = prop_oneof![Just(Direction::Redo), Just(Direction::Undo)];
    let failed = (text(), option::of(text())).prop_map(|(message, next)| {
        TurnOutcome::Failed(Problem { kind: ProblemKind::Internal, message, next })
    });
    let outcome = prop_oneof![
        Just(TurnOutcome::Done),
        Just(TurnOutcome::Interrupted),
        Just(TurnOutcome::MaxSteps),
        failed
    ];
    let patches =
        prop_oneof![Just(Patches::AsArgument), Just(Patches::AsText), Just(Patches::Never)];
    let tuning = (option::of(0..3usize), any::<bool>()).prop_map(|(verbosity, fast)| Tuning {
        verbosity: verbosity.map(|at| Verbosity::ALL[at]),
        tier: if fast { ServiceTier::Fast } else { ServiceTier::Standard },
    });
    let settings = (text(), option::of(text()), option::of(any::<u64>()), patches, tuning)
        .prop_map(|(model, effort, context, patches, tuning)| SessionSettings {
            model: ModelRef::openai(model),
            effort: effort.map(Effort),
            tuning,
            context,
            patches,
        });
    let usage = (any::<[u64; 4]>(), any::<Option<u64>>()).prop_map(
        |([input, cached, output, reasoning], cost)| Usage {
            cost,
            input,
            cached,
            output,
            reasoning,
        },
    );
    prop_oneof![
        (text(), action()).prop_map(|(call, action)| Record::CallPlanned {
            call: call.as_str().into(),
            action: Arc::new(action),
        }),
        (turn(), text(), vec(change(), 0..4)).prop_map(|(turn, id, files)| Record::Changed {
            turn,
            id,
            files
        }),
        (item(), any::<[u64; 2]>()).prop_map(|(summary, [before, after])| {
            Record::Compacted { summary, compaction: CompactionResult { before, after } }
        }),
        item().prop_map(Record::Item),
        (note_kind(), item()).prop_map(|(kind, item)| Record::ContextNote { kind, item }),
        (turn(), direction.clone(), vec(change(), 0..3))
            .prop_map(|(turn, direction, files)| Record::UndoBegun { turn, direction, files }),
        (turn(), direction, vec(change(), 0..3))
            .prop_map(|(turn, direction, files)| Record::Undone { turn, direction, files }),
        settings.prop_map(Record::Settings),
        text().prop_map(Record::Title),
        (text(), text())
            .prop_map(|(item, why)| Record::PicturesDropped { item: item.as_str().into(), why }),
        (text(), text())
            .prop_map(|(item, why)| Record::ItemLeftOut { item: item.as_str().into(), why }),
        (turn(), outcome).prop_map(|(turn, outcome)| Record::TurnEnded { turn, outcome }),
        Just(Record::TurnOrigin(TurnOrigin::Queued)),
        text().prop_map(|what| Record::TurnOrigin(TurnOrigin::Review(what))),
        turn().prop_map(Record::TurnStarted),
        usage.prop_map(Record::Usage),
    ]
}

proptest! {
    #[test]
    fn any_record_survives_being_written_and_read(records in vec(record(), 1..5)) {
        let mut lines = Vec::new();
        records.iter().for_each(|record| log_line::write(record, Timestamp(0), &mut lines));
        prop_assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), records.len());
        prop_assert_eq!(RecordedSession::read(&lines).records, records);
    }
}

#[test]
fn a_part_of_an_output_that_is_not_understood_costs_only_that_part() {
    let line = r#"{"type":"output","id":"i","call":"c","title":"t","ok":true,"text":"x","diffs":[{"path":"a","what":"sung","added":1,"removed":0,"hunks":""}]}"#;
    let Some(log_line::LineContent::Record(Record::Item(item))) = log_line::read(line.as_bytes())
    else {
        panic!("{line}")
    };
    let ItemKind::Output { output, .. } = &item.kind else { panic!("{item:?}") };
    assert_eq!((output.text.as_str(), &output.result), ("x", &ToolResult::Text));
}

#[test]
fn what_an_older_codling_wrote_is_still_read() {
    let lines = concat!(
        r#"{"type":"remark","id":"own_2","text":"(x)"}"#,
        "\n",
        r#"{"type":"output","id":"own_3","call":"c","title":"t","ok":true,"text":"x","images":[{"mime":"image/png","data":"AAAA"}]}"#,
        "\n"
    );
    let past = RecordedSession::read(lines.as_bytes());
    assert_eq!((past.records.len(), past.damage.lines.len()), (2, 0));
    let Record::ContextNote { kind: ContextNoteKind::Unknown, item: remark } = &past.records[0]
    else {
        panic!("{past:?}")
    };
    assert_eq!(remark.kind, ItemKind::user("(x)"));
}

#[test]
fn a_long_text_that_the_server_sent_is_written_once_and_comes_back_letter_for_letter() {
    let text = format!(
        "{{\"filePath\":\"a\",\"content\":\"{}\"}}",
        "päär \\\"\\n\t\u{1}/<".repeat(20_000)
    );
    let quoted = serde_json::Value::from(text.as_str()).to_string();
    let call = |wire: String| {
        Record::Item(Arc::new(Item {
            id: "f".into(),
            kind: ItemKind::Call(ToolCall {
                id: "c".into(),
                name: "write".into(),
                arguments: text.clone(),
            }),
            wire: Some(Wire { text: wire.into(), source: WireSource::openai() }),
        }))
    };
    let answer = Record::Item(Arc::new(Item {
        id: "m".into(),
        kind: ItemKind::assistant(text.clone()),
        wire: Some(Wire {
            text: format!(
                r#"{{"type":"message","content":[{{"type":"output_text","text":{quoted}}}]}}"#
            )
            .into(),
            source: WireSource::openai(),
        }),
    }));
    let once =
        [call(format!(r#"{{"type":"function_call","arguments":{quoted},"n": 1e2}}"#)), answer];
    // With another escaping it is stored as it came.
    let twice =
        [call(format!(r#"{{"arguments":{}}}"#, quoted.replace('/', "\\/"))), call("{}".into())];
    for (records, most) in [(once, quoted.len() * 3 / 2), (twice, quoted.len() * 4)] {
        for record in records {
            let mut lines = Vec::new();
            log_line::write(&record, Timestamp(0), &mut lines);
            assert!(lines.len() < most, "{} bytes for {}", lines.len(), quoted.len());
            assert_eq!(RecordedSession::read(&lines).records, [record]);
        }
    }
}

/// Logs of version 0.1, before results were stored as data.
#[test]
fn logs_of_the_first_version_are_read_as_they_were() {
    for (log, records, texts) in [
        (&include_bytes!("version_1/command.jsonl")[..], 13, &["Exit code 3\n\none\ntwo\n"][..]),
        (
            include_bytes!("version_1/refused.jsonl"),
            13,
            &["Nobody can be asked here: this runs without a screen."],
        ),
        (
            include_bytes!("version_1/change.jsonl"),
            19,
            &["1\thello\n", "Changed `notes.txt` (+1 -1)"],
        ),
        (
            include_bytes!("version_1/plan.jsonl"),
            23,
            &["The plan is on the screen.", "notes.txt\na.rs", "The plan is on the screen."],
        ),
    ] {
        let past = RecordedSession::read(log);
        assert_eq!(
            (past.header.as_ref().map(|header| header.version), past.damage.lines.len()),
            (Some(1), 0)
        );
        assert_eq!(past.records.len(), records);
        let outputs = past.records.iter().filter_map(|record| match record {
            Record::Item(item) => {
                if let ItemKind::Output { output, .. } = &item.kind {
                    Some(output)
                } else {
                    None
                }
            }
            _ => None,
        });
        let outputs: Vec<&CallOutput> = outputs.collect();
        assert_eq!(outputs.len(), texts.len());
        for (output, text) in outputs.iter().zip(texts) {
            assert!(output.text.starts_with(text), "{}", output.text);
            assert!(matches!(
                output.result,
                ToolResult::Edits(_) | ToolResult::Plan(_) | ToolResult::Text
            ));
        }
        // New lines use today's format and read the same.
        let mut lines = Vec::new();
        past.records.iter().for_each(|record| log_line::write(record, Timestamp(0), &mut lines));
        assert_eq!(RecordedSession::read(&lines).records, past.records);
    }
}

#[test]
fn who_serves_a_model_and_who_wrote_an_item_is_written_down_where_it_is_not_openai() {
    let settings = |provider: &str| {
        Record::Settings(SessionSettings {
            model: ModelRef::new(provider.into(), "org/large"),
            effort: None,
            tuning: Default::default(),
            context: None,
            patches: Patches::Never,
        })
    };
    let item = |provider: &str, dialect: &str| {
        let source = WireSource { provider: provider.into(), dialect: dialect.into() };
        Record::Item(Arc::new(Item {
            id: "m".into(),
            kind: ItemKind::assistant("hi"),
            wire: Some(Wire { text: "{}".into(), source }),
        }))
    };
    for (record, words) in [
        (settings("openai"), r#"{"type":"settings","model":"org/large"}"#),
        (settings("acme"), r#"{"type":"settings","model":"org/large","provider":"acme"}"#),
        (item("openai", "responses"), r#"{"type":"assistant","id":"m","text":"hi","wire":"{}"}"#),
        (
            item("acme", "chat"),
            r#"{"type":"assistant","id":"m","provider":"acme","dialect":"chat","text":"hi","wire":"{}"}"#,
        ),
    ] {
        let mut lines = Vec::new();
        log_line::write(&record, Timestamp(0), &mut lines);
        assert_eq!(String::from_utf8_lossy(&lines).trim_end(), words);
        assert_eq!(RecordedSession::read(&lines).records, [record]);
    }
}
