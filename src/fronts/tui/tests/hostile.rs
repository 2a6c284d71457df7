//! Hostile text with control sequences in every place that a stranger's words can reach. The screen
//! shows none of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode;
use ratatui::buffer::Cell;

use super::fixture::{self, queued, start};
use super::{Fixture, calls};
use crate::base::Timestamp;
use crate::protocol::{
    Account, AccountKind, AccountList, BrowserLaunch, CallId, CallOutput, Citation,
    CredentialSource, CredentialStanding, DiffKind, Direction, Effort, EventKind, FileDiff, Item,
    ItemId, ItemKind, ItemOpening, Limit, Limits, Model, ModelList, ModelRef, ModelSource, Notice,
    Patches, PortHolder, Problem, ProblemKind, ProviderId, Reply, ReplyResult, Retry, SessionPlace,
    SessionSettings, SessionView, SignInStep, Surroundings, Todo, TodoState, ToolResult, TurnId,
    TurnOutcome, UnqueueReason, WebAction, WebSearch, WebSearchState,
};
use crate::tui::StartInfo;
use crate::tui::messages::Asked;

/// Each in one piece, between words that show that it arrived.
pub(super) const HOSTILE: [&str; 14] = [
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[H",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1bPtmux;\x1b\x1b]52;c;QQ==\x07\x1b\\",
    "\u{9b}31m\u{9d}0;t\u{9c}",
    "\x08\x08\x08\x7f\x00\x05\x0e\x0f",
    "\r\nfake: line\r",
    "\u{202e}txt.exe\u{2066}\u{200f}",
    "\u{200b}\u{2060}\u{feff}\u{ad}\u{e0041}\u{e007f}",
    "\u{2028}\u{2029}\u{85}\u{0b}\u{0c}",
    "\t\t\t",
    "[x](http://a\u{1b}]8;;b) `\x1b[31m` <b\x07> | \x1b |",
    "\u{fffe}\u{fff9}\u{1160}\u{3164}",
];

/// Whether a symbol neither controls the terminal nor hides or reorders its neighbours.
fn is_safe(symbol: &str) -> bool {
    let trick = |c: char| {
        matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{1160}' | '\u{3164}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    };
    !symbol.contains(|c: char| c.is_control() || trick(c))
}

pub(super) fn check(fixture: &mut Fixture, place: &str, bad: &str) {
    let cells: Vec<Cell> = fixture.cells().collect();
    if let Some(cell) = cells.iter().find(|cell| !is_safe(cell.symbol())) {
        panic!(
            "{place}: {bad:?} reached the screen as {:?}:\n{:?}",
            cell.symbol(),
            fixture.picture()
        );
    }
}

fn account(bad: &str) -> Account {
    Account {
        kind: AccountKind::ChatGpt {
            account: Some(bad.into()),
            email: Some(bad.into()),
            plan: Some(bad.into()),
        },
        source: CredentialSource::File(format!("/home/me/{bad}/auth.json").into()),
        ..fixture::plus()
    }
}

fn model(bad: &str) -> Model {
    Model {
        description: bad.into(),
        efforts: vec![Effort(bad.into()), Effort("low".into())],
        default_effort: Some(Effort(bad.into())),
        ..Model::unknown(ModelRef::openai(bad))
    }
}

/// Opens the conversation in a folder of this name.
fn opened(bad: &str) -> EventKind {
    let mut view = SessionView::new("ses_test".into());
    view.place =
        Some(SessionPlace { folder: format!("/home/me/{bad}").into(), branch: Some(bad.into()) });
    EventKind::Snapshot(Arc::new(view))
}

/// Replies to commands.
fn answers(bad: &str) -> Vec<ReplyResult> {
    vec![
        Ok(Reply::History(vec![bad.into()])),
        Ok(Reply::Unqueued(fixture::waiting(bad))),
        Err(Problem::new(ProblemKind::SignIn, bad).with_next(bad)),
    ]
}

fn events(bad: &str) -> Vec<EventKind> {
    let problem = Problem::new(ProblemKind::SignIn, bad).with_next(bad);
    let other = |kind, source| Account {
        provider: ProviderId::new(bad),
        kind,
        expires: None,
        source,
        standing: CredentialStanding::Unused,
    };
    let accounts = vec![
        account(bad),
        other(AccountKind::Unknown { kind: bad.into() }, CredentialSource::Environment(bad.into())),
        other(AccountKind::WellKnown, CredentialSource::File(bad.into())),
    ];
    vec![
        opened(bad),
        EventKind::Accounts(AccountList {
            accounts,
            file: bad.into(),
            opencode_offer: true,
            codex_offer: None,
        }),
        EventKind::Models(ModelList {
            provider: ProviderId::openai(),
            models: vec![model(bad)],
            source: ModelSource::Server,
        }),
        EventKind::Settings(SessionSettings {
            model: ModelRef::openai(bad),
            effort: Some(Effort(bad.into())),
            tuning: Default::default(),
            context: Some(1),
            patches: Patches::Never,
        }),
        EventKind::Notice(Notice { message: bad.into(), next: Some(bad.into()) }),
        EventKind::TurnStarted(TurnId(1)),
        fixture::user(bad),
        EventKind::ItemStarted {
            item: ItemId::from("c"),
            opening: ItemOpening::Call { name: bad.into() },
        },
        fixture::delta("a", bad),
        fixture::delta(
            "b",
            &format!(
                "```{bad}\n{bad}\n```\n# {bad}\n\n- {bad}\n\n| {bad} | b |\n|---|---|\n| {bad} | {bad} |\n\n> {bad}"
            ),
        ),
        fixture::answer("a", bad),
        fixture::reasoning("r", bad),
        EventKind::ReasoningDelta { item: ItemId::from("r2"), text: bad.into() },
        fixture::call("c1", bad, bad),
        fixture::call("c2", "read", &format!("{{\"filePath\":\"{bad}\"}}")),
        fixture::called("c1", bad, bad),
        EventKind::CallEnded { call: CallId::from("c2"), output: CallOutput::refusal(bad, bad) },
        fixture::call("c3", "shell", &format!("{{\"command\":\"{bad}\"}}")),
        EventKind::CallRunning { call: CallId::from("c3"), title: bad.into() },
        calls::progress("c3", bad),
        calls::ended("c3", CallOutput::command(bad, 1, 0, bad)),
        fixture::call("c4", "apply_patch", &format!("*** Update File: {bad}\n")),
        calls::ended("c4", calls::changed(bad, changes(bad))),
        fixture::call("c5", "edit", "{}"),
        calls::ended("c5", calls::changed(bad, vec![changes(bad).remove(0)])),
        fixture::call("c6", "todo", "{}"),
        calls::ended(
            "c6",
            CallOutput { result: ToolResult::Plan(plan(bad)), ..CallOutput::text(bad, bad) },
        ),
        fixture::call("c7", "question", &format!("{{\"question\":\"{bad}\"}}")),
        calls::ended("c7", CallOutput::text("", bad)),
        EventKind::Undone {
            direction: Direction::Undo,
            turn: TurnId(1),
            files: vec![bad.into()],
            kept: vec![(bad.into(), bad.into())],
        },
        EventKind::ItemStarted { item: ItemId::from("w"), opening: ItemOpening::WebSearch },
        web_search("w", WebAction::Search { queries: vec![bad.into(), bad.into()] }),
        web_search("w2", WebAction::Open { url: bad.into() }),
        web_search("w3", WebAction::Find { url: bad.into(), pattern: bad.into() }),
        cited(bad),
        EventKind::ItemDone(Item {
            id: ItemId::from("x"),
            kind: ItemKind::Unknown { kind: bad.into() },
            wire: None,
        }),
        queued(bad),
        EventKind::Retrying(Retry {
            attempt: 1,
            of: 5,
            wait: Duration::from_secs(1),
            problem: problem.clone(),
        }),
        EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Failed(problem) },
        fixture::unqueued(&[bad], UnqueueReason::TurnEnded),
        EventKind::Title(bad.into()),
        EventKind::SignedOut(ProviderId::new(bad)),
    ]
}

