//! Opening the list of ten thousand conversations, and resuming one of five thousand items. Writes
//! the logs itself, in its own home.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use vt100::Screen;

use crate::ask::Ask;
use crate::pty::{Look, Setup, Terminal};
use crate::scene::{INVITATION, LAST_WORDS, milliseconds, settle};
use crate::stage::{Account, Stage};
use crate::table::{Table, Target};
use crate::usage::peak;

const SESSIONS: usize = 10_000;
const ITEMS: usize = 5_000;
const TIMES: usize = 3;
const NEWEST: &str = "zqnewest";
const LIMIT: Duration = Duration::from_secs(60);

pub fn measure(ask: &Ask, table: &mut Table) {
    if ask.wants(&["sessions", "list"]) {
        let stage = Stage::new(Account::ChatGpt);
        let folder = tempfile::tempdir().expect("a folder");
        fill(&stage, folder.path());
        // The first look builds the index.
        open_list(ask, &stage, folder.path());
        let times: Vec<f64> =
            (0..ask.runs * TIMES).map(|_| open_list(ask, &stage, folder.path())).collect();
        table.add("/sessions with 10,000 conversations", "ms", Target::AtMost(30.0), &times);
    }
    if ask.wants(&["sessions", "resume", "continue"]) {
        let stage = Stage::new(Account::ChatGpt);
        let folder = tempfile::tempdir().expect("a folder");
        write(&stage, "ses_long", &long(folder.path(), ITEMS));
        let (times, memory): (Vec<f64>, Vec<Option<f64>>) =
            (0..ask.runs * TIMES).map(|_| resume(ask, &stage, folder.path())).unzip();
        table.add(
            "--continue with 5,000 items: its last words",
            "ms",
            Target::AtMost(40.0),
            &times,
        );
        table.add(
            "the same: peak memory",
            "MiB",
            Target::AtMost(60.0),
            &memory.into_iter().flatten().collect::<Vec<_>>(),
        );
    }
    if ask.wants(&["sessions", "rewind"]) {
        let stage = Stage::new(Account::ChatGpt);
        let folder = tempfile::tempdir().expect("a folder");
        let times: Vec<f64> = (0..ask.runs * TIMES)
            .map(|_| {
                // Each time from the same log, to which going back adds.
                write(&stage, "ses_long", &long(folder.path(), ITEMS));
                rewind(ask, &stage, folder.path())
            })
            .collect();
        table.add("going back over 1,000 turns", "ms", Target::AtMost(50.0), &times);
    }
    if ask.wants(&["sessions", "search", "find"]) {
        let stage = Stage::new(Account::ChatGpt);
        let folder = tempfile::tempdir().expect("a folder");
        write(&stage, "ses_long", &long(folder.path(), ITEMS));
        let found: Vec<_> = (0..ask.runs).map(|_| search(ask, &stage, folder.path())).collect();
        let times = |of: fn(&SearchTimes) -> &[f64]| found.iter().flat_map(of).copied().collect();
        let (opens, keys, far): (Vec<f64>, Vec<f64>, Vec<f64>) = (
            times(|times| std::slice::from_ref(&times.opens)),
            times(|times| &times.keys),
            times(|times| std::slice::from_ref(&times.far)),
        );
        table.add("ctrl+f in 5,000 items: its field", "ms", Target::AtMost(16.0), &opens);
        table.add("the same: a typed letter, until its hits", "ms", Target::AtMost(16.0), &keys);
        table.add("the same: from the last hit to the first", "ms", Target::AtMost(16.0), &far);
    }
    if ask.wants(&["sessions", "joining", "attach"]) {
        for (items, goal) in [(1_000, 50.0), (20_000, 100.0)] {
            let stage = Stage::new(Account::ChatGpt);
            let folder = tempfile::tempdir().expect("a folder");
            write(&stage, "ses_long", &long(folder.path(), items));
            let holder = start(ask, &stage, folder.path(), &["--continue"]);
            holder.see(|screen| screen.shows(LAST_WORDS), LIMIT).expect("the conversation");
            let times: Vec<f64> =
                (0..ask.runs * TIMES).map(|_| attach(ask, &stage, folder.path())).collect();
            let row = format!("joining {items} items on another screen: its last words");
            table.add(&row, "ms", Target::AtMost(goal), &times);
        }
    }
}

