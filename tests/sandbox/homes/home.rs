//! The person's home in the sandbox: files that tools need are there, and no other hidden files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use codling::protocol::Confinement;
use codling::sandbox::{CommandSpec, ExitKind, HomeAccess};

use super::super::fixture::Fixture;
use super::sign_ins::{self, SIGN_INS};

/// A home with sign-ins and files that tools need, owned by the user of the commands.
fn home(fixture: &Fixture) -> PathBuf {
    let home = fixture.folder.parent().unwrap().join("home");
    sign_ins::make(&home, "A-SECRET");
    hand_over(fixture, &home);
    home
}

fn hand_over(fixture: &Fixture, folder: &Path) {
    if fixture.is_of_nobody() {
        let mut chown = Command::new("chown");
        assert!(chown.args(["-R", "65534:65534"]).arg(folder).status().unwrap().success());
    }
}

fn order(fixture: &Fixture, home: &Path, line: &str) -> CommandSpec {
    let mut order = fixture.order(Confinement::Folder, line);
    order.home = HomeAccess { homes: vec![home.to_owned()], ..HomeAccess::default() };
    order.variables.push(("HOME".into(), Some(home.into())));
    order
}

fn assert_works(fixture: &Fixture, order: &CommandSpec) {
    let seen = fixture.run_order(order);
    assert_eq!(
        seen.how,
        ExitKind::Exit(0),
        "{:?} {:?}: {}",
        fixture.sandbox,
        order.command,
        seen.text
    );
    assert!(!seen.text.contains("A-SECRET"), "{}", seen.text);
}

fn assert_no_sign_in_is_read(fixture: &Fixture, mut order: CommandSpec, home: &Path) {
    let mut read = Vec::new();
    for name in SIGN_INS {
        assert!(fs::read_to_string(home.join(name)).unwrap().contains("A-SECRET"));
    }
    // One process for all of them, and one that looks by itself.
    for words in SIGN_INS.chunks(40) {
        let names: Vec<String> = words.iter().map(|name| format!("'{name}'")).collect();
        let line = format!("cd {} && grep -aHs SECRET {}", home.display(), names.join(" "));
        order.command[2] = line.into();
        read.push(fixture.run_order(&order).text);
    }
    order.command[2] = format!("grep -rahs SECRET {}", home.display()).into();
    read.push(fixture.run_order(&order).text);
    assert!(!read.concat().contains("A-SECRET"), "{:?}: {}", fixture.sandbox, read.concat());
}

#[test]
fn no_sign_in_is_read_and_what_tools_need_is_there() {
    Fixture::each(|fixture| {
        let home = home(fixture);
        assert_no_sign_in_is_read(fixture, order(fixture, &home, ""), &home);
        for line in [
            "cat ~/plain.txt ~/.cargo/bin/tool ~/.cache/pip/a ~/.pyenv/versions/3/bin/python",
            "git init -q own && cd own && git commit -q --allow-empty -m m && git log -1 --format=%ae | grep -qx a@b.org && rm -rf ../own",
            "! echo x > ~/new && ! echo x > ~/.cargo/bin/tool && ! mkdir ~/.new",
            "[ -d ~ ] && cd ~ && [ \"$(pwd)\" = ~ ]",
        ] {
            assert_works(fixture, &order(fixture, &home, line));
        }
        assert_eq!(fs::read_to_string(home.join(".cargo/bin/tool")).unwrap(), "known\n");
    });
}

#[test]
fn a_project_can_lie_in_a_home_also_where_nothing_else_is_seen() {
    Fixture::each(|fixture| {
        let home = home(fixture);
        for inner in ["work/project", ".dotfiles/nvim", ".config/nvim"] {
            let folder = home.join(inner);
            fs::create_dir_all(folder.join("sub")).unwrap();
            fs::write(folder.join("file"), "kept").unwrap();
            hand_over(fixture, &home);
            let order = |line: &str| CommandSpec {
                folder: folder.clone(),
                workdir: folder.join("sub"),
                ..order(fixture, &home, line)
            };
            assert_works(
                fixture,
                &order(
                    "echo x > new && cat new ../file && cd .. && ls && echo x >> file && mv sub/new other && rm other",
                ),
            );
            assert_works(fixture, &order("! echo x > ../../beside && ! cat ../../../.config/hub"));
            assert_no_sign_in_is_read(fixture, order(""), &home);
        }
    });
}

