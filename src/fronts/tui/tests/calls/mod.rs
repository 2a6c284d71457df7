//! Calls on the screen: changes, commands, plans, and the drawing cost of a running call.

mod diff;
pub mod jobs;
mod long_commands;
mod mcp;
mod rewind;
pub mod undo;
mod web;

use crate::tui::tests::sentences;
use insta::assert_snapshot;

use super::Fixture;
use super::fixture::{answer, call, start, user};
use crate::protocol::{
    CallId, CallOutput, Completeness, DiffKind, EventKind, FileDiff, Found, Item, ItemKind,
    Picture, Record, SaveState, Todo, TodoState, ToolCall, ToolResult, TurnId, TurnOutcome,
};
use crate::tui::paint::{Background, Depth, Role, Theme};
use crate::tui::{ColorEnv, StartInfo};

const UPDATED: &str = "@@ -8,7 +8,8 @@\n use std::io;\n \n /// Says hello.\n-pub fn greet(name: &str) -> io::Result<()> {\n-    println!(\"hello {name}\");\n+pub fn greet(name: &str, times: usize) -> io::Result<()> {\n+    for _ in 0..times { println!(\"hello {name}\"); }\n+\tcheck();\n     Ok(())\n }\n \n@@ -120,3 +121,3 @@\n fn main() {\n-    greet(\"you\").unwrap();\n+    greet(\"you\", 2).unwrap();\n }\n";

pub fn diff(path: &str, kind: DiffKind, hunks: &str) -> FileDiff {
    let count =
        |sign| u32::try_from(hunks.lines().filter(|line| line.starts_with(sign)).count()).unwrap();
    FileDiff {
        path: path.into(),
        kind,
        added: count('+'),
        removed: count('-'),
        hunks: hunks.into(),
        completeness: Completeness::Complete,
    }
}

fn three_files() -> Vec<FileDiff> {
    vec![
        diff(
            "src/times.rs",
            DiffKind::Added,
            "@@ -0,0 +1,2 @@\n+//! How often things are said.\n+pub const TIMES: usize = 2;\n",
        ),
        diff("src/greet.rs", DiffKind::Updated, UPDATED),
        diff(
            "docs/manual.md",
            DiffKind::Moved { from: "README.txt".into() },
            "@@ -1,2 +1,2 @@\n-Manual\n+# Manual\n \n",
        ),
    ]
}

pub fn ended(id: &str, output: CallOutput) -> EventKind {
    EventKind::CallEnded { call: CallId::from(id), output }
}

pub fn changed(title: &str, diffs: Vec<FileDiff>) -> CallOutput {
    CallOutput { result: ToolResult::Edits(diffs), ..CallOutput::text(title, "Changed 3 files") }
}

fn running(id: &str, title: &str) -> EventKind {
    EventKind::CallRunning { call: CallId::from(id), title: title.into() }
}

pub fn progress(id: &str, tail: &str) -> EventKind {
    EventKind::CallProgress { call: CallId::from(id), tail: tail.into() }
}

fn patch(fixture: &mut Fixture) {
    fixture.event(user("Say hello twice"));
    fixture.event(call("p", "apply_patch", "*** Begin Patch\n*** Add File: src/times.rs\n"));
    fixture.event(running("p", "src/times.rs, src/greet.rs, docs/manual.md"));
    fixture.event(ended("p", changed("src/times.rs, src/greet.rs, docs/manual.md", three_files())));
}

fn coloured(colorterm: &str, colorfgbg: &str) -> StartInfo {
    let color = ColorEnv {
        colorterm: Some(colorterm.into()),
        colorfgbg: Some(colorfgbg.into()),
        ..ColorEnv::default()
    };
    StartInfo { color, ..start() }
}

#[test]
fn a_patch_of_three_files_shows_each_with_its_lines() {
    for (width, height) in [(80, 40), (120, 40)] {
        let mut fixture = Fixture::connected(width, height);
        patch(&mut fixture);
        assert_snapshot!(format!("patch_{width}x{height}"), fixture.picture());
    }
}

