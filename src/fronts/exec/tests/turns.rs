//! Turns as the engine reports them, and their output for people and programs.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use super::scene::*;
use crate::base::text::says;
use crate::base::{Console, Reader, Timestamp, recording};
use crate::engine::scripted::{self, Script};
use crate::exec::*;
use crate::protocol::*;

/// A turn that waits for a usage limit.
fn limit_hold() -> EventKind {
    let problem = problem(ProblemKind::UsageLimit { resets: Some(Timestamp(7)) });
    let stage = LimitStage::Waiting;
    EventKind::LimitHold(Some(LimitHold { until: Timestamp(7), stage, problem }))
}

#[test]
fn the_answer_goes_to_stdout_and_progress_to_stderr() {
    let printed = play(OutputForm::Text, usual());
    assert_eq!(printed.out, "Let me look.\n\nIt is a program.\n");
    insta::assert_snapshot!(printed.err, @r"
    auth.json can be read by others. It is tightened at the next write
    gpt-x (high)
    Looking around
    read src/a.rs
    grep failed: broken arguments: …
    ");
    assert_eq!(printed.exit, Exit::Done);
    assert_eq!(
        printed.commands,
        ["list", "open ses_1 /project m", "await servers ses_1", "submit ses_1 what is this?"]
    );
}

#[test]
fn json_tells_every_event_in_a_line_with_the_version_first_and_the_exit_last() {
    let printed = play(OutputForm::Json, usual());
    let expected = [
        format!(r#"{{"type":"start","version":2,"codling":"{}","session":"ses_1","folder":"/project"}}"#, env!("CARGO_PKG_VERSION")),
        r#"{"type":"notice","message":"auth.json can be read by others","next":"It is tightened at the next write"}"#.into(),
        r#"{"type":"model","model":"gpt-x","effort":"high","context":1000}"#.into(),
        r#"{"type":"reasoning_delta","item":"r1","text":"**Look"}"#.into(),
        r#"{"type":"reasoning","item":"r1","text":"**Looking around**\n\nFirst the readme."}"#.into(),
        r#"{"type":"text_delta","item":"m1","text":"Let me look."}"#.into(),
        r#"{"type":"message","item":"m1","text":"Let me look."}"#.into(),
        r#"{"type":"call","call":"c1","tool":"read","arguments":"{\"filePath\":\"a\"}"}"#.into(),
        r#"{"type":"output","call":"c1","ok":true,"title":"src/a.rs","text":"1: fn","images":0,"kind":"text"}"#.into(),
        r#"{"type":"call","call":"c2","tool":"grep","arguments":"{"}"#.into(),
        r#"{"type":"output","call":"c2","ok":false,"title":"broken arguments","text":"…","images":0,"kind":"text"}"#.into(),
        r#"{"type":"usage","input":10,"cached":4,"output":3,"reasoning":1}"#.into(),
        r#"{"type":"text_delta","item":"m2","text":"It is a program."}"#.into(),
        r#"{"type":"message","item":"m2","text":"It is a program."}"#.into(),
        r#"{"type":"end","outcome":"done","exit":0}"#.into(),
    ];
    assert_eq!(printed.out.lines().collect::<Vec<_>>(), expected);
    assert_eq!(printed.err, "");
}

#[test]
fn json_tells_retries_limits_and_the_problem_of_a_failed_turn() {
    let limit = Limit { used_percent: 62.5, window_minutes: Some(300), resets: Some(Timestamp(5)) };
    let printed = play(
        OutputForm::Json,
        [
            delta("m", "Hel"),
            EventKind::ItemDropped("m".into()),
            EventKind::Retrying(Retry {
                attempt: 2,
                of: 5,
                wait: Duration::from_millis(800),
                problem: problem(ProblemKind::BrokenStream),
            }),
            EventKind::Resumed,
            limit_hold(),
            EventKind::LimitHold(None),
            EventKind::Limits(Limits { primary: Some(limit), secondary: None }),
            ended(TurnOutcome::Failed(problem(ProblemKind::UsageLimit {
                resets: Some(Timestamp(7)),
            }))),
        ],
    );
    let lines: Vec<&str> = printed.out.lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            r#"{"type":"dropped","item":"m"}"#,
            r#"{"type":"retry","attempt":2,"of":5,"wait_ms":800,"problem":{"kind":"broken_stream","message":"It broke","next":"Mend it"}}"#,
            r#"{"type":"resumed"}"#,
            r#"{"type":"limit_wait","until_ms":7,"problem":{"kind":"usage_limit","message":"It broke","next":"Mend it","resets_at_ms":7}}"#,
            r#"{"type":"limit_passed"}"#,
            r#"{"type":"limits","primary":{"used_percent":62.5,"window_minutes":300,"resets_at_ms":5}}"#,
            r#"{"type":"end","outcome":"failed","exit":1,"problem":{"kind":"usage_limit","message":"It broke","next":"Mend it","resets_at_ms":7}}"#,
        ]
    );
    assert_eq!(
        (printed.err.as_str(), printed.exit),
        ("codling: It broke\n  Mend it\n", Exit::Failed)
    );
}

