//! Changes of git's settings and hooks by a command, and their state afterwards.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

const CONFIG: &str =
    "[core]\n\tbare = false\n[branch \"main\"]\n\tremote = origin\n\tmerge = refs/heads/main\n";

fn guarded(dir: &TempDir) -> GuardedFolder {
    GuardedFolder::open(&dir.path().canonicalize().unwrap()).unwrap()
}

fn repository() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for git in [".git", ".git/modules/libs/inner", ".git/worktrees/other"] {
        let git = dir.path().join(git);
        fs::create_dir_all(git.join("hooks")).unwrap();
        for (name, text) in [
            ("HEAD", "ref: refs/heads/main\n"),
            ("config", CONFIG),
            ("hooks/pre-push.sample", "x"),
            ("hooks/pre-push", "ours"),
        ] {
            fs::write(git.join(name), text).unwrap();
        }
        fs::set_permissions(git.join("hooks/pre-push"), Permissions::from_mode(0o755)).unwrap();
    }
    dir
}

/// Every file below, with its mode and content.
fn picture(folder: &Path, into: &mut BTreeMap<PathBuf, (u32, String)>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let about = fs::symlink_metadata(&path).unwrap();
        let text = match (about.is_dir(), about.is_symlink()) {
            (true, _) => String::new(),
            (_, true) => fs::read_link(&path).unwrap().display().to_string(),
            _ => fs::read_to_string(&path).unwrap(),
        };
        if about.is_dir() {
            picture(&path, into);
        }
        into.insert(path, (about.permissions().mode(), text));
    }
}

/// Paths within `.git` that are put back after a change; the rest is as it was
/// then.
fn put_back(change: impl FnOnce(&Path)) -> Vec<String> {
    let dir = repository();
    let git = dir.path().join(".git");
    let all = || {
        let mut all = BTreeMap::new();
        picture(&git, &mut all);
        all.retain(|path, _| {
            !path.components().any(|part| part.as_os_str().to_string_lossy().ends_with(ASIDE))
        });
        all
    };
    let (before, folder) = (all(), guarded(&dir));
    let git_guard = GitGuard::of(&folder, &[]);
    change(&git);
    let names: Vec<String> = paths(&git_guard)
        .iter()
        .map(|path| path.strip_prefix(&git).unwrap().display().to_string())
        .collect();
    if !names.is_empty() {
        assert_eq!(all(), before);
    }
    assert!(paths(&git_guard).is_empty(), "once is enough");
    names
}

