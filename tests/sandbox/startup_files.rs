//! `codling sandbox` and the table of files that run by themselves later, or that later sessions
//! are told: a command can neither change one that is there nor bring one unseen.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use codling::base::startup_files;
use codling::protocol::Sandbox;

use crate::stage::needs::demand_sandbox;

const PROGRAM: &str = env!("CARGO_BIN_EXE_codling");
/// Places per command: only the first few that came are named.
const AT_A_TIME: usize = 5;

fn run(folder: &Path, home: &Path, line: &str) -> Output {
    Command::new(PROGRAM)
        .args(["sandbox", "--", "sh", "-c", line])
        .current_dir(folder)
        .env("CODLING_HOME", home)
        .output()
        .unwrap()
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_sandboxed_command_changes_none_of_them_and_brings_none_unseen() {
    demand_sandbox(|sandbox| sandbox == Sandbox::Namespaces);
    let dir = tempfile::tempdir().unwrap();
    let (there, empty) = (dir.path().join("there"), dir.path().join("empty"));
    // Half of the table is folders, and each may be a file or a folder: a file in a folder is both.
    for place in startup_files() {
        fs::create_dir_all(there.join(place)).unwrap();
        fs::write(there.join(place).join("x"), "ours").unwrap();
        fs::create_dir_all(empty.join(place).parent().unwrap()).unwrap();
    }
    let writes: Vec<String> =
        startup_files().map(|place| format!("echo theirs > '{place}/x'")).collect();
    run(&there, dir.path(), &writes.join("\n"));
    for place in startup_files() {
        let text = fs::read_to_string(there.join(place).join("x")).unwrap();
        assert_eq!(text, "ours", "{place}");
    }
    let places: Vec<&str> = startup_files().collect();
    for places in places.chunks(AT_A_TIME) {
        let brings: Vec<String> =
            places.iter().map(|place| format!("echo x > '{place}'")).collect();
        let output = run(&empty, dir.path(), &brings.join("\n"));
        let said = String::from_utf8_lossy(&output.stderr);
        for place in places {
            let came = empty.join(place).exists();
            assert!(!came || said.contains(&format!("`{place}`")), "{place}: {said}");
        }
    }
}
