//! Files without a copy for undo, and commands that destroy them in `auto`: kept just before,
//! restored by `/undo`; too much of it asks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use codling::demo::ScriptedAnswer;
use serde_json::json;

use crate::agent::fixture::{Fixture, LIMIT, Person};
use crate::pty::{Setup, Terminal};
use crate::stage::needs::{demand, demand_traces};
use crate::stage::sentences;
use crate::stage::{Account, Stage, of_nobody, until};

const UNDO: &str = sentences::TAKE_BACK_TURN;
const ASKS: &str = sentences::LET_IT_GO_ON;
const NOBODY: &str = "65534:65534";

/// Commands that destroy files that git ignores and undo does not copy beforehand.
const LINES: [(&str, &[&str]); 9] = [
    ("rm {a,b}.log", &["a.log", "b.log"]),
    ("x=a.log; rm $x", &["a.log"]),
    ("ls *.log | xargs rm", &["a.log", "b.log"]),
    ("find . -name '*.log' -exec rm {} +", &["a.log", "b.log"]),
    ("find . -name '*.log' -delete", &["a.log", "b.log"]),
    // It fails after the file is gone, because the sandbox makes no devices.
    ("mv /dev/null a.log 2> said; true", &["a.log"]),
    ("truncate -s0 big.bin", &["big.bin"]),
    (": > big.bin", &["big.bin"]),
    ("tar --remove-files -cf x.tar a.log", &["a.log"]),
];

/// Content that is too long to be copied, and differs for each name.
fn content(name: &str) -> String {
    format!("{name}\n").repeat(20_000)
}

fn furnished() -> Fixture {
    let fixture = Fixture::on(Stage::new(Account::ApiKey));
    fixture.write(".gitignore", "*.log\n*.bin\n");
    for name in ["a.log", "b.log", "big.bin"] {
        fixture.write(name, &content(name));
    }
    fixture
}

/// The program as an unprivileged user who owns everything; `None` if this user is one.
fn as_nobody(fixture: &Fixture) -> Option<PathBuf> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    fs::create_dir(fixture.outside().join("home")).unwrap();
    for all in [fixture.outside(), fixture.stage.home.path()] {
        let given = Command::new("chown").args(["-R", NOBODY]).arg(all).status();
        assert!(given.unwrap().success());
    }
    let program = of_nobody(fixture.outside());
    demand(program.is_some(), "`setpriv`: install util-linux");
    program
}

fn open(fixture: &Fixture, program: Option<&Path>) -> Terminal {
    let setup = match program {
        None => Setup::codling(),
        Some(program) => {
            Setup::new(program).env("HOME", fixture.outside().join("home").to_str().unwrap())
        }
    };
    let setup = setup.envs(fixture.stage.variables()).env("SHELL", "/bin/bash");
    let setup = setup.folder_at(fixture.folder()).args(["--approval-mode", "auto"]);
    let terminal = setup.size(100, 40).start();
    terminal.wait_for("Ask anything");
    terminal
}

