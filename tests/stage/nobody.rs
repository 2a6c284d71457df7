//! The program as an unprivileged user, where root runs the stories.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// Puts a program into a folder that starts codling as nobody. `None` if `setpriv` is missing.
pub fn of_nobody(folder: &Path) -> Option<PathBuf> {
    let (copy, program) = (folder.join("codling"), folder.join("program"));
    fs::hard_link(env!("CARGO_BIN_EXE_codling"), &copy)
        .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_codling"), &copy).map(drop))
        .unwrap();
    let line = format!(
        "exec setpriv --reuid 65534 --regid 65534 --clear-groups {} \"$@\"",
        copy.display()
    );
    fs::write(&program, format!("#!/bin/sh\n{line}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    // A program that another test starts has the file open too, until it is another program.
    let begun = loop {
        match Command::new(&program).arg("--version").output() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
            begun => break begun,
        }
    };
    begun.is_ok_and(|output| output.status.success()).then_some(program)
}
