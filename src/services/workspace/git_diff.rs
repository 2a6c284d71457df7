//! How the files of a folder differ from the last commit, as git says it: staged and unstaged
//! changes, and the names of untracked files.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::git_command::{GitCommand, GitError, LARGEST};
use crate::base::phrases::{boundary, size};
use crate::base::{git, is_secret};
use crate::protocol::{ChangedFile, Completeness, DiffKind, FileDiff};

/// The limit in bytes for a file whose lines are shown.
pub const LARGEST_FILE: u64 = 2 << 20;
/// The note of a file that may hold secrets.
pub const SECRET: &str = "may hold secrets: not shown";
/// The limit in bytes for all that git says about changes.
const LARGEST_DIFF: u64 = 8 << 20;
/// The limits in bytes for the changed lines of one file, and for each line.
const LONGEST_HUNKS: usize = 1 << 20;
const LONGEST_LINE: usize = 4096;

/// Changed files of a folder, compared with the last commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderChanges {
    /// Files that git knows, sorted by path.
    pub files: Vec<ChangedFile>,
    /// How many further ones there are.
    pub more: u64,
    /// Paths of untracked files relative to the folder; a repository in it ends with `/`.
    pub untracked: Vec<PathBuf>,
}

/// An entry of git's raw format: a file with its kind before and after.
struct RawEntry {
    modes: [String; 2],
    status: char,
    path: PathBuf,
    from: Option<PathBuf>,
}

/// Whether a repository lies around the folder; it may be none that git accepts.
pub fn has_repository(folder: &Path) -> bool {
    folder.ancestors().any(|above| git::folder(&above.join(".git")).is_some())
}

/// The changes of the folder, of at most `most` files; `None` outside a working tree. Where nothing
/// was committed yet, everything is an addition.
///
/// # Errors
///
/// Fails if git is missing, fails, or takes longer than `limit`.
pub fn changes(
    folder: &Path,
    limit: Duration,
    most: usize,
) -> Result<Option<FolderChanges>, GitError> {
    let git = GitCommand::new(folder, limit)?;
    let place = git.run(&["rev-parse", "--is-inside-work-tree", "HEAD"], LARGEST)?;
    if !place.bytes.starts_with(b"true") {
        // Git refuses a damaged repository, or one of another user.
        let is_refused = place.bytes.is_empty() && has_repository(folder);
        return if is_refused { Err(GitError::Broken) } else { Ok(None) };
    }
    // Without a commit git repeats the word.
    let commit = place.bytes.split(|byte| *byte == b'\n').nth(1).unwrap_or_default();
    let has_commit = commit.len() >= 40 && commit.iter().all(u8::is_ascii_hexdigit);
    let head = if has_commit { "HEAD".to_owned() } else { empty_tree(&git)? };
    let mut found = tracked(&git, folder, &head, most)?;
    let names = git.run(&["ls-files", "--others", "--exclude-standard", "-z"], LARGEST)?;
    if !names.succeeded {
        return Err(GitError::Broken);
    }
    let mut names: Vec<&[u8]> = names.bytes.split(|byte| *byte == 0).collect();
    // It is empty, or was cut.
    names.pop();
    found.untracked = names.into_iter().map(path).collect();
    found.untracked.sort();
    Ok(Some(found))
}

/// The name of the tree that holds nothing, in this repository's kind of hash.
fn empty_tree(git: &GitCommand) -> Result<String, GitError> {
    let name = git.run(&["hash-object", "-t", "tree", "--stdin"], LARGEST)?.whole();
    let name = name.and_then(|name| String::from_utf8(name).ok());
    name.map(|name| name.trim().to_owned()).ok_or(GitError::Broken)
}

