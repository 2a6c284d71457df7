//! Long conversations: what a key and a few more words cost does not grow with what was said before.

use std::time::{Duration, Instant};

use crossterm::event::KeyCode;

use super::Desk;
use super::calls::{changed, diff, ended, progress};
use super::desk::{answer, call, delta, user};
use crate::protocol::{DiffKind, EventKind};

const ENTRIES: usize = 5_000;
const ROUNDS: usize = 20;
/// Far below what any work on all entries would come to, far above what a busy machine adds to the quickest round.
const FACTOR: u32 = 5;

const ANSWER: &str = "# What it does\n\nIt *reads* the folder, then **answers**.\n\n- one\n- two\n\n```rust\nfn main() {}\n```\n";

const HUNKS: &str = "@@ -1,2 +1,2 @@\n fn main() {\n-    one();\n+    two();\n";

/// A conversation of so many entries, with an answer that streams in.
fn conversation(entries: usize) -> Desk {
    let mut desk = Desk::connected(120, 40);
    desk.ask("What does this do?");
    for number in 0..entries / 4 {
        desk.event(user("And this?"));
        desk.event(answer(&format!("a{number}"), ANSWER));
        let id = format!("e{number}");
        desk.event(call(&id, "edit", r#"{"filePath":"src/main.rs"}"#));
        desk.event(ended(&id, changed("src/main.rs", vec![diff("src/main.rs", DiffKind::Updated, HUNKS)])));
    }
    desk.event(call("running", "shell", r#"{"command":"make"}"#));
    desk.event(EventKind::CallRunning { call: "running".into(), title: "make".into() });
    desk.event(delta("streaming", "Some words"));
    desk
}

/// The quickest of some rounds.
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
    for (what, round) in [("a key", &key as &dyn Fn(&mut Desk)), ("a delta", &words), ("progress", &progress)] {
        let (few, many) = (quickest(&mut short, round), quickest(&mut long, round));
        assert!(many < few * FACTOR, "{what} costs {many:?} after {ENTRIES} entries, and {few:?} after 50");
    }
}
