//! The conversation: how entries look, and that new text does not disturb reading.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Fixture;
use super::fixture::{answer, call, called, delta, reasoning, start, user};
use super::fixture::{queued, unqueued};
use crate::protocol::{
    CallId, CallOutput, Effort, EventKind, ItemId, Limit, Limits, ModelRef, Notice, Patches,
    Problem, ProblemKind, Retry, SessionSettings, TurnId, TurnOutcome, UnqueueReason, Usage,
};
use crate::tui::messages::{Msg, Toward};
use crate::tui::paint::{Background, Depth, Role, Theme};
use crate::tui::tests::sentences;
use crate::tui::{ColorEnv, StartInfo};

const ANSWER: &str = "# What it does\n\nIt *reads* the folder, then **answers**.\n\n| file | lines |\n|---|---:|\n| `main.rs` | 12 |\n| 漢字.rs | 7 |\n\n- one\n- two\n\n```rust\nfn main() {}\n```\n";

fn talk(fixture: &mut Fixture) {
    fixture.ask("What does this do?");
    fixture.event(reasoning("r", "**Looking around**\n\nThe folder holds a crate."));
    fixture.event(call("c1", "glob", r#"{"pattern":"**/*.rs"}"#));
    fixture.event(called("c1", "**/*.rs", "src/main.rs\nsrc/lib.rs\n"));
    fixture.event(call("c2", "read", r#"{"filePath":"src/gone.rs"}"#));
    let output = CallOutput::refusal("src/gone.rs", "There is no such file");
    fixture.event(EventKind::CallEnded { call: CallId::from("c2"), output });
    fixture.event(answer("a", ANSWER));
}

#[test]
fn a_conversation_whose_tokens_have_a_price_says_what_it_has_cost() {
    let mut fixture = Fixture::connected(120, 40);
    talk(&mut fixture);
    fixture.event(EventKind::Usage(Usage {
        input: 30_000,
        cost: Some(412_345),
        ..Usage::default()
    }));
    fixture.event(EventKind::Usage(Usage { input: 30_000, cost: Some(7_655), ..Usage::default() }));
    let picture = fixture.picture();
    assert!(picture.contains("· $0.42"), "{picture}");
    fixture.enter("/status");
    assert!(fixture.shows("$0.42") && fixture.shows("cost"));
}

#[test]
fn a_conversation_shows_thought_calls_and_markdown_at_every_width() {
    for (width, height) in [(60, 36), (80, 40), (120, 40)] {
        let mut fixture = Fixture::connected(width, height);
        talk(&mut fixture);
        fixture.event(EventKind::Usage(Usage { input: 30_000, output: 2_000, ..Usage::default() }));
        let limit = |minutes, used_percent| {
            Some(Limit { used_percent, window_minutes: Some(minutes), resets: None })
        };
        fixture.event(EventKind::Limits(Limits {
            primary: limit(300, 62.0),
            secondary: limit(10_080, 18.0),
        }));
        fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
        assert_snapshot!(format!("conversation_{width}x{height}"), fixture.picture());
    }
}

#[test]
fn ctrl_o_shows_reasoning_and_tool_output_in_full() {
    let mut fixture = Fixture::connected(80, 40);
    talk(&mut fixture);
    assert!(fixture.shows("Thought: Looking around") && !fixture.shows("src/lib.rs"));
    fixture.ctrl('o');
    assert!(fixture.shows("holds a crate.") && fixture.shows("│ src/lib.rs"));
    fixture.ctrl('o');
    assert!(!fixture.shows("src/lib.rs"));
}

#[test]
fn a_running_turn_shows_its_call_its_time_and_what_waits() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(call("c", "grep", r#"{"pattern":"fn main"}"#));
    fixture.event(queued("and then the tests"));
    fixture.after(Duration::from_secs(61));
    assert_snapshot!("running", fixture.picture());
    assert!(fixture.app.wakes().is_some(), "the time shown must go on");
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted });
    assert!(fixture.shows("Interrupted") && fixture.shows("grep fn main · interrupted"));
    assert_eq!(fixture.app.wakes(), None);
    fixture.event(unqueued(&["and then the tests"], UnqueueReason::Sent));
    fixture.event(user("and then the tests"));
    assert!(!fixture.shows("joins this turn:") && fixture.shows("› and then the tests"));
}

#[test]
fn a_broken_stream_is_named_while_it_is_tried_again() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(delta("a", "half of it"));
    fixture.event(EventKind::ItemDropped(ItemId::from("a")));
    let problem = Problem::new(ProblemKind::BrokenStream, "The stream ended early");
    fixture.event(EventKind::Retrying(Retry {
        attempt: 2,
        of: 5,
        wait: Duration::from_secs(3),
        problem,
    }));
    fixture.assert_shows(["Reconnecting 2/5 in 3 s · esc to interrupt · The stream ended early"]);
    fixture.assert_hides(["half of it"]);
    fixture.event(EventKind::Resumed);
    assert!(!fixture.shows("Reconnecting"));
}

#[test]
fn a_failed_turn_says_what_failed_and_what_to_do_next() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    let problem = Problem::new(ProblemKind::Overloaded, "OpenAI is overloaded")
        .with_next("Try again in a minute");
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Failed(problem) });
    assert_snapshot!("failed_turn", fixture.picture());
}

