//! Long conversations: the cost of a key or a delta does not grow with the transcript.

use std::time::{Duration, Instant};

use crossterm::event::KeyCode;

use super::Desk;
use super::calls::{changed, diff, ended, progress};
use super::desk::{answer, call, delta, user};
use crate::fronts::tui::messages::{Msg, Toward};
use crate::protocol::{DiffKind, EventKind};

const ENTRIES: usize = 5_000;
const ROUNDS: usize = 20;
/// Far below the cost of any work on all entries, far above the noise of a busy machine.
const FACTOR: u32 = 5;

const ANSWER: &str = "# What it does\n\nIt *reads* the folder, then **answers**.\n\n- one\n- two\n\n```rust\nfn main() {}\n```\n";

const HUNKS: &str = "@@ -1,2 +1,2 @@\n fn main() {\n-    one();\n+    two();\n";

/// A conversation with this many entries and a streaming answer.
fn conversation(entries: usize) -> Desk {
    let mut desk = Desk::connected(120, 40);
    desk.ask("What does this do?");
    for number in 0..entries / 4 {
        desk.event(user("And this?"));
        desk.event(answer(&format!("a{number}"), ANSWER));
        let id = format!("e{number}");
        desk.event(call(&id, "edit", r#"{"filePath":"src/main.rs"}"#));
        desk.event(ended(
            &id,
            changed("src/main.rs", vec![diff("src/main.rs", DiffKind::Updated, HUNKS)]),
        ));
    }
    desk.event(call("running", "shell", r#"{"command":"make"}"#));
    desk.event(EventKind::CallRunning { call: "running".into(), title: "make".into() });
    desk.event(delta("streaming", "Some words"));
    desk
}

/// The time of the quickest round.
fn quickest(desk: &mut Desk, mut round: impl FnMut(&mut Desk)) -> Duration {
    let time = |_| {
        let began = Instant::now();
        round(desk);
        began.elapsed()
    };
    (0..ROUNDS).map(time).min().unwrap()
}

#[test]
fn a_key_and_a_delta_cost_the_same_after_five_thousand_entries() {
    let (mut short, mut long) = (conversation(50), conversation(ENTRIES));
    let key = |desk: &mut Desk| {
        desk.press(KeyCode::Char('x'));
        desk.press(KeyCode::Backspace);
        assert_eq!(desk.cells().count(), 120 * 40);
    };
    let words = |desk: &mut Desk| {
        desk.event(delta("streaming", " and more"));
        assert_eq!(desk.cells().count(), 120 * 40);
    };
    let progress = |desk: &mut Desk| {
        for tail in ["one\n", "one\ntwo\n", "not of this call\n"] {
            desk.event(progress(if tail.starts_with("not") { "gone" } else { "running" }, tail));
        }
        assert_eq!(desk.cells().count(), 120 * 40);
    };
    let resize = |desk: &mut Desk| {
        for width in [90, 120] {
            desk.msg(Msg::Resize { width, height: 40 });
            assert_eq!(desk.cells().count(), usize::from(width) * 40);
        }
    };
    let details = |desk: &mut Desk| {
        desk.ctrl('o');
        assert_eq!(desk.cells().count(), 120 * 40);
    };
    let page = |desk: &mut Desk| {
        for key in [KeyCode::PageUp, KeyCode::PageDown] {
            desk.press(key);
            assert_eq!(desk.cells().count(), 120 * 40);
        }
    };
    type Round<'a> = (&'a str, &'a dyn Fn(&mut Desk));
    let rounds: [Round<'_>; 6] = [
        ("a key", &key),
        ("a delta", &words),
        ("progress", &progress),
        ("a resize", &resize),
        ("details", &details),
        ("a page", &page),
    ];
    for (what, round) in rounds {
        let (few, many) = (quickest(&mut short, round), quickest(&mut long, round));
        assert!(
            many < few * FACTOR,
            "{what} costs {many:?} after {ENTRIES} entries, and {few:?} after 50"
        );
    }
}

#[test]
fn a_conversation_reads_the_same_whichever_way_one_came_to_a_row() {
    let rows =
        |desk: &mut Desk| desk.picture().lines().take(34).map(str::to_owned).collect::<Vec<_>>();
    let mut by_and_by = conversation(60);
    by_and_by.msg(Msg::Resize { width: 90, height: 40 });
    by_and_by.msg(Msg::Resize { width: 120, height: 40 });
    let mut seen = Vec::new();
    while !by_and_by.shows("› What does this do?") {
        by_and_by.msg(Msg::Wheel { toward: Toward::Start, rows: 1 });
        seen.push(rows(&mut by_and_by));
        assert!(seen.len() < 1_000, "{}", by_and_by.picture());
    }
    let mut at_once = conversation(60);
    at_once.press(KeyCode::Home);
    for rows_then in seen.iter().rev() {
        assert_eq!(rows(&mut at_once), *rows_then);
        at_once.msg(Msg::Wheel { toward: Toward::End, rows: 1 });
    }
    assert!(at_once.shows("Some words"));
}

#[test]
fn what_one_reads_stays_and_what_is_new_is_counted_after_a_resize() {
    let mut desk = conversation(400);
    desk.presses([KeyCode::PageUp; 5]);
    let top = |desk: &mut Desk| desk.picture().lines().next().unwrap().trim_end().to_owned();
    let reading = top(&mut desk);
    desk.event(user("one more"));
    assert!(desk.shows("↓ 2 new lines"), "{}", desk.picture());
    desk.msg(Msg::Resize { width: 100, height: 40 });
    assert_eq!(top(&mut desk), reading);
    desk.event(answer("late", "Yes."));
    assert!(desk.shows("↓ 4 new lines"), "{}", desk.picture());
    desk.msg(Msg::Resize { width: 120, height: 40 });
    assert_eq!(top(&mut desk), reading);
    desk.press(KeyCode::End);
    assert!(desk.shows("Yes.") && !desk.shows("new lines"), "{}", desk.picture());
}
