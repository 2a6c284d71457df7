//! Places that a command cannot read, and parts of the folder that it cannot change.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use codling::protocol::{Confinement, Sandbox, SandboxOpenings};
use codling::sandbox::{CommandSpec, ExitKind, kill_switch};

use super::super::fixture::Fixture;
use crate::stage::{crowd, sentences};

#[test]
fn hidden_files_cannot_be_read_by_any_name() {
    Fixture::each(|fixture| {
        for name in ["auth.json", ".auth.json.x.tmp", "auth.json.damaged-1"] {
            fs::File::create(fixture.outside.join(name)).unwrap().write_all(b"a secret").unwrap();
        }
        std::os::unix::fs::symlink(fixture.outside.join("auth.json"), fixture.folder.join("link"))
            .unwrap();
        let mut order = fixture.order(Confinement::Folder, "");
        fs::create_dir(fixture.outside.join(".ssh")).unwrap();
        fs::write(fixture.outside.join(".ssh/id"), "a secret").unwrap();
        std::os::unix::fs::symlink(fixture.outside.join(".ssh"), fixture.folder.join("keys"))
            .unwrap();
        order.hidden = vec![
            fixture.outside.join("auth.json"),
            "/not/there/auth.json".into(),
            fixture.outside.join(".ssh"),
        ];
        for (line, works) in [
            ("cat $OUT/auth.json", false),
            ("cat $OUT/.auth.json.x.tmp $OUT/auth.json.damaged-1", false),
            ("cat link", false),
            ("cat $OUT/.ssh/id", false),
            ("cat keys/id", false),
            ("cd keys && cat id", false),
            ("mv $OUT/.ssh s; cat s/id", false),
            ("cat /proc/self/root$OUT/auth.json", false),
            ("ln $OUT/auth.json copy && cat copy", false),
            ("cp $OUT/auth.json copy", false),
            ("cat $OUT/file file /etc/passwd", true),
            ("echo x > new && cat new", true),
            ("echo x > $TMPDIR/new && cat $TMPDIR/new", true),
            ("ls $OUT / /etc", true),
            ("cat /proc/self/status /proc/cpuinfo && ls -l /proc/self/fd", true),
        ] {
            order.command[2] = line.into();
            let seen = fixture.run_order(&order);
            assert_eq!(seen.how == ExitKind::Exit(0), works, "{line}: {}", seen.text);
            assert!(!seen.text.contains("a secret"), "{line}");
        }
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn what_landlock_cannot_hide_is_not_run() {
    Fixture::each_that(
        |sandbox| sandbox == Sandbox::Landlock,
        |fixture| {
            fs::write(fixture.outside.join("auth.json"), "a secret").unwrap();
            crowd(&fixture.outside, 0..17_000);
            let order = CommandSpec {
                hidden: vec![fixture.outside.join("auth.json")],
                ..fixture.order(Confinement::Folder, "cat $OUT/auth.json; echo ran")
            };
            let seen = fixture.run_order(&order);
            assert_eq!(seen.how, ExitKind::Exit(126), "{}", seen.text);
            assert!(
                seen.text.contains(sentences::TOO_MANY_FILES) && !seen.text.contains("ran"),
                "{}",
                seen.text
            );
        },
    );
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn kept_places_cannot_be_changed_and_covered_ones_not_be_looked_into_however_many_files_are_beside()
{
    Fixture::each_that(Sandbox::has_mounts, |fixture| {
        let git = fixture.folder.join(".git");
        for folder in [&git, &fixture.outside.join(".ssh"), &fixture.outside.join("data/out")] {
            fs::create_dir_all(folder).unwrap();
        }
        for file in [
            "work/.git/HEAD",
            "work/.env",
            "outside/.ssh/id",
            "outside/auth.json",
            "outside/data/log",
            "outside/data/out/told",
        ] {
            fs::write(fixture.folder.parent().unwrap().join(file), "a secret").unwrap();
        }
        // Too many for a second wall.
        crowd(&fixture.folder, 0..17_000);
        let hidden = [".ssh", "auth.json", "data"].map(|name| fixture.outside.join(name));
        let hidden = hidden.into_iter().chain([fixture.folder.join(".env")]).collect();
        let (kept, shown) = (vec![git.clone()], vec![fixture.outside.join("data/out")]);
        let order = CommandSpec { hidden, kept, shown, ..fixture.order(Confinement::Folder, "") };
        let run = |line: &str| {
            let mut order = order.clone();
            order.command[2] = line.into();
            fixture.run_order(&order)
        };
        for line in [
            "rm -rf .git; [ ! -e .git/HEAD ]",
            "mv .git away",
            "mv ../work/.git $TMPDIR/git",
            "echo x > .git/new",
            "rm .git/HEAD",
            "chmod 777 .git",
            "cat .env",
            "cat $OUT/auth.json",
            "cat $OUT/.ssh/id",
            "cat $OUT/data/log",
            "umount .env; cat .env",
            "rm .env; mv .env env",
            "ln .env env && cat env",
            "ln $OUT/.ssh/id id && cat id",
            "echo x > $OUT/data/out/told",
            "echo x > $OUT/data/new",
        ] {
            let seen = run(line);
            assert!(
                seen.how != ExitKind::Exit(0) && !seen.text.contains("a secret"),
                "{line}: {}",
                seen.text
            );
        }
        let seen = run(
            "cat .git/HEAD $OUT/data/out/told && ls $OUT/.ssh $OUT/data .git && stat $OUT/.ssh .env && echo x > new",
        );
        assert_eq!(seen.how, ExitKind::Exit(0), "{}", seen.text);
        assert_eq!(fs::read_to_string(fixture.folder.join(".env")).unwrap(), "a secret");
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_hidden_folder_is_covered_around_the_folder_in_it_that_commands_write_to() {
    Fixture::each_that(Sandbox::has_mounts, |fixture| {
        let many = fixture.outside.join("many");
        let open = many.join("a/open");
        for folder in [&many.join("b"), &open.join(".git")] {
            fs::create_dir_all(folder).unwrap();
        }
        for file in ["many/.env", "many/b/key", "many/a/key"] {
            fs::write(fixture.outside.join(file), "a secret").unwrap();
        }
        fs::write(open.join("told"), "no matter").unwrap();
        fixture.give_away();
        let order = |line: &str| CommandSpec {
            hidden: vec![many.clone()],
            kept: vec![open.join(".git")],
            grants: SandboxOpenings { folders: vec![open.clone()], ..Default::default() },
            ..fixture.order(Confinement::Folder, line)
        };
        for line in [
            "cat $OUT/many/.env",
            "cat $OUT/many/b/key",
            "cat $OUT/many/a/key",
            "cat $OUT/many/a/open/../key",
            "cd $OUT/many/a/open && cat ../../.env",
            "echo x > $OUT/many/new",
            "echo x > $OUT/many/a/new",
            "echo x > $OUT/many/a/open/.git/config",
        ] {
            let seen = fixture.run_order(&order(line));
            assert!(
                seen.how != ExitKind::Exit(0) && !seen.text.contains("a secret"),
                "{line}: {}",
                seen.text
            );
        }
        let line = "cd $OUT/many/a/open && cat told && echo x > new && echo x > $TMPDIR/new && echo x > ../open/other";
        let seen = fixture.run_order(&order(line));
        assert_eq!(seen.how, ExitKind::Exit(0), "{}", seen.text);
        assert!(open.join("new").exists() && open.join("other").exists());
    });
}

#[test]
fn what_is_run_and_what_is_hidden_stands_in_no_arguments_that_others_can_read() {
    Fixture::each(|fixture| {
        let (secret, marker) = (fixture.outside.join("hidden-place"), "marker=unspoken");
        fs::write(&secret, "a secret").unwrap();
        let line = format!("{marker}; echo begun; until [ -e go ]; do sleep 0.01; done");
        let order = CommandSpec {
            hidden: vec![secret.clone()],
            kept: vec![fixture.folder.join("sub")],
            ..fixture.order(Confinement::Folder, &line)
        };
        let (_held, switch) = kill_switch().unwrap();
        let mut seen = Vec::new();
        let end = order.run(&fixture.program, switch, &mut |heard| {
            if !heard.is_empty() {
                seen = arguments();
                fs::write(fixture.folder.join("go"), "").unwrap();
            }
        });
        assert_eq!(end.how, ExitKind::Exit(0));
        let own =
            |role: &str| seen.iter().filter(|words| words.iter().any(|word| word == role)).count();
        assert!(own("__supervisor") > 0, "{seen:?}");
        // It is closed before the program becomes the command.
        assert!(!fixture.sandbox.has_processes() || own("__child") > 0, "{seen:?}");
        for words in &seen {
            let is_supervisor = words[0] == env!("CARGO_BIN_EXE_codling")
                && words.get(1).is_some_and(|role| role == "__supervisor");
            assert!(!is_supervisor || words.len() == 2, "{words:?}");
            assert!(!words.concat().contains(&*secret.to_string_lossy()), "{words:?}");
            // The shell's own arguments are the command.
            assert!(!words.concat().contains(marker) || words[0] == "/bin/sh", "{words:?}");
        }
    });
}

#[test]
fn a_command_is_not_run_where_what_is_hidden_is_not_told_whole() {
    let packed = |words: &[&str]| {
        let words: Vec<u8> = words.iter().flat_map(|word| word.bytes().chain([0])).collect();
        [&u64::try_from(words.len()).unwrap().to_le_bytes(), &words[..]].concat()
    };
    Fixture::each(|fixture| {
        let whole = packed(&["0", "everything", "0", "0", ""]);
        let cut = whole[..whole.len() - 4].to_vec();
        // A missing message would be awaited until nobody is left to send it.
        for (hidden, lets_go, runs) in [
            (whole, false, true),
            (cut, true, false),
            (Vec::new(), true, false),
            (packed(&[]), false, false),
            (packed(&["0", "everything"]), false, false),
            (packed(&["0", "everything", "0", "0"]), false, false),
            (packed(&["1", "everything", "0"]), false, false),
            (packed(&["0", "names", "2", "/a"]), false, false),
        ] {
            let folder = fixture.folder.to_str().unwrap();
            let temporary = fixture.outside.join("temporary");
            let temporary = temporary.to_str().unwrap();
            let told = packed(
                &[
                    // No trace and no hosts.
                    &["60000", "", "heard", "0"][..],
                    &["read-only", fixture.sandbox.as_str(), folder, temporary],
                    // No network; nothing hidden, shown, kept or opened.
                    &["untraced", "closed", "0", "0", "0", "0"],
                    &["/bin/echo", "it", "runs"],
                ]
                .concat(),
            );
            let mut supervisor = Command::new(&fixture.program)
                .arg("__supervisor")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut line = supervisor.stdin.take().unwrap();
            line.write_all(&[told, hidden.clone()].concat()).unwrap();
            let _held = (!lets_go).then_some(line);
            let mut said = String::new();
            supervisor.stdout.take().unwrap().read_to_string(&mut said).unwrap();
            let mut end = String::new();
            supervisor.stderr.take().unwrap().read_to_string(&mut end).unwrap();
            assert!(supervisor.wait().unwrap().success());
            assert_eq!(said.contains("it runs"), runs, "{hidden:?}: {said} {end}");
            if !runs && !lets_go {
                let why = "what is to be hidden was not told whole";
                assert!(said.contains(why) || end.contains(why), "{hidden:?}: {said} {end}");
            }
        }
    });
}

/// The command lines of all processes of the machine.
fn arguments() -> Vec<Vec<String>> {
    let all = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let words = |bytes: Vec<u8>| {
        bytes
            .split(|byte| *byte == 0)
            .filter(|word| !word.is_empty())
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect()
    };
    all.map(words).filter(|words: &Vec<String>| !words.is_empty()).collect()
}