/// Every path that was put back.
fn paths(git_guard: &GitGuard) -> Vec<PathBuf> {
    let changes = git_guard.put_back();
    assert!(changes.iter().all(|change| change.now == GuardOutcome::AsBefore), "{changes:?}");
    changes.into_iter().map(|change| change.path).collect()
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn settings_and_hooks_are_put_back_whatever_was_done_to_them() {
    assert_eq!(
        put_back(|git| append(&git.join("config"), "[core]\n\tfsmonitor = ./x\n")),
        ["config"]
    );
    assert_eq!(put_back(|git| fs::remove_file(git.join("config")).unwrap()), ["config"]);
    assert_eq!(
        put_back(|git| append(&git.join("config.worktree"), "[alias]\n\tst = !x\n")),
        ["config.worktree"]
    );
    assert_eq!(put_back(|git| append(&git.join("hooks/pre-commit"), "x")), ["hooks/pre-commit"]);
    assert_eq!(put_back(|git| append(&git.join("hooks/pre-push"), "x")), ["hooks/pre-push"]);
    assert_eq!(
        put_back(|git| symlink("/bin/true", git.join("hooks/pre-commit")).unwrap()),
        ["hooks/pre-commit"]
    );
    assert_eq!(put_back(|git| append(&git.join("commondir"), "../mine\n")), ["commondir"]);
    for inner in ["modules/libs/inner/config", "worktrees/other/commondir"] {
        assert_eq!(put_back(|git| append(&git.join(inner), "[core]\n\tpager = x\n")), [inner]);
    }
    assert_eq!(
        put_back(|git| fs::write(git.join("config"), "#".repeat(2 << 20)).unwrap()),
        ["config"]
    );
    assert_eq!(
        put_back(|git| fs::write(git.join("config.worktree"), "#".repeat(2 << 20)).unwrap()),
        ["config.worktree"]
    );
    let open = Permissions::from_mode(0o777);
    assert_eq!(
        put_back(|git| fs::set_permissions(git.join("hooks/pre-push"), open).unwrap()),
        ["hooks/pre-push"]
    );
    let swapped = put_back(|git| {
        fs::rename(git.join("config"), git.join("other")).unwrap();
        symlink("other", git.join("config")).unwrap();
        fs::remove_file(git.join("other")).unwrap();
    });
    assert_eq!(swapped, ["config"]);
}

#[test]
fn nothing_else_can_stand_in_for_a_folder() {
    let dir = repository();
    let git = dir.path().join(".git");
    let (folder, hooks) = (guarded(&dir), git.join("hooks"));
    let git_guard = GitGuard::of(&folder, &[]);
    fs::rename(&hooks, dir.path().join("mine")).unwrap();
    symlink("../mine", &hooks).unwrap();
    assert_eq!(paths(&git_guard), [hooks.clone(), hooks.join("pre-push")]);
    assert_eq!(fs::read_to_string(hooks.join("pre-push")).unwrap(), "ours");
    fs::rename(&git, dir.path().join("moved")).unwrap();
    fs::write(&git, "gitdir: moved\n").unwrap();
    assert_eq!(paths(&git_guard), std::slice::from_ref(&git));
    assert!(!git.exists() && dir.path().join(".git.set-aside").exists());
}

#[test]
fn a_folder_that_was_closed_is_opened_again() {
    let dir = repository();
    let git = dir.path().join(".git");
    let folder = guarded(&dir);
    let git_guard = GitGuard::of(&folder, &[]);
    fs::write(git.join("hooks/pre-commit"), "x").unwrap();
    append(&git.join("config"), "[alias]\n\tst = !x\n");
    for (folder, mode) in [(git.join("hooks"), 0o100), (git.clone(), 0o500)] {
        fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
    }
    assert_eq!(paths(&git_guard), [git.join("config"), git.join("hooks/pre-commit")]);
    assert!(
        !git.join("hooks/pre-commit").exists()
            && git.join("hooks").metadata().unwrap().permissions().mode() & 0o700 == 0o700
    );
}

#[test]
fn what_was_found_is_kept_beside_its_place() {
    let dir = repository();
    let hook = dir.path().join(".git/hooks/pre-commit");
    let folder = guarded(&dir);
    let git_guard = GitGuard::of(&folder, &[]);
    for text in ["first", "second"] {
        fs::write(&hook, text).unwrap();
        let changes = git_guard.put_back();
        let aside = changes[0].aside.as_ref().unwrap();
        assert_eq!((changes.len(), &changes[0].path), (1, &hook));
        assert_eq!(fs::read_to_string(hook.with_file_name(aside)).unwrap(), text);
    }
}

#[test]
fn what_git_does_by_itself_stays() {
    let nothing = [""; 0];
    assert_eq!(put_back(|_| {}), nothing);
    assert_eq!(
        put_back(|git| append(
            &git.join("config"),
            "[branch \"a/b-1\"]\n\tremote = origin\n\tmerge = refs/heads/a\n"
        )),
        nothing
    );
    assert_eq!(
        put_back(|git| fs::write(git.join("config"), "[core]\n\tbare = false\n").unwrap()),
        nothing
    );
    assert_eq!(put_back(|git| append(&git.join("hooks/pre-push.sample"), "x")), nothing);
    assert_eq!(put_back(|git| append(&git.join("HEAD"), "x")), nothing);
    assert_eq!(
        put_back(|git| fs::remove_dir_all(git).unwrap()),
        nothing,
        "there is nothing left that git would follow"
    );
    for hidden in [
        "\tremote = \"x\n",
        "[branch \"a\"] [alias] x = !y\n",
        "\tremote = a\\\n",
        "[branch \"a]\n",
        "\tmerge = a # b\n",
    ] {
        assert_eq!(put_back(|git| append(&git.join("config"), hidden)), ["config"], "{hidden}");
    }
}

#[test]
fn a_repository_may_be_made_and_a_worktree_stays_where_it_leads() {
    let dir = tempfile::tempdir().unwrap();
    let git = dir.path().join(".git");
    let folder = guarded(&dir);
    let git_guard = GitGuard::of(&folder, &[]);
    fs::create_dir_all(git.join("hooks")).unwrap();
    fs::write(git.join("config"), CONFIG).unwrap();
    assert!(paths(&git_guard).is_empty());
    fs::remove_dir_all(&git).unwrap();
    fs::write(&git, "gitdir: /a/.git/worktrees/b\n").unwrap();
    let git_guard = GitGuard::of(&folder, &[]);
    fs::write(&git, "gitdir: ./mine\n").unwrap();
    assert_eq!(paths(&git_guard), std::slice::from_ref(&git));
    assert_eq!(fs::read_to_string(&git).unwrap(), "gitdir: /a/.git/worktrees/b\n");
}

#[test]
fn a_folder_of_hooks_that_was_not_there_is_emptied_and_a_link_to_one_stays_a_link() {
    let dir = repository();
    let hooks = dir.path().join(".git/hooks");
    fs::remove_dir_all(&hooks).unwrap();
    let folder = guarded(&dir);
    let git_guard = GitGuard::of(&folder, &[]);
    fs::create_dir(&hooks).unwrap();
    fs::write(hooks.join("pre-commit"), "x").unwrap();
    assert_eq!(paths(&git_guard), [hooks.join("pre-commit")]);
    fs::remove_dir_all(&hooks).unwrap();
    symlink("../scripts", &hooks).unwrap();
    let git_guard = GitGuard::of(&folder, &[]);
    fs::remove_file(&hooks).unwrap();
    symlink("../others", &hooks).unwrap();
    assert_eq!(paths(&git_guard), std::slice::from_ref(&hooks));
    assert_eq!(fs::read_link(&hooks).unwrap(), Path::new("../scripts"));
}

#[test]
fn a_repository_that_is_moved_is_put_right_where_it_is_and_so_is_what_took_its_place() {
    let dir = repository();
    let folder = guarded(&dir);
    let git_guard = GitGuard::of(&folder, &[]);
    let (git, moved) = (dir.path().join(".git"), dir.path().join("moved"));
    append(&git.join("config"), "[alias]\n\tst = !x\n");
    fs::rename(&git, &moved).unwrap();
    fs::create_dir(&git).unwrap();
    fs::write(git.join("config"), "[core]\n\tfsmonitor = ./x\n").unwrap();
    let reported = paths(&git_guard);
    assert!(
        reported.contains(&moved.join("config")) && reported.contains(&git.join("config")),
        "{reported:?}"
    );
    for place in [git, moved] {
        assert_eq!(fs::read_to_string(place.join("config")).unwrap(), CONFIG);
        assert!(place.join("config.set-aside").exists());
    }
}

#[test]
fn a_link_in_the_place_of_a_folder_leads_nobody_out() {
    let (dir, outside) = (repository(), repository());
    let folder = guarded(&dir);
    let inner = dir.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::rename(dir.path().join(".git"), inner.join(".git")).unwrap();
    let git_guard = GitGuard::of(&folder, &[folder.path.join("inner/.git")]);
    append(&inner.join(".git/config"), "[alias]\n\tst = !x\n");
    fs::write(outside.path().join(".git/config"), "theirs").unwrap();
    fs::rename(&inner, dir.path().join("away")).unwrap();
    symlink(outside.path(), &inner).unwrap();
    assert_eq!(paths(&git_guard), [folder.path.join("away/.git/config")]);
    assert_eq!(fs::read_to_string(outside.path().join(".git/config")).unwrap(), "theirs");
}

/// One command makes a trap, another begins while it is there, and the first ends before the other.
#[test]
fn what_another_guard_set_aside_meanwhile_is_not_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let folder = guarded(&dir);
    let first = Arrivals::since_now();
    let git = folder.path.join("new/.git");
    fs::create_dir_all(git.join("hooks")).unwrap();
    for (name, text) in [
        ("HEAD", "ref: refs/heads/main\n"),
        ("config", "[core]\n\tfsmonitor = ./x\n"),
        ("hooks/pre-commit", "x"),
    ] {
        fs::write(git.join(name), text).unwrap();
    }
    fs::create_dir(git.join("objects")).unwrap();
    let second = GitGuard::of(&folder, std::slice::from_ref(&git));
    assert_eq!(first.disarm(&[&folder], &[]).0.len(), 2);
    assert_eq!(second.put_back(), []);
    assert!(!git.join("config").exists() && !git.join("hooks/pre-commit").exists());
    // A replacement is set aside, too, if it is a trap.
    fs::write(git.join("config"), "[alias]\n\tst = !x\n").unwrap();
    assert_eq!(second.put_back().len(), 1);
    fs::write(git.join("config"), CONFIG).unwrap();
    assert_eq!(second.put_back(), []);
}
