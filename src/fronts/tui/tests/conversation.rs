//! The conversation: how entries look, and that new text does not disturb reading.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Desk;
use super::desk::{answer, call, called, delta, reasoning, start, user};
use super::desk::{queued, unqueued};
use crate::fronts::tui::messages::{Msg, Toward};
use crate::fronts::tui::paint::{Background, Depth, Role, Theme};
use crate::fronts::tui::{ColorEnv, StartInfo};
use crate::protocol::{
    CallId, CallOutput, Effort, EventKind, ItemId, Limit, Limits, ModelRef, Notice, Patches,
    Problem, ProblemKind, Retry, SessionSettings, TurnId, TurnOutcome, UnqueueReason, Usage,
};

const ANSWER: &str = "# What it does\n\nIt *reads* the folder, then **answers**.\n\n| file | lines |\n|---|---:|\n| `main.rs` | 12 |\n| 漢字.rs | 7 |\n\n- one\n- two\n\n```rust\nfn main() {}\n```\n";

fn talk(desk: &mut Desk) {
    desk.ask("What does this do?");
    desk.event(reasoning("r", "**Looking around**\n\nThe folder holds a crate."));
    desk.event(call("c1", "glob", r#"{"pattern":"**/*.rs"}"#));
    desk.event(called("c1", "**/*.rs", "src/main.rs\nsrc/lib.rs\n"));
    desk.event(call("c2", "read", r#"{"filePath":"src/gone.rs"}"#));
    let output = CallOutput::refusal("src/gone.rs", "There is no such file");
    desk.event(EventKind::CallEnded { call: CallId::from("c2"), output });
    desk.event(answer("a", ANSWER));
}

#[test]
fn a_conversation_whose_tokens_have_a_price_says_what_it_has_cost() {
    let mut desk = Desk::connected(120, 40);
    talk(&mut desk);
    desk.event(EventKind::Usage(Usage { input: 30_000, cost: Some(412_345), ..Usage::default() }));
    desk.event(EventKind::Usage(Usage { input: 30_000, cost: Some(7_655), ..Usage::default() }));
    let picture = desk.picture();
    assert!(picture.contains("· $0.42"), "{picture}");
    desk.text("/status");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("$0.42") && desk.shows("cost"));
}

#[test]
fn a_conversation_shows_thought_calls_and_markdown_at_every_width() {
    for (width, height) in [(60, 36), (80, 40), (120, 40)] {
        let mut desk = Desk::connected(width, height);
        talk(&mut desk);
        desk.event(EventKind::Usage(Usage { input: 30_000, output: 2_000, ..Usage::default() }));
        let limit = |minutes, used_percent| {
            Some(Limit { used_percent, window_minutes: Some(minutes), resets: None })
        };
        desk.event(EventKind::Limits(Limits {
            primary: limit(300, 62.0),
            secondary: limit(10_080, 18.0),
        }));
        desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
        assert_snapshot!(format!("conversation_{width}x{height}"), desk.picture());
    }
}

#[test]
fn ctrl_o_shows_reasoning_and_tool_output_in_full() {
    let mut desk = Desk::connected(80, 40);
    talk(&mut desk);
    assert!(desk.shows("Thought: Looking around") && !desk.shows("src/lib.rs"));
    desk.ctrl('o');
    assert!(desk.shows("The folder holds a crate.") && desk.shows("│ src/lib.rs"));
    desk.ctrl('o');
    assert!(!desk.shows("src/lib.rs"));
}

#[test]
fn a_running_turn_shows_its_call_its_time_and_what_waits() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.event(call("c", "grep", r#"{"pattern":"fn main"}"#));
    desk.event(queued("and then the tests"));
    desk.after(Duration::from_secs(61));
    assert_snapshot!("running", desk.picture());
    assert!(desk.app.wakes().is_some(), "the time shown must go on");
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted });
    assert!(desk.shows("Interrupted") && desk.shows("grep fn main · interrupted"));
    assert_eq!(desk.app.wakes(), None);
    desk.event(unqueued(&["and then the tests"], UnqueueReason::Sent));
    desk.event(user("and then the tests"));
    assert!(!desk.shows("queued:") && desk.shows("› and then the tests"));
}

#[test]
fn a_broken_stream_is_named_while_it_is_tried_again() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.event(delta("a", "half of it"));
    desk.event(EventKind::ItemDropped(ItemId::from("a")));
    let problem = Problem::new(ProblemKind::BrokenStream, "The stream ended early");
    desk.event(EventKind::Retrying(Retry {
        attempt: 2,
        of: 5,
        wait: Duration::from_secs(3),
        problem,
    }));
    assert!(
        desk.shows("Reconnecting 2/5 in 3 s · esc to interrupt · The stream ended early")
            && !desk.shows("half of it")
    );
    desk.event(EventKind::Resumed);
    assert!(!desk.shows("Reconnecting"));
}

#[test]
fn a_failed_turn_says_what_failed_and_what_to_do_next() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    let problem = Problem::new(ProblemKind::Overloaded, "OpenAI is overloaded")
        .with_next("Try again in a minute");
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Failed(problem) });
    assert_snapshot!("failed_turn", desk.picture());
}