fn tracked(
    git: &GitCommand,
    folder: &Path,
    head: &str,
    most: usize,
) -> Result<FolderChanges, GitError> {
    let threshold = format!("core.bigFileThreshold={LARGEST_FILE}");
    let arguments = [
        "-c",
        &threshold,
        "diff",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--submodule=short",
        "--ignore-submodules=dirty",
        "--find-renames",
        "--unified=3",
        "--inter-hunk-context=0",
        "--relative",
        "--raw",
        "--patch",
        "-z",
        head,
        "--",
    ];
    let answer = git.run(&arguments, LARGEST_DIFF)?;
    if !answer.succeeded {
        return Err(GitError::Broken);
    }
    let (entries, patch) = raw_entries(&answer.bytes);
    let patch = String::from_utf8_lossy(patch);
    let mut sections: VecDeque<&str> = sections(&patch).into();
    let mut found = FolderChanges::default();
    for entry in entries {
        let count = match entry.status {
            'U' => 0,
            // A file that became another kind of file is removed and added.
            'T' => 2,
            _ => 1,
        };
        let own: Vec<&str> = (0..count).filter_map(|_| sections.pop_front()).collect();
        if entry.status == 'U' && found.files.iter().any(|file| file.diff.path == name(&entry.path))
        {
            continue;
        }
        if found.files.len() == most {
            found.more += 1;
            continue;
        }
        let is_cut = answer.is_cut && (own.len() < count || sections.is_empty());
        found.files.push(entry.changed(folder, &own, is_cut));
    }
    found.files.sort_by(|one, other| one.diff.path.cmp(&other.diff.path));
    // A file in conflict is named twice.
    found.files.dedup_by(|later, first| {
        let is_same = later.diff.path == first.diff.path;
        if is_same && first.diff.hunks.is_empty() {
            std::mem::swap(later, first);
        }
        is_same
    });
    Ok(found)
}

impl RawEntry {
    fn changed(&self, folder: &Path, sections: &[&str], is_cut: bool) -> ChangedFile {
        let all: String = sections.iter().map(|section| hunks(section)).collect();
        let (added, removed) = counts(&all);
        let kind = match (self.status, &self.from) {
            ('A' | 'C', _) => DiffKind::Added,
            ('D', _) => DiffKind::Deleted,
            ('R', Some(from)) => DiffKind::Moved { from: name(from) },
            _ => DiffKind::Updated,
        };
        let paths = self.from.iter().chain([&self.path]);
        let is_hidden = paths.map(|path| folder.join(path)).any(|path| is_secret(&path));
        let (hunks, mut completeness) = match is_hidden {
            true => (String::new(), Completeness::Complete),
            false => shown_hunks(&all),
        };
        if is_cut {
            completeness = Completeness::Truncated;
        }
        let mut notes = Vec::new();
        notes.extend(self.mode_note());
        if is_hidden {
            notes.push(SECRET.to_owned());
        } else if sections.iter().any(|section| is_binary(section)) {
            let length = std::fs::symlink_metadata(folder.join(&self.path)).map(|at| at.len());
            notes.push(match length {
                Ok(length) if length > LARGEST_FILE => too_large(length),
                Ok(_) => "not text: not shown".to_owned(),
                Err(_) => "not text, or too large: not shown".to_owned(),
            });
        } else if all.is_empty() && matches!(self.status, 'A' | 'D') && !is_cut {
            notes.push("empty".to_owned());
        } else if is_cut && hunks.is_empty() {
            notes.push("not shown: there are too many changes".to_owned());
        }
        let path = name(&self.path);
        let diff = FileDiff { path, kind, added, removed, hunks: hunks.into(), completeness };
        ChangedFile { diff, note: (!notes.is_empty()).then(|| notes.join("; ")) }
    }

    /// A remark on what the modes say.
    fn mode_note(&self) -> Option<String> {
        let [before, after] = [&self.modes[0], &self.modes[1]].map(|mode| mode.as_str());
        let kind = |mode: &str| match mode {
            "100644" => "a file",
            "100755" => "an executable file",
            "120000" => "a link",
            "160000" => "a submodule",
            _ => "",
        };
        match (before, after) {
            _ if self.status == 'U' => Some("in conflict".into()),
            ("100644", "100755") => Some("now executable".into()),
            ("100755", "100644") => Some("no longer executable".into()),
            _ if self.status == 'T' => Some(format!("was {}, is {}", kind(before), kind(after))),
            ("120000" | "160000", _) => Some(kind(before).into()),
            (_, "120000" | "160000") => Some(kind(after).into()),
            _ => None,
        }
    }
}