fn web_search(id: &str, action: WebAction) -> EventKind {
    let kind = ItemKind::WebSearch(WebSearch { action, state: WebSearchState::Done });
    EventKind::ItemDone(Item { id: ItemId::from(id), kind, wire: None })
}

/// An answer with citations of this title and address, also after an honest beginning.
fn cited(bad: &str) -> EventKind {
    let page = |title: &str, url: String| Citation { title: title.into(), url };
    let citations = vec![
        page(bad, bad.into()),
        page("", format!("https://a.example/{bad}")),
        page(bad, format!("https://b.example/{}{bad}", "long/".repeat(60))),
    ];
    let kind = ItemKind::Assistant { text: "Cited.".into(), citations };
    EventKind::ItemDone(Item { id: ItemId::from("cited"), kind, wire: None })
}

/// Diffs with the text in paths, lines and heads of hunks.
pub(super) fn changes(bad: &str) -> Vec<FileDiff> {
    let hunks = format!("@@ -1,2 +1,2 @@ {bad}\n {bad}\n-{bad} old\n+{bad} new\n\\ {bad}\n{bad}\n");
    let moved = DiffKind::Moved { from: bad.into() };
    [DiffKind::Updated, moved].map(|kind| calls::diff(bad, kind, &hunks)).into()
}

