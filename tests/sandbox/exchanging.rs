//! The guard of repositories while another command of the folder still runs and exchanges folders
//! for links to outside.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use codling::protocol::{Confinement, Sandbox};
use codling::sandbox::{CommandSpec, ExitKind, kill_switch};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::fixture::Fixture;

const REPOSITORIES: usize = 20;
/// Commands that end while the other one runs.
const COMMANDS: usize = 12;

/// Holds the folder by a descriptor, and exchanges each repository for a link until it is stopped.
const EXCHANGE: &str = "exec python3 -c '
import ctypes, os
call = ctypes.CDLL(None).syscall
at = os.open(\".\", os.O_RDONLY | os.O_DIRECTORY)
number = {\"x86_64\": 316, \"aarch64\": 276}[os.uname().machine]
def exchange(one, other):
    return call(number, at, one.encode(), at, other.encode(), 2)
tried = [exchange(\"r%d\" % each, \"l%d\" % each) for each in range(20)]
os.write(1, b\"ready\\n\" if not any(tried) else b\"refused\\n\")
while True:
    for each in range(20):
        exchange(\"r%d\" % each, \"l%d\" % each)
'";

fn repository(at: &Path, config: &str) {
    for folder in ["objects", "refs", "hooks"] {
        fs::create_dir_all(at.join(".git").join(folder)).unwrap();
    }
    fs::write(at.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(at.join(".git/config"), config).unwrap();
}

#[test]
fn nothing_outside_changes_while_a_command_exchanges_repositories_for_links() {
    Fixture::each(|fixture| {
        for each in 0..REPOSITORIES {
            repository(&fixture.folder.join(format!("r{each}")), "[core]\n\tbare = false\n");
            repository(&fixture.outside.join(format!("o{each}")), "[user]\n\tname = theirs\n");
            let link = fixture.folder.join(format!("l{each}"));
            std::os::unix::fs::symlink(fixture.outside.join(format!("o{each}")), link).unwrap();
        }
        fixture.give_away();
        let outside = || -> Vec<(String, Vec<String>)> {
            let read = |each| {
                let git = fixture.outside.join(format!("o{each}/.git"));
                let mut names: Vec<String> = fs::read_dir(&git)
                    .unwrap()
                    .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                    .collect();
                names.sort();
                (fs::read_to_string(git.join("config")).unwrap_or_default(), names)
            };
            (0..REPOSITORIES).map(read).collect()
        };
        let before = outside();
        let (held, switch) = kill_switch().unwrap();
        let (is_ready, is_refused) = (AtomicBool::new(false), AtomicBool::new(false));
        let mut put_right = 0;
        let job = fixture.order(Confinement::Folder, EXCHANGE);
        std::thread::scope(|scope| {
            let running = scope.spawn(|| {
                job.run(&fixture.program, switch, &mut |heard| {
                    is_ready.store(heard == b"ready\n", Ordering::Relaxed);
                    is_refused.store(heard != b"ready\n", Ordering::Relaxed);
                })
            });
            while !is_ready.load(Ordering::Relaxed) {
                assert!(!is_refused.load(Ordering::Relaxed) && !running.is_finished());
                std::thread::yield_now();
            }
            for round in 0..COMMANDS {
                // The guard searches afterwards for repositories that nobody named before.
                let known = if round % 2 == 0 { REPOSITORIES } else { 0 };
                let kept = (0..known)
                    .map(|each| fixture.folder.join(format!("r{each}/.git")))
                    .filter(|git| git.symlink_metadata().is_ok());
                let order = CommandSpec {
                    kept: kept.collect(),
                    ..fixture.order(Confinement::Folder, "for r in r* l*; do printf '[core]\n\tfsmonitor = x\n' >> $r/.git/config; done 2> /dev/null; true")
                };
                let (end, _text) = fixture.run_to_end(&order);
                // A link in its place cannot be mounted over, and then nothing runs.
                assert!(matches!(end.how, ExitKind::Exit(_) | ExitKind::Failed(_)), "{end:?}");
                put_right += end.put_back.len() + end.disarmed.len();
            }
            drop(held);
            running.join().unwrap();
        });
        let after = outside();
        let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
        assert_ne!(put_right, 0, "the guard had nothing to do");
        assert_eq!(changed, 0, "of {REPOSITORIES} outside, in tier {}", fixture.sandbox.tier());
    });
}

/// The ends of commands that run while something is done again and again, and their output.
fn meanwhile(
    fixture: &Fixture,
    order: &CommandSpec,
    again: impl Fn() + Sync,
) -> Vec<(ExitKind, String)> {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                again();
            }
        });
        let runs = (0..COMMANDS).map(|_| fixture.run_order(order));
        let seen = runs.map(|seen| (seen.how, seen.text)).collect();
        is_over.store(true, Ordering::Relaxed);
        seen
    })
}

/// bubblewrap mounts by itself, and refuses a command now and then.
fn mounts_itself(sandbox: Sandbox) -> bool {
    sandbox != Sandbox::Bubblewrap
}

#[test]
fn a_file_that_is_written_anew_all_the_time_is_hidden_from_each_command() {
    Fixture::each_that(mounts_itself, |fixture| {
        let (new, hidden) = (fixture.outside.join("new.json"), fixture.outside.join("auth.json"));
        let renew = || {
            fs::write(&new, "A-SECRET\n").unwrap();
            fs::rename(&new, &hidden).unwrap();
        };
        renew();
        let order = fixture.order(Confinement::Folder, "echo ran");
        let order = CommandSpec { hidden: vec![hidden.clone()], ..order };
        for one in meanwhile(fixture, &order, renew) {
            assert_eq!(one, (ExitKind::Exit(0), "ran\n".into()));
        }
    });
}

#[test]
fn a_repository_that_is_exchanged_all_the_time_keeps_no_command_from_running() {
    Fixture::each_that(mounts_itself, |fixture| {
        let (kept, other) = (fixture.folder.join(".git"), fixture.folder.join("other"));
        fs::create_dir_all(&kept).unwrap();
        fs::create_dir_all(&other).unwrap();
        let order = fixture.order(Confinement::Folder, "echo ran");
        let order = CommandSpec { kept: vec![kept.clone()], ..order };
        let exchange = || renameat_with(CWD, &kept, CWD, &other, RenameFlags::EXCHANGE).unwrap();
        for one in meanwhile(fixture, &order, exchange) {
            assert_eq!(one, (ExitKind::Exit(0), "ran\n".into()));
        }
    });
}