#[test]
fn new_text_never_moves_what_one_reads() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("count");
    let numbers =
        |from: u32, to: u32| (from..to).map(|n| format!("line {n}\n\n")).collect::<String>();
    fixture.event(delta("a", &numbers(0, 40)));
    fixture.press(KeyCode::PageUp);
    let transcript = |fixture: &mut Fixture| {
        fixture.picture().lines().take(17).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = transcript(&mut fixture);
    for n in 40..60 {
        fixture.event(delta("a", &numbers(n, n + 1)));
        assert_eq!(transcript(&mut fixture), before, "{n}");
    }
    fixture.event(call("c", "read", "{}"));
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    assert_eq!(transcript(&mut fixture), before);
    fixture.assert_shows(["new lines · end"]);
    fixture.press(KeyCode::End);
    assert!(fixture.shows("line 59") && !fixture.shows("new lines"));
}

#[test]
fn an_item_that_is_dropped_above_leaves_the_row_one_reads_in_its_place() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(delta("gone", &"void\n\n".repeat(30)));
    fixture.event(answer("kept", &(0..60).map(|n| format!("row {n}\n\n")).collect::<String>()));
    fixture.press(KeyCode::PageUp);
    let before = fixture.picture().lines().take(15).map(str::to_owned).collect::<Vec<_>>();
    fixture.event(EventKind::ItemDropped(ItemId::from("gone")));
    assert_eq!(fixture.picture().lines().take(15).map(str::to_owned).collect::<Vec<_>>(), before);
}

#[test]
fn the_wheel_and_the_keys_scroll_and_the_end_follows_again() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("count");
    fixture.event(answer("a", &(0..80).map(|n| format!("line {n}\n\n")).collect::<String>()));
    assert!(fixture.shows("line 79"));
    fixture.msg(Msg::Wheel { toward: Toward::Start, rows: 3 });
    assert!(!fixture.shows("line 79"));
    fixture.press(KeyCode::Home);
    assert!(fixture.shows("› count"));
    fixture.presses([KeyCode::PageDown; 20]);
    assert!(
        fixture.shows("line 79") && !fixture.shows("end follows"),
        "the last page follows again"
    );
    fixture.press(KeyCode::Home);
    fixture.press(KeyCode::End);
    assert!(fixture.shows("line 79"));
}

#[test]
fn a_narrower_window_lays_the_conversation_out_anew() {
    let mut fixture = Fixture::connected(120, 40);
    talk(&mut fixture);
    fixture.msg(Msg::Resize { width: 60, height: 36 });
    let narrow = fixture.picture();
    let mut fresh = Fixture::connected(60, 36);
    talk(&mut fresh);
    assert_eq!(narrow, fresh.picture());
}

#[test]
fn control_codes_from_the_model_or_a_file_never_reach_a_cell() {
    let mut fixture = Fixture::connected(80, 30);
    let nasty = "a\u{1b}[2Jb\u{7}c\u{202e}d\u{9b}31m";
    fixture.ask(nasty);
    fixture.event(reasoning("r", nasty));
    fixture.event(call("c", nasty, nasty));
    fixture.event(called("c", nasty, nasty));
    fixture.event(answer("a", nasty));
    fixture.event(EventKind::Notice(Notice { message: nasty.into(), next: Some(nasty.into()) }));
    fixture.opened(nasty, Some(nasty));
    fixture.event(queued(nasty));
    fixture.ctrl('o');
    let picture = fixture.picture();
    let bad = picture.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
    assert_eq!(bad, None, "{picture}");
}

