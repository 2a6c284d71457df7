//! The left mouse button: text that is selected and copied, folds, the caret, lists.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Fixture;
use super::asks::approvals;
use super::fixture::{answer, call, called, delta, queued, session_mode, start};
use crate::protocol::{
    Agent, ApprovalMode, Completeness, EventKind, Job, JobId, MouseUse, Reply, Sandbox, TurnId,
    TurnOutcome,
};
use crate::tui::StartInfo;
use crate::tui::messages::{Cmd, MouseKind, Msg, Toward};
use crate::tui::overlay::Overlay;
use crate::tui::paint::{Background, Depth, Role, Theme};
use crate::tui::terminal::Mouse;

const ANSWER: &str = "The **orchard** has apples and pears, and each row of it is watered by hand \
                      twice a week.\n\n```rust\nfn water(row: u8) {}\n```\n\n- 中文 apples\n- pears";

fn talk(fixture: &mut Fixture) {
    fixture.ask("what grows here?");
    fixture.event(call("c", "shell", r#"{"command":"ls -a"}"#));
    let lines = (0..9).map(|n| format!("file {n}\n")).collect::<String>();
    fixture.event(called("c", "ls -a", &lines));
    fixture.event(answer("a", ANSWER));
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    fixture.cmds();
}

/// The cell in which a text begins.
fn cell(fixture: &mut Fixture, text: &str) -> (u16, u16) {
    let picture = fixture.picture();
    let found = picture.lines().enumerate().find_map(|(y, row)| Some((row.find(text)?, y, row)));
    let (byte, y, row) = found.unwrap_or_else(|| panic!("{text:?} in\n{picture}"));
    let x = crate::base::text::width(&row[..byte]);
    (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
}

/// The cells that are shown as selected, row by row.
fn marked(fixture: &mut Fixture) -> String {
    let width = usize::from(fixture.app.size.0);
    let style = fixture.app.theme.style(Role::Selection);
    let cells: Vec<_> = fixture.cells().collect();
    let rows = cells.chunks(width).map(|row| {
        let cells = row.iter().filter(|cell| {
            cell.style().bg == style.bg.or(Some(ratatui::style::Color::Reset))
                && cell.style().add_modifier.contains(style.add_modifier)
        });
        cells.map(|cell| cell.symbol()).collect::<String>()
    });
    rows.filter(|row| !row.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_drag_selects_text_and_each_of_three_keys_copies_it() {
    let mut fixture = Fixture::connected(80, 24);
    talk(&mut fixture);
    let (from, (x, y)) = (cell(&mut fixture, "orchard"), cell(&mut fixture, "中文"));
    let to = (x + 5, y);
    fixture.drag(&[from, (3, 12), to]);
    assert_snapshot!("selected", format!("{}\n{}", fixture.picture(), marked(&mut fixture)));
    let copied = "orchard has apples and pears, and each row of it is watered by hand twice a \
                  week.\n\nrust\nfn water(row: u8) {}\n\n• 中文 a";
    fixture.ctrl('c');
    assert_eq!(fixture.copied(), [copied]);
    assert_eq!(marked(&mut fixture), "");
    for key in [KeyCode::Enter, KeyCode::Char('y')] {
        fixture.drag(&[to, from]);
        fixture.press(key);
        assert_eq!(fixture.copied(), [copied], "{key:?}");
    }
    fixture.press(KeyCode::Char('y'));
    assert!(fixture.copied().is_empty() && fixture.shows("│ y"), "{}", fixture.picture());
    fixture.ctrl('c');
    assert!(!fixture.shows("│ y"), "without a selection ctrl+c is what it was");
}

#[test]
fn escape_ends_a_selection_and_other_keys_end_it_and_do_their_work() {
    let mut fixture = Fixture::connected(80, 24);
    talk(&mut fixture);
    let from = cell(&mut fixture, "orchard");
    for (key, shown) in [(KeyCode::Esc, "Ask anything"), (KeyCode::Char('n'), "│ n")] {
        fixture.drag(&[from, (from.0 + 4, from.1)]);
        assert_eq!(marked(&mut fixture), "orcha");
        fixture.press(key);
        assert_eq!(marked(&mut fixture), "", "{key:?}");
        assert!(fixture.shows(shown) && fixture.copied().is_empty(), "{key:?}");
    }
}

#[test]
fn two_clicks_take_a_word_three_a_line_and_one_takes_nothing() {
    let mut fixture = Fixture::connected(80, 24);
    talk(&mut fixture);
    let at = cell(&mut fixture, "orchard");
    fixture.drag(&[at]);
    assert_eq!(marked(&mut fixture), "");
    fixture.drag(&[at]);
    assert_eq!(marked(&mut fixture), "orchard");
    fixture.drag(&[at]);
    fixture.press(KeyCode::Enter);
    let line =
        "The orchard has apples and pears, and each row of it is watered by hand twice a week.";
    assert_eq!(fixture.copied(), [line]);
    fixture.after(Duration::from_secs(1));
    fixture.drag(&[at]);
    fixture.drag(&[at, (at.0 + 10, at.1)]);
    assert_eq!(marked(&mut fixture), "orchard has", "a drag after two clicks goes by words");
}

#[test]
fn new_text_leaves_the_selection_on_its_text_and_a_resize_ends_it() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(delta("a", "First the **apples** are here.\n\n"));
    let at = cell(&mut fixture, "apples");
    fixture.mouse(MouseKind::Press, at);
    for n in 0..40 {
        fixture.event(delta("a", &format!("line {n}\n\n")));
        if n == 3 {
            fixture.mouse(MouseKind::Drag, (at.0 + 5, at.1));
            assert_eq!(marked(&mut fixture), "apples");
        }
    }
    assert_eq!(marked(&mut fixture), "", "it is above the first row by now");
    fixture.mouse(MouseKind::Release, (at.0 + 5, at.1));
    fixture.msg(Msg::Wheel { toward: Toward::Start, rows: 200 });
    assert_eq!(marked(&mut fixture), "apples");
    fixture.press(KeyCode::Enter);
    assert_eq!(fixture.copied(), ["apples"]);
    let at = cell(&mut fixture, "apples");
    fixture.drag(&[at, (at.0 + 5, at.1)]);
    fixture.msg(Msg::Resize { width: 70, height: 20 });
    assert_eq!(marked(&mut fixture), "");
    fixture.press(KeyCode::Enter);
    assert!(fixture.copied().is_empty());
}

#[test]
fn a_button_held_past_the_edge_scrolls_until_there_is_no_more() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(answer("a", &(0..40).map(|n| format!("line {n}\n\n")).collect::<String>()));
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    let at = cell(&mut fixture, "line 39");
    fixture.mouse(MouseKind::Press, at);
    assert_eq!(fixture.app.wakes(), None);
    fixture.mouse(MouseKind::Drag, (at.0, 0));
    let mut ticks = 0;
    while let Some(wakes) = fixture.app.wakes() {
        fixture.after(wakes.since(fixture.now()));
        ticks += 1;
        assert!(ticks < 200, "{}", fixture.picture());
    }
    fixture.assert_shows(["› go"]);
    fixture.mouse(MouseKind::Release, (at.0, 0));
    fixture.press(KeyCode::Char('y'));
    let copied = fixture.copied().concat();
    assert!(copied.starts_with("go\n\nline 0\n\nline 1\n") && copied.ends_with("line 38\n\nl"));
    // And down again, off as soon as the button is released.
    let at = cell(&mut fixture, "line 1");
    fixture.mouse(MouseKind::Press, at);
    fixture.mouse(MouseKind::Drag, (at.0, 22));
    fixture.after(Duration::from_millis(40));
    assert!(fixture.app.wakes().is_some() && !fixture.shows("› go"));
    fixture.mouse(MouseKind::Release, (at.0, 22));
    assert_eq!(fixture.app.wakes(), None);
}

#[test]
fn a_click_opens_the_fold_under_it_and_closes_it_again() {
    let mut fixture = Fixture::connected(80, 30);
    talk(&mut fixture);
    assert!(fixture.shows("6 more lines") && !fixture.shows("file 0"));
    let at = cell(&mut fixture, "… 6 more");
    fixture.drag(&[at]);
    fixture.assert_shows(["file 0"]);
    fixture.assert_hides(["more lines"]);
    fixture.after(Duration::from_secs(1));
    let at = cell(&mut fixture, "file 3");
    fixture.drag(&[at]);
    assert!(fixture.shows("file 0"), "only its head closes it");
    let at = cell(&mut fixture, "ls -a");
    fixture.drag(&[at]);
    fixture.assert_hides(["file 0"]);
    fixture.after(Duration::from_secs(1));
    fixture.drag(&[at]);
    fixture.ctrl('o');
    assert!(fixture.shows("file 0"), "ctrl+o is for all");
    fixture.ctrl('o');
    assert!(!fixture.shows("file 0"));
}

#[test]
fn a_click_that_ends_a_selection_opens_nothing() {
    let mut fixture = Fixture::connected(80, 30);
    talk(&mut fixture);
    let at = cell(&mut fixture, "orchard");
    fixture.drag(&[at, (at.0 + 3, at.1)]);
    let at = cell(&mut fixture, "… 6 more");
    fixture.drag(&[at]);
    assert!(marked(&mut fixture).is_empty() && fixture.shows("6 more lines"));
}

#[test]
fn a_click_puts_the_caret_where_it_is_also_beside_wide_characters() {
    for (column, shown) in [
        (0, "│ Xa中文bc"),
        (1, "│ aX中文bc"),
        (2, "│ aX中文bc"),
        (3, "│ a中X文bc"),
        (70, "│ a中文bcX"),
    ] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.text("a中文bc");
        let (x, y) = cell(&mut fixture, "a中");
        fixture.drag(&[(x + column, y)]);
        fixture.text("X");
        assert!(fixture.shows(shown), "{column}: {}", fixture.picture());
    }
    // A fold is one character, and rows below the first are found.
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("one ");
    fixture.msg(Msg::Paste("line\n".repeat(20)));
    fixture.presses([KeyCode::Char('!')]);
    fixture.ctrl('j');
    fixture.text("two");
    let (x, y) = cell(&mut fixture, "two");
    fixture.drag(&[(x + 1, y)]);
    fixture.text("X");
    fixture.drag(&[(x + 6, y - 1)]);
    fixture.text("Y");
    fixture.assert_shows(["one Y[", "tXwo"]);
}

#[test]
fn a_click_chooses_a_row_of_a_list_and_a_miss_chooses_none() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ctrl('p');
    fixture.drag(&[(0, 0)]);
    assert!(matches!(fixture.app.dialogs.top(), Some(Overlay::Palette(_))));
    fixture.text("status");
    let at = cell(&mut fixture, "/status");
    fixture.drag(&[at]);
    assert!(matches!(fixture.app.dialogs.top(), Some(Overlay::Status(_))), "{}", fixture.picture());
}

#[test]
fn a_click_chooses_a_row_of_a_menu() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("/");
    let at = cell(&mut fixture, "/models");
    fixture.drag(&[(at.0 + 30, at.1)]);
    assert!(matches!(fixture.app.dialogs.top(), Some(Overlay::Models(_))), "{}", fixture.picture());
    fixture.press(KeyCode::Esc);
    fixture.text("see @");
    let files = ["src/main.rs", "src/lib.rs", "README.md"].map(str::to_owned);
    fixture.reply(Reply::Files { paths: files.into(), whole: Completeness::Complete });
    let at = cell(&mut fixture, "src/lib.rs");
    fixture.drag(&[at]);
    fixture.assert_shows(["│ see @src/lib.rs"]);
}

