//! The demo's model with both sets of tools, codling's and Codex's: the real program without a
//! script.

use std::fs;
use std::process::Command;

use codling::demo::Options;

use super::fixture::{Fixture, PATCHER, Person};
use crate::pty::Look;

const OWN: [&str; 2] = ["-m", "codling-demo"];

#[test]
fn it_reads_the_folder_with_whatever_tools_there_are_and_asks_nobody() {
    for (model, tool) in [(OWN, "read"), (PATCHER, "exec_command")] {
        let fixture = Fixture::new();
        fixture.write("README.md", "# Orchard\n\nApples and pears.\n");
        fixture.write("it's notes.txt", "nothing\n");
        let output = fixture.run(&[&model[..], &["what is this project?"]].concat());
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        for part in ["**2 files**", "first heading is **Orchard**", "Apples and pears."] {
            assert!(told.contains(part), "{model:?}: {part}: {told}");
        }
        assert!(Fixture::tools(&fixture.last()).contains(&tool.to_owned()), "{model:?}");
        fixture.stage.stand.check().unwrap();
    }
}

#[test]
fn it_changes_every_file_with_whatever_tools_there_are() {
    for model in [OWN, PATCHER] {
        let fixture = Fixture::new();
        fixture.write("it's notes.txt", "no\ntwo apple trees\n");
        fixture.write("-a.md", "# An apple\n");
        let told = fixture
            .run(&[&model[..], &["--approval-mode", "auto", "rename apple to pear"]].concat());
        let changed = ["it's notes.txt", "-a.md"].map(|name| fixture.read(name).unwrap());
        assert_eq!(changed, ["no\ntwo pear trees\n", "# An pear\n"], "{model:?}: {told:?}");
        fixture.stage.stand.check().unwrap();
    }
}

// Commands have a terminal on Linux only.
#[cfg(target_os = "linux")]
#[test]
fn a_command_is_started_typed_into_and_waited_for() {
    let fixture = Fixture::new();
    let terminal = fixture.open(&[&PATCHER[..], &["--approval-mode", "full"]].concat());
    terminal.ask("start `sh -c 'read word; echo heard $word; exit 3'`");
    terminal.wait_for("as session 1.");
    terminal.rests();
    terminal.ask("type pears into it");
    terminal.wait_for("heard pears");
    terminal.wait_for("exited with code 3)");
    terminal.rests();
    terminal.ask("what does it say?");
    terminal.wait_for("started is running.");
    terminal.rests();
    fixture.leave(&terminal);
}

/// Replaces shares, which depend on the length of the instructions and of the folder's path.
fn plain(line: &str) -> String {
    let line = line.replace('\u{a0}', " ");
    let line = line.trim_end();
    match line.split_once("context ") {
        Some((before, after)) => {
            format!("{before}context{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => line.to_owned(),
    }
}

#[test]
fn the_picture_in_the_readme_is_what_the_demo_shows() {
    let readme = include_str!("../../README.md");
    let picture = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    let picture: Vec<String> = picture.unwrap().lines().map(plain).collect();
    let fixture = Fixture::with_plan(Options::default());
    let folder = fixture.outside().join("orchard");
    fs::create_dir_all(folder.join("src")).unwrap();
    let fruit = "pub fn name() -> &'static str {\n    \"apple\"\n}\n";
    fs::write(folder.join("src/fruit.rs"), fruit).unwrap();
    let git = Command::new("git").args(["init", "-q", "-b", "main"]).current_dir(&folder).status();
    assert!(git.unwrap().success());
    let (home, rows) = (fixture.outside().display().to_string(), picture.len() as u16);
    let terminal =
        fixture.open_with(&[], |setup| setup.folder_at(folder).env("HOME", &home).size(80, rows));
    terminal.ask("rename apple to pear");
    terminal.wait_until("it looks as in the README", move |screen| {
        screen.lines().iter().map(|line| plain(line)).eq(picture.iter().cloned())
    });
    terminal.decide("y");
    terminal.rests();
    fixture.leave(&terminal);
}