#[test]
fn a_turn_that_ran_out_of_steps_is_done_and_says_why() {
    let printed = play(OutputForm::Json, [ended(TurnOutcome::MaxSteps)]);
    assert_eq!(
        printed.out.lines().last(),
        Some(r#"{"type":"end","outcome":"done","reason":"max_steps","exit":0}"#)
    );
    for form in [OutputForm::Json, OutputForm::Text] {
        let printed = play(form, [ended(TurnOutcome::MaxSteps)]);
        let is_told = says(&printed.err, "`max_steps` … unfinished … \n");
        assert!(is_told && printed.exit == Exit::Done, "{}", printed.err);
    }
}

#[test]
fn nobody_signed_in_ends_at_once_with_the_way_to_sign_in() {
    let shadowed = |_: &Command| {
        Ok(Reply::Accounts(AccountList {
            accounts: vec![account(CredentialStanding::Unused)],
            file: "/a".into(),
            opencode_offer: true,
            codex_offer: None,
        }))
    };
    for form in [OutputForm::Text, OutputForm::Json] {
        let (console, out, err) = recording::console(Reader::Program, Reader::Program);
        let (exit, commands) = play_answering(console, ask(form), [], shadowed);
        assert_eq!(exit, Exit::NotSignedIn);
        assert_eq!(said(commands), ["list"], "nothing is opened or sent for nobody");
        let (out, err) = (out.text(), err.text());
        assert!(says(&err, "codling: Nobody … OpenAI\n  … `codling auth login`"), "{err}",);
        let last = out.lines().last().map(|line| serde_json::from_str::<Value>(line).unwrap());
        assert_eq!(
            last.map(|line| line["problem"]["kind"].clone()),
            (form == OutputForm::Json).then(|| "not_signed_in".into())
        );
    }
}

#[test]
fn the_exit_follows_how_the_turn_ended() {
    for (events, exit) in [
        (vec![ended(TurnOutcome::Done)], Exit::Done),
        (vec![ended(TurnOutcome::Interrupted)], Exit::Interrupted),
        (vec![ended(TurnOutcome::Failed(problem(ProblemKind::Quota)))], Exit::Failed),
        (vec![ended(TurnOutcome::Failed(problem(ProblemKind::NotSignedIn)))], Exit::NotSignedIn),
        (vec![], Exit::Failed),
    ] {
        let printed = play(OutputForm::Text, events.clone());
        assert_eq!(printed.exit, exit, "{events:?}");
    }
}

#[test]
fn whatever_of_the_beginning_is_refused_ends_the_run() {
    for refused in ["List", "Open", "Submit"] {
        let answer = |command: &Command| match format!("{command:?}").contains(refused) {
            true => Err(problem(ProblemKind::CredentialFile)),
            false => willing(command),
        };
        let (console, _, err) = recording::console(Reader::Program, Reader::Program);
        let events = [ended(TurnOutcome::Done)];
        let (exit, commands) = play_answering(console, ask(OutputForm::Text), events, answer);
        assert_eq!((exit, err.text().as_str()), (Exit::Failed, "codling: It broke\n  Mend it\n"));
        assert!(format!("{:?}", commands.last()).contains(refused), "{commands:?}");
    }
}

#[test]
fn a_stream_that_is_begun_again_prints_no_letter_twice() {
    let dropped = |item: &str| EventKind::ItemDropped(item.into());
    for (what, events, expected) in [
        (
            "the same again",
            vec![
                delta("a", "Hello w"),
                dropped("a"),
                started("b"),
                delta("b", "Hel"),
                delta("b", "lo world"),
            ],
            "Hello world\n",
        ),
        (
            "the same, whole",
            vec![delta("a", "Hello w"), dropped("a"), message("b", "Hello world")],
            "Hello world\n",
        ),
        (
            "another text",
            vec![delta("a", "Hello"), dropped("a"), delta("b", "He"), delta("b", "y you")],
            "Hello\n\nHey you\n",
        ),
        (
            "a shorter text",
            vec![delta("a", "Hello"), dropped("a"), delta("b", "He"), message("b", "He")],
            "Hello\n\nHe\n",
        ),
        (
            "broken twice",
            vec![
                delta("a", "Hello"),
                dropped("a"),
                delta("b", "He"),
                dropped("b"),
                delta("c", "Hello you"),
            ],
            "Hello you\n",
        ),
        ("nothing printed yet", vec![started("a"), dropped("a"), delta("b", "Hi")], "Hi\n"),
        (
            "exactly as far",
            vec![delta("a", "Hello"), dropped("a"), message("b", "Hello")],
            "Hello\n",
        ),
    ] {
        let events = [events, vec![ended(TurnOutcome::Done)]].concat();
        assert_eq!(play(OutputForm::Text, events).out, expected, "{what}");
    }
}

#[test]
fn the_whole_message_counts_where_the_deltas_said_less_or_something_else() {
    for (events, expected) in [
        (vec![message("a", "Whole")], "Whole\n"),
        (vec![delta("a", "Who"), message("a", "Whole")], "Whole\n"),
        (vec![delta("a", "Wha"), message("a", "Whole")], "Wha\n\nWhole\n"),
        (
            vec![delta("a", "Whole\n"), message("a", "Whole\n"), message("b", "More")],
            "Whole\n\nMore\n",
        ),
        (vec![message("a", "")], ""),
        (vec![], ""),
    ] {
        let all = [events.clone(), vec![ended(TurnOutcome::Done)]].concat();
        assert_eq!(play(OutputForm::Text, all).out, expected, "{events:?}");
    }
}

#[test]
fn a_terminal_never_gets_the_models_control_codes_and_a_pipe_gets_the_text_as_it_is() {
    let events = [
        delta("m", "a\x1b]0;owned\x07b"),
        EventKind::CallStarted(ToolCall {
            id: "c".into(),
            name: "re\x1b[2Jad".into(),
            arguments: String::new(),
        }),
        EventKind::CallEnded { call: "c".into(), output: CallOutput::text("x\ny", "") },
        ended(TurnOutcome::Failed(Problem::new(ProblemKind::BadRequest, "bad \x1b[31m"))),
    ];
    let terminal = play_to((Reader::Terminal, Reader::Terminal), OutputForm::Text, events.clone());
    assert_eq!(terminal.out, "a␛]0;owned␇b\n");
    assert_eq!(terminal.err, "\x1b[2mre␛[2Jad x y\x1b[22m\ncodling: Bad ␛[31m\n");
    let piped = play(OutputForm::Text, events);
    assert_eq!(piped.out, "a\x1b]0;owned\x07b\n");
}

#[test]
fn reconnecting_and_a_nearly_used_up_plan_are_told() {
    let limits = |percent| {
        EventKind::Limits(Limits {
            primary: Some(Limit { used_percent: percent, window_minutes: Some(300), resets: None }),
            secondary: Some(Limit {
                used_percent: 12.0,
                window_minutes: Some(10080),
                resets: None,
            }),
        })
    };
    let wait = |seconds| {
        EventKind::Retrying(Retry {
            attempt: 2,
            of: 5,
            wait: Duration::from_secs_f64(seconds),
            problem: problem(ProblemKind::Overloaded),
        })
    };
    let events = [
        limits(50.0),
        limits(81.0),
        limits(84.0),
        limits(95.4),
        wait(0.0),
        wait(1.5),
        wait(60.0),
        EventKind::Resumed,
        limit_hold(),
        EventKind::LimitHold(None),
        ended(TurnOutcome::Done),
    ];
    let printed = play(OutputForm::Text, events);
    insta::assert_snapshot!(printed.err, @r"
    81% of the plan's limit for 5 hours is used
    95% of the plan's limit for 5 hours is used
    Reconnecting 2/5: It broke
    Reconnecting 2/5 in 1.5 s: It broke
    Reconnecting 2/5 in 60 s: It broke
    Reconnected
    It broke. Waiting until then
    ");
}

#[test]
fn a_notice_is_told_whole_however_long() {
    let path = "/a/long/way/down".repeat(12);
    let (message, next) =
        (format!("`{path}` can be read by others"), format!("Run `chmod 600 {path}`"));
    let whole = format!("{message}. {next}\n");
    let notice = Notice { message, next: Some(next) };
    let events = [EventKind::Notice(notice), ended(TurnOutcome::Done)];
    let printed = play(OutputForm::Text, events);
    assert_eq!(printed.err, whole);
}

#[test]
fn events_of_other_sessions_are_not_ours() {
    let (mut console, out, _) = recording::console(Reader::Program, Reader::Program);
    let (client, inbox, mut script) = scripted::engine();
    let (_stop, stops) = mpsc::unbounded_channel();
    let other = Some(SessionId::from("ses_2"));
    for (session, kind) in [
        (other.clone(), delta("x", "theirs")),
        (other, ended(TurnOutcome::Failed(problem(ProblemKind::Quota)))),
        (Some(OURS.into()), delta("m", "ours")),
        (Some(OURS.into()), ended(TurnOutcome::Done)),
    ] {
        script.emit(session, kind);
    }
    let mut asked = Vec::new();
    let exit = block_on(async {
        tokio::select! {
            exit = run(&client, inbox, stops, ask(OutputForm::Text), &mut console) => exit,
            () = script.answering(&mut asked, willing) => unreachable!("the client is there"),
        }
    });
    assert_eq!((out.text().as_str(), exit), ("ours\n", Exit::Done));
}

#[test]
fn a_reader_that_has_gone_stops_the_turn_quietly() {
    let err = recording::Page::default();
    let console = Console::new(
        Box::new(recording::Gone),
        Reader::Program,
        Box::new(err.clone()),
        Reader::Program,
    );
    let (exit, commands) =
        play_on(console, ask(OutputForm::Text), [delta("m", "Hello"), delta("m", " you")]);
    assert_eq!((exit, err.text().as_str()), (Exit::Done, ""));
    assert_eq!(commands.last().map(String::as_str), Some("interrupt ses_1"));
}

/// Takes the next command and answers it as usual.
async fn next(script: &mut Script) -> Command {
    let asked = script.next().await.unwrap();
    let command = asked.command.clone();
    asked.answer(willing(&command));
    command
}

/// Runs until the prompt is sent.
async fn begin(script: &mut Script) {
    assert!(matches!(next(script).await, Command::Account(AccountCommand::List)));
    assert!(matches!(next(script).await, Command::Session(_)));
    assert!(matches!(next(script).await, Command::Mcp(..)));
    assert!(matches!(next(script).await, Command::Turn(_, TurnCommand::Submit { .. })));
}

#[test]
fn the_first_stop_interrupts_the_turn_and_waits_for_its_end() {
    let (mut console, out, err) = recording::console(Reader::Program, Reader::Program);
    let (client, inbox, mut script) = scripted::engine();
    let (stop, stops) = mpsc::unbounded_channel();
    let exit = block_on(async {
        let acts = async {
            begin(&mut script).await;
            script.emit(Some(OURS.into()), delta("m", "Half"));
            stop.send(()).unwrap();
            let command = next(&mut script).await;
            assert!(matches!(command, Command::Turn(_, TurnCommand::Interrupt)));
            script.emit(Some(OURS.into()), ended(TurnOutcome::Interrupted));
        };
        tokio::join!(run(&client, inbox, stops, ask(OutputForm::Text), &mut console), acts).0
    });
    assert_eq!(
        (exit, out.text().as_str(), err.text().as_str()),
        (Exit::Interrupted, "Half\n", "Interrupted\n")
    );
}

#[test]
fn a_second_stop_does_not_wait_for_the_end() {
    let (mut console, _, _) = recording::console(Reader::Program, Reader::Program);
    let (client, inbox, mut script) = scripted::engine();
    let (stop, stops) = mpsc::unbounded_channel();
    let exit = block_on(async {
        let acts = async {
            begin(&mut script).await;
            stop.send(()).unwrap();
            let command = next(&mut script).await;
            assert!(matches!(command, Command::Turn(_, TurnCommand::Interrupt)));
            stop.send(()).unwrap();
        };
        tokio::join!(run(&client, inbox, stops, ask(OutputForm::Text), &mut console), acts).0
    });
    assert_eq!(exit, Exit::Interrupted);
}

#[test]
fn a_stop_before_anything_is_sent_ends_at_once() {
    let (mut console, _, _) = recording::console(Reader::Program, Reader::Program);
    let (client, inbox, mut script) = scripted::engine();
    let (stop, stops) = mpsc::unbounded_channel();
    stop.send(()).unwrap();
    assert_eq!(
        block_on(run(&client, inbox, stops, ask(OutputForm::Text), &mut console)),
        Exit::Interrupted
    );
    assert!(matches!(
        script.try_next().map(|asked| asked.command),
        Some(Command::Account(AccountCommand::List))
    ));
    assert!(script.try_next().is_none());
}
