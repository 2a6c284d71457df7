//! What git follows wherever it is run, also outside of the sandbox: the settings and the hooks of the folder's repository. As they were before a command,
//! and put back after it. Knows no command.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::base::files;

/// Larger files are not kept: nobody's settings are.
const LARGEST: u64 = 1 << 20;
/// Repositories within a repository that are looked for.
const MOST: usize = 128;
/// What a changed file is kept as beside its place, where git does not look for it.
const ASIDE: &str = ".set-aside";
/// What git never runs.
const SAMPLE: &str = ".sample";

/// Only what [`Seal::put_back`] brings back: a repository that was not there is not kept from being made.
#[derive(Debug, Default)]
pub struct Seal {
    places: BTreeMap<PathBuf, Content>,
    repositories: Vec<PathBuf>,
}

/// What a command changed.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    pub path: PathBuf,
    pub now: Now,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now {
    AsBefore,
    /// It could not be put back.
    Changed,
}

#[derive(Debug, PartialEq, Eq)]
enum Content {
    File {
        bytes: Vec<u8>,
        mode: u32,
    },
    Folder,
    Link(PathBuf),
    Nothing,
    /// Too large, or closed: it cannot be brought back.
    Other,
}

impl Seal {
    /// Looks at the repository whose work tree is this folder.
    pub fn of(folder: &Path) -> Self {
        let git = folder.join(".git");
        let mut seal = Self::default();
        let found = content(&git);
        if found == Content::Folder {
            seal.repositories = repositories(git.clone());
            seal.look();
        }
        if found != Content::Nothing {
            seal.places.insert(git, found);
        }
        seal
    }

    fn look(&mut self) {
        for git in &self.repositories {
            let named = ["commondir", "config", "config.worktree", "hooks"].map(|name| git.join(name));
            let places = named.into_iter().chain(scripts(git));
            self.places.extend(places.map(|place| (place.clone(), content(&place))));
        }
    }

    /// Puts back what is other than it was, and answers what that is. What was found in its place is kept beside it.
    pub fn put_back(&self) -> Vec<Change> {
        for git in &self.repositories {
            open_up(git);
            open_up(&git.join("hooks"));
        }
        let mut put_back = Vec::new();
        for (path, before) in &self.places {
            let now = content(path);
            let is_fine = match (before, &now) {
                (Content::Other, _) | (Content::Nothing, Content::Folder) => true,
                // A repository that is gone is followed by nobody.
                (Content::Folder, Content::Nothing) => path.ends_with(".git"),
                _ => now == *before || is_tracking(before, &now),
            };
            if is_fine || !path.parent().is_some_and(Path::is_dir) {
                continue;
            }
            put_back.push(restore(path.clone(), before));
        }
        for hook in self.repositories.iter().flat_map(|git| scripts(git)) {
            if !self.places.contains_key(&hook) {
                put_back.push(restore(hook, &Content::Nothing));
            }
        }
        put_back
    }
}

fn restore(path: PathBuf, before: &Content) -> Change {
    let mut aside = path.as_os_str().to_owned();
    aside.push(ASIDE);
    let restored = set_aside(&path, Path::new(&aside)).and_then(|()| match before {
        Content::File { bytes, mode } => write(&path, bytes, *mode),
        // What stood in a repository that was moved away cannot be found again.
        Content::Folder if path.ends_with(".git") => Ok(()),
        Content::Folder => fs::create_dir(&path),
        Content::Link(to) => symlink(to, &path),
        Content::Nothing | Content::Other => Ok(()),
    });
    Change { path, now: if restored.is_ok() { Now::AsBefore } else { Now::Changed } }
}

/// A folder that a command closed can be looked into and written to again.
fn open_up(folder: &Path) {
    const OWN: u32 = 0o700;
    let closed = fs::symlink_metadata(folder).ok().filter(|about| about.is_dir() && about.permissions().mode() & OWN != OWN);
    if let Some(about) = closed {
        // Where that is not allowed, what is in it cannot be put back, and that is told.
        let _refused = fs::set_permissions(folder, Permissions::from_mode(about.permissions().mode() | OWN));
    }
}