/// Milliseconds of a search.
struct SearchTimes {
    opens: f64,
    keys: Vec<f64>,
    /// To the first hit, once the way there is laid out.
    far: f64,
}

fn search(ask: &Ask, stage: &Stage, folder: &Path) -> SearchTimes {
    let terminal = start(ask, stage, folder, &["--continue"]);
    terminal.wait_for(LAST_WORDS);
    settle(&terminal);
    let time = |keys: &[u8], wanted: String| {
        let shown = move |screen: &Screen| screen.shows(&wanted);
        let (pressed, seen) = terminal.send_and_see(keys, shown, LIMIT).expect("the search");
        milliseconds(seen.saturating_duration_since(pressed))
    };
    let opens = time(b"\x06", "Type to search".to_owned());
    let words = "plants";
    let keys = (1..=words.len()).map(|end| {
        // The count is drawn in the frame of its words.
        time(&words.as_bytes()[end - 1..end], format!("│ {} ", &words[..end]))
    });
    let keys = keys.collect();
    settle(&terminal);
    SearchTimes { opens, keys, far: time(b"\x1b[B", " 1/".to_owned()) }
}

/// Milliseconds from the start of a second program to the words of the first one's conversation.
fn attach(ask: &Ask, stage: &Stage, folder: &Path) -> f64 {
    let terminal = start(ask, stage, folder, &["attach"]);
    let seen = terminal.see(|screen| screen.shows(LAST_WORDS), LIMIT).expect("the conversation");
    milliseconds(seen.duration_since(terminal.started()))
}

pub fn start(ask: &Ask, stage: &Stage, folder: &Path, arguments: &[&str]) -> Terminal {
    Setup::new(&ask.program)
        .envs(stage.variables())
        .folder_at(folder)
        .args(arguments.iter().copied())
        .size(120, 40)
        .start()
}

fn open_list(ask: &Ask, stage: &Stage, folder: &Path) -> f64 {
    let terminal = start(ask, stage, folder, &[]);
    terminal.wait_for(INVITATION);
    settle(&terminal);
    terminal.type_text("\u{18}");
    let pressed = terminal.send(b"l");
    let seen = terminal.see(|screen| screen.shows(NEWEST), LIMIT).expect("the list");
    milliseconds(seen.saturating_duration_since(pressed))
}

fn resume(ask: &Ask, stage: &Stage, folder: &Path) -> (f64, Option<f64>) {
    let terminal = start(ask, stage, folder, &["--continue"]);
    let seen = terminal.see(|screen| screen.shows(LAST_WORDS), LIMIT).expect("the conversation");
    (milliseconds(seen.duration_since(terminal.started())), peak(terminal.pid()))
}

/// Milliseconds from the key that goes back to before the first prompt to the conversation as it is
/// then.
fn rewind(ask: &Ask, stage: &Stage, folder: &Path) -> f64 {
    let terminal = start(ask, stage, folder, &["--continue"]);
    terminal.wait_for(LAST_WORDS);
    terminal.type_text("/rewind");
    terminal.wait_for("│ /rewind");
    terminal.press("enter");
    terminal.wait_for("Search your prompts");
    // Keys count for the list once it has been there for a moment.
    let moment = Duration::from_millis(200);
    let chosen = || {
        let shown = |screen: &Screen| screen.shows("What goes back?");
        terminal.send_and_see(b"\x1b[F\r", shown, moment)
    };
    while chosen().is_none() {}
    terminal.press("down");
    terminal.wait_for("› Conversation  files");
    let (pressed, seen) = terminal
        .send_and_see(b"\r", |screen| screen.shows("went back to here"), LIMIT)
        .expect("the conversation as it is then");
    milliseconds(seen.saturating_duration_since(pressed))
}