fn plan(bad: &str) -> Vec<Todo> {
    [TodoState::Done, TodoState::Doing, TodoState::Open, TodoState::Dropped]
        .map(|state| Todo { text: bad.into(), state })
        .into()
}

fn begin(bad: &str) -> StartInfo {
    StartInfo {
        folder: format!("/home/me/{bad}").into(),
        banner: Some(bad.into()),
        model: Some(ModelRef::openai(bad)),
        effort: Some(Effort(bad.into())),
        surroundings: Surroundings {
            ssh: true,
            ssh_host: Some(bad.into()),
            utf8: true,
            ..Surroundings::default()
        },
        paths: vec![("state".into(), bad.into())],
        ..start()
    }
}

#[test]
fn no_strangers_words_reach_the_screen_as_anything_but_words() {
    for bad in HOSTILE {
        for (width, height) in [(80, 24), (200, 60)] {
            let mut fixture = Fixture::with(begin(bad), width, height);
            check(&mut fixture, "the first start", bad);
            for (n, event) in events(bad).into_iter().enumerate() {
                fixture.event(event);
                check(&mut fixture, &format!("event {n}"), bad);
            }
            for (n, answer) in answers(bad).into_iter().enumerate() {
                fixture.answered(Asked::Other, answer);
                check(&mut fixture, &format!("answer {n}"), bad);
            }
            fixture.ctrl('o');
            check(&mut fixture, "all details", bad);
            fixture.press(KeyCode::Home);
            check(&mut fixture, "the beginning of all details", bad);
            for command in ["/status", "/models", "/help", "/connect"] {
                fixture.ctrl('c');
                fixture.enter(command);
                check(&mut fixture, command, bad);
                fixture.presses([KeyCode::Down, KeyCode::Right]);
                check(&mut fixture, command, bad);
                fixture.presses([KeyCode::Esc, KeyCode::Esc]);
            }
            fixture.press(KeyCode::Up);
            check(&mut fixture, "an earlier prompt", bad);
        }
    }
}

#[test]
fn a_sign_in_shows_a_servers_words_as_words() {
    for bad in HOSTILE {
        let problem = Problem::new(ProblemKind::SignIn, bad).with_next(bad);
        let busy = Some(PortHolder { port: 1455, pid: Some(1), name: Some(bad.into()) });
        let expires = fixture::NOON + Duration::from_secs(60);
        let browser = SignInStep::Browser {
            url: format!("https://a.example/{bad}"),
            port: 1457,
            opened: BrowserLaunch::NotTried,
            expires,
            busy,
            deaf: None,
        };
        let code =
            SignInStep::Code { url: format!("https://a.example/{bad}"), code: bad.into(), expires };
        // The index of the sign-in method, and its step.
        let ways = [
            (
                0,
                vec![
                    browser,
                    SignInStep::Retrying(problem.clone()),
                    SignInStep::PasteRefused(problem.clone()),
                    SignInStep::Failed(problem.clone()),
                ],
            ),
            (
                1,
                vec![
                    code,
                    SignInStep::Retrying(problem.clone()),
                    SignInStep::Exchanging,
                    SignInStep::Completed(account(bad)),
                ],
            ),
        ];
        for (way, steps) in ways {
            let mut fixture = Fixture::not_connected(100, 40);
            fixture.text("/connect");
            fixture.presses([KeyCode::Enter, KeyCode::Enter]);
            fixture.presses(std::iter::repeat_n(KeyCode::Down, way));
            fixture.press(KeyCode::Enter);
            for step in steps {
                let label = format!("{step:?}");
                fixture.sign_in(step);
                check(&mut fixture, &label, bad);
            }
        }
    }
}