/// A `.git` folder, and those in it of its submodules and other work trees.
fn repositories(git: PathBuf) -> Vec<PathBuf> {
    let mut found = vec![git.clone()];
    let mut folders = vec![git.join("modules"), git.join("worktrees")];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder).filter(|path| fs::symlink_metadata(path).is_ok_and(|about| about.is_dir())) {
            if found.len() + folders.len() >= MOST {
                return found;
            }
            if path.join("HEAD").exists() {
                folders.push(path.join("modules"));
                found.push(path);
            } else {
                // The name of a submodule may hold slashes.
                folders.push(path);
            }
        }
    }
    found
}

/// The hooks that git may run; none where their folder is a link: what stands there is part of the work.
fn scripts(git: &Path) -> Vec<PathBuf> {
    let hooks = git.join("hooks");
    if !fs::symlink_metadata(&hooks).is_ok_and(|about| about.is_dir()) {
        return Vec::new();
    }
    let inert = |path: &PathBuf| [SAMPLE, ASIDE].iter().any(|ending| path.to_string_lossy().ends_with(ending));
    entries(&hooks).filter(|path| !inert(path)).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn content(path: &Path) -> Content {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => return Content::Nothing,
        Err(_closed) => return Content::Other,
    };
    if about.is_symlink() {
        return fs::read_link(path).map_or(Content::Other, Content::Link);
    }
    if about.is_dir() {
        return Content::Folder;
    }
    match files::read(path, LARGEST) {
        Ok(bytes) => Content::File { bytes, mode: about.permissions().mode() & 0o7777 },
        Err(_no_file) => Content::Other,
    }
}

/// The next command's changes take the place of the last one's.
fn set_aside(path: &Path, aside: &Path) -> io::Result<()> {
    match fs::symlink_metadata(aside) {
        Ok(about) if about.is_dir() => fs::remove_dir_all(aside)?,
        Ok(_) => fs::remove_file(aside)?,
        Err(_nothing) => {}
    }
    match fs::rename(path, aside) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.set_permissions(Permissions::from_mode(mode))
}

/// Whether settings differ only in what branches follow, which runs nothing: `git switch` writes that.
fn is_tracking(before: &Content, now: &Content) -> bool {
    let (Content::File { bytes: before, mode }, Content::File { bytes: now, mode: now_mode }) = (before, now) else { return false };
    let (Ok(before), Ok(now)) = (std::str::from_utf8(before), std::str::from_utf8(now)) else { return false };
    let mut lines: BTreeMap<&str, i64> = BTreeMap::new();
    before.lines().for_each(|line| *lines.entry(line).or_default() -= 1);
    now.lines().for_each(|line| *lines.entry(line).or_default() += 1);
    mode == now_mode && lines.iter().filter(|(_, count)| **count != 0).all(|(line, _)| is_about_a_branch(line))
}