fn take_back_each(fixture: &Fixture, program: Option<&Path>) {
    let terminal = open(fixture, program);
    for (number, (line, lost)) in LINES.into_iter().enumerate() {
        let done = format!("That was line {number}.");
        fixture.script([
            ScriptedAnswer::runs(&format!("c{number}"), line),
            ScriptedAnswer::says(&done),
        ]);
        terminal.ask(&format!("do {number}"));
        // No question comes in between.
        terminal.wait_for(&done);
        terminal.rests();
        for name in lost {
            assert_ne!(fixture.read(name), Some(content(name)), "{line}");
        }
        assert!(!terminal.screen().contents().contains("cannot bring back"), "{line}");
        terminal.slash("undo");
        terminal.wait_for(UNDO);
        terminal.take_back();
        terminal.wait_gone(UNDO);
        for name in lost {
            fixture.wait_for(name, |text| text == content(name));
        }
        terminal.rests();
    }
    fixture.leave(&terminal);
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn whatever_a_line_destroys_unasked_undo_brings_back() {
    demand_traces();
    take_back_each(&furnished(), None);
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn whatever_a_line_of_an_ordinary_user_destroys_unasked_undo_brings_back() {
    demand_traces();
    let fixture = furnished();
    let program = as_nobody(&fixture);
    take_back_each(&fixture, program.as_deref());
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn what_is_too_much_to_keep_is_lost_only_if_that_is_allowed() {
    demand_traces();
    let fixture = furnished();
    let huge = fixture.folder().join("huge.bin");
    fs::File::create(&huge).unwrap().set_len((2 << 30) + 1).unwrap();
    fixture.script([
        ScriptedAnswer::runs("c1", "echo x > made; rm huge.bin; echo x > later"),
        ScriptedAnswer::runs("c2", "rm huge.bin; echo x > later"),
        ScriptedAnswer::says("Gone now."),
    ]);
    let terminal = open(&fixture, None);
    terminal.ask("make room");
    terminal.shows(&[ASKS, "what `huge.bin` holds (2.0 GB)", "rm huge.bin; echo x > later"]);
    assert!(huge.exists() && fixture.read("made").is_some() && fixture.read("later").is_none());
    terminal.decide("n");
    terminal.shows(&[ASKS, "$ rm huge.bin; echo x > later"]);
    assert!(
        huge.exists() && fixture.output("c1").contains("`huge.bin`"),
        "{}",
        fixture.output("c1")
    );
    terminal.decide("y");
    terminal.wait_for("Gone now.");
    assert!(!huge.exists() && fixture.read("later").is_some());
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_command_waits_before_a_loss_where_nothing_can_be_noted_or_kept() {
    demand_traces();
    let fixture = furnished();
    fixture.script([
        ScriptedAnswer::runs("c1", "echo x > made; rm big.bin"),
        ScriptedAnswer::says("Still there."),
    ]);
    let terminal = open(&fixture, None);
    let home = fixture.stage.home.path().to_owned();
    let runs = || {
        walk(&home).into_iter().find_map(|path| {
            let runs = path.ancestors().find(|folder| folder.ends_with("runs"));
            runs.map(Path::to_owned)
        })
    };
    until(LIMIT, "the program has begun to work in the folder", || runs().is_some());
    let runs = runs().unwrap();
    fs::rename(&runs, runs.with_extension("away")).unwrap();
    fs::write(&runs, "no folder").unwrap();
    terminal.ask("make room");
    terminal.shows(&[ASKS, "what `big.bin` holds"]);
    assert!(fixture.read("made").is_some() && fixture.read("big.bin").is_some());
    terminal.decide("n");
    terminal.wait_for("Still there.");
    assert!(fixture.read("big.bin").is_some());
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_job_is_not_answered_while_a_person_thinks_about_what_it_would_lose() {
    demand_traces();
    let fixture = furnished();
    let huge = fixture.folder().join("huge.bin");
    fs::File::create(&huge).unwrap().set_len((2 << 30) + 1).unwrap();
    let arguments = json!({ "cmd": "rm huge.bin; echo done", "yield_time_ms": 2_000 });
    fixture.script([
        ScriptedAnswer::calls("c1", "exec_command", &arguments),
        ScriptedAnswer::says("Gone now."),
    ]);
    let terminal = open(&fixture, None);
    terminal.ask("make room");
    terminal.shows(&[ASKS, "what `huge.bin` holds"]);
    let asked = Instant::now();
    until(LIMIT, "the time of the call would have been over", || {
        asked.elapsed() > Duration::from_millis(2_200)
    });
    assert!(huge.exists());
    terminal.decide("y");
    terminal.wait_for("Gone now.");
    assert!(!huge.exists() && fixture.output("c1").contains("exited with code 0"));
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_command_that_waits_for_a_person_ends_when_the_turn_is_interrupted_or_the_program() {
    demand_traces();
    let fixture = furnished();
    let huge = fixture.folder().join("huge.bin");
    fs::File::create(&huge).unwrap().set_len((2 << 30) + 1).unwrap();
    fixture.script([
        ScriptedAnswer::runs("c1", "rm huge.bin; echo x > later"),
        ScriptedAnswer::runs("c2", "rm huge.bin; echo x > later"),
    ]);
    let terminal = open(&fixture, None);
    terminal.ask("make room");
    terminal.wait_for(ASKS);
    terminal.interrupt();
    terminal.wait_gone(ASKS);
    terminal.ask("again");
    terminal.wait_for(ASKS);
    // The terminal disappears.
    drop(terminal);
    assert!(huge.exists() && fixture.read("later").is_none());
}

#[test]
fn copies_begin_when_a_folder_is_opened_and_nothing_is_typed() {
    let fixture = Fixture::new();
    fixture.write("kept.txt", "said by nobody but this file\n");
    let terminal = open(&fixture, None);
    let home = fixture.stage.home.path().to_owned();
    until(LIMIT, "a copy is there", || {
        let snapshots = walk(&home).into_iter().filter(|path| path.ends_with("index"));
        snapshots.into_iter().any(|index| fs::metadata(index).is_ok_and(|about| about.len() > 0))
    });
    fixture.leave(&terminal);
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let below = |path: PathBuf| if path.is_dir() { walk(&path) } else { vec![path] };
    entries.flat_map(below).collect()
}
