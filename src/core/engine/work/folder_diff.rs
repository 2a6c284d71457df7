//! The changes to a conversation's folder, for people: against the last commit, or against what
//! undo kept of the files before the conversation changed them. Blocks, for a few seconds at most.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::base::{files, is_secret, phrases};
use crate::protocol::{
    ChangedFile, Completeness, DiffBase, DiffKind, FileChange, FileDiff, FileState, FolderDiff,
    NodeKind, Problem, ProblemKind,
};
use crate::tools;
use crate::undo::SnapshotStore;
use crate::workspace::{self, GitError, LARGEST_FILE, SECRET};

/// The limit for git, and for comparing files.
const LIMIT: Duration = Duration::from_secs(5);
/// Files that are shown.
const MOST: usize = 300;
/// Bytes of a file's changed lines.
const LONGEST: usize = 1 << 20;
/// Bytes of the changed lines of all files.
const ALL: usize = 8 << 20;

/// The content of a path at one moment.
enum Content {
    Nothing,
    /// It cannot be shown, for this reason.
    Opaque(String),
    Text(String),
}

/// Compares the folder with a state. Without a repository that is the start of the conversation,
/// whatever was asked for.
///
/// # Errors
///
/// Fails if git fails or takes too long.
pub(crate) fn diff(
    base: DiffBase,
    folder: &Path,
    store: &SnapshotStore,
    changes: &[FileChange],
) -> Result<FolderDiff, Problem> {
    if base == DiffBase::Head && workspace::has_repository(folder) {
        let found = workspace::changes(folder, LIMIT, MOST).map_err(problem)?;
        if let Some(found) = found {
            return Ok(since_head(folder, found));
        }
        return Ok(FolderDiff { has_repository: false, ..since_start(folder, store, changes) });
    }
    Ok(since_start(folder, store, changes))
}

fn problem(error: GitError) -> Problem {
    let (message, next) = match error {
        GitError::Broken => ("git could not compare this folder", "Run `git status` to see why"),
        GitError::Missing => ("git is not installed", "`t` shows the conversation's own changes"),
        GitError::TooSlow => (
            "git took longer than 5 seconds, and was stopped",
            "`t` shows the conversation's own changes",
        ),
    };
    Problem::new(ProblemKind::Internal, message).with_next(next)
}

fn since_head(folder: &Path, found: workspace::FolderChanges) -> FolderDiff {
    let mut gathered = Gathered::new();
    gathered.more = found.more;
    found.files.into_iter().for_each(|file| gathered.push(file));
    for path in found.untracked {
        if gathered.is_full() {
            gathered.more += 1;
            continue;
        }
        let shown = path.display().to_string();
        if shown.ends_with('/') {
            let note = Some("a repository of its own: not shown".to_owned());
            let diff = tools::opaque(&shown, DiffKind::Added);
            gathered.push(ChangedFile { diff, note });
        } else {
            let now = gathered.read(&folder.join(&path));
            gathered.compare(&folder.join(&path), &shown, Content::Nothing, now);
        }
    }
    gathered.finish(DiffBase::Head, true)
}

fn since_start(folder: &Path, store: &SnapshotStore, changes: &[FileChange]) -> FolderDiff {
    let mut gathered = Gathered::new();
    for (path, before) in store.first_states(changes) {
        if gathered.is_full() {
            gathered.more += 1;
            continue;
        }
        let shown = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        let now = gathered.read(path);
        let count = gathered.files.len();
        gathered.compare(path, &shown, earlier(store, before), now);
        if let Some(note) = before.and_then(|before| mode_note(before, path)) {
            match gathered.files.get_mut(count) {
                Some(file) => drop(file.note.get_or_insert(note)),
                None => gathered.push(ChangedFile {
                    diff: tools::opaque(&shown, DiffKind::Updated),
                    note: Some(note),
                }),
            }
        }
    }
    gathered.join_moves();
    gathered.finish(DiffBase::Start, workspace::has_repository(folder))
}

