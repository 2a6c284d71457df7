//! Instructions in nested folders: a list of files for the model to read before it works beside
//! one. Does not read them.

use std::path::Path;
use std::time::Instant;

use ignore::{DirEntry, WalkBuilder};

use crate::base::ignore_files;
use crate::base::text::clean_line;

use super::agents_md::{NAMES, repository};

/// The limit for listed files.
const MOST: usize = 30;
/// The limit for nested folders.
const DEEPEST: usize = 12;
/// Folders of dependencies and of what a build makes: their guidance is for those who work on them.
const OTHERS: [&str; 8] = [
    "bower_components",
    "node_modules",
    "Pods",
    "site-packages",
    "target",
    "third_party",
    "vendor",
    "venv",
];

const HEAD: &str = "\n# Guidance further down\n\nEach of these files holds for what lies beside and below it, and stands above guidance from higher up: read the \
nearest one before you change a file there.\n\n";

/// A list for the model, the nearest first; empty if there are none. Leaves out ignored files,
/// those of dependencies, and files that were not found by `deadline`.
pub fn nested(folder: &Path, deadline: Instant) -> String {
    let mut found: Vec<(usize, String)> = Vec::new();
    // Rules are read up to the repository's root; without one, in the folder alone.
    let in_git = repository(folder).is_some();
    let mut above = folder.ancestors().take(if in_git { usize::MAX } else { 1 });
    let readable = above.all(ignore_files::are_readable);
    let walk = WalkBuilder::new(folder)
        .hidden(true)
        .ignore(readable)
        .git_ignore(readable)
        .git_exclude(readable)
        .parents(in_git && readable)
        .follow_links(false)
        .git_global(false)
        // Asking for git makes the walk stop at the repository's border on its way up.
        .require_git(in_git)
        .max_depth(Some(DEEPEST))
        .filter_entry(is_wanted)
        .build();
    let mut is_whole = true;
    for entry in walk.flatten() {
        if Instant::now() >= deadline {
            is_whole = false;
            break;
        }
        let is_guidance = entry.depth() > 1
            && entry.file_type().is_some_and(|kind| kind.is_file())
            && NAMES.iter().any(|name| entry.file_name() == *name);
        // The second name counts only if the first is missing.
        let is_second = entry.file_name() == NAMES[1]
            && entry.path().with_file_name(NAMES[0]).symlink_metadata().is_ok();
        if is_guidance
            && !is_second
            && let Ok(path) = entry.path().strip_prefix(folder)
        {
            let path = clean_line(&path.display().to_string()).into_owned();
            found.push((entry.depth(), path));
        }
    }
    if found.is_empty() {
        return String::new();
    }
    found.sort();
    let listed: String = found.iter().take(MOST).map(|(_, path)| format!("- {path}\n")).collect();
    let rest = match (found.len().saturating_sub(MOST), is_whole) {
        (0, true) => String::new(),
        (0, false) => "- and perhaps more: the folder is too large to look through\n".to_owned(),
        (more, true) => format!("- and {more} more\n"),
        (more, false) => format!("- and at least {more} more\n"),
    };
    format!("{HEAD}{listed}{rest}")
}

fn is_wanted(entry: &DirEntry) -> bool {
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    let is_other = || OTHERS.iter().any(|name| entry.file_name() == *name);
    entry.depth() == 0 || !is_folder || !is_other() && ignore_files::are_readable(entry.path())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    fn list(files: &[String]) -> String {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            fs::create_dir_all(dir.path().join(file).parent().unwrap()).unwrap();
            fs::write(dir.path().join(file), "words").unwrap();
        }
        let told = nested(dir.path(), Instant::now() + Duration::from_secs(60));
        told.split_once("there.\n\n").map(|(_, list)| list.to_owned()).unwrap_or_default()
    }

    #[test]
    fn the_nearest_guidance_comes_first_and_the_rest_is_counted() {
        let near = ["z/AGENTS.md".to_owned(), "b/CLAUDE.md".to_owned()];
        let far = (0..60).map(|at| format!("a/b{at:02}/AGENTS.md"));
        let told = list(&near.into_iter().chain(far).collect::<Vec<_>>());
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[..3], ["- b/CLAUDE.md", "- z/AGENTS.md", "- a/b00/AGENTS.md"]);
        assert_eq!((lines.len(), lines[30]), (31, "- and 32 more"));
    }

    #[test]
    fn guidance_of_dependencies_is_not_listed() {
        let files = [
            "node_modules/left/AGENTS.md",
            "web/node_modules/pad/AGENTS.md",
            "vendor/one/AGENTS.md",
            "target/doc/AGENTS.md",
            "vendored/AGENTS.md",
        ];
        assert_eq!(list(&files.map(str::to_owned)), "- vendored/AGENTS.md\n");
    }

    #[cfg(unix)]
    #[test]
    fn endless_ignore_rules_are_not_read() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["in/a", "in/b"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name).join("AGENTS.md"), "words").unwrap();
        }
        std::os::unix::fs::symlink("/dev/zero", dir.path().join("in/a/.gitignore")).unwrap();
        let soon = Instant::now() + Duration::from_secs(60);
        assert!(nested(&dir.path().join("in"), soon).ends_with("\n\n- b/AGENTS.md\n"));
        fs::create_dir(dir.path().join(".git")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", dir.path().join(".gitignore")).unwrap();
        assert!(nested(&dir.path().join("in"), soon).ends_with("\n\n- b/AGENTS.md\n"));
    }

    #[test]
    fn guidance_below_the_folder_is_named_and_not_read() {
        let dir = tempfile::tempdir().unwrap();
        for file in [
            "AGENTS.md",
            "docs/AGENTS.md",
            "docs/CLAUDE.md",
            "web/app/CLAUDE.md",
            "ignored/AGENTS.md",
            ".hidden/AGENTS.md",
            "other/agents.md",
        ] {
            fs::create_dir_all(dir.path().join(file).parent().unwrap()).unwrap();
            fs::write(dir.path().join(file), "secret words").unwrap();
        }
        fs::write(dir.path().join(".gitignore"), "ignored\n").unwrap();
        let soon = Instant::now() + Duration::from_secs(60);
        let told = nested(dir.path(), soon);
        assert!(told.ends_with("there.\n\n- docs/AGENTS.md\n- web/app/CLAUDE.md\n"), "{told}");
        assert!(!told.contains("secret"), "{told}");
        assert_eq!(nested(&dir.path().join("docs"), soon), "");
    }
}
