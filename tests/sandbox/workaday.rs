//! Everyday work in the sandbox: builds, tests, packages, git, and root in another user's folder.
//! All of it works.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use codling::protocol::{Confinement, Sandbox};
use codling::sandbox::{CommandSpec, ExitKind, HomeAccess, attempt};

use super::fixture::Fixture;
use crate::stage::needs::{demand, demand_program, demand_root, is_whole};

/// Whether a normal user without a home can run it, and whether it needs more than tier 3 offers:
/// terminals, shared memory, owners. Where not everything is to be tried, programs that need a home
/// are run in the first and in the last tier: they take seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Home,
    Mounts,
    Nothing,
}

use Needs::{Home, Mounts, Nothing};

/// Programs that it needs, and a line that must exit with 0.
const WORK: &[(&str, Needs, &str)] = &[
    (
        "cargo",
        Home,
        "cargo init -q --vcs none --name a rust && cd rust && cargo build -q --offline && ./target/debug/a | grep -q Hello",
    ),
    (
        "npm",
        Home,
        "mkdir -p js && cd js && npm init -y && npm --cache $TMPDIR/npm pack && ls js-1.0.0.tgz",
    ),
    (
        "pip",
        Home,
        "mkdir -p py/a && cd py && touch a/__init__.py && pip list && python3 -m compileall -q a && ls a/__pycache__",
    ),
    (
        "python3",
        Home,
        "python3 -m venv --without-pip venv && venv/bin/python -c 'import json, ssl'",
    ),
    ("node", Home, "node -e 'require(\"fs\").writeFileSync(\"n\", \"a\")' && rm n"),
    (
        "pytest",
        Home,
        "printf 'def test_a(tmp_path):\\n    (tmp_path / \"a\").write_text(\"a\")\\n' > test_a.py && $(command -v pytest) -q test_a.py",
    ),
    ("make", Nothing, "printf 'all: a\\na:\\n\\techo x > a\\n' > Makefile && make -j2 && rm a"),
    ("gcc", Nothing, "echo 'int main(void) { return 0; }' > a.c && gcc -o a a.c && ./a"),
    (
        "script",
        Mounts,
        "script -qec 'tty && echo in the terminal' /dev/null | grep -q 'in the terminal'",
    ),
    (
        "python3",
        Mounts,
        "python3 -c 'import multiprocessing as m; p = m.Pool(2); assert sum(p.map(abs, range(9))) == 36; p.close(); p.join()'",
    ),
    (
        "python3",
        Nothing,
        "python3 -c 'import tempfile; f = tempfile.NamedTemporaryFile(); f.write(b\"a\"); f.flush()'",
    ),
    (
        "ln",
        Nothing,
        "echo a > one && ln one two && echo b >> two && [ $(stat -c %h one) = 2 ] && [ $(wc -l < one) = 2 ] && rm one two",
    ),
    (
        "tar",
        Mounts,
        "mkdir -p t && echo a > t/f && tar cf t.tar t && rm -r t && tar xf t.tar && cp -a t u && cat u/f && rm -r t u",
    ),
    ("ccache", Nothing, "echo 'int a;' > cached.c && ccache gcc -c cached.c && rm cached.o"),
    ("mktemp", Nothing, "mv $(mktemp) from-there && rm from-there"),
];

fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("{program} --version")])
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        let _told = writeln!(std::io::stderr(), "skipped: there is no {program}");
    }
    found
}

#[test]
#[ignore = "for a machine that has all of it; `.ci/run release` runs it"]
fn everything_that_the_tables_name_can_be_tried_here() {
    let program = Path::new(env!("CARGO_BIN_EXE_codling"));
    for sandbox in Fixture::kinds() {
        let refused = attempt(program, sandbox).err().map(|refused| refused.why);
        demand(refused.is_none(), &format!("{}: {refused:?}", sandbox.as_str()));
    }
    WORK.iter().for_each(|(program, ..)| demand(has(program), &format!("`{program}`: install it")));
}