#[test]
fn git_reads_a_repository_that_is_hidden_in_the_home_where_it_knows_the_work_tree() {
    Fixture::each(|fixture| {
        let home = home(fixture);
        let root = fixture.folder.parent().unwrap().to_owned();
        let script = "set -e
            git() { command git -c user.name=a -c user.email=a@b \"$@\"; }
            cd \"$0\"; rm -f home/.gitconfig
            git init -q home/.dots; echo A-SECRET > home/.dots/untracked
            for repo in home/.dots home/.private; do
                git init -q $repo; echo x > $repo/file; git -C $repo add file; git -C $repo commit -qm m
            done
            git -C home/.dots worktree add -q ../../tree
            git init -q --separate-git-dir home/.local/share/x apart
            echo x > apart/file; git -C apart add file; git -C apart commit -qm m
            mkdir -p tree/sub planted; echo x > planted/file
            echo \"gitdir: $0/home/.private/.git\" > planted/.git";
        let made = Command::new("bash").args(["-c", script]).arg(&root).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        for folder in ["home", "tree", "apart", "planted"] {
            hand_over(fixture, &root.join(folder));
        }
        // Changing its owner changes it for git.
        let mut refresh = Command::new("git");
        refresh.args(["-c", "safe.directory=*", "update-index", "--refresh"]);
        assert!(refresh.current_dir(root.join("apart")).status().unwrap().success());
        for (folder, is_read) in
            [("tree", true), ("tree/sub", true), ("apart", true), ("planted", false)]
        {
            let folder = root.join(folder);
            let order = |line: &str| CommandSpec {
                folder: folder.clone(),
                workdir: folder.clone(),
                kept: vec![folder.join(".git")],
                ..order(fixture, &home, line)
            };
            let sign = if is_read { "" } else { "!" };
            let safe = "git -c safe.directory='*'";
            let line = format!(
                "{sign} {safe} status --porcelain && {sign} {safe} cat-file -e HEAD:file && \
                ! cat ~/.dots/untracked && ! echo x >> ~/.dots/.git/config && ! echo x > ~/.local/share/x/new"
            );
            assert_works(fixture, &order(&line));
        }
    });
}

#[test]
fn a_home_that_is_worked_in_keeps_its_sign_ins() {
    Fixture::each(|fixture| {
        let home = home(fixture);
        fs::create_dir(home.join("work")).unwrap();
        hand_over(fixture, &home);
        let order = |line: &str| CommandSpec {
            folder: home.clone(),
            workdir: home.clone(),
            ..order(fixture, &home, line)
        };
        assert_works(
            fixture,
            &order("echo x > work/new && cat work/new plain.txt .cargo/bin/tool && rm work/new"),
        );
        assert_no_sign_in_is_read(fixture, order(""), &home);
    });
}

#[test]
fn what_was_opened_is_read_and_a_secret_by_its_whole_name_alone() {
    Fixture::each(|fixture| {
        let home = home(fixture);
        let opening = |names: &[&str], line: &str| {
            let mut order = order(fixture, &home, line);
            order.hidden = [".ssh", ".aws", ".config/gh"].map(|name| home.join(name)).into();
            order.grants.readable = names.iter().map(|name| home.join(name)).collect();
            fixture.run_order(&order)
        };
        for (names, line, is_read) in [
            (&[".fly"][..], "cat ~/.fly/config.yml", true),
            (&[".fly"], "cat ~/.netrc", false),
            (&[".ssh"], "cat ~/.ssh/id_rsa", true),
            (&[".aws/config"], "cat ~/.aws/config", true),
            (&[".aws/config"], "cat ~/.aws/credentials", false),
            (&[".config"], "cat ~/.config/doctl/config.yaml", true),
            (&[".config"], "cat ~/.config/gh/hosts.yml", false),
            (&[".fly"], "echo x > ~/.fly/config.yml; cat ~/.fly/new", false),
        ] {
            let seen = opening(names, line);
            let at = format!("{:?} {names:?} {line}: {}", fixture.sandbox, seen.text);
            assert_eq!(seen.text.contains("A-SECRET"), is_read, "{at}");
            assert_eq!(seen.how == ExitKind::Exit(0), is_read, "{at}");
        }
    });
}
