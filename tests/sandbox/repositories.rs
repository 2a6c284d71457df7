//! Everything that git accepts as a repository, with a trap in it: a command leaves each in its
//! folder, and the person's plain git decides.

use std::fs;
use std::path::Path;
use std::process::Command;

use codling::protocol::Confinement;
use codling::sandbox::ExitKind;

use super::fixture::Fixture;

/// A kind of repository, made by a script in its own folder, and the person's later git command.
/// The trap leaves `$S`.
struct Layout {
    name: &'static str,
    make: &'static str,
    judge: &'static str,
}

const fn layout(name: &'static str, make: &'static str, judge: &'static str) -> Layout {
    Layout { name, make, judge }
}

const LAYOUTS: [Layout; 24] = [
    layout("a repository", "made a; arm a/.git/config", "git -C a status"),
    layout(
        "a file in its place",
        "made a; mv a/.git store; echo 'gitdir: ../store' > a/.git; arm store/config",
        "git -C a status",
    ),
    layout(
        "a file that ends as on Windows",
        "made a; mv a/.git store; printf 'gitdir: ../store\\r\\n' > a/.git; arm store/config",
        "git -C a status",
    ),
    layout(
        "a link in its place",
        "made a; mv a/.git store; ln -s ../store a/.git; arm store/config",
        "git -C a status",
    ),
    layout(
        "a link to a file",
        "made a; mv a/.git store; echo 'gitdir: ../store' > p; ln -s ../p a/.git; arm store/config",
        "git -C a status",
    ),
    layout(
        "a bare one with a work tree",
        "made a; mv a/.git b; git config -f b/config core.bare false; git config -f b/config core.worktree ..; arm b/config",
        "git -C b status",
    ),
    layout(
        "a folder with a store elsewhere",
        "made store; mkdir src; cp store/.git/HEAD src; echo ../store/.git > src/commondir; git config -f store/.git/config extensions.worktreeConfig true; git config -f src/config.worktree core.worktree .; arm src/config.worktree",
        "git -C src status",
    ),
    layout(
        "below a decoy",
        "mkdir d; touch d/HEAD d/objects d/refs; made d/src; arm d/src/.git/config",
        "git -C d/src status",
    ),
    layout(
        "in a repository",
        "made a; made a/.git/in; arm a/.git/in/.git/config",
        "git -C a/.git/in status",
    ),
    layout(
        "a bare one in a repository",
        "made a; made s; mv s/.git a/.git/in; git config -f a/.git/in/config core.worktree ../..; arm a/.git/in/config",
        "git --git-dir a/.git/in status",
    ),
    layout(
        "a submodule with a HEAD that leads to nothing",
        "made a; made s; mkdir a/.git/modules a/t; mv s/.git a/.git/modules/s; git config -f a/.git/modules/s/config core.worktree ../../../t; echo 'gitdir: ../.git/modules/s' > a/t/.git; ln -fs refs/heads/gone a/.git/modules/s/HEAD; arm a/.git/modules/s/config",
        "git -C a/t status",
    ),
    layout(
        "a HEAD that leads to nothing",
        "made a; ln -fs refs/heads/gone a/.git/HEAD; arm a/.git/config",
        "git -C a status",
    ),
    layout(
        "a HEAD without a branch",
        "made a; git -C a rev-parse HEAD > h; mv h a/.git/HEAD; arm a/.git/config",
        "git -C a status",
    ),
    layout(
        "parts that are links",
        "made a; mv a/.git/objects o; mv a/.git/refs r; ln -s ../../o a/.git/objects; ln -s ../../r a/.git/refs; arm a/.git/config",
        "git -C a status",
    ),
    layout(
        "parts that are programs",
        "made s; mkdir k; cp s/.git/HEAD k; touch k/objects k/refs; chmod +x k/objects k/refs; git config -f k/config core.worktree ..; git config -f k/config core.repositoryformatversion 0; arm k/config",
        "git -C k status",
    ),
    layout(
        "settings that are a link",
        "made a; mv a/.git/config c; ln -s ../../c a/.git/config; arm c",
        "git -C a status",
    ),
    layout(
        "settings that include others",
        "made a; arm inc; git config -f a/.git/config include.path ../../inc",
        "git -C a status",
    ),
    layout(
        "settings of a work tree",
        "made a; git config -f a/.git/config extensions.worktreeConfig true; arm a/.git/config.worktree",
        "git -C a status",
    ),
    layout(
        "a linked work tree",
        "made a; git -C a worktree add -q ../w; git -C a config extensions.worktreeConfig true; arm a/.git/worktrees/w/config.worktree",
        "git -C w status",
    ),
    layout(
        "a common folder in a line that ends as on Windows",
        "made store; made a; rm -r a/.git/objects a/.git/refs; printf '../../store/.git\\r\\n' > a/.git/commondir; arm store/.git/config",
        "git -C a status",
    ),
    layout(
        "a hook",
        "made a; echo \"touch $S\" > a/.git/hooks/post-index-change; chmod +x a/.git/hooks/*",
        "touch a/file; git -C a add file",
    ),
    layout(
        "a rebase with a step that runs something",
        "made a; cd a; git commit -q --allow-empty -m n; GIT_SEQUENCE_EDITOR='echo break > ' git rebase -q -i HEAD~1; echo \"exec touch $S\" > .git/rebase-merge/git-rebase-todo",
        "git -C a rebase --continue",
    ),
    layout(
        "a work tree outside",
        "made a; f=$(basename $S); echo x > a/$f; git -C a add $f; git -C a commit -q -m n; git -C a config core.worktree $(dirname $S)",
        "git -C a checkout -q -f",
    ),
    layout(
        "a work tree outside, over a link",
        "made a; f=$(basename $S); echo x > a/$f; git -C a add $f; git -C a commit -q -m n; ln -s $(dirname $S) l; git -C a config core.worktree ../../l",
        "git -C a checkout -q -f",
    ),
];