fn fill(stage: &Stage, folder: &Path) {
    for number in 0..SESSIONS {
        let (id, title) = (
            format!("ses_{number:05}"),
            if number + 1 == SESSIONS { NEWEST } else { "an earlier question about plants" },
        );
        let lines = [
            head(&id, folder),
            r#"{"type":"turn_started","at":1,"turn":1}"#.to_owned(),
            format!(r#"{{"type":"user","id":"own_1","text":"{title} {number}"}}"#),
            r#"{"type":"assistant","id":"msg_1","text":"An answer of a few words.","wire":"{}"}"#
                .to_owned(),
            r#"{"type":"turn_ended","at":2,"turn":1,"outcome":"done"}"#.to_owned(),
        ];
        write(stage, &id, &(lines.join("\n") + "\n"));
    }
}

/// Turns with a question, reasoning, a call with its output, and an answer. The calls read, run a
/// command and change a file in turn.
fn long(folder: &Path, items: usize) -> String {
    let mut lines = vec![head("ses_long", folder)];
    let answer = include_str!("../../assets/demo/load.md").chars().take(600).collect::<String>();
    for turn in 1..=items / 5 {
        let last = turn == items / 5;
        let text = if last { LAST_WORDS.to_owned() } else { answer.clone() };
        let (call, output) = call(turn);
        lines.push(format!(r#"{{"type":"turn_started","at":1,"turn":{turn}}}"#));
        let items = [
            json!({ "type": "user", "id": format!("own_{turn}"), "text": "a question about the plants" }),
            json!({ "type": "reasoning", "id": format!("rs_{turn}"), "text": "**Looking**", "wire": "x".repeat(900) }),
            call,
            output,
            json!({ "type": "assistant", "id": format!("msg_{turn}"), "text": text, "wire": text }),
        ];
        lines.extend(items.iter().map(ToString::to_string));
        if turn % 3 == 2 {
            let state =
                |letter: &str| json!({ "digest": letter.repeat(64), "mode": 0o644, "kept": true });
            let file = json!({ "path": folder.join("src/plants.rs"), "before": state("a"), "after": state("b") });
            lines.push(
                json!({ "type": "changed", "at": 2, "turn": turn, "files": [file] }).to_string(),
            );
        }
        lines.push(format!(r#"{{"type":"turn_ended","at":2,"turn":{turn},"outcome":"done"}}"#));
    }
    lines.join("\n") + "\n"
}

fn call(turn: usize) -> (Value, Value) {
    let call = |name: &str, arguments: Value| {
        let arguments = arguments.to_string();
        json!({ "type": "call", "id": format!("fc_{turn}"), "call": format!("c{turn}"), "name": name, "arguments": arguments, "wire": arguments })
    };
    let output = |title: &str, text: &str, diffs: Value| {
        let id = format!("own_o{turn}");
        json!({ "type": "output", "id": id, "call": format!("c{turn}"), "title": title, "ok": true, "text": text, "diffs": diffs })
    };
    match turn % 3 {
        0 => {
            let text = "fn main() {}\n".repeat(80);
            (
                call("read", json!({ "filePath": "src/main.rs" })),
                output("src/main.rs", &text, Value::Null),
            )
        }
        1 => {
            let text = format!("Exit code 0\n\n{}", "test the_pears_are_ripe ... ok\n".repeat(40));
            (
                call("shell", json!({ "command": "cargo test --workspace" })),
                output("cargo test --workspace", &text, Value::Null),
            )
        }
        _ => {
            let kept = "     let ripe = pears.iter().filter(|pear| pear.is_ripe());\n";
            let hunks = format!(
                "@@ -10,8 +10,9 @@\n{kept}{kept}{kept}-    count(apples);\n+    count(pears);\n+    tell(ripe);\n{kept}{kept}{kept}"
            );
            let diff = json!([{ "path": "src/plants.rs", "what": "updated", "added": 2, "removed": 1, "hunks": hunks }]);
            (
                call(
                    "edit",
                    json!({ "filePath": "src/plants.rs", "oldString": "apples", "newString": "pears" }),
                ),
                output("src/plants.rs", "Done", diff),
            )
        }
    }
}

/// The first line of a log.
pub fn head(id: &str, folder: &Path) -> String {
    let folder = fs::canonicalize(folder).expect("the folder");
    json!({ "type": "session", "version": 1, "id": id, "folder": folder, "at": 1 }).to_string()
}

/// Writes a log into the stage's home.
pub fn write(stage: &Stage, id: &str, text: &str) {
    let folder = stage.home.path().join("data/sessions");
    fs::create_dir_all(&folder).expect("the folder of sessions");
    fs::write(folder.join(format!("{id}.jsonl")), text).expect("a log");
}