#[test]
fn new_text_never_moves_what_one_reads() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("count");
    let numbers =
        |from: u32, to: u32| (from..to).map(|n| format!("line {n}\n\n")).collect::<String>();
    desk.event(delta("a", &numbers(0, 40)));
    desk.press(KeyCode::PageUp);
    let transcript =
        |desk: &mut Desk| desk.picture().lines().take(17).map(str::to_owned).collect::<Vec<_>>();
    let before = transcript(&mut desk);
    for n in 40..60 {
        desk.event(delta("a", &numbers(n, n + 1)));
        assert_eq!(transcript(&mut desk), before, "{n}");
    }
    desk.event(call("c", "read", "{}"));
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    assert_eq!(transcript(&mut desk), before);
    assert!(desk.shows("new lines · end"), "{}", desk.picture());
    desk.press(KeyCode::End);
    assert!(desk.shows("line 59") && !desk.shows("new lines"));
}

#[test]
fn an_item_that_is_dropped_above_leaves_the_row_one_reads_in_its_place() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.event(delta("gone", &"void\n\n".repeat(30)));
    desk.event(answer("kept", &(0..60).map(|n| format!("row {n}\n\n")).collect::<String>()));
    desk.press(KeyCode::PageUp);
    let before = desk.picture().lines().take(15).map(str::to_owned).collect::<Vec<_>>();
    desk.event(EventKind::ItemDropped(ItemId::from("gone")));
    assert_eq!(desk.picture().lines().take(15).map(str::to_owned).collect::<Vec<_>>(), before);
}

#[test]
fn the_wheel_and_the_keys_scroll_and_the_end_follows_again() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("count");
    desk.event(answer("a", &(0..80).map(|n| format!("line {n}\n\n")).collect::<String>()));
    assert!(desk.shows("line 79"));
    desk.msg(Msg::Wheel { toward: Toward::Start, rows: 3 });
    assert!(!desk.shows("line 79"));
    desk.press(KeyCode::Home);
    assert!(desk.shows("› count"));
    desk.presses([KeyCode::PageDown; 20]);
    assert!(desk.shows("line 79") && !desk.shows("end follows"), "the last page follows again");
    desk.press(KeyCode::Home);
    desk.press(KeyCode::End);
    assert!(desk.shows("line 79"));
}

#[test]
fn a_narrower_window_lays_the_conversation_out_anew() {
    let mut desk = Desk::connected(120, 40);
    talk(&mut desk);
    desk.msg(Msg::Resize { width: 60, height: 36 });
    let narrow = desk.picture();
    let mut fresh = Desk::connected(60, 36);
    talk(&mut fresh);
    assert_eq!(narrow, fresh.picture());
}

