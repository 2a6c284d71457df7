//! Which files git ignores, by the rules of the folders above them; and which of these are build
//! output. Does not list them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::base::ignore_files;

use super::listing::{FolderListing, FolderTree};

/// For one look at many files: rules are read once.
#[derive(Debug)]
pub struct Ignored {
    /// Above it, no rules count.
    top: PathBuf,
    folders: HashMap<PathBuf, IgnoreRules>,
}

#[derive(Clone, Debug)]
pub struct IgnoreRules {
    /// The rules that count in it, the nearest first.
    rules: Vec<Arc<Gitignore>>,
    state: IgnoreState,
}

/// The verdict of ignore rules on a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoreState {
    /// Ignored, and made by tools that can make it again.
    Output,
    Ignored,
    Plain,
}

impl Ignored {
    /// Rules count from the repository's top down, or from the folder where there is none.
    pub fn new(folder: &Path) -> Self {
        let top = folder
            .ancestors()
            .find(|above| above.join(".git").exists())
            .unwrap_or(folder)
            .to_owned();
        Self { top, folders: HashMap::new() }
    }

    /// The rules that hold in a folder.
    pub fn folder(&mut self, path: &Path) -> IgnoreRules {
        if !path.starts_with(&self.top) {
            return IgnoreRules { rules: Vec::new(), state: IgnoreState::Plain };
        }
        if let Some(known) = self.folders.get(path) {
            return known.clone();
        }
        let above = match path.parent() {
            Some(parent) if path.starts_with(&self.top) && path != self.top => {
                Some(self.folder(parent))
            }
            _ => None,
        };
        let own = rules_in(path).map(Arc::new);
        let (rules, state) = match above {
            Some(IgnoreRules { rules, state: IgnoreState::Plain }) => {
                let state = match ignore_state(&rules, path, true) {
                    IgnoreState::Ignored if is_output(path) => IgnoreState::Output,
                    state => state,
                };
                (own.into_iter().chain(rules).collect(), state)
            }
            Some(IgnoreRules { state: IgnoreState::Ignored, .. }) if is_output(path) => {
                (Vec::new(), IgnoreState::Output)
            }
            Some(IgnoreRules { state, .. }) => (Vec::new(), state),
            None => (own.into_iter().collect(), IgnoreState::Plain),
        };
        let folder = IgnoreRules { rules, state };
        self.folders.insert(path.to_owned(), folder.clone());
        folder
    }
}

impl IgnoreRules {
    pub fn file(&self, path: &Path) -> IgnoreState {
        match self.state {
            IgnoreState::Plain => ignore_state(&self.rules, path, false),
            ignored => ignored,
        }
    }
}

fn ignore_state(rules: &[Arc<Gitignore>], path: &Path, is_folder: bool) -> IgnoreState {
    for rules in rules {
        match rules.matched(path, is_folder) {
            Match::Ignore(_) => return IgnoreState::Ignored,
            Match::Whitelist(_) => return IgnoreState::Plain,
            Match::None => {}
        }
    }
    IgnoreState::Plain
}

fn rules_in(folder: &Path) -> Option<Gitignore> {
    let files = [".ignore", ".gitignore", ".git/info/exclude"].map(|name| folder.join(name));
    let files: Vec<&PathBuf> =
        files.iter().filter(|file| file.is_file() && ignore_files::is_readable(file)).collect();
    if files.is_empty() {
        return None;
    }
    let mut builder = GitignoreBuilder::new(folder);
    // The last one that fits counts: `.ignore` is above the others.
    for file in files.into_iter().rev() {
        let _lines_that_are_no_rules = builder.add(file);
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

/// Names of folders that tools make anew. The guide holds the same list.
pub const OUTPUTS: [&str; 20] = [
    ".dart_tool",
    ".gradle",
    ".mypy_cache",
    ".next",
    ".nox",
    ".nuxt",
    ".parcel-cache",
    ".pytest_cache",
    ".ruff_cache",
    ".svelte-kit",
    ".tox",
    ".turbo",
    ".venv",
    "__pycache__",
    "build",
    "dist",
    "node_modules",
    "obj",
    "target",
    "venv",
];
/// A file by which a folder says the same of itself.
const TAG: &str = "CACHEDIR.TAG";

/// Whether a folder says of itself, or its name says, that tools fill it.
fn is_output(folder: &Path) -> bool {
    is_named_output(folder) || folder.join(TAG).is_file()
}

fn is_named_output(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| OUTPUTS.contains(&name))
}

/// The ignored folders of a listing that tools make anew, the uppermost of them.
pub fn outputs(folder: &Path, listing: &FolderTree) -> Vec<PathBuf> {
    let is_candidate = |(path, names): &(&Arc<Path>, &Arc<FolderListing>)| {
        is_named_output(path) || names.get(TAG.as_ref()).is_some()
    };
    let mut candidates: Vec<&Path> =
        listing.folders.iter().filter(is_candidate).map(|(path, _)| &**path).collect();
    candidates.sort_unstable();
    let mut ignored = Ignored::new(folder);
    let mut found: Vec<PathBuf> = Vec::new();
    for path in candidates {
        // Whatever is below one comes right after it, but for names that sort between.
        let is_below = found.iter().rev().take(NEAR).any(|output| path.starts_with(output));
        if !is_below && path != folder && ignored.folder(path).state == IgnoreState::Output {
            found.push(path.to_owned());
        }
    }
    found
}

/// Outputs among which one that holds another is looked for; one that is missed is only named
/// twice.
const NEAR: usize = 4;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::undo::scan::walk::{SnapshotRoots, scan};

    #[test]
    fn folders_that_tools_make_anew_are_those_of_the_guide_and_only_where_git_ignores_them() {
        let page = codling_assets::guide::UNDO;
        for name in OUTPUTS {
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path();
        for folder in ["a/build/x", "node_modules/y/dist", "dist", "tagged/z", "plain", ".git"] {
            fs::create_dir_all(top.join(folder)).unwrap();
        }
        fs::write(top.join(".gitignore"), "build\nnode_modules\ntagged\nplain\n").unwrap();
        fs::write(top.join("tagged/CACHEDIR.TAG"), "x").unwrap();
        let roots = SnapshotRoots::new(top.to_owned(), Vec::new());
        let listing = scan(&roots, None);
        let wanted = ["a/build", "node_modules", "tagged"].map(|name| top.join(name));
        assert_eq!(outputs(top, &listing), wanted);
    }

    #[test]
    fn rules_of_all_folders_above_count_and_nearer_ones_more() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path();
        for folder in [".git", "a/b", "target/deep", "cache/x"] {
            fs::create_dir_all(top.join(folder)).unwrap();
        }
        fs::write(top.join(".gitignore"), "*.log\n/target/\ncache/\n").unwrap();
        fs::write(top.join("a/.gitignore"), "!keep.log\n").unwrap();
        fs::write(top.join("target/CACHEDIR.TAG"), "x").unwrap();
        let mut ignored = Ignored::new(&top.join("a"));
        for (path, wanted) in [
            ("x.log", IgnoreState::Ignored),
            ("x.txt", IgnoreState::Plain),
            ("a/b/y.log", IgnoreState::Ignored),
            ("a/b/keep.log", IgnoreState::Plain),
            ("target/deep/x", IgnoreState::Output),
            ("cache/x/y", IgnoreState::Ignored),
        ] {
            let path = top.join(path);
            assert_eq!(
                ignored.folder(path.parent().unwrap()).file(&path),
                wanted,
                "{}",
                path.display()
            );
        }
    }
}
