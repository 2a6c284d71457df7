//! The program's answers, without a shell around it.

use std::fs;

use super::*;

const PATCH: &str = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch";

/// A conversation's folder with a folder `sub` in it.
fn session() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    fs::create_dir(root.join("sub")).unwrap();
    fs::write(root.join("sub/a.txt"), "one\n").unwrap();
    (dir, root)
}

fn patch(body: &str) -> String {
    format!("*** Begin Patch\n{body}\n*** End Patch\n")
}

#[test]
fn paths_begin_at_the_working_folder_and_the_files_are_listed() {
    let (_dir, root) = session();
    let sub = root.join("sub");
    fs::write(sub.join("b.txt"), "gone\n").unwrap();
    let text = patch(
        "*** Delete File: b.txt\n*** Update File: a.txt\n@@\n-one\n+two\n*** Add File: ../n/c.txt\n+new",
    );
    let applied = apply(&text, &sub, &root).unwrap();
    let new = root.join("n/c.txt");
    let listed = format!(
        "Success. Updated the following files:\nA {}\nM a.txt\nD b.txt\n",
        new.to_string_lossy()
    );
    assert_eq!(answer::as_program(&applied.diffs), listed);
    assert_eq!(fs::read_to_string(sub.join("a.txt")).unwrap(), "two\n");
    assert_eq!(fs::read_to_string(new).unwrap(), "new\n");
    assert!(!sub.join("b.txt").exists());
}

#[test]
fn a_patch_that_does_not_fit_changes_no_file() {
    let (_dir, root) = session();
    let text = patch("*** Add File: new.txt\n+x\n*** Update File: a.txt\n@@\n-three\n+two");
    let refused = apply(&text, &root.join("sub"), &root).unwrap_err();
    assert!(matches!(refused, PatchProgramError::Refused(ToolRefusal::Hunk { .. })), "{refused:?}");
    assert_eq!(refused.exit(), ExitCode::from(REFUSED));
    assert!(!root.join("sub/new.txt").exists());
    assert!(!refused.to_string().contains("one"), "no line of a file is told: {refused}");
}

#[test]
fn files_that_a_person_would_be_asked_about_are_refused() {
    let (_dir, root) = session();
    fs::create_dir_all(root.join(".codling/commands")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(root.join("AGENTS.md"), root.join("link")).unwrap();
    for (workdir, path) in [
        ("", "AGENTS.md"),
        ("sub", "../.env"),
        ("", "./sub/../.vscode/tasks.json"),
        (".codling/commands", "x.md"),
        ("", "id_rsa"),
        #[cfg(unix)]
        ("", "link"),
    ] {
        let text = patch(&format!("*** Add File: fine.txt\n+x\n*** Add File: {path}\n+x"));
        let refused = apply(&text, &root.join(workdir), &root).unwrap_err();
        assert!(matches!(refused, PatchProgramError::Guarded { .. }), "{path}: {refused:?}");
        assert_eq!(refused.exit(), ExitCode::from(REFUSED));
        assert!(!root.join(workdir).join("fine.txt").exists(), "{path}");
    }
    let moved = patch("*** Update File: a.txt\n*** Move to: CLAUDE.md\n@@\n-one\n+two");
    let refused = apply(&moved, &root.join("sub"), &root).unwrap_err();
    assert!(matches!(refused, PatchProgramError::Guarded { .. }), "{refused:?}");
    let git = apply(&patch("*** Add File: .git/hooks/pre-commit\n+x"), &root, &root).unwrap_err();
    assert!(matches!(git, PatchProgramError::Refused(ToolRefusal::Git { .. })), "{git:?}");
    // A conversation may itself be about a folder in such a place.
    let inner = root.join(".codling/commands");
    apply(&patch("*** Add File: x.md\n+x"), &inner, &inner).unwrap();
}

#[test]
fn whoever_gives_no_patch_is_told_so() {
    let empty = || tempfile::tempfile().unwrap();
    let given = |words: &[&str]| {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        input(&words, empty())
    };
    assert_eq!(given(&[PATCH]).unwrap(), PATCH);
    for words in [&[][..], &[""], &[" \n"], &["--help"], &["-"], &[PATCH, "x"]] {
        let refused = given(words).unwrap_err();
        assert_eq!(refused.exit(), ExitCode::from(NO_PATCH), "{words:?}");
    }
    let (_dir, root) = session();
    let emptied = patch("");
    for text in ["hello", "*** Begin Patch\n*** End Patch", &emptied, "*** Begin Patch\n"] {
        let refused = apply(text, &root, &root).unwrap_err();
        assert_eq!(refused.exit(), ExitCode::from(NO_PATCH), "{text}");
    }
}
