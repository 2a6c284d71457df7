//! The person's home as commands see it that are kept in: what tools need is there, and nothing else of what begins with a dot.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use codling::protocol::Confinement;
use codling::sandbox::{CommandSpec, ExitKind, HomeAccess};

use super::desk::Desk;
use super::sign_ins::{self, SIGN_INS};

/// A home with sign-ins and with what tools need, which belongs to whoever runs commands at the desk.
fn home(desk: &Desk) -> PathBuf {
    let home = desk.folder.parent().unwrap().join("home");
    sign_ins::make(&home, "A-SECRET");
    hand_over(desk, &home);
    home
}

fn hand_over(desk: &Desk, folder: &Path) {
    if desk.is_of_nobody() {
        let mut chown = Command::new("chown");
        assert!(chown.args(["-R", "65534:65534"]).arg(folder).status().unwrap().success());
    }
}

fn order(desk: &Desk, home: &Path, line: &str) -> CommandSpec {
    let mut order = desk.order(Confinement::Folder, line);
    order.home = HomeAccess { homes: vec![home.to_owned()], ..HomeAccess::default() };
    order.variables.push(("HOME".into(), Some(home.into())));
    order
}

fn assert_works(desk: &Desk, order: &CommandSpec) {
    let seen = desk.run_order(order);
    assert_eq!(
        seen.how,
        ExitKind::Exit(0),
        "{:?} {:?}: {}",
        desk.sandbox,
        order.command,
        seen.text
    );
    assert!(!seen.text.contains("A-SECRET"), "{}", seen.text);
}

fn assert_no_sign_in_is_read(desk: &Desk, mut order: CommandSpec, home: &Path) {
    let mut read = Vec::new();
    for name in SIGN_INS {
        assert!(fs::read_to_string(home.join(name)).unwrap().contains("A-SECRET"));
    }
    // One process for all of them, and one that looks by itself.
    for words in SIGN_INS.chunks(40) {
        let names: Vec<String> = words.iter().map(|name| format!("'{name}'")).collect();
        let line = format!("cd {} && grep -aHs SECRET {}", home.display(), names.join(" "));
        order.command[2] = line.into();
        read.push(desk.run_order(&order).text);
    }
    order.command[2] = format!("grep -rahs SECRET {}", home.display()).into();
    read.push(desk.run_order(&order).text);
    assert!(!read.concat().contains("A-SECRET"), "{:?}: {}", desk.sandbox, read.concat());
}

#[test]
fn no_sign_in_is_read_and_what_tools_need_is_there() {
    Desk::each(|desk| {
        let home = home(desk);
        assert_no_sign_in_is_read(desk, order(desk, &home, ""), &home);
        for line in [
            "cat ~/plain.txt ~/.cargo/bin/tool ~/.cache/pip/a ~/.pyenv/versions/3/bin/python",
            "git init -q own && cd own && git commit -q --allow-empty -m m && git log -1 --format=%ae | grep -qx a@b.org && rm -rf ../own",
            "! echo x > ~/new && ! echo x > ~/.cargo/bin/tool && ! mkdir ~/.new",
            "[ -d ~ ] && cd ~ && [ \"$(pwd)\" = ~ ]",
        ] {
            assert_works(desk, &order(desk, &home, line));
        }
        assert_eq!(fs::read_to_string(home.join(".cargo/bin/tool")).unwrap(), "known\n");
    });
}

#[test]
fn a_project_can_lie_in_a_home_also_where_nothing_else_is_seen() {
    Desk::each(|desk| {
        let home = home(desk);
        for inner in ["work/project", ".dotfiles/nvim", ".config/nvim"] {
            let folder = home.join(inner);
            fs::create_dir_all(folder.join("sub")).unwrap();
            fs::write(folder.join("file"), "kept").unwrap();
            hand_over(desk, &home);
            let order = |line: &str| CommandSpec {
                folder: folder.clone(),
                workdir: folder.join("sub"),
                ..order(desk, &home, line)
            };
            assert_works(
                desk,
                &order(
                    "echo x > new && cat new ../file && cd .. && ls && echo x >> file && mv sub/new other && rm other",
                ),
            );
            assert_works(desk, &order("! echo x > ../../beside && ! cat ../../../.config/hub"));
            assert_no_sign_in_is_read(desk, order(""), &home);
        }
    });
}

#[test]
fn git_reads_a_repository_that_is_hidden_in_the_home_where_it_knows_the_work_tree() {
    Desk::each(|desk| {
        let home = home(desk);
        let root = desk.folder.parent().unwrap().to_owned();
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
            hand_over(desk, &root.join(folder));
        }
        // To hand a file over changes it for git.
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
                ..order(desk, &home, line)
            };
            let sign = if is_read { "" } else { "!" };
            let safe = "git -c safe.directory='*'";
            let line = format!(
                "{sign} {safe} status --porcelain && {sign} {safe} cat-file -e HEAD:file && \
                ! cat ~/.dots/untracked && ! echo x >> ~/.dots/.git/config && ! echo x > ~/.local/share/x/new"
            );
            assert_works(desk, &order(&line));
        }
    });
}

#[test]
fn a_home_that_is_worked_in_keeps_its_sign_ins() {
    Desk::each(|desk| {
        let home = home(desk);
        fs::create_dir(home.join("work")).unwrap();
        hand_over(desk, &home);
        let order = |line: &str| CommandSpec {
            folder: home.clone(),
            workdir: home.clone(),
            ..order(desk, &home, line)
        };
        assert_works(
            desk,
            &order("echo x > work/new && cat work/new plain.txt .cargo/bin/tool && rm work/new"),
        );
        assert_no_sign_in_is_read(desk, order(""), &home);
    });
}

#[test]
fn what_was_opened_is_read_and_a_secret_by_its_whole_name_alone() {
    Desk::each(|desk| {
        let home = home(desk);
        let opening = |names: &[&str], line: &str| {
            let mut order = order(desk, &home, line);
            order.hidden = [".ssh", ".aws", ".config/gh"].map(|name| home.join(name)).into();
            order.grants.readable = names.iter().map(|name| home.join(name)).collect();
            desk.run_order(&order)
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
            let at = format!("{:?} {names:?} {line}: {}", desk.sandbox, seen.text);
            assert_eq!(seen.text.contains("A-SECRET"), is_read, "{at}");
            assert_eq!(seen.how == ExitKind::Exit(0), is_read, "{at}");
        }
    });
}