#[test]
fn limits_that_make_no_sense_are_drawn_all_the_same() {
    let limit = |used_percent: f64, window_minutes, resets| {
        Some(Limit { used_percent, window_minutes, resets })
    };
    for used in [0.0, -0.0, 1e300, -5.0, f64::NAN, f64::INFINITY, 100.0] {
        for (minutes, resets) in [
            (None, None),
            (Some(0), Some(0)),
            (Some(u64::MAX), Some(i64::MAX)),
            (Some(1), Some(i64::MIN)),
        ] {
            let mut fixture = Fixture::connected(80, 24);
            let limit = limit(used, minutes, resets.map(Timestamp));
            fixture.event(EventKind::Limits(Limits { primary: limit, secondary: limit }));
            fixture.event(EventKind::Usage(crate::protocol::Usage {
                input: u64::MAX,
                cached: u64::MAX,
                output: u64::MAX,
                reasoning: u64::MAX,
                cost: Some(u64::MAX),
            }));
            check(&mut fixture, "limits", "");
            fixture.enter("/status");
            check(&mut fixture, "limits in /status", "");
        }
    }
}

#[test]
fn text_made_to_be_slow_is_drawn_before_anybody_waits() {
    let depth = 20_000;
    for (what, text) in [
        ("quotes in quotes", ">".repeat(depth)),
        ("spaced quotes", "> ".repeat(depth)),
        ("lists in lists", "- ".repeat(depth)),
        ("numbered lists in lists", "1. ".repeat(depth)),
        ("open brackets", "[".repeat(depth)),
        ("images", "![".repeat(depth)),
        ("links", "[a](".repeat(depth)),
        ("stars", "*a ".repeat(depth)),
        ("stars and bars", "*_".repeat(depth)),
        ("backticks of every length", (1..300).map(|n| "`".repeat(n) + " ").collect()),
        ("a line of tags", "<a ".repeat(depth)),
        ("tildes", "~~a".repeat(depth)),
        (
            "pipes",
            format!("|{}\n|{}\n|{}", "a|".repeat(2000), "-|".repeat(2000), "b|".repeat(2000)),
        ),
        ("indented by turns", (0..2000).map(|n| format!("{}- a\n", " ".repeat(n % 200))).collect()),
        ("a fence in a fence", "```\n````\n".repeat(depth / 4)),
        ("marks upon one letter", format!("a{}", "\u{301}".repeat(depth))),
        ("joined pictures", "👩\u{200d}".repeat(depth)),
        ("one long word", "a".repeat(1 << 20)),
        ("one long line of code", format!("```rust\n{}\n```", "\"(/*'".repeat(depth))),
        ("entities", "&#x1b;&#27;&#0;&bogus;".repeat(depth / 4)),
        ("definitions", (0..3000).map(|n| format!("[{n}]: x\n")).collect()),
    ] {
        let begun = Instant::now();
        let mut fixture = Fixture::connected(80, 24);
        fixture.event(EventKind::TurnStarted(TurnId(1)));
        fixture.event(fixture::delta(
            "a",
            &text.chars().take(text.chars().count() / 2).collect::<String>(),
        ));
        check(&mut fixture, what, "");
        fixture.event(fixture::answer("a", &text));
        check(&mut fixture, what, "");
        // Generous for a debug build on a busy machine; quadratic work takes minutes.
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} took {:?}", begun.elapsed());
    }
}