#[test]
fn code_on_screen_is_coloured() {
    let start = StartInfo {
        color: ColorEnv { colorterm: Some("truecolor".into()), ..ColorEnv::default() },
        ..start()
    };
    let mut fixture = Fixture::with(start, 80, 24);
    fixture.ask("code");
    fixture.event(answer("a", "```rust\nfn f() {}\n```\n"));
    let colours: Vec<_> = fixture
        .cells()
        .filter(|cell| ["n", "f", "("].contains(&cell.symbol()))
        .map(|cell| cell.fg)
        .collect();
    let theme = Theme::new(Depth::True, Background::Dark);
    assert!(colours.contains(&theme.style(Role::SyntaxKeyword).fg.unwrap()), "{colours:?}");
}

#[test]
fn prompts_that_were_never_sent_come_back_to_the_composer_before_what_was_typed_since() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(queued("second"));
    fixture.text("third");
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted });
    fixture.event(unqueued(&["second"], UnqueueReason::TurnEnded));
    fixture.assert_shows(["│ second", "│ third"]);
    fixture.assert_hides(["joins this turn:"]);
}

#[test]
fn while_words_stream_only_the_seconds_wake_the_screen() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    assert_eq!(
        fixture.app.wakes().map(|at| at.since(fixture.now())),
        Some(Duration::from_millis(250))
    );
    fixture.event(delta("a", "words"));
    assert_eq!(fixture.app.wakes().map(|at| at.since(fixture.now())), Some(Duration::from_secs(1)));
}

#[test]
fn a_long_prompt_says_how_much_of_it_is_folded() {
    let last_line = |lines: usize| format!("… {} more lines · ctrl+o shows them", lines - 12);
    let written = "a line\n".repeat(40);
    for (prompt, shown) in [
        (written.trim_end().to_owned(), last_line(40)),
        (written, last_line(40)),
        ("a line\n".repeat(13), sentences::ONE_LINE_FOLDED.into()),
        ("word ".repeat(400), last_line(27)),
    ] {
        let mut fixture = Fixture::connected(80, 40);
        fixture.event(user(&prompt));
        assert!(fixture.shows(&shown), "{shown}\n{}", fixture.picture());
    }
    let mut fixture = Fixture::connected(80, 40);
    fixture.event(user(&"a line\n".repeat(12)));
    assert!(!fixture.shows("more line"));
}

#[test]
fn the_status_line_drops_whole_figures_where_there_is_no_room() {
    let window =
        |minutes| Some(Limit { used_percent: 12.0, window_minutes: Some(minutes), resets: None });
    for (width, end, left_out) in [
        (100, "· 5h 12% · week 12%", "…"),
        (70, "· context 11% · 5h 12%", "wee"),
        (60, "(medium) · context 11%", "5h"),
    ] {
        let mut fixture = Fixture::connected(width, 24);
        fixture.event(user("go"));
        fixture.event(EventKind::Usage(Usage { input: 30_000, output: 1_000, ..Usage::default() }));
        fixture
            .event(EventKind::Limits(Limits { primary: window(300), secondary: window(10_080) }));
        let picture = fixture.picture();
        let status = picture.lines().nth(23).unwrap();
        assert!(status.contains(end) && !status.contains(left_out), "{status}");
        assert!(status.ends_with("~/project:main"), "{status}");
    }
}

#[test]
fn how_full_it_is_has_room_before_how_long_it_thinks() {
    let mut fixture = Fixture::connected(60, 24);
    let effort = Some(Effort("medium".into()));
    fixture.event(EventKind::Settings(SessionSettings {
        model: ModelRef::openai("a-model-of-a-long-name"),
        effort,
        tuning: Default::default(),
        context: Some(272_000),
        patches: Patches::Never,
    }));
    fixture.event(user("go"));
    fixture.event(EventKind::Usage(Usage { input: 30_000, output: 1_000, ..Usage::default() }));
    let picture = fixture.picture();
    let status = picture.lines().nth(23).unwrap();
    assert!(
        status.contains("a-model-of-a-long-name · context 11%") && status.ends_with("ject:main"),
        "{status}"
    );
}
