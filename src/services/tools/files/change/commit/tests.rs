//! Several files, each of which may fail.

use std::cell::Cell;

use super::*;
use crate::tools::call::stop_signal::StopSignal;
use crate::tools::folder::WorkFolder;
use crate::tools::folder::open_files::{AgreedTexts, EditorPatience, OpenFiles, UnsavedTexts};

/// Without an editor.
fn on_disk(
    root: &Path,
    work: impl FnOnce(&EditorDoor<'_>) -> Result<Vec<Committed>, CommitFailure>,
) -> Result<Vec<Committed>, CommitFailure> {
    let folder = WorkFolder::open(root).unwrap();
    let open_files = OpenFiles {
        editor: None,
        patience: EditorPatience::REAL,
        folder: root,
        stop: &StopSignal::default(),
        unsaved: &UnsavedTexts::default(),
        agreed: &AgreedTexts::default(),
    };
    work(&EditorDoor { folder: &folder, open_files: &open_files })
}

fn step(target: PathBuf, act: CommitAct) -> CommitStep {
    let was = fs::metadata(&target)
        .ok()
        .map(|metadata| Print::new(&metadata, Some(&fs::read(&target).unwrap())));
    CommitStep { target, was, act }
}

fn write(bytes: &str) -> CommitAct {
    CommitAct::Write { bytes: bytes.into(), like: None }
}

fn state(folder: &Path) -> Vec<(PathBuf, Option<String>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(state(&path));
            found.push((path, None));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, Some(text)));
        }
    }
    found.sort();
    found
}

#[test]
fn whichever_step_fails_everything_is_as_it_was() {
    for failing in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        for name in ["changed", "removed"] {
            fs::write(root.join(name), name).unwrap();
        }
        let before = state(&root);
        let steps = || {
            vec![
                step(root.join("removed"), CommitAct::Remove),
                step(root.join("changed"), write("new")),
                step(root.join("a/b/made"), write("made")),
                step(root.join("a/other"), write("other")),
            ]
        };
        let count = Cell::new(0);
        let gate = |step: &CommitStep, held: &HeldTarget| match count.replace(count.get() + 1)
            == failing
        {
            true => Err(CommitFailure::Changed(step.target.clone())),
            false => unchanged(step, held),
        };
        assert!(
            matches!(
                on_disk(&root, |door| commit_through(steps(), door, &gate)),
                Err(CommitFailure::Changed(_))
            ),
            "{failing}"
        );
        assert_eq!(state(&root), before, "failed at step {failing}");
        on_disk(&root, |door| commit(steps(), door)).unwrap();
        let names: Vec<_> = state(&root)
            .into_iter()
            .map(|(path, text)| (path.strip_prefix(&root).unwrap().display().to_string(), text))
            .collect();
        let wanted = [
            ("a", None),
            ("a/b", None),
            ("a/b/made", Some("made")),
            ("a/other", Some("other")),
            ("changed", Some("new")),
        ];
        assert_eq!(names, wanted.map(|(name, text)| (name.to_owned(), text.map(str::to_owned))));
    }
}

#[test]
fn what_cannot_be_staged_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    fs::write(root.join("a"), "a").unwrap();
    let before = state(&root);
    for bad in [
        root.join("a/below"),
        root.join("n".repeat(300)),
        root.join("new/deeper").join("n".repeat(300)),
    ] {
        let steps = vec![step(root.join("a"), write("new")), step(bad, write("x"))];
        assert!(matches!(on_disk(&root, |door| commit(steps, door)), Err(CommitFailure::Write(_))));
        assert_eq!(state(&root), before);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_becomes_a_link_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    fs::create_dir_all(root.join("in/sub")).unwrap();
    fs::create_dir(root.join("out")).unwrap();
    let steps = vec![step(root.join("in/sub/new"), write("x"))];
    fs::remove_dir(root.join("in/sub")).unwrap();
    std::os::unix::fs::symlink("../out", root.join("in/sub")).unwrap();
    assert!(matches!(on_disk(&root, |door| commit(steps, door)), Err(CommitFailure::Changed(_))));
    assert!(state(&root.join("out")).is_empty());
}

/// Another process may be quicker than the last look.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_becomes_a_link_after_the_last_look_leads_nowhere_else() {
    use std::os::unix::fs::symlink;

    for act in [CommitAct::Remove, write("new")] {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        for folder in ["in/sub", "out"] {
            fs::create_dir_all(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("file"), "old").unwrap();
        }
        let before = state(&root.join("out"));
        let gate = |step: &CommitStep, held: &HeldTarget| {
            unchanged(step, held)?;
            fs::rename(root.join("in/sub"), root.join("in/away")).unwrap();
            symlink("../out", root.join("in/sub")).unwrap();
            Ok(())
        };
        let is_removed = matches!(act, CommitAct::Remove);
        let steps = vec![step(root.join("in/sub/file"), act)];
        on_disk(&root, |door| commit_through(steps, door, &gate)).unwrap();
        assert_eq!(state(&root.join("out")), before);
        let moved = fs::read_to_string(root.join("in/away/file")).ok();
        assert_eq!(moved.as_deref(), Some("new").filter(|_| !is_removed));
    }
}

/// A rollback happens in the folder where the change was made.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_taken_back_in_another_folder() {
    use std::os::unix::fs::symlink;

    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    for folder in ["in/sub", "out"] {
        fs::create_dir_all(root.join(folder)).unwrap();
        fs::write(root.join(folder).join("one"), "old").unwrap();
    }
    let before = state(&root.join("out"));
    let steps = ["one", "two"].map(|name| step(root.join("in/sub").join(name), write("new")));
    let gate = |step: &CommitStep, held: &HeldTarget| {
        if step.target.ends_with("two") {
            fs::rename(root.join("in/sub"), root.join("in/away")).unwrap();
            symlink("../out", root.join("in/sub")).unwrap();
        }
        unchanged(step, held)
    };
    let failure = on_disk(&root, |door| commit_through(steps.into(), door, &gate));
    assert!(matches!(failure, Err(CommitFailure::Changed(_))), "{failure:?}");
    assert_eq!(state(&root.join("out")), before);
    assert_eq!(state(&root.join("in/away")), [(root.join("in/away/one"), Some("old".to_owned()))]);
}
