//! Killed programs, and the remains of their commands: no process, no mount, no file.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use codling::protocol::{Confinement, Sandbox};
use codling::sandbox::ExitKind;
use tempfile::TempDir;

use crate::stage::needs::demand_sandbox;
use crate::stage::until;

use super::fixture::Fixture;

const LIMIT: Duration = Duration::from_secs(30);

/// A command that started processes in every possible way, all with a marker variable, and that
/// reports its temporary folder once they run.
const LINE: &str = "sleep 600 & (setsid sleep 600 &); (trap '' TERM HUP; sleep 600) & mkdir -p $TMPDIR/a; chmod 0 $TMPDIR/a; \
    while [ $(pgrep -c sleep) -lt 3 ]; do :; done; echo $TMPDIR; exec sleep 600";

struct Running {
    program: Child,
    lines: BufReader<ChildStdout>,
    temporary: String,
    mark: String,
    _folder: TempDir,
}

/// Cleans up after a failed story too.
impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.program.kill();
        let _reaped = self.program.wait();
    }
}

impl Running {
    fn start() -> Self {
        let mark =
            format!("MARK_OF_A_TEST={}-{:?}", std::process::id(), Instant::now()).replace(' ', "");
        let (name, value) = mark.split_once('=').unwrap();
        let folder = TempDir::new().unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_codling"))
            .args(["sandbox", "--", "bash", "-c", LINE])
            .env(name, value)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap());
        let mut running = Self { program, lines, temporary: String::new(), mark, _folder: folder };
        running.lines.read_line(&mut running.temporary).unwrap();
        running.temporary.truncate(running.temporary.trim_end().len());
        assert!(Path::new(&running.temporary).is_dir(), "{}", running.temporary);
        running
    }

    /// The process with this role.
    fn find(&self, role: &str) -> String {
        let found = marked(&self.mark).into_iter().find(|pid| {
            let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            words.split(|byte| *byte == 0).nth(1) == Some(role.as_bytes())
        });
        found.unwrap_or_else(|| panic!("there is no {role}"))
    }
}

/// Live processes that were started with the variable.
fn marked(mark: &str) -> BTreeSet<String> {
    let all = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let has = |pid: &String| {
        let variables = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        variables.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    };
    all.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(has).collect()
}

fn mounts() -> String {
    fs::read_to_string("/proc/self/mounts").unwrap()
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn whoever_is_killed_no_process_and_no_mount_and_no_file_stays() {
    demand_sandbox(|sandbox| sandbox == Sandbox::Namespaces);
    for victim in ["program", "__supervisor", "__child"] {
        let before = mounts();
        let mut running = Running::start();
        assert!(marked(&running.mark).len() >= 6, "{victim}");
        let pid = if victim == "program" {
            running.program.id().to_string()
        } else {
            running.find(victim)
        };
        assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
        // The program ends by itself if it was not the killed one.
        until(LIMIT, &format!("nothing of it stays after {victim}"), || {
            let _reaped = running.program.try_wait();
            marked(&running.mark).is_empty() && !Path::new(&running.temporary).exists()
        });
        assert!(!running.program.wait().unwrap().success(), "{victim}");
        assert_eq!(mounts(), before, "{victim}");
        let mut rest = String::new();
        assert_eq!(running.lines.read_line(&mut rest).unwrap(), 0, "{victim}: {rest}");
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_command_whose_time_is_over_while_it_is_set_up_is_never_begun() {
    Fixture::each_that(
        |sandbox| sandbox != Sandbox::Bubblewrap,
        |fixture| {
            // It starts only after all hidden places are known, so that nothing delays the setup.
            let mut order = fixture.order(Confinement::Folder, "touch ran; sleep 600");
            // The setup waits until all of these were looked for.
            order.hidden =
                (0..20_000).map(|n| fixture.outside.join(n.to_string()).join("x")).collect();
            order.limit = Duration::ZERO;
            let seen = fixture.run_order(&order);
            assert_eq!(seen.how, ExitKind::Late, "{}", seen.text);
            assert!(!fixture.folder.join("ran").exists(), "{:?}", fixture.sandbox);
        },
    );
}

#[test]
fn a_command_sees_its_own_processes_alone_and_can_end_them_as_before() {
    Fixture::each(|fixture| {
        let of_all = !fixture.sandbox.has_processes();
        for (line, how) in [
            ("ps ax -o pid= | wc -l | grep -qx '[3456]'", ExitKind::Exit(i32::from(of_all))),
            ("[ $PPID = 1 ]", ExitKind::Exit(i32::from(of_all))),
            ("exit 7", ExitKind::Exit(7)),
            ("kill -9 $$", ExitKind::Signal(9)),
            ("kill -TERM $$", ExitKind::Signal(15)),
            ("kill -INT 0", ExitKind::Signal(2)),
            ("trap 'exit 3' TERM; kill -TERM $$; sleep 600", ExitKind::Exit(3)),
            (
                "set -m; sleep 600 & kill -STOP %1; kill -CONT %1; kill %1; wait %1; [ $? = 143 ]",
                ExitKind::Exit(0),
            ),
            ("(sleep 0.05; exit 5) & wait $!; [ $? = 5 ]", ExitKind::Exit(0)),
            // Orphans are reaped, so that no process id stays occupied.
            (
                "for n in $(seq 50); do (true &) ; done; while ps ax -o stat= | grep -q Z; do :; done",
                ExitKind::Exit(0),
            ),
        ] {
            if of_all && line.contains("grep -q Z") {
                continue;
            }
            for confinement in [Confinement::Folder, Confinement::ReadOnly] {
                let mut order = fixture.order(confinement, line);
                order.command[0] = "/bin/bash".into();
                let seen = fixture.run_order(&order);
                assert_eq!(seen.how, how, "{line}: {}", seen.text);
            }
        }
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn the_first_process_cannot_be_steered_by_what_it_started() {
    Fixture::each_that(Sandbox::has_mounts, |fixture| {
        for line in [
            "kill -9 1; kill -TERM 1; kill -STOP 1; echo alive; exit 4",
            "cat /proc/1/environ /proc/1/mem; ls /proc/1/fd; echo x > /proc/1/fd/0; readlink /proc/1/root; echo alive; exit 4",
        ] {
            let seen = fixture.run(Confinement::Folder, line);
            assert_eq!(seen.how, ExitKind::Exit(4), "{}", seen.text);
            assert!(
                seen.text.ends_with("alive\n") && !seen.text.contains("PATH="),
                "{}",
                seen.text
            );
        }
    });
}
