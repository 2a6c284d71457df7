//! The state after a command has ended: no processes, and git unchanged.

use std::fs;
use std::path::Path;
use std::time::Duration;

use codling::protocol::Confinement;
use codling::sandbox::{CommandSpec, kill_switch};

use crate::stage::until;

use super::fixture::Fixture;

#[test]
fn the_temporary_folder_is_private_and_gone_afterwards() {
    Fixture::each(|fixture| {
        let seen =
            fixture.run(Confinement::Folder, "mkdir -p $TMPDIR/a/b; echo x > $TMPDIR/a/b/c; stat -c %a $TMPDIR; echo $TMPDIR $TMP $TEMP");
        let mut lines = seen.text.lines();
        assert_eq!(lines.next(), Some("700"));
        let paths: Vec<_> = lines.next().unwrap().split(' ').collect();
        assert!(
            paths.len() == 3
                && paths.iter().all(|path| *path == paths[0] && !Path::new(path).exists()),
            "{paths:?}"
        );
    });
}

#[test]
fn forty_commands_leave_nothing_behind() {
    Fixture::each(|fixture| {
        let own = format!("PPid:\t{}\n", std::process::id());
        let ten = || {
            for number in 0..10 {
                let line = match number {
                    0 => "echo $TMPDIR; sleep 600 & mkdir -p $TMPDIR/a/b",
                    1..4 => "echo $TMPDIR; exit 3",
                    4..7 => "echo $TMPDIR; kill -9 $$",
                    _ => "echo $TMPDIR; touch $TMPDIR/x",
                };
                let seen = fixture.run(Confinement::ReadOnly, line);
                let folder = seen.text.trim_end();
                assert!(folder.starts_with('/') && !Path::new(folder).exists(), "{line}: {folder}");
            }
        };
        // Runs them in parallel, because remaining processes are awaited.
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(ten);
            }
        });
        assert_eq!(fs::read_dir(&fixture.folder).unwrap().count(), 2);
        // Other tests of this process have children that come and go; a zombie of ours would stay.
        let zombies = || {
            let statuses = fs::read_dir("/proc")
                .unwrap()
                .flatten()
                .map(|entry| fs::read_to_string(entry.path().join("status")));
            statuses
                .flatten()
                .filter(|status| status.contains(&own) && status.contains("State:\tZ"))
                .count()
        };
        until(Duration::from_secs(30), "no zombie stays", || zombies() == 0);
    });
}

#[test]
fn what_git_would_follow_outside_of_the_sandbox_is_put_back() {
    Fixture::each(|fixture| {
        let git = fixture.folder.join(".git");
        fs::create_dir_all(git.join("hooks")).unwrap();
        fs::write(git.join("config"), "[core]\n\tbare = false\n").unwrap();
        if fixture.program != Path::new(env!("CARGO_BIN_EXE_codling")) {
            for path in [".git", ".git/hooks", ".git/config"] {
                std::os::unix::fs::lchown(fixture.folder.join(path), Some(65534), Some(65534))
                    .unwrap();
            }
        }
        let hostile = "printf '[alias]\\n\\tst = !touch %s\\n' \"$OUT/x\" >> .git/config; echo x > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit";
        for line in [
            hostile.to_owned(),
            format!("{hostile}; sleep 60 & exit 3"),
            format!("{hostile}; kill -9 $$"),
        ] {
            let (_held, switch) = kill_switch().unwrap();
            let end = fixture.order(Confinement::Folder, &line).run(
                &fixture.program,
                switch,
                &mut |_| {},
            );
            let told: Vec<(&str, Option<&str>)> = end
                .put_back
                .iter()
                .map(|name| name.split_once(" → ").map_or((&**name, None), |(a, b)| (a, Some(b))))
                .collect();
            let files = [".git/config", ".git/hooks/pre-commit"];
            assert_eq!(told.iter().map(|(name, _)| *name).collect::<Vec<_>>(), files, "{end:?}");
            // Files set aside earlier are kept, so this one gets another name.
            for (name, aside) in told {
                let plain = format!("{name}.set-aside");
                let aside = aside.map_or(fixture.folder.join(plain), |aside| {
                    fixture.folder.join(name).with_file_name(aside)
                });
                let text = fs::read_to_string(&aside).unwrap();
                assert!(text.contains("[alias]") || text == "x\n", "{}: {text}", aside.display());
            }
            assert_eq!(
                fs::read_to_string(git.join("config")).unwrap(),
                "[core]\n\tbare = false\n",
                "{line}"
            );
            assert!(
                !git.join("hooks/pre-commit").exists() && git.join("config.set-aside").exists(),
                "{line}"
            );
        }
        let (_held, switch) = kill_switch().unwrap();
        let end =
            fixture.order(Confinement::Free, hostile).run(&fixture.program, switch, &mut |_| {});
        assert!(
            end.put_back.is_empty() && git.join("hooks/pre-commit").exists(),
            "what was let out of the sandbox is a person's wish: {end:?}"
        );
    });
}

/// Exchanges folders for others with one system call each.
const EXCHANGED: &str =
    "mkdir -p n/c n/h; echo other > n/c/config.toml; echo other > n/h/pre-commit; python3 -c '
import ctypes, os
number = {\"x86_64\": 316, \"aarch64\": 276}[os.uname().machine]
for one, other in [(b\".cargo\", b\"n/c\"), (b\".husky\", b\"n/h\")]:
    ctypes.CDLL(None).syscall(number, -100, one, -100, other, 2)
'";

#[test]
fn what_takes_the_place_of_a_file_that_runs_later_is_refused_or_told() {
    Fixture::each(|fixture| {
        let has_mounts = fixture.sandbox.tier() <= 2;
        fs::create_dir_all(fixture.folder.join(".cargo")).unwrap();
        fs::create_dir_all(fixture.folder.join(".husky")).unwrap();
        fs::write(fixture.folder.join(".cargo/config.toml"), "ours").unwrap();
        fs::write(fixture.folder.join(".husky/pre-commit"), "ours").unwrap();
        fixture.give_away();
        let names = [".cargo/config.toml", ".husky", ".envrc"];
        let run = |line: &str| {
            let kept = names.map(|name| fixture.folder.join(name)).into();
            let order = CommandSpec { kept, ..fixture.order(Confinement::Folder, line) };
            fixture.run_to_end(&order).0
        };
        assert!(run("ls -R > /dev/null; mv file file2; mv file2 file").startup_files.is_empty());
        let read = |name: &str| fs::read_to_string(fixture.folder.join(name)).unwrap();
        let moved = "mv .cargo x && mkdir .cargo; echo theirs > .cargo/config.toml; mv .husky y && mkdir .husky && echo theirs > .husky/pre-commit";
        for line in [moved, EXCHANGED] {
            let end = run(line);
            if has_mounts {
                assert!(end.startup_files.is_empty(), "{end:?}");
                assert_eq!(read(".cargo/config.toml"), "ours");
                assert_eq!(read(".husky/pre-commit"), "ours");
            } else {
                assert_eq!(end.startup_files, [".cargo/config.toml", ".husky"], "{line}");
            }
        }
        // Other files of the folder can be changed, and new entries are reported.
        let come = run("echo x > .cargo/other && echo x > .envrc");
        assert_eq!(
            (read(".cargo/other").as_str(), come.startup_files),
            ("x\n", vec![".envrc".to_owned()])
        );
    });
}