/// Says that a file may be run now, or may not any more.
#[cfg(unix)]
fn mode_note(before: &FileState, path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let now = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    let is_file = matches!(before.kind, NodeKind::File { .. });
    let runs = |mode: u32| mode & 0o100 != 0;
    match (runs(before.mode), runs(now.permissions().mode())) {
        (false, true) if is_file => Some("now executable".to_owned()),
        (true, false) if is_file => Some("no longer executable".to_owned()),
        _ => None,
    }
}

#[cfg(not(unix))]
fn mode_note(_before: &FileState, _path: &Path) -> Option<String> {
    None
}

/// The lines of a change without their signs.
fn lines_of(file: &ChangedFile) -> impl Iterator<Item = &str> {
    file.diff.hunks.lines().skip(1).map(|line| line.get(1..).unwrap_or_default())
}

/// The content in an earlier state.
fn earlier(store: &SnapshotStore, state: Option<&FileState>) -> Content {
    let Some(state) = state else { return Content::Nothing };
    match &state.kind {
        NodeKind::File { .. } => match store.kept_content(state, LARGEST_FILE) {
            Some(bytes) => text(bytes),
            None => Content::Opaque("how it was is not known: too large, or not kept".to_owned()),
        },
        NodeKind::Link { target } => Content::Text(target.display().to_string()),
        NodeKind::Folder | NodeKind::Special | NodeKind::Unknown => {
            Content::Opaque("how it was is not known".to_owned())
        }
    }
}