#[test]
fn commands_plans_and_refusals_tell_how_they_went() {
    for (width, height) in [(80, 44), (120, 44)] {
        let mut fixture = Fixture::connected(width, height);
        fixture.event(user("Make the tests pass"));
        let todo = |text: &str, state| Todo { text: text.into(), state };
        let todos = vec![
            todo("Run the tests", TodoState::Done),
            todo(
                "Find out why `greet` fails when the name is empty, and what it should do",
                TodoState::Doing,
            ),
            todo("Mend it", TodoState::Open),
            todo("Rewrite it", TodoState::Dropped),
        ];
        fixture.event(call("t", "todo", "{}"));
        fixture.event(ended(
            "t",
            CallOutput { result: ToolResult::Plan(todos), ..CallOutput::text("", "Noted") },
        ));
        fixture.event(call(
            "s1",
            "shell",
            r#"{"command":"cargo test -q","reason":"To see what fails"}"#,
        ));
        fixture.event(running("s1", "cargo test -q"));
        let failed = "running 12 tests\n...........F\ngreet.rs:14:5: assertion failed\n\ntest result: FAILED\n";
        fixture.event(ended("s1", CallOutput::command("cargo test -q", 101, 3_200, failed)));
        fixture.event(call("r", "read", r#"{"filePath":"src/greet.rs"}"#));
        fixture.event(ended("r", CallOutput::text("src/greet.rs", "1: x\n2: y\n")));
        fixture.event(call("g", "grep", r#"{"pattern":"greet"}"#));
        fixture.event(ended(
            "g",
            CallOutput::text("2 matches for greet", "a\nb\n")
                .with(ToolResult::Found { count: 2, what: Found::Matches }),
        ));
        fixture.event(call("e", "edit", r#"{"filePath":"src/greet.rs"}"#));
        let why = "The person declined this edit and says: leave the signature as it is, and check the name inside of the function instead";
        fixture.event(ended(
            "e",
            CallOutput {
                ok: false,
                text: why.into(),
                ..changed("src/greet.rs", three_files()[1..2].to_vec())
            },
        ));
        fixture.event(call("q", "question", r#"{"question":"What shall an empty name do?"}"#));
        fixture.event(ended("q", CallOutput::text("", "Nothing")));
        fixture.event(call(
            "s2",
            "shell",
            r#"{"command":"for n in 1 2 3; do\n\techo $n\ndone\nexit 0"}"#,
        ));
        fixture.event(running("s2", "for n in 1 2 3; do"));
        fixture.event(progress("s2", "one\ntwo\nthree\nfour\nfive\nsix\n"));
        fixture.event(call("w", "shell", r#"{"command":"git push"}"#));
        assert_snapshot!(format!("calls_{width}x{height}"), fixture.picture());
    }
}

#[test]
fn a_long_change_is_folded_until_it_is_asked_for() {
    let mut fixture = Fixture::connected(80, 40);
    let lines = |from: u32, to: u32| (from..to).map(|n| format!("+line {n}\n")).collect::<String>();
    fixture.event(user("Write a lot"));
    fixture.event(call("w", "write", r#"{"filePath":"lines.txt"}"#));
    fixture.event(ended(
        "w",
        changed(
            "lines.txt",
            vec![diff(
                "lines.txt",
                DiffKind::Added,
                &format!("@@ -0,0 +1,60 @@\n{}", lines(1, 61)),
            )],
        ),
    ));
    assert_snapshot!("long_change_folded", fixture.picture());
    fixture.ctrl('o');
    fixture.assert_shows(["60 + line 60"]);
    fixture.assert_hides(["more lines"]);
    let cut = FileDiff {
        completeness: Completeness::Truncated,
        added: 9_000,
        ..diff("log.txt", DiffKind::Added, &format!("@@ -0,0 +1,3000 @@\n{}", lines(1, 3_001)))
    };
    fixture.event(call("w2", "write", "{}"));
    fixture.event(ended("w2", changed("log.txt", vec![cut])));
    fixture.assert_shows(["… 1002 more lines", sentences::CHANGES_CUT]);
}

#[test]
fn changes_are_coloured_on_dark_and_light_grounds_and_plain_without_colour() {
    for (start, theme) in [
        (coloured("truecolor", "15;0"), Theme::new(Depth::True, Background::Dark)),
        (coloured("truecolor", "0;15"), Theme::new(Depth::True, Background::Light)),
    ] {
        let mut fixture = Fixture::with(start, 80, 40);
        patch(&mut fixture);
        let cells: Vec<_> = fixture.cells().collect();
        let at = |text: &str| {
            let row = desk_row(&cells, text);
            let column = (0..80).find(|x| {
                (0..)
                    .zip(text.chars())
                    .all(|(n, letter)| cells[row * 80 + x + n].symbol() == letter.to_string())
            });
            row * 80 + column.unwrap()
        };
        let added = theme.style(Role::Added).bg;
        let line = at("+ pub fn greet");
        assert_eq!(
            (Some(cells[line].bg), Some(cells[line + 2].fg)),
            (added, theme.style(Role::SyntaxKeyword).fg)
        );
        assert_eq!(Some(cells[line / 80 * 80 + 78].bg), added, "to the edge of the conversation");
        assert_ne!(Some(cells[at("times: usize")].bg), added, "the words that are new stand out");
        assert_eq!(Some(cells[at("- Manual")].bg), theme.style(Role::Removed).bg);
    }
}

/// The row that contains a text.
fn desk_row(cells: &[ratatui::buffer::Cell], text: &str) -> usize {
    let rows: Vec<String> =
        cells.chunks(80).map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect();
    rows.iter()
        .position(|row| row.contains(text))
        .unwrap_or_else(|| panic!("{text} is not on the screen:\n{}", rows.join("\n")))
}

#[test]
fn marks_have_plain_spellings_where_the_locale_has_no_others() {
    let mut start = start();
    start.surroundings.utf8 = false;
    let mut fixture = Fixture::with(start, 80, 40);
    patch(&mut fixture);
    let todos = [TodoState::Done, TodoState::Doing, TodoState::Open, TodoState::Dropped]
        .map(|state| Todo { text: "step".into(), state });
    fixture.event(call("t", "todo", "{}"));
    fixture.event(ended(
        "t",
        CallOutput { result: ToolResult::Plan(todos.into()), ..CallOutput::text("", "Noted") },
    ));
    let picture = fixture.picture();
    let other = picture.chars().find(|letter| !letter.is_ascii());
    assert_eq!(other, None, "{picture}");
    assert!(picture.contains("R README.txt > docs/manual.md +1 -1"), "{picture}");
}

#[test]
fn a_progress_event_lays_out_one_cell_and_a_silent_one_none() {
    let mut fixture = Fixture::connected(120, 40);
    fixture.ask("go");
    for n in 0..200 {
        fixture.event(call(&format!("r{n}"), "read", "{}"));
        fixture.event(ended(&format!("r{n}"), CallOutput::text("a.rs", "x")));
    }
    fixture.event(call("s", "shell", r#"{"command":"make"}"#));
    fixture.event(running("s", "make"));
    fixture.event(call("later", "shell", r#"{"command":"make install"}"#));
    let cost = |fixture: &mut Fixture, event| {
        let before = fixture.app.talk.view.laid_out();
        fixture.event(event);
        fixture.app.talk.view.laid_out() - before
    };
    assert_eq!(cost(&mut fixture, progress("s", "1\n")), 1);
    assert_eq!(cost(&mut fixture, progress("s", "1\n2\n")), 1);
    assert_eq!(cost(&mut fixture, progress("s", "1\n2\n")), 0);
    assert_eq!(cost(&mut fixture, ended("s", CallOutput::command("make", 0, 0, "1\n2\n"))), 1);
    assert_eq!(cost(&mut fixture, progress("s", "too late")), 0);
    assert_eq!(
        cost(
            &mut fixture,
            EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted }
        ),
        2,
        "what was open, and the mark below"
    );
}

#[test]
fn the_height_of_a_running_command_grows_to_five_rows_and_stays() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(call("s", "shell", r#"{"command":"make"}"#));
    fixture.event(running("s", "make"));
    let height = |fixture: &mut Fixture| {
        fixture.picture().lines().filter(|row| row.starts_with("   │")).count()
    };
    for (tail, rows) in
        [("", 0), ("1\n", 1), ("1\n2\n3\n4\n5\n6\n", 5), ("overwritten\n", 5), ("", 5)]
    {
        fixture.event(progress("s", tail));
        assert_eq!(height(&mut fixture), rows, "{tail:?}");
    }
    fixture.event(ended("s", CallOutput::command("make", 0, 0, "")));
    assert!(fixture.shows("✓ $ make · no output"));
    assert_eq!(height(&mut fixture), 0);
}

#[test]
fn of_a_picture_that_was_looked_at_only_that_is_said() {
    let picture = Picture { mime: "image/png", data: "".into() };
    let output = CallOutput {
        images: vec![picture],
        ..CallOutput::text("pear.png", "The picture `pear.png` is attached")
    };
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("look");
    fixture.event(call("v", "view_image", r#"{"path":"pear.png"}"#));
    fixture.event(ended("v", output));
    fixture.assert_shows(["✓ look at pear.png · 1 image"]);
}

#[test]
fn a_resumed_conversation_colours_only_what_is_looked_at() {
    let item = |id: &str, kind| Record::Item(Item { id: id.into(), kind, wire: None }.into());
    let mut records = vec![item(
        "u",
        ItemKind::User {
            text: "go".into(),
            images: vec![Picture { mime: "image/png", data: "".into() }],
        },
    )];
    for n in 0..50 {
        let id = CallId::from(&*format!("c{n}"));
        records.push(item(
            "i",
            ItemKind::Call(ToolCall {
                id: id.clone(),
                name: "edit".into(),
                arguments: "{}".into(),
            }),
        ));
        records.push(item(
            "o",
            ItemKind::Output {
                call: id,
                output: changed("src/greet.rs", three_files()[1..2].to_vec()),
            },
        ));
    }
    let mut fixture = Fixture::connected(80, 40);
    fixture.replayed(&records, SaveState::OnDisk);
    assert!(fixture.app.talk.view.laid_out() < 12, "only what fits is laid out");
    assert_eq!(fixture.app.talk.view.owing(), 0);
    fixture.press(crossterm::event::KeyCode::Home);
    assert!(fixture.shows("  1 image"));
    let owing = fixture.app.talk.view.owing();
    assert!(
        (40..50).contains(&owing),
        "what was not looked at on the way has no colours yet: {owing}"
    );
    fixture.event(answer("a", "Done."));
}

#[test]
fn a_folded_output_says_how_much_was_read_or_found() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    let found = |count, what| ToolResult::Found { count, what };
    let read = "1\tone\n2\ttwo\n(the file ends here, 2 lines)";
    for (id, name, arguments, title, output, head) in [
        (
            "a",
            "read",
            r#"{"filePath":"a.rs"}"#,
            "a.rs",
            CallOutput::text("a.rs", read).with(ToolResult::Lines { count: 2 }),
            "read a.rs · 2 lines",
        ),
        (
            "b",
            "read",
            r#"{"filePath":"src"}"#,
            "src",
            CallOutput::text("src", "`src` is a folder. It contains:\na.rs"),
            "read src · 2 lines",
        ),
        (
            "c",
            "grep",
            r#"{"pattern":"for"}"#,
            "for",
            CallOutput::text("1 match for for", "a.rs\n  1: for").with(found(1, Found::Matches)),
            "grep for · 1 match",
        ),
        (
            "d",
            "glob",
            r#"{"pattern":"*"}"#,
            "*",
            CallOutput::text("0 files for *", "None").with(found(0, Found::Files)),
            "glob * · 0 files",
        ),
        (
            "e",
            "grep",
            r#"{"pattern":"x"}"#,
            "x",
            CallOutput::refusal("grep", "It is no expression"),
            "✗ grep x",
        ),
    ] {
        fixture.event(call(id, name, arguments));
        fixture.event(EventKind::CallRunning { call: id.into(), title: title.into() });
        fixture.event(ended(id, output));
        assert!(
            fixture.picture().lines().any(|line| line.trim_end().ends_with(head)),
            "{head}\n{}",
            fixture.picture()
        );
    }
}
