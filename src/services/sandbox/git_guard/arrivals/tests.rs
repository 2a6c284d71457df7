//! Repositories that come to a folder in different ways, and what of them is set aside.

use std::fs;
use std::os::unix::fs::MetadataExt;

use tempfile::TempDir;

use super::super::GuardOutcome;
use super::*;

const PLAIN: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n";
const ARMED: &str = "[core]\n\tfsmonitor = ./x\n";

/// A repository with these settings, and a hook that is a sample.
fn plant(git: &Path, config: &str) {
    for folder in ["objects", "refs", "hooks"] {
        fs::create_dir_all(git.join(folder)).unwrap();
    }
    for (name, text) in
        [("HEAD", "ref: refs/heads/main\n"), ("config", config), ("hooks/pre-commit.sample", "x")]
    {
        fs::write(git.join(name), text).unwrap();
    }
}

struct Fixture {
    _dir: TempDir,
    folder: PathBuf,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { folder: dir.path().canonicalize().unwrap(), _dir: dir }
    }

    /// The files that are set aside after that, within the folder.
    fn disarmed(&self, seals: &[GitGuard<'_>], arrivals: &Arrivals) -> Vec<String> {
        let folder = GuardedFolder::open(&self.folder).unwrap();
        let (changes, search) = arrivals.disarm(&[&folder], seals);
        assert_eq!(search, Search::Whole);
        let mut names: Vec<String> = changes
            .iter()
            .map(|GuardedChange { path, aside, now }| {
                assert_eq!(*now, GuardOutcome::AsBefore, "{}", path.display());
                let aside = path.with_file_name(aside.as_ref().unwrap());
                assert!(
                    path.symlink_metadata().is_err() && aside.symlink_metadata().is_ok(),
                    "{}",
                    path.display()
                );
                path.strip_prefix(&self.folder).unwrap().display().to_string()
            })
            .collect();
        names.sort();
        names
    }

    /// The same after a command in a folder that was empty.
    fn after(change: impl FnOnce(&Path)) -> Vec<String> {
        let fixture = Self::new();
        let arrivals = Arrivals::since_now();
        change(&fixture.folder);
        let names = fixture.disarmed(&[], &arrivals);
        assert_eq!(fixture.disarmed(&[], &arrivals), [""; 0], "once is enough");
        names
    }
}

/// Arrivals since a moment that everything there now lies before.
fn later() -> Arrivals {
    let mut arrivals = Arrivals::since_now();
    arrivals.began.0 += 3600;
    arrivals
}

#[test]
fn what_would_run_in_a_new_repository_is_set_aside_wherever_it_is_and_nothing_else() {
    assert_eq!(Fixture::after(|folder| plant(&folder.join(".git"), PLAIN)), [""; 0]);
    assert_eq!(Fixture::after(|folder| plant(&folder.join(".git"), ARMED)), [".git/config"]);
    assert_eq!(
        Fixture::after(|folder| plant(&folder.join("a/b/.git"), ARMED)),
        ["a/b/.git/config"]
    );
    assert_eq!(
        Fixture::after(|folder| plant(&folder.join("bare"), ARMED)),
        ["bare/config"],
        "one without a work tree"
    );
    assert_eq!(
        Fixture::after(|folder| plant(&folder.join("a/.git/modules/x"), ARMED)),
        ["a/.git/modules/x/config"]
    );
    let hook = |folder: &Path| {
        plant(&folder.join("a/.git"), PLAIN);
        fs::write(folder.join("a/.git/hooks/pre-commit"), "x").unwrap();
        fs::write(folder.join("a/.git/config.worktree"), ARMED).unwrap();
    };
    assert_eq!(Fixture::after(hook), ["a/.git/config.worktree", "a/.git/hooks/pre-commit"]);
    let link = |folder: &Path| {
        plant(&folder.join("a/.git"), PLAIN);
        fs::remove_dir_all(folder.join("a/.git/hooks")).unwrap();
        std::os::unix::fs::symlink("../scripts", folder.join("a/.git/hooks")).unwrap();
    };
    assert_eq!(Fixture::after(link), ["a/.git/hooks"]);
}

