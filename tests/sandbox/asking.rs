//! `codling sandbox`, and what is said where a command cannot be run.

use std::path::Path;
use std::process::Command;

use codling::protocol::{Confinement, Sandbox};
use codling::sandbox::{How, probe};

use super::desk::Desk;

#[test]
fn a_cage_that_cannot_be_built_runs_nothing() {
    Desk::each(|desk| {
        for (command, says) in [(vec!["/not/there"], "No such file"), (vec!["sh\0"], "could not be started")] {
            let mut order = desk.order(Confinement::Folder, "");
            order.command = command.into_iter().map(Into::into).collect();
            let seen = desk.run_order(&order);
            let told = format!("{:?} {}", seen.how, seen.text);
            assert!(told.contains(says) && seen.how != How::Exit(0), "{told}");
        }
    });
}

#[test]
fn a_person_can_ask_for_the_tier_and_run_a_command_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_codling");
        Command::new(program).arg("sandbox").args(arguments).current_dir(dir.path()).env("HOME", dir.path()).output().unwrap()
    };
    let told = run(&[]);
    let tier = String::from_utf8(told.stdout).unwrap();
    assert!(told.status.success() && tier.starts_with("Tier ") && tier.lines().count() == 1, "{tier}");
    if probe(Path::new(env!("CARGO_BIN_EXE_codling"))) == Sandbox::Absent {
        assert!(!run(&["--", "true"]).status.success());
        return;
    }
    for (arguments, works) in [
        (&["--", "sh", "-c", "echo made; : > new"][..], true),
        (&["--mode", "read-only", "--", "sh", "-c", "echo made; : > other"], false),
        (&["--", "sh", "-c", "echo made; : > ../other"], false),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.success(), works, "{arguments:?}");
        assert!(output.stdout.starts_with(b"made\n"), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(tier.trim()));
    }
    assert!(dir.path().join("new").exists() && !dir.path().join("other").exists());
}