#[test]
fn control_codes_from_the_model_or_a_file_never_reach_a_cell() {
    let mut desk = Desk::connected(80, 30);
    let nasty = "a\u{1b}[2Jb\u{7}c\u{202e}d\u{9b}31m";
    desk.ask(nasty);
    desk.event(reasoning("r", nasty));
    desk.event(call("c", nasty, nasty));
    desk.event(called("c", nasty, nasty));
    desk.event(answer("a", nasty));
    desk.event(EventKind::Notice(Notice { message: nasty.into(), next: Some(nasty.into()) }));
    desk.opened(nasty, Some(nasty));
    desk.event(queued(nasty));
    desk.ctrl('o');
    let picture = desk.picture();
    let bad = picture.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
    assert_eq!(bad, None, "{picture}");
}

#[test]
fn code_on_screen_is_coloured() {
    let start = StartInfo {
        color: ColorEnv { colorterm: Some("truecolor".into()), ..ColorEnv::default() },
        ..start()
    };
    let mut desk = Desk::with(start, 80, 24);
    desk.ask("code");
    desk.event(answer("a", "```rust\nfn f() {}\n```\n"));
    let colours: Vec<_> = desk
        .cells()
        .filter(|cell| ["n", "f", "("].contains(&cell.symbol()))
        .map(|cell| cell.fg)
        .collect();
    let theme = Theme::new(Depth::True, Background::Dark);
    assert!(colours.contains(&theme.style(Role::SyntaxKeyword).fg.unwrap()), "{colours:?}");
}

#[test]
fn prompts_that_were_never_sent_come_back_to_the_composer_before_what_was_typed_since() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.event(queued("second"));
    desk.text("third");
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted });
    desk.event(unqueued(&["second"], UnqueueReason::TurnEnded));
    assert!(!desk.shows("queued:") && desk.shows("│ second") && desk.shows("│ third"));
}

#[test]
fn while_words_stream_only_the_seconds_wake_the_screen() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    assert_eq!(desk.app.wakes().map(|at| at.since(desk.now())), Some(Duration::from_millis(250)));
    desk.event(delta("a", "words"));
    assert_eq!(desk.app.wakes().map(|at| at.since(desk.now())), Some(Duration::from_secs(1)));
}

#[test]
fn a_long_prompt_says_how_much_of_it_is_folded() {
    let last_line = |lines: usize| format!("… {} more lines · ctrl+o shows them", lines - 12);
    let written = "a line\n".repeat(40);
    for (prompt, told) in [
        (written.trim_end().to_owned(), last_line(40)),
        (written, last_line(40)),
        ("a line\n".repeat(13), "… 1 more line · ctrl+o shows it".into()),
        ("word ".repeat(400), last_line(27)),
    ] {
        let mut desk = Desk::connected(80, 40);
        desk.event(user(&prompt));
        assert!(desk.shows(&told), "{told}\n{}", desk.picture());
    }
    let mut desk = Desk::connected(80, 40);
    desk.event(user(&"a line\n".repeat(12)));
    assert!(!desk.shows("more line"));
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
        let mut desk = Desk::connected(width, 24);
        desk.event(user("go"));
        desk.event(EventKind::Usage(Usage { input: 30_000, output: 1_000, ..Usage::default() }));
        desk.event(EventKind::Limits(Limits { primary: window(300), secondary: window(10_080) }));
        let picture = desk.picture();
        let status = picture.lines().nth(23).unwrap();
        assert!(status.contains(end) && !status.contains(left_out), "{status}");
        assert!(status.ends_with("~/project:main"), "{status}");
    }
}

#[test]
fn how_full_it_is_has_room_before_how_long_it_thinks() {
    let mut desk = Desk::connected(60, 24);
    let effort = Some(Effort("medium".into()));
    desk.event(EventKind::Settings(SessionSettings {
        model: ModelRef::openai("a-model-of-a-long-name"),
        effort,
        tuning: Default::default(),
        context: Some(272_000),
        patches: Patches::Never,
    }));
    desk.event(user("go"));
    desk.event(EventKind::Usage(Usage { input: 30_000, output: 1_000, ..Usage::default() }));
    let picture = desk.picture();
    let status = picture.lines().nth(23).unwrap();
    assert!(
        status.contains("a-model-of-a-long-name · context 11%") && status.ends_with("ject:main"),
        "{status}"
    );
}
