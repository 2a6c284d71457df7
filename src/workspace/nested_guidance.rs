//! Instructions in nested folders: a list of files for the model to read before it works beside
//! one. Does not read them.

use std::path::Path;
use std::time::Instant;

use ignore::WalkBuilder;

use crate::base::text::clean_line;

use super::agents_md::NAMES;

/// The limit for listed files.
const MOST: usize = 30;
/// The limit for nested folders.
const DEEPEST: usize = 12;

const HEAD: &str = "\n# Guidance further down\n\nEach of these files holds for what lies beside and below it, and stands above guidance from higher up: read the \
nearest one before you change a file there.\n\n";

/// A list for the model; empty if there are none. Leaves out ignored files, and files that were not
/// found by `deadline`.
pub fn nested(folder: &Path, deadline: Instant) -> String {
    let mut found: Vec<String> = Vec::new();
    let walk = WalkBuilder::new(folder)
        .hidden(true)
        .follow_links(false)
        .git_global(false)
        .require_git(false)
        .max_depth(Some(DEEPEST))
        .build();
    for entry in walk.flatten() {
        if Instant::now() >= deadline || found.len() == MOST {
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
            found.push(format!("- {}\n", clean_line(&path.display().to_string())));
        }
    }
    if found.is_empty() {
        return String::new();
    }
    found.sort();
    format!("{HEAD}{}", found.concat())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

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