#[test]
fn a_file_in_the_place_of_a_repository_is_followed() {
    for pointer in ["gitdir: ../store\n", "gitdir: ../store"] {
        let found = Fixture::after(|folder| {
            plant(&folder.join("store"), ARMED);
            fs::remove_dir(folder.join("store/refs")).unwrap();
            fs::create_dir(folder.join("a")).unwrap();
            fs::write(folder.join("a/.git"), pointer).unwrap();
        });
        assert_eq!(found, ["store/config"]);
    }
    for unclear in ["gitdir: ../store \n", "gitdir: ../store\n\n", "gitdir:  ../store\n"] {
        let found = Fixture::after(|folder| {
            fs::create_dir(folder.join("a")).unwrap();
            fs::write(folder.join("a/.git"), unclear).unwrap();
        });
        assert_eq!(found, ["a/.git"], "{unclear:?}");
    }
    let shared = Fixture::after(|folder| {
        plant(&folder.join("a/.git"), PLAIN);
        plant(&folder.join("common"), ARMED);
        fs::remove_dir(folder.join("common/refs")).unwrap();
        fs::write(folder.join("a/.git/commondir"), "../../common\n").unwrap();
    });
    assert_eq!(shared, ["common/config"]);
    let outside = tempfile::tempdir().unwrap();
    plant(&outside.path().join("theirs"), ARMED);
    let text = format!("gitdir: {}\n", outside.path().join("theirs").display());
    assert_eq!(
        Fixture::after(|folder| fs::write(folder.join(".git"), text).unwrap()),
        [""; 0],
        "a command could not write there"
    );
}

#[test]
fn what_was_there_before_stays_as_it_is() {
    let fixture = Fixture::new();
    plant(&fixture.folder.join("a/.git"), ARMED);
    fs::write(fixture.folder.join("a/.git/hooks/pre-commit"), "x").unwrap();
    assert_eq!(fixture.disarmed(&[], &later()), [""; 0]);
    // Sealed, it is put back instead.
    let git = fixture.folder.join("a/.git");
    let folder = GuardedFolder::open(&fixture.folder).unwrap();
    let git_guard = GitGuard::of(&folder, std::slice::from_ref(&git));
    let since = Arrivals::since_now();
    fs::write(git.join("config"), ARMED.replace("./x", "./y")).unwrap();
    assert_eq!(git_guard.put_back().len(), 1);
    assert_eq!(fixture.disarmed(&[git_guard], &since), [""; 0]);
    assert_eq!(fs::read_to_string(git.join("config")).unwrap(), ARMED);
}

#[test]
fn a_folder_that_only_becomes_a_repository_by_a_new_name_is_one_that_came() {
    let fixture = Fixture::new();
    plant(&fixture.folder.join("a/.git"), PLAIN);
    plant(&fixture.folder.join("dot"), ARMED);
    fs::remove_file(fixture.folder.join("dot/HEAD")).unwrap();
    let settings = fs::symlink_metadata(fixture.folder.join("dot/config")).unwrap();
    let mut since = Arrivals::since_now();
    // Begins after its settings were written, as far as the file system tells moments
    // apart.
    since.began = (settings.ctime(), settings.ctime_nsec() + 1);
    let root = FolderHandle::open(&fixture.folder).unwrap();
    while !since.is_name_new(&root, OsStr::new("tick")) {
        fs::write(fixture.folder.join("tick"), "").unwrap();
    }
    fs::write(fixture.folder.join("dot/HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::create_dir(fixture.folder.join("b")).unwrap();
    fs::rename(fixture.folder.join("dot"), fixture.folder.join("b/.git")).unwrap();
    assert_eq!(fixture.disarmed(&[], &since), ["b/.git/config"]);
}

#[test]
fn a_folder_that_was_closed_is_looked_into() {
    use std::os::unix::fs::PermissionsExt;

    let found = Fixture::after(|folder| {
        plant(&folder.join("a/.git"), ARMED);
        fs::set_permissions(folder.join("a/.git"), fs::Permissions::from_mode(0o100)).unwrap();
        fs::set_permissions(folder.join("a"), fs::Permissions::from_mode(0o300)).unwrap();
    });
    assert_eq!(found, ["a/.git/config"]);
}
