//! What the demo's model does with the tools that it is offered, codling's own or Codex's: the real program, and nothing scripted.

use super::scene::{PATCHER, Person, Place};

const OWN: [&str; 2] = ["-m", "codling-demo"];

#[test]
fn it_reads_the_folder_with_whatever_tools_there_are_and_asks_nobody() {
    for (model, tool) in [(OWN, "read"), (PATCHER, "exec_command")] {
        let place = Place::new();
        place.write("README.md", "# Orchard\n\nApples and pears.\n");
        place.write("it's notes.txt", "nothing\n");
        let output = place.run(&[&model[..], &["what is this project?"]].concat());
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        for part in ["**2 files**", "first heading is **Orchard**", "Apples and pears."] {
            assert!(told.contains(part), "{model:?}: {part}: {told}");
        }
        assert!(Place::tools(&place.last()).contains(&tool.to_owned()), "{model:?}");
        place.stage.stand.check().unwrap();
    }
}

#[test]
fn it_changes_every_file_with_whatever_tools_there_are() {
    for model in [OWN, PATCHER] {
        let place = Place::new();
        place.write("it's notes.txt", "no\ntwo apple trees\n");
        place.write("-a.md", "# An apple\n");
        let told =
            place.run(&[&model[..], &["--approval-mode", "auto", "rename apple to pear"]].concat());
        let changed = ["it's notes.txt", "-a.md"].map(|name| place.read(name).unwrap());
        assert_eq!(changed, ["no\ntwo pear trees\n", "# An pear\n"], "{model:?}: {told:?}");
        place.stage.stand.check().unwrap();
    }
}

// A command has a terminal on Linux only.
#[cfg(target_os = "linux")]
#[test]
fn a_command_is_started_typed_into_and_waited_for() {
    let place = Place::new();
    let terminal = place.open(&[&PATCHER[..], &["--approval-mode", "full"]].concat());
    terminal.ask("start `sh -c 'read word; echo heard $word; exit 3'`");
    terminal.wait_for("goes on, as session 1.");
    terminal.rests();
    terminal.ask("type pears into it");
    terminal.wait_for("heard pears");
    terminal.wait_for("has ended (Process exited with code 3)");
    terminal.rests();
    terminal.ask("what does it say?");
    terminal.wait_for("Nothing that I started is running.");
    terminal.rests();
    place.leave(&terminal);
}