const BEFORE: &str = "made() { git init -q $1 && git -C $1 commit -q --allow-empty -m m; }
arm() { git config -f $1 core.fsmonitor \"touch $S #\"; }
";

fn variables() -> Vec<(&'static str, &'static str)> {
    vec![
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_COUNT", "3"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", "*"),
        ("GIT_CONFIG_KEY_1", "user.name"),
        ("GIT_CONFIG_VALUE_1", "a"),
        ("GIT_CONFIG_KEY_2", "user.email"),
        ("GIT_CONFIG_VALUE_2", "a@b"),
    ]
}

/// All repositories, each in a numbered folder.
fn script() -> String {
    let each = LAYOUTS.iter().enumerate().map(|(at, layout)| {
        format!("(S=$OUT/sprung{at}; mkdir {at} && cd {at} && {}) > /dev/null 2>&1\n", layout.make)
    });
    std::iter::once(BEFORE.to_owned()).chain(each).collect()
}

fn plain(folder: &Path, outside: &Path, line: &str) {
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env("OUT", outside).envs(variables());
    let _judged_by_what_it_leaves = command.output().unwrap();
}

/// The names of those whose trap was sprung.
fn sprung(folder: &Path, outside: &Path) -> Vec<&'static str> {
    let is_sprung = |(at, layout): &(usize, &Layout)| {
        plain(&folder.join(at.to_string()), outside, layout.judge);
        outside.join(format!("sprung{at}")).exists()
    };
    LAYOUTS.iter().enumerate().filter(is_sprung).map(|(_, layout)| layout.name).collect()
}

#[test]
fn every_trap_springs_where_nobody_guards_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, outside) = (dir.path().join("work"), dir.path().join("outside"));
    fs::create_dir(&folder).unwrap();
    fs::create_dir(&outside).unwrap();
    plain(&folder, &outside, &script());
    assert_eq!(sprung(&folder, &outside), LAYOUTS.map(|layout| layout.name));
}

#[test]
fn no_trap_that_a_command_leaves_springs_later() {
    Fixture::each(|fixture| {
        let mut order = fixture.order(Confinement::Folder, &script());
        for (name, value) in variables() {
            order.variables.push((name.into(), Some(value.into())));
        }
        let (end, text) = fixture.run_to_end(&order);
        assert!(matches!(end.how, ExitKind::Exit(_)), "{:?} {text}", end.how);
        for at in 0..LAYOUTS.len() {
            assert!(fixture.folder.join(at.to_string()).exists(), "{at}: {text}");
        }
        let none: [&str; 0] = [];
        assert_eq!(
            sprung(&fixture.folder, &fixture.outside),
            none,
            "tier {}",
            fixture.sandbox.tier()
        );
        assert!(!end.disarmed.is_empty() && !end.is_unsearched, "{end:?}");
    });
}