/// The text of a file; bytes that are not Unicode are replaced.
fn text(bytes: Vec<u8>) -> Content {
    if memchr::memchr(0, &bytes).is_some() {
        return Content::Opaque("not text: not shown".to_owned());
    }
    Content::Text(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// The files that were found so far.
struct Gathered {
    files: Vec<ChangedFile>,
    more: u64,
    /// Bytes of changed lines that may still come.
    room: usize,
    deadline: Instant,
}

impl Gathered {
    fn new() -> Self {
        Self { files: Vec::new(), more: 0, room: ALL, deadline: Instant::now() + LIMIT }
    }

    fn is_full(&self) -> bool {
        self.files.len() >= MOST
    }

    fn push(&mut self, file: ChangedFile) {
        self.room = self.room.saturating_sub(file.diff.hunks.len());
        self.files.push(file);
    }

    /// The content now. Files are not read once there is no room or no time left.
    fn read(&self, path: &Path) -> Content {
        let about = match fs::symlink_metadata(path) {
            Ok(about) => about,
            Err(error) if error.kind() == ErrorKind::NotFound => return Content::Nothing,
            Err(error) => return Content::Opaque(error.to_string()),
        };
        if about.is_symlink() {
            let target = fs::read_link(path).unwrap_or_default();
            return Content::Text(target.display().to_string());
        }
        if !about.is_file() {
            return Content::Opaque("not a file: not shown".to_owned());
        }
        if is_secret(path) {
            return Content::Opaque(SECRET.to_owned());
        }
        if about.len() > LARGEST_FILE {
            return Content::Opaque(format!("{}: too large to show", phrases::size(about.len())));
        }
        if self.room == 0 || Instant::now() >= self.deadline {
            return Content::Opaque("not shown: there are too many changes".to_owned());
        }
        match files::read(path, LARGEST_FILE) {
            Ok(bytes) => text(bytes),
            Err(error) => Content::Opaque(format!("not shown: {error}")),
        }
    }

    /// Adds a file if it differs, or may.
    fn compare(&mut self, path: &Path, shown: &str, before: Content, now: Content) {
        let kind = match (&before, &now) {
            (Content::Nothing, Content::Nothing) => return,
            (Content::Nothing, _) => DiffKind::Added,
            (_, Content::Nothing) => DiffKind::Deleted,
            _ => DiffKind::Updated,
        };
        let texts = match (&before, &now) {
            _ if is_secret(path) => Err(SECRET.to_owned()),
            (_, Content::Opaque(why)) | (Content::Opaque(why), _) => Err(why.clone()),
            (Content::Text(before), Content::Text(now)) if before == now => return,
            (Content::Text(before), Content::Text(now)) => Ok((before.as_str(), now.as_str())),
            (Content::Text(before), Content::Nothing) => Ok((before.as_str(), "")),
            (Content::Nothing, Content::Text(now)) => Ok(("", now.as_str())),
            (Content::Nothing, Content::Nothing) => return,
        };
        let file = match texts {
            Ok((before, now)) => {
                let room = LONGEST.min(self.room);
                let diff = tools::diff_within(room, shown, kind, before, now);
                let note = diff.hunks.is_empty().then(|| "empty".to_owned());
                ChangedFile { diff, note }
            }
            Err(why) => ChangedFile { diff: tools::opaque(shown, kind), note: Some(why) },
        };
        self.push(file);
    }

    /// Takes a file that is gone and a new one with the same lines for one that was moved.
    fn join_moves(&mut self) {
        let is_whole = |file: &ChangedFile| {
            !file.diff.hunks.is_empty() && file.diff.completeness == Completeness::Complete
        };
        let gone: Vec<ChangedFile> = self
            .files
            .extract_if(.., |file| file.diff.kind == DiffKind::Deleted && is_whole(file))
            .collect();
        for old in gone {
            let is_same = |new: &&mut ChangedFile| {
                new.diff.kind == DiffKind::Added
                    && is_whole(new)
                    && new.diff.added == old.diff.removed
                    && lines_of(new).eq(lines_of(&old))
            };
            match self.files.iter_mut().find(is_same) {
                Some(new) => {
                    let kind = DiffKind::Moved { from: old.diff.path };
                    new.diff = FileDiff { kind, ..tools::opaque(&new.diff.path, DiffKind::Added) };
                }
                None => self.files.push(old),
            }
        }
    }

    fn finish(mut self, base: DiffBase, has_repository: bool) -> FolderDiff {
        self.files.sort_by(|one, other| one.diff.path.cmp(&other.diff.path));
        FolderDiff { base, has_repository, files: self.files, more: self.more }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::protocol::TurnId;
    use crate::undo::Snapshots;
    use crate::workspace::testing::git;

    struct Fixture {
        folder: PathBuf,
        store: SnapshotStore,
        changes: Vec<FileChange>,
        /// Removed last: the store's end looks for it.
        _place: tempfile::TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            let place = tempfile::tempdir().unwrap();
            let root = fs::canonicalize(place.path()).unwrap();
            let folder = root.join("folder");
            fs::create_dir(&folder).unwrap();
            let images = root.join("images");
            let snapshots = Snapshots::new(root.join("snapshots"));
            let store = snapshots.session("ses_a".into(), folder.clone(), images, Vec::new());
            Self { folder, store, changes: Vec::new(), _place: place }
        }

        fn write(&self, name: &str, content: &str) {
            fs::write(self.folder.join(name), content).unwrap();
        }

        /// Has a call change files.
        fn call(&mut self, names: &[&str], work: impl FnOnce(&Self)) {
            let files: Vec<PathBuf> = names.iter().map(|name| self.folder.join(name)).collect();
            let before = self.store.before(TurnId(1), &files);
            work(self);
            self.changes.extend(self.store.after(before, None, &|_trace| None).files);
        }

        fn diff(&self, base: DiffBase) -> FolderDiff {
            diff(base, &self.folder, &self.store, &self.changes).unwrap()
        }
    }

    /// `M a.txt: <hunks>(note)`.
    fn words(diff: &FolderDiff) -> Vec<String> {
        let word = |ChangedFile { diff, note }: &ChangedFile| {
            let kind = match diff.kind {
                DiffKind::Added => 'A',
                DiffKind::Deleted => 'D',
                DiffKind::Moved { .. } => 'R',
                DiffKind::Updated => 'M',
            };
            let note = note.as_ref().map(|note| format!("({note})")).unwrap_or_default();
            format!("{kind} {}: {}{note}", diff.path, diff.hunks)
        };
        diff.files.iter().map(word).collect()
    }

    #[test]
    fn the_start_of_the_conversation_is_what_files_were_before_its_first_change() {
        let mut fixture = Fixture::new();
        for (name, content) in [("a", "1\n"), ("back", "b\n"), ("gone", "g\n"), (".env", "S=1\n")] {
            fixture.write(name, content);
        }
        let names = ["a", "back", "gone", "new", ".env", "binary"];
        fixture.call(&names, |it| {
            it.write("a", "2\n");
            it.write("back", "c\n");
            it.write("new", "n\n");
            it.write(".env", "S=2\n");
            it.write("binary", "\0");
            fs::remove_file(it.folder.join("gone")).unwrap();
        });
        fixture.call(&["a"], |it| it.write("a", "3\n"));
        fixture.write("back", "b\n");
        fixture.write("a person's own", "p\n");
        let found = fixture.diff(DiffBase::Start);
        assert_eq!(
            words(&found),
            [
                "M .env: (may hold secrets: not shown)",
                "M a: @@ -1,1 +1,1 @@\n-1\n+3\n",
                "A binary: (not text: not shown)",
                "D gone: @@ -1,1 +0,0 @@\n-g\n",
                "A new: @@ -0,0 +1,1 @@\n+n\n",
            ]
        );
        assert!(!found.has_repository);
        assert_eq!(fixture.diff(DiffBase::Head), found, "without a repository there is only this");
    }

    #[test]
    fn moved_files_and_changed_modes_are_told_since_the_start() {
        use std::os::unix::fs::PermissionsExt;
        let mut fixture = Fixture::new();
        fixture.write("old", "1\n2\n");
        fixture.write("other", "1\n3\n");
        fixture.write("run", "r\n");
        fixture.call(&["old", "other", "run", "new"], |it| {
            fs::rename(it.folder.join("old"), it.folder.join("new")).unwrap();
            fs::remove_file(it.folder.join("other")).unwrap();
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(it.folder.join("run"), mode).unwrap();
        });
        let found = fixture.diff(DiffBase::Start);
        assert_eq!(
            words(&found),
            ["R new: ", "D other: @@ -1,2 +0,0 @@\n-1\n-3\n", "M run: (now executable)"]
        );
        assert_eq!(found.files[0].diff.kind, DiffKind::Moved { from: "old".into() });
    }

    #[test]
    fn untracked_files_are_additions_and_are_not_waited_for() {
        let fixture = Fixture::new();
        let at = &fixture.folder;
        git(at, &["init", "-q"]);
        fixture.write("new", "n\n");
        fixture.write("empty", "");
        fixture.write("id_rsa", "key\n");
        fixture.write("large", &"x".repeat(3 << 20));
        fixture.write("latin", "x");
        fs::write(at.join("latin"), b"caf\xe9\n").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", at.join("link")).unwrap();
        fs::create_dir(at.join("repo")).unwrap();
        git(&at.join("repo"), &["init", "-q"]);
        git(&at.join("repo"), &["commit", "-q", "--allow-empty", "-m", "x"]);
        assert!(std::process::Command::new("mkfifo").arg(at.join("p")).status().unwrap().success());
        let found = fixture.diff(DiffBase::Head);
        assert_eq!((found.base, found.has_repository, found.more), (DiffBase::Head, true, 0));
        assert_eq!(
            words(&found),
            [
                "A empty: (empty)",
                "A id_rsa: (may hold secrets: not shown)",
                "A large: (3.0 MB: too large to show)",
                "A latin: @@ -0,0 +1,1 @@\n+caf\u{fffd}\n",
                "A link: @@ -0,0 +1,1 @@\n+/etc/passwd\n\\ No newline at end of file\n",
                "A new: @@ -0,0 +1,1 @@\n+n\n",
                "A repo/: (a repository of its own: not shown)",
            ]
        );
        for number in 0..MOST + 32 {
            fixture.write(&format!("z{number}"), "z\n");
        }
        let found = fixture.diff(DiffBase::Head);
        assert_eq!((found.files.len(), found.more), (MOST, 39));
    }
}