#[test]
fn neither_a_click_nor_a_drag_answers_an_approval() {
    let mut fixture = Fixture::connected(80, 24);
    talk(&mut fixture);
    fixture.event(call("d", "shell", r#"{"command":"cargo test"}"#));
    fixture.event(EventKind::Approval(approvals::command("d", "cargo test")));
    fixture.after(Duration::from_secs(3));
    fixture.sent();
    let before = fixture.picture();
    for y in 0..24 {
        for x in (0..80).step_by(3) {
            fixture.drag(&[(x, y)]);
            fixture.drag(&[(x, y), (x, y / 2)]);
        }
        fixture.after(Duration::from_secs(1));
    }
    assert_eq!(fixture.sent().len(), 0);
    fixture.press(KeyCode::Esc);
    assert!(before.contains("cargo test"));
    // The key that copies answers nothing, also where it is held down.
    let from = cell(&mut fixture, "apples");
    fixture.drag(&[from, (from.0 + 5, from.1)]);
    for _ in 0..5 {
        fixture.press(KeyCode::Char('y'));
        fixture.after(Duration::from_millis(30));
    }
    let cmds = fixture.cmds();
    assert!(matches!(&cmds[..], [Cmd::Copy(_)]), "{cmds:?}");
}

#[test]
fn the_settings_say_what_is_taken_of_the_mouse_and_when_it_is_copied() {
    for (mouse, taken) in [
        (MouseUse::Auto, Mouse::Button),
        (MouseUse::Wheel, Mouse::Wheel),
        (MouseUse::Off, Mouse::Terminal),
    ] {
        let fixture = Fixture::with(StartInfo { mouse, ..start() }, 80, 24);
        assert_eq!(fixture.app.mouse(), taken);
    }
    // It would keep a lone esc back.
    for (mouse, taken) in [(MouseUse::Auto, Mouse::Terminal), (MouseUse::Wheel, Mouse::Wheel)] {
        let mut fixture = Fixture::with(StartInfo { mouse, ..start() }, 80, 24);
        fixture.msg(Msg::GnuScreen);
        assert_eq!(fixture.app.mouse(), taken);
    }
    let mut fixture = Fixture::with(StartInfo { copy_on_select: true, ..start() }, 80, 24);
    fixture.opened("/home/me/project", None);
    talk(&mut fixture);
    let at = cell(&mut fixture, "orchard");
    fixture.drag(&[at, (at.0 + 6, at.1)]);
    assert_eq!(fixture.copied(), ["orchard"]);
    assert_eq!(marked(&mut fixture), "orchard", "it stays");
    fixture.drag(&[at]);
    assert!(fixture.copied().is_empty(), "a click copies nothing");
}

#[test]
fn a_selection_is_seen_in_every_depth_of_colours() {
    for (depth, ground) in [
        (Depth::Mono, Background::Dark),
        (Depth::Ansi16, Background::Light),
        (Depth::True, Background::Dark),
    ] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.app.theme = Theme::new(depth, ground);
        talk(&mut fixture);
        let at = cell(&mut fixture, "fn water");
        fixture.drag(&[at, (at.0 + 7, at.1)]);
        assert_eq!(marked(&mut fixture), "fn water", "{depth:?}");
    }
}

/// Dialogs with rows that a key acts on, by a row that the cursor is not on.
fn lists() -> Vec<(Fixture, &'static str)> {
    let mut ways = Fixture::connected(80, 24);
    ways.text("/connect");
    ways.presses([KeyCode::Enter, KeyCode::Enter]);
    let mut jobs = Fixture::connected(80, 24);
    for number in 1..4 {
        jobs.event(EventKind::JobStarted(Job {
            id: JobId(number),
            call: "c".into(),
            turn: TurnId(1),
            title: format!("serve {number}"),
            tail: String::new(),
        }));
    }
    jobs.enter("/jobs");
    let mut queue = Fixture::connected(80, 24);
    queue.ask("go");
    queue.event(queued("one"));
    queue.event(queued("two"));
    queue.press(KeyCode::Up);
    let mut modes = Fixture::connected(80, 24);
    modes.change(|view| {
        view.session_mode =
            Some(session_mode(Agent::Build, ApprovalMode::Ask, Sandbox::Namespaces));
    });
    modes.enter("/approvals");
    vec![
        (ways, "enter API key"),
        (modes, "read-only"),
        (jobs, " 1  serve 1"),
        (queue, "joins this turn  one"),
    ]
}

#[test]
fn a_click_on_a_row_selects_it_and_a_key_acts_on_it() {
    for (mut fixture, row) in lists() {
        let chosen = format!("› {}", row.trim_start());
        fixture.after(Duration::from_secs(1));
        fixture.cmds();
        assert!(!fixture.shows(&chosen), "{row}: {}", fixture.picture());
        let at = cell(&mut fixture, row);
        fixture.drag(&[at]);
        let screen = fixture.picture();
        let line = screen.lines().find(|line| line.contains(row)).unwrap_or_default();
        assert!(line.contains('›'), "{row}: {screen}");
        assert!(fixture.sent().is_empty(), "{row}");
        // Beside the list nothing happens.
        fixture.drag(&[(0, 0)]);
        assert_eq!(fixture.picture(), screen, "{row}");
    }
}