/// `[branch "a"]`, `remote = origin`, `merge = refs/heads/a`: nothing in it that could go on in the next line, or begin another setting.
fn is_about_a_branch(line: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._/-".contains(c));
    let line = line.trim();
    if let Some(name) = line.strip_prefix("[branch \"").and_then(|rest| rest.strip_suffix("\"]")) {
        return plain(name);
    }
    line.split_once(" = ").is_some_and(|(key, value)| ["merge", "rebase", "remote"].contains(&key) && plain(value))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const CONFIG: &str = "[core]\n\tbare = false\n[branch \"main\"]\n\tremote = origin\n\tmerge = refs/heads/main\n";

    fn repository() -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for git in [".git", ".git/modules/libs/inner", ".git/worktrees/other"] {
            let git = dir.path().join(git);
            fs::create_dir_all(git.join("hooks")).unwrap();
            for (name, text) in
                [("HEAD", "ref: refs/heads/main\n"), ("config", CONFIG), ("hooks/pre-push.sample", "x"), ("hooks/pre-push", "ours")]
            {
                fs::write(git.join(name), text).unwrap();
            }
            fs::set_permissions(git.join("hooks/pre-push"), Permissions::from_mode(0o755)).unwrap();
        }
        dir
    }

    /// All that stands below, with its mode and content.
    fn picture(folder: &Path, into: &mut BTreeMap<PathBuf, (u32, String)>) {
        for path in entries(folder) {
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

    /// What is put back after a change, as paths within `.git`; what is not set aside is as it was then.
    fn put_back(change: impl FnOnce(&Path)) -> Vec<String> {
        let dir = repository();
        let git = dir.path().join(".git");
        let all = || {
            let mut all = BTreeMap::new();
            picture(&git, &mut all);
            all.retain(|path, _| !path.components().any(|part| part.as_os_str().to_string_lossy().ends_with(ASIDE)));
            all
        };
        let (before, seal) = (all(), Seal::of(dir.path()));
        change(&git);
        let names: Vec<String> = paths(&seal).iter().map(|path| path.strip_prefix(&git).unwrap().display().to_string()).collect();
        if !names.is_empty() {
            assert_eq!(all(), before);
        }
        assert!(paths(&seal).is_empty(), "once is enough");
        names
    }

    /// All that was put back.
    fn paths(seal: &Seal) -> Vec<PathBuf> {
        let changes = seal.put_back();
        assert!(changes.iter().all(|change| change.now == Now::AsBefore), "{changes:?}");
        changes.into_iter().map(|change| change.path).collect()
    }

    fn append(path: &Path, text: &str) {
        let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn settings_and_hooks_are_put_back_whatever_was_done_to_them() {
        assert_eq!(put_back(|git| append(&git.join("config"), "[core]\n\tfsmonitor = ./x\n")), ["config"]);
        assert_eq!(put_back(|git| fs::remove_file(git.join("config")).unwrap()), ["config"]);
        assert_eq!(put_back(|git| append(&git.join("config.worktree"), "[alias]\n\tst = !x\n")), ["config.worktree"]);
        assert_eq!(put_back(|git| append(&git.join("hooks/pre-commit"), "x")), ["hooks/pre-commit"]);
        assert_eq!(put_back(|git| append(&git.join("hooks/pre-push"), "x")), ["hooks/pre-push"]);
        assert_eq!(put_back(|git| symlink("/bin/true", git.join("hooks/pre-commit")).unwrap()), ["hooks/pre-commit"]);
        assert_eq!(put_back(|git| append(&git.join("commondir"), "../mine\n")), ["commondir"]);
        for inner in ["modules/libs/inner/config", "worktrees/other/commondir"] {
            assert_eq!(put_back(|git| append(&git.join(inner), "[core]\n\tpager = x\n")), [inner]);
        }
        assert_eq!(put_back(|git| fs::write(git.join("config"), "#".repeat(2 << 20)).unwrap()), ["config"]);
        assert_eq!(put_back(|git| fs::write(git.join("config.worktree"), "#".repeat(2 << 20)).unwrap()), ["config.worktree"]);
        let open = Permissions::from_mode(0o777);
        assert_eq!(put_back(|git| fs::set_permissions(git.join("hooks/pre-push"), open).unwrap()), ["hooks/pre-push"]);
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
        let (seal, hooks) = (Seal::of(dir.path()), git.join("hooks"));
        fs::rename(&hooks, dir.path().join("mine")).unwrap();
        symlink("../mine", &hooks).unwrap();
        assert_eq!(paths(&seal), [hooks.clone(), hooks.join("pre-push")]);
        assert_eq!(fs::read_to_string(hooks.join("pre-push")).unwrap(), "ours");
        fs::rename(&git, dir.path().join("moved")).unwrap();
        fs::write(&git, "gitdir: moved\n").unwrap();
        assert_eq!(paths(&seal), std::slice::from_ref(&git));
        assert!(!git.exists() && dir.path().join(".git.set-aside").exists());
    }

    #[test]
    fn a_folder_that_was_closed_is_opened_again() {
        let dir = repository();
        let git = dir.path().join(".git");
        let seal = Seal::of(dir.path());
        fs::write(git.join("hooks/pre-commit"), "x").unwrap();
        append(&git.join("config"), "[alias]\n\tst = !x\n");
        for (folder, mode) in [(git.join("hooks"), 0o100), (git.clone(), 0o500)] {
            fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(paths(&seal), [git.join("config"), git.join("hooks/pre-commit")]);
        assert!(!git.join("hooks/pre-commit").exists() && git.join("hooks").metadata().unwrap().permissions().mode() & 0o700 == 0o700);
    }

    #[test]
    fn what_was_found_is_kept_beside_its_place() {
        let dir = repository();
        let hook = dir.path().join(".git/hooks/pre-commit");
        let seal = Seal::of(dir.path());
        for text in ["first", "second"] {
            fs::write(&hook, text).unwrap();
            assert_eq!(paths(&seal), std::slice::from_ref(&hook));
            assert_eq!(fs::read_to_string(hook.with_file_name("pre-commit.set-aside")).unwrap(), text);
        }
    }

    #[test]
    fn what_git_does_by_itself_stays() {
        let nothing = [""; 0];
        assert_eq!(put_back(|_| {}), nothing);
        assert_eq!(put_back(|git| append(&git.join("config"), "[branch \"a/b-1\"]\n\tremote = origin\n\tmerge = refs/heads/a\n")), nothing);
        assert_eq!(put_back(|git| fs::write(git.join("config"), "[core]\n\tbare = false\n").unwrap()), nothing);
        assert_eq!(put_back(|git| append(&git.join("hooks/pre-push.sample"), "x")), nothing);
        assert_eq!(put_back(|git| append(&git.join("HEAD"), "x")), nothing);
        assert_eq!(put_back(|git| fs::remove_dir_all(git).unwrap()), nothing, "there is nothing left that git would follow");
        for hidden in ["\tremote = \"x\n", "[branch \"a\"] [alias] x = !y\n", "\tremote = a\\\n", "[branch \"a]\n", "\tmerge = a # b\n"] {
            assert_eq!(put_back(|git| append(&git.join("config"), hidden)), ["config"], "{hidden}");
        }
    }

    #[test]
    fn a_repository_may_be_made_and_a_worktree_stays_where_it_leads() {
        let dir = tempfile::tempdir().unwrap();
        let git = dir.path().join(".git");
        let seal = Seal::of(dir.path());
        fs::create_dir_all(git.join("hooks")).unwrap();
        fs::write(git.join("config"), CONFIG).unwrap();
        assert!(paths(&seal).is_empty());
        fs::remove_dir_all(&git).unwrap();
        fs::write(&git, "gitdir: /a/.git/worktrees/b\n").unwrap();
        let seal = Seal::of(dir.path());
        fs::write(&git, "gitdir: ./mine\n").unwrap();
        assert_eq!(paths(&seal), std::slice::from_ref(&git));
        assert_eq!(fs::read_to_string(&git).unwrap(), "gitdir: /a/.git/worktrees/b\n");
    }

    #[test]
    fn a_folder_of_hooks_that_was_not_there_is_emptied_and_a_link_to_one_stays_a_link() {
        let dir = repository();
        let hooks = dir.path().join(".git/hooks");
        fs::remove_dir_all(&hooks).unwrap();
        let seal = Seal::of(dir.path());
        fs::create_dir(&hooks).unwrap();
        fs::write(hooks.join("pre-commit"), "x").unwrap();
        assert_eq!(paths(&seal), [hooks.join("pre-commit")]);
        fs::remove_dir_all(&hooks).unwrap();
        symlink("../scripts", &hooks).unwrap();
        let seal = Seal::of(dir.path());
        fs::remove_file(&hooks).unwrap();
        symlink("../others", &hooks).unwrap();
        assert_eq!(paths(&seal), std::slice::from_ref(&hooks));
        assert_eq!(fs::read_link(&hooks).unwrap(), Path::new("../scripts"));
    }
}
