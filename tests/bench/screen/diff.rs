//! The diff viewer with many changed lines in a git repository.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::ask::Ask;
use crate::pty::Setup;
use crate::scene::{Scene, milliseconds, settle};
use crate::stage::{Account, Stage};
use crate::table::{Table, Target};

const FILES: usize = 50;
const LINES: usize = 100;

pub fn measure(ask: &Ask, table: &mut Table) {
    if ask.wants(&["diff"]) {
        let (opened, keys): (Vec<f64>, Vec<f64>) = (0..ask.runs).map(|_| open(ask)).unzip();
        table.add("/diff with 5,000 changed lines opens", "ms", Target::AtMost(50.0), &opened);
        table.add("the same: end shows the last ones", "ms", Target::AtMost(16.0), &keys);
    }
}

/// Opens the viewer until its list is there, and goes to the end.
fn open(ask: &Ask) -> (f64, f64) {
    let dir = tempfile::tempdir().expect("a folder");
    plant(dir.path());
    let setup = Setup::new(&ask.program).folder_at(dir.path());
    let scene = Scene::begin_in(Stage::new(Account::ChatGpt), setup);
    let terminal = &scene.terminal;
    terminal.type_text("/diff");
    terminal.wait_for("/diff");
    settle(terminal);
    let asked = terminal.send(b"\r");
    let opened = milliseconds(terminal.wait_for("50 files").duration_since(asked));
    settle(terminal);
    let pressed = terminal.send(b"\x1b[F");
    let ended = terminal.wait_for("50/50 ");
    (opened, milliseconds(ended.duration_since(pressed)))
}

/// Makes a repository whose every line is changed since its commit.
fn plant(folder: &Path) {
    let write = |word: &str| {
        for file in 0..FILES {
            let line = |at: usize| format!("let line{at} = call_of_{word}({file}, \"{at}\");\n");
            let text: String = (0..LINES).map(line).collect();
            fs::write(folder.join(format!("file{file:02}.rs")), text).expect("a file");
        }
    };
    let git = |words: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@b"];
        let done = Command::new("git").args(who).args(words).current_dir(folder).status();
        assert!(done.expect("git").success(), "{words:?}");
    };
    git(&["init", "-q"]);
    write("before");
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
    write("after");
}