#[test]
fn everyday_work_goes_on_as_without() {
    let there: Vec<_> = WORK.iter().filter(|(program, ..)| has(program)).collect();
    Fixture::each(|fixture| {
        for (_, needs, line) in &there {
            let is_between = fixture.sandbox.has_mounts() && fixture.sandbox != Sandbox::Namespaces;
            if *needs == Home && (fixture.is_of_nobody() || is_between && !is_whole())
                || *needs == Mounts && !fixture.sandbox.has_mounts()
            {
                continue;
            }
            let mut order = fixture.order(Confinement::Folder, line);
            if !fixture.is_of_nobody() {
                order.home = HomeAccess::of_person(std::env::home_dir().as_deref());
            }
            let seen = fixture.run_order(&order);
            assert_eq!(seen.how, ExitKind::Exit(0), "{:?} {line}: {}", fixture.sandbox, seen.text);
        }
    });
}

/// With settings and hooks protected, as for a line that only runs git.
const GIT: &[&str] = &[
    "add .",
    "commit -qm first",
    "status",
    "log --oneline",
    "branch other",
    "switch other",
    "switch -",
    "tag v1",
    "stash list",
    "mv file moved",
    "commit -qam second",
    "merge other",
    "rebase other",
    "cherry-pick --abort || true",
    "reset HEAD~0",
    "restore --staged .",
    "diff HEAD",
    "show",
    "blame moved",
    "gc -q",
    "fsck",
    "branch -d other",
    "worktree list",
    "rev-parse HEAD",
];

fn git(fixture: &Fixture, line: &str) -> (ExitKind, String) {
    let own = fixture.folder.join(".git");
    let kept = ["config", "config.worktree", "hooks"].map(|name| own.join(name)).into();
    let mut order = CommandSpec { kept, ..fixture.order(Confinement::Folder, line) };
    for (number, (key, value)) in
        [("user.name", "a"), ("user.email", "a@b"), ("safe.directory", "*")].into_iter().enumerate()
    {
        order.variables.push((format!("GIT_CONFIG_KEY_{number}").into(), Some(key.into())));
        order.variables.push((format!("GIT_CONFIG_VALUE_{number}").into(), Some(value.into())));
    }
    order.variables.push(("GIT_CONFIG_COUNT".into(), Some("3".into())));
    let seen = fixture.run_order(&order);
    (seen.how, seen.text)
}

#[test]
fn git_works_by_itself_and_its_settings_stay() {
    demand_program("git");
    Fixture::each(|fixture| {
        assert_eq!(git(fixture, "git init -q .").0, ExitKind::Exit(0));
        for words in GIT {
            let (how, text) = git(fixture, &format!("git {words}"));
            assert_eq!(how, ExitKind::Exit(0), "{:?} git {words}: {text}", fixture.sandbox);
        }
        if fixture.sandbox.has_mounts() {
            assert_ne!(git(fixture, "git config core.fsmonitor ./x").0, ExitKind::Exit(0));
        }
    });
}

#[test]
#[ignore = "needs root; `.ci/run` runs it there"]
fn root_works_in_the_folder_of_somebody_else_and_files_stay_theirs() {
    demand_root();
    for sandbox in Fixture::ways() {
        let fixture = Fixture::new(sandbox, env!("CARGO_BIN_EXE_codling").into());
        for path in
            [fixture.folder.clone(), fixture.folder.join("file"), fixture.folder.join("sub")]
        {
            std::os::unix::fs::lchown(path, Some(1000), Some(1000)).unwrap();
        }
        // Tier 3 does not allow to change owners.
        let chown = if sandbox.has_mounts() { "chown 1000:1000 made && " } else { "" };
        let line = format!(
            "echo x >> file && echo x > sub/new && echo x > made && {chown}git init -q . && git add file && git commit -qm a"
        );
        let (how, text) = git(&fixture, &line.replace("git add", "git -c safe.directory='*' add"));
        assert_eq!(how, ExitKind::Exit(0), "{sandbox:?}: {text}");
        assert_eq!(fixture.folder.join("file").metadata().unwrap().uid(), 1000, "{sandbox:?}");
        assert_eq!(
            fixture.folder.join("made").metadata().unwrap().uid(),
            if sandbox.has_mounts() { 1000 } else { 0 },
            "{sandbox:?}"
        );
    }
}
