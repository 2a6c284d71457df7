//! Long conversations: the cost of a key or a delta does not grow with the transcript.

use std::time::{Duration, Instant};

use crossterm::event::KeyCode;

use super::Fixture;
use super::calls::{changed, diff, ended, progress};
use super::fixture::{answer, call, delta, user};
use crate::protocol::{DiffKind, EventKind};
use crate::tui::messages::{Msg, Toward};

const ENTRIES: usize = 5_000;
const ROUNDS: usize = 20;
/// Far below the cost of any work on all entries, far above the noise of a busy machine.
const FACTOR: u32 = 5;

const ANSWER: &str = "# What it does\n\nIt *reads* the folder, then **answers**.\n\n- one\n- two\n\n```rust\nfn main() {}\n```\n";

const HUNKS: &str = "@@ -1,2 +1,2 @@\n fn main() {\n-    one();\n+    two();\n";

/// A conversation with this many entries and a streaming answer.
fn conversation(entries: usize) -> Fixture {
    let mut fixture = Fixture::connected(120, 40);
    fixture.ask("What does this do?");
    for number in 0..entries / 4 {
        fixture.event(user("And this?"));
        fixture.event(answer(&format!("a{number}"), ANSWER));
        let id = format!("e{number}");
        fixture.event(call(&id, "edit", r#"{"filePath":"src/main.rs"}"#));
        fixture.event(ended(
            &id,
            changed("src/main.rs", vec![diff("src/main.rs", DiffKind::Updated, HUNKS)]),
        ));
    }
    fixture.event(call("running", "shell", r#"{"command":"make"}"#));
    fixture.event(EventKind::CallRunning { call: "running".into(), title: "make".into() });
    fixture.event(delta("streaming", "Some words"));
    fixture
}

/// The time of the quickest round.
fn quickest(fixture: &mut Fixture, mut round: impl FnMut(&mut Fixture)) -> Duration {
    let time = |_| {
        let began = Instant::now();
        round(fixture);
        began.elapsed()
    };
    (0..ROUNDS).map(time).min().unwrap()
}

#[test]
fn a_key_and_a_delta_cost_the_same_after_five_thousand_entries() {
    let (mut short, mut long) = (conversation(50), conversation(ENTRIES));
    let key = |fixture: &mut Fixture| {
        fixture.press(KeyCode::Char('x'));
        fixture.press(KeyCode::Backspace);
        assert_eq!(fixture.cells().count(), 120 * 40);
    };
    let words = |fixture: &mut Fixture| {
        fixture.event(delta("streaming", " and more"));
        assert_eq!(fixture.cells().count(), 120 * 40);
    };
    let progress = |fixture: &mut Fixture| {
        for tail in ["one\n", "one\ntwo\n", "not of this call\n"] {
            fixture.event(progress(if tail.starts_with("not") { "gone" } else { "running" }, tail));
        }
        assert_eq!(fixture.cells().count(), 120 * 40);
    };
    let resize = |fixture: &mut Fixture| {
        for width in [90, 120] {
            fixture.msg(Msg::Resize { width, height: 40 });
            assert_eq!(fixture.cells().count(), usize::from(width) * 40);
        }
    };
    let details = |fixture: &mut Fixture| {
        fixture.ctrl('o');
        assert_eq!(fixture.cells().count(), 120 * 40);
    };
    let page = |fixture: &mut Fixture| {
        for key in [KeyCode::PageUp, KeyCode::PageDown] {
            fixture.press(key);
            assert_eq!(fixture.cells().count(), 120 * 40);
        }
    };
    type Round<'a> = (&'a str, &'a dyn Fn(&mut Fixture));
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
fn while_words_are_typed_the_way_to_far_hits_is_laid_out_bit_by_bit() {
    let mut long = conversation(ENTRIES);
    // Nothing but what is visible is laid out at another width.
    long.msg(Msg::Resize { width: 100, height: 40 });
    assert!(long.app.wakes().is_none_or(|at| at > long.now()));
    long.ctrl('f');
    let mut frames = 0;
    while long.app.wakes().is_some_and(|at| at <= long.now()) {
        let before = long.app.talk.view.laid_out();
        long.after(Duration::ZERO);
        assert!(long.app.talk.view.laid_out() - before <= 250);
        frames += 1;
        assert!(frames < ENTRIES);
    }
    let before = long.app.talk.view.laid_out();
    long.text("What does this");
    assert!(long.shows(" 1/1 ") && long.shows("› What does this do?"), "{}", long.picture());
    assert_eq!(long.app.talk.view.laid_out(), before);
    long.press(KeyCode::Esc);
    assert!(long.shows("Some words"));
}

#[test]
fn a_frame_and_a_delta_cost_the_same_while_a_search_stands() {
    let (mut short, mut long) = (conversation(50), conversation(ENTRIES));
    for fixture in [&mut short, &mut long] {
        fixture.ctrl('f');
        fixture.text("folder");
        fixture.press(KeyCode::Up);
        fixture.press(KeyCode::Enter);
    }
    assert!(long.shows(&format!(" {}/{} ", ENTRIES / 4 - 1, ENTRIES / 4)), "{}", long.picture());
    let frame = |fixture: &mut Fixture| {
        fixture.msg(Msg::Wheel { toward: Toward::Start, rows: 1 });
        fixture.msg(Msg::Wheel { toward: Toward::End, rows: 1 });
        assert_eq!(fixture.cells().count(), 120 * 40);
    };
    let words = |fixture: &mut Fixture| {
        fixture.event(delta("streaming", " and the folder"));
        assert_eq!(fixture.cells().count(), 120 * 40);
    };
    let progress = |fixture: &mut Fixture| {
        fixture.event(progress("running", "one\nfolder\n"));
        fixture.event(progress("running", "two\n"));
        assert_eq!(fixture.cells().count(), 120 * 40);
    };
    type Round<'a> = (&'a str, &'a dyn Fn(&mut Fixture));
    let rounds: [Round<'_>; 3] =
        [("a frame", &frame), ("a delta", &words), ("progress", &progress)];
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
    let rows = |fixture: &mut Fixture| {
        fixture.picture().lines().take(34).map(str::to_owned).collect::<Vec<_>>()
    };
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
    let mut fixture = conversation(400);
    fixture.presses([KeyCode::PageUp; 5]);
    let top =
        |fixture: &mut Fixture| fixture.picture().lines().next().unwrap().trim_end().to_owned();
    let reading = top(&mut fixture);
    fixture.event(user("one more"));
    fixture.assert_shows(["↓ 2 new lines"]);
    fixture.msg(Msg::Resize { width: 100, height: 40 });
    assert_eq!(top(&mut fixture), reading);
    fixture.event(answer("late", "Yes."));
    fixture.assert_shows(["↓ 4 new lines"]);
    fixture.msg(Msg::Resize { width: 120, height: 40 });
    assert_eq!(top(&mut fixture), reading);
    fixture.press(KeyCode::End);
    fixture.assert_shows(["Yes."]);
    fixture.assert_hides(["new lines"]);
}
