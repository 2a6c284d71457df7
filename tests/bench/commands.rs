//! The cost of snapshots for a command: the time between the end of the answer that calls it and
//! the request with its result, compared with a command that only reads. Nothing asks.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use codling::demo::{KeepRequests, Options, ScriptedAnswer, SeenRequest};

use crate::ask::Ask;
use crate::pty::Setup;
use crate::scene::{INVITATION, milliseconds};
use crate::stage::{Account, Stage};
use crate::table::{Table, Target};

const FILES_OF_EACH: usize = 100;
/// Commands of each kind in one turn.
const COMMANDS: usize = 8;
/// The least time that a person types.
const WRITING: Duration = Duration::from_secs(1);
const READS: &str = "pwd";
const CHANGES: &str = "echo more >> unit0/file0";
/// May change files, as far as codling knows: it waits for their copies.
const CHANGES_NOTHING: &str = "sh -c true";

/// Files in the folder, milliseconds that a command may take over one that reads, and that the
/// first command ever may take: it waits until the folder's files have copies.
const FOLDERS: [(usize, f64, f64); 4] =
    [(100, 5.0, 15.0), (10_000, 20.0, 200.0), (50_000, 150.0, 250.0), (200_000, 500.0, 1_000.0)];

pub fn measure(ask: &Ask, table: &mut Table) {
    if ask.wants(&["commands", "undo", "removals"]) {
        removals(ask, table);
    }
    if !ask.wants(&["commands", "undo"]) {
        return;
    }
    for (files, most, most_ever) in FOLDERS {
        let dir = tempfile::tempdir().expect("a folder");
        plant(dir.path(), files);
        let stage = Stage::with(
            Account::ChatGpt,
            Options { keep: KeepRequests::All, ..Options::default() },
        );
        let turns = |commands: &[&str]| turn(ask, &stage, dir.path(), commands);
        let many = |first: &'static str, then: &'static str| {
            [[first; 1].as_slice(), [then; COMMANDS].as_slice()].concat()
        };
        let new = turns(&many(CHANGES, READS));
        let reads = middle(&new[1..]);
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for _ in 0..ask.runs {
            let turn = turns(&many(CHANGES, CHANGES));
            first.push(turn[0] - reads);
            later.extend(turn[1..].iter().map(|time| time - reads));
        }
        let target = Target::AtMost(most);
        table.add(
            &format!("a command in {files} files, over one that reads"),
            "ms",
            target,
            &later,
        );
        table.add("the same, the first since the program was started", "ms", target, &first);
        let ever = Target::AtMost(most_ever);
        table.add("the same, the first ever in the folder", "ms", ever, &[new[0] - reads]);
        let typed: Vec<f64> =
            (0..ask.runs).map(|_| first_typed(ask, &stage, dir.path()) - reads).collect();
        table.add(
            "the same, the first of a prompt that took a second to write",
            "ms",
            target,
            &typed,
        );
    }
}

/// Files that one command removes, and the bytes of each that undo keeps no copy of beforehand.
const REMOVED: usize = 10_000;
const WITHOUT_COPY: u64 = 70 << 10;

/// `rm -rf` of many files: those that have copies, and those that are kept as they go.
fn removals(ask: &Ask, table: &mut Table) {
    let time = |is_kept_then: bool| {
        let dir = tempfile::tempdir().expect("a folder");
        let data = dir.path().join("data");
        fs::create_dir(&data).expect("a folder");
        plant(&data, REMOVED);
        if is_kept_then {
            fs::write(dir.path().join(".gitignore"), "data/\n").expect("a file");
            for number in 0..REMOVED {
                let (unit, file) = (number / FILES_OF_EACH, number % FILES_OF_EACH);
                let path = data.join(format!("unit{unit}/file{file}"));
                let file = fs::File::options().write(true).open(path);
                file.and_then(|file| file.set_len(WITHOUT_COPY)).expect("a longer file");
            }
        }
        let stage = Stage::with(
            Account::ChatGpt,
            Options { keep: KeepRequests::All, ..Options::default() },
        );
        turn(ask, &stage, dir.path(), &[CHANGES_NOTHING, "rm -rf data"])[1]
    };
    let copied: Vec<f64> = (0..ask.runs).map(|_| time(false)).collect();
    let kept: Vec<f64> = (0..ask.runs).map(|_| time(true)).collect();
    let most = Target::AtMost(2.0 * middle(&copied));
    table.add("`rm -rf` of 10,000 files that have copies", "ms", Target::AtMost(1_000.0), &copied);
    table.add("the same, of files that are kept as they go", "ms", most, &kept);
}

/// The time of a command in a program that was just started in a terminal, by a person who types
/// for a second.
fn first_typed(ask: &Ask, stage: &Stage, folder: &Path) -> f64 {
    let before = stage.stand.requests().len();
    stage
        .stand
        .script([ScriptedAnswer::runs("call_0", CHANGES), ScriptedAnswer::says("It is done.")]);
    let terminal = Setup::new(&ask.program)
        .args(["--approval-mode", "full"])
        .envs(stage.variables())
        .folder_at(folder)
        .size(120, 40)
        .start();
    terminal.wait_for(INVITATION);
    terminal.type_text("go on");
    thread::sleep(WRITING);
    terminal.send(b"\r");
    terminal.wait_for("It is done.");
    times(stage, before, 1)[0]
}

/// Runs these commands one after the other in a turn of a new program; returns the time of each.
fn turn(ask: &Ask, stage: &Stage, folder: &Path, commands: &[&str]) -> Vec<f64> {
    let before = stage.stand.requests().len();
    let calls = commands
        .iter()
        .enumerate()
        .map(|(at, command)| ScriptedAnswer::runs(&format!("call_{at}"), command));
    stage.stand.script(calls.chain([ScriptedAnswer::says("Done.")]));
    let mut command = stage.command(&ask.program, folder);
    let status =
        command.args(["run", "--approval-mode", "full", "go"]).status().expect("the program");
    assert!(status.success(), "`run` ended with {status}");
    times(stage, before, commands.len())
}

/// The times of this many commands, by the requests since `before`.
fn times(stage: &Stage, before: usize, commands: usize) -> Vec<f64> {
    let requests: Vec<SeenRequest> =
        stage.stand.requests().into_iter().skip(before).filter(SeenRequest::is_responses).collect();
    assert_eq!(requests.len(), commands + 1, "every command was run");
    let times = requests
        .windows(2)
        .filter_map(|pair| Some(milliseconds(pair[1].at.duration_since(pair[0].ended?))));
    times.collect()
}

fn middle(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn plant(root: &Path, files: usize) {
    for folder in 0..files / FILES_OF_EACH {
        let at = root.join(format!("unit{folder}"));
        fs::create_dir(&at).expect("a folder");
        for file in 0..FILES_OF_EACH {
            fs::write(
                at.join(format!("file{file}")),
                format!("{folder} {file}: some words of a file\n"),
            )
            .expect("a file");
        }
    }
}