/// The note of a file of this length in bytes that is too large.
fn too_large(length: u64) -> String {
    format!("{}: too large to show", size(length))
}

/// Reads the entries before the patch; returns the patch, too.
fn raw_entries(answer: &[u8]) -> (Vec<RawEntry>, &[u8]) {
    let mut rest = answer;
    let mut next = || {
        let end = memchr::memchr(0, rest)?;
        let field = &rest[..end];
        rest = &rest[end + 1..];
        Some(field)
    };
    let mut entries = Vec::new();
    while let Some(about) = next().filter(|field| field.starts_with(b":")) {
        let about = String::from_utf8_lossy(&about[1..]).into_owned();
        let words: Vec<&str> = about.split(' ').collect();
        let [before, after, _, _, status] = words[..] else { break };
        let status = status.chars().next().unwrap_or('M');
        let Some(first) = next().map(path) else { break };
        let (from, path) = match status {
            'R' | 'C' => match next().map(path) {
                Some(second) => (Some(first), second),
                None => break,
            },
            _ => (None, first),
        };
        entries.push(RawEntry { modes: [before.into(), after.into()], status, path, from });
    }
    (entries, rest)
}

/// The parts of a patch, one for each file. No line of a hunk begins with a letter.
fn sections(patch: &str) -> Vec<&str> {
    let mut begins = Vec::new();
    let mut at = 0;
    for line in patch.split_inclusive('\n') {
        if line.starts_with("diff --") {
            begins.push(at);
        }
        at += line.len();
    }
    let ends = begins.iter().skip(1).copied().chain([patch.len()]);
    begins.iter().zip(ends).map(|(begin, end)| &patch[*begin..end]).collect()
}

/// The hunks of a file's part of a patch.
fn hunks(section: &str) -> &str {
    let at = section.find("\n@@ ").map_or(section.len(), |at| at + 1);
    let hunks = &section[at..];
    // A conflict follows the last file.
    hunks.find("\n* Unmerged").map_or(hunks, |end| &hunks[..=end])
}

fn is_binary(section: &str) -> bool {
    !section.contains("\n@@ ") && section.lines().any(|line| line.starts_with("Binary files "))
}

fn counts(hunks: &str) -> (u32, u32) {
    hunks.lines().fold((0, 0), |(added, removed), line| match line.as_bytes().first() {
        Some(b'+') => (added + 1, removed),
        Some(b'-') => (added, removed + 1),
        _ => (added, removed),
    })
}

/// The hunks as far as a person is shown them: long lines and long changes are cut.
fn shown_hunks(hunks: &str) -> (String, Completeness) {
    let mut shown = String::with_capacity(hunks.len().min(LONGEST_HUNKS));
    let mut completeness = Completeness::Complete;
    for line in hunks.split_inclusive('\n') {
        if shown.len() + line.len().min(LONGEST_LINE) > LONGEST_HUNKS {
            return (shown, Completeness::Truncated);
        }
        if line.len() <= LONGEST_LINE {
            shown.push_str(line);
        } else {
            shown.push_str(&line[..boundary(line, LONGEST_LINE)]);
            shown.push_str("…\n");
            completeness = Completeness::Truncated;
        }
    }
    (shown, completeness)
}

/// A path for people.
fn name(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;

    use super::*;
    use crate::workspace::testing::git;

    const LIMIT_OF_TEST: Duration = Duration::from_secs(60);

    fn made(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q", "-b", "main"]);
        write(folder.path(), files);
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["commit", "-q", "--allow-empty", "-m", "first"]);
        folder
    }

    fn write(folder: &Path, files: &[(&str, &[u8])]) {
        for (name, content) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }

    fn found(folder: &Path) -> FolderChanges {
        changes(folder, LIMIT_OF_TEST, 100).unwrap().unwrap()
    }

    /// Each file with its counts and its note: `M a.txt +1 -0 (note)`.
    fn words(found: &FolderChanges) -> Vec<String> {
        let file = |ChangedFile { diff, note }: &ChangedFile| {
            let kind = match &diff.kind {
                DiffKind::Added => "A".to_owned(),
                DiffKind::Deleted => "D".to_owned(),
                DiffKind::Moved { from } => format!("R {from} to"),
                DiffKind::Updated => "M".to_owned(),
            };
            let note = note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
            format!("{kind} {} +{} -{}{note}", diff.path, diff.added, diff.removed)
        };
        found.files.iter().map(file).collect()
    }

    #[test]
    fn every_kind_of_change_is_told() {
        let long = "line\n".repeat(20);
        let folder = made(&[
            ("changed.txt", b"a\nb\n"),
            ("staged.txt", b"a\n"),
            ("gone.txt", b"x\n"),
            ("old name.txt", long.as_bytes()),
            ("picture", b"\0one"),
            ("mode.sh", b"run\n"),
            ("kind", b"k\n"),
            ("crlf.txt", b"a\r\nb\r\n"),
            ("tab\tand\nline.txt", b"q"),
            ("same.txt", b"same\n"),
            (".env", b"SECRET=1\n"),
        ]);
        let at = folder.path();
        write(at, &[("changed.txt", b"a\nb\nc"), ("staged.txt", b"b\n")]);
        git(at, &["add", "staged.txt"]);
        write(at, &[("staged.txt", b"b\nc\n"), ("crlf.txt", b"a\r\nc\r\n")]);
        fs::remove_file(at.join("gone.txt")).unwrap();
        git(at, &["mv", "old name.txt", "new name.txt"]);
        write(at, &[("picture", b"\0two"), ("tab\tand\nline.txt", b"z\n"), (".env", b"S=2\n")]);
        fs::remove_file(at.join("kind")).unwrap();
        std::os::unix::fs::symlink("same.txt", at.join("kind")).unwrap();
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(at.join("mode.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        write(at, &[("added.txt", b"1\n2\n"), ("new/untracked.txt", b"u\n")]);
        git(at, &["add", "added.txt"]);
        let found = found(at);
        assert_eq!(
            words(&found),
            [
                "M .env +1 -1 (may hold secrets: not shown)",
                "A added.txt +2 -0",
                "M changed.txt +1 -0",
                "M crlf.txt +1 -1",
                "D gone.txt +0 -1",
                "M kind +1 -1 (was a file, is a link)",
                "M mode.sh +0 -0 (now executable)",
                "R old name.txt to new name.txt +0 -0",
                "M picture +0 -0 (not text: not shown)",
                "M staged.txt +2 -1",
                "M tab\tand\nline.txt +1 -1",
            ]
        );
        assert_eq!(found.untracked, [Path::new("new/untracked.txt")]);
        assert_eq!(&*found.files[0].diff.hunks, "", "secrets do not even leave this function");
        assert_eq!(
            &*found.files[2].diff.hunks,
            "@@ -1,2 +1,3 @@\n a\n b\n+c\n\\ No newline at end of file\n"
        );
        assert_eq!(&*found.files[3].diff.hunks, "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n");
    }

    #[test]
    fn programs_that_a_repository_names_are_not_run() {
        let folder = made(&[("a.txt", b"a\n"), (".gitattributes", b"*.txt filter=t diff=t\n")]);
        let at = folder.path();
        let sprung = at.join(".git/sprung");
        let trap = format!("sh -c 'echo \"$0\" >> {}; cat'", sprung.display());
        for key in [
            "diff.external",
            "diff.t.textconv",
            "diff.t.command",
            "filter.t.clean",
            "filter.t.smudge",
            "filter.t.process",
            "core.fsmonitor",
            "core.pager",
        ] {
            git(at, &["config", key, &trap]);
        }
        write(at, &[("a.txt", b"b\n"), ("new.txt", b"n\n")]);
        assert_eq!(words(&found(at)), ["M a.txt +1 -1"]);
        assert!(!sprung.exists(), "{}", fs::read_to_string(&sprung).unwrap());
    }

    #[test]
    fn a_repository_without_a_commit_has_only_additions_and_a_bare_one_has_nothing() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q"]);
        assert_eq!(found(folder.path()), FolderChanges::default());
        write(folder.path(), &[("HEAD", b"h\n"), ("loose", b"l\n")]);
        git(folder.path(), &["add", "HEAD"]);
        let found = found(folder.path());
        assert_eq!(words(&found), ["A HEAD +1 -0"]);
        assert_eq!(found.untracked, [Path::new("loose")]);
        let bare = tempfile::tempdir().unwrap();
        git(bare.path(), &["init", "-q", "--bare"]);
        assert_eq!(changes(bare.path(), LIMIT_OF_TEST, 9), Ok(None));
        let none = tempfile::tempdir().unwrap();
        assert_eq!(changes(none.path(), LIMIT_OF_TEST, 9), Ok(None));
        fs::create_dir(none.path().join(".git")).unwrap();
        assert_eq!(changes(none.path(), LIMIT_OF_TEST, 9), Err(GitError::Broken), "it is damaged");
    }

    #[test]
    fn a_folder_of_a_repository_shows_its_own_files_and_submodules_are_named() {
        let other = made(&[("x", b"x\n")]);
        let folder = made(&[("top.txt", b"t\n"), ("sub/own.txt", b"o\n")]);
        let at = folder.path();
        let source = other.path().to_str().unwrap();
        git(
            at,
            &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "sub/m"],
        );
        write(at, &[("top.txt", b"T\n"), ("sub/own.txt", b"O\n"), ("sub/new", b""), ("new", b"")]);
        let found = found(&at.join("sub"));
        assert_eq!(words(&found), ["A m +1 -0 (a submodule)", "M own.txt +1 -1"]);
        assert_eq!(found.untracked, [Path::new("new")]);
    }

    #[test]
    fn a_conflict_is_named_once() {
        let folder = made(&[("a.txt", b"a\n"), ("b.txt", b"b\n"), ("z.txt", b"z\n")]);
        let at = folder.path();
        for (branch, content) in [("one", b"1\n"), ("two", b"2\n")] {
            git(at, &["checkout", "-q", "-b", branch, "main"]);
            write(at, &[("b.txt", content)]);
            git(at, &["commit", "-q", "-a", "-m", branch]);
        }
        let _conflict = std::panic::catch_unwind(|| git(at, &["merge", "-q", "one"]));
        write(at, &[("a.txt", b"A\n"), ("z.txt", b"Z\n")]);
        let words = words(&found(at));
        assert_eq!(words.len(), 3, "{words:?}");
        assert!(words[1].starts_with("M b.txt +"), "{words:?}");
    }

    #[test]
    fn long_lines_long_changes_and_many_files_are_cut_and_large_files_named() {
        let folder = made(&[]);
        let at = folder.path();
        let (wide, long) = ("é".repeat(500_000), "line\n".repeat(400_000));
        write(
            at,
            &[
                ("c wide", wide.as_bytes()),
                ("d large", "x\n".repeat(1 << 20).as_bytes()),
                ("b long", &long.as_bytes()[..2_000_000]),
            ],
        );
        write(at, &[("d large", "x\n".repeat(2 << 20).as_bytes())]);
        git(at, &["add", "."]);
        let found = found(at);
        assert_eq!(
            words(&found),
            [
                "A b long +400000 -0",
                "A c wide +1 -0",
                "A d large +0 -0 (4.0 MB: too large to show)"
            ]
        );
        for file in &found.files[..2] {
            assert_eq!(file.diff.completeness, Completeness::Truncated);
            assert!(file.diff.hunks.len() <= LONGEST_HUNKS);
        }
        let few = changes(at, LIMIT_OF_TEST, 1).unwrap().unwrap();
        assert_eq!((few.files.len(), few.more), (1, 2));
    }

    #[test]
    fn git_that_does_not_answer_costs_the_limit_and_no_more() {
        let folder = made(&[("a.txt", b"a\n")]);
        let index = folder.path().join(".git/index");
        fs::remove_file(&index).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&index).status().unwrap().success());
        let limit = Duration::from_millis(300);
        assert_eq!(changes(folder.path(), limit, 9), Err(GitError::TooSlow));
    }
}
