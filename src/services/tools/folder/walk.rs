//! The way through a folder: what `.gitignore` names is left out, hidden files are not, `.git`
//! always is.

use std::fs::File;
use std::path::Path;

use ignore::gitignore::Gitignore;
use ignore::{DirEntry, Match, WalkBuilder};

use crate::base::ignore_files;
use crate::base::is_kernels;

use super::{ResolvedPath, WorkFolder, is_of, open_itself};
use crate::tools::call::refusal::ToolRefusal;

/// A walk from a place on. Links are shown, not followed; nothing is read from outside of the git
/// repository, or of the folder where there is none. To be built as a single walk: the parallel one
/// holds all entries of a folder in memory.
pub fn walk(folder: &WorkFolder, from: &ResolvedPath) -> WalkBuilder {
    let mut builder = WalkBuilder::new(&from.real);
    let in_git = folder.path().ancestors().any(|above| above.join(".git").exists());
    let above = if in_git { Vec::new() } else { ignores_above(folder.path(), &from.real) };
    // Rules are read here and, in a repository, all the way up to its root.
    let readable = from
        .real
        .ancestors()
        .take_while(|at| in_git || at.starts_with(folder.path()))
        .all(ignore_files::are_readable);
    builder
        .ignore(readable)
        .git_ignore(readable)
        .git_exclude(readable)
        .hidden(false)
        .follow_links(false)
        .git_global(false)
        // Asking for git makes the walk stop at the repository's border on its way up.
        .require_git(in_git)
        .parents(in_git && readable)
        .filter_entry(move |entry| is_wanted(entry, &above));
    builder
}

fn is_wanted(entry: &DirEntry, above: &[Gitignore]) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    let name = entry.file_name();
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    let versions = [".git", ".hg", ".svn", ".jj"];
    if versions.iter().any(|version| name == *version) && (is_folder || name == ".git")
        || is_kernels(entry.path())
    {
        return false;
    }
    if is_folder && !ignore_files::are_readable(entry.path()) {
        return false;
    }
    let matched = above
        .iter()
        .map(|rules| rules.matched(entry.path(), is_folder))
        .find(|matched| !matched.is_none());
    !matches!(matched, Some(Match::Ignore(_)))
}

/// The rules between the folder and where a walk begins, the nearest first. Inside a git repository
/// the walk finds them itself.
fn ignores_above(folder: &Path, from: &Path) -> Vec<Gitignore> {
    let between = from.ancestors().skip(1).take_while(|above| above.starts_with(folder));
    let files = between.flat_map(|above| [".ignore", ".gitignore"].map(|name| above.join(name)));
    files
        .filter(|file| file.is_file() && ignore_files::is_readable(file))
        .map(|file| Gitignore::new(file).0)
        .collect()
}

impl WorkFolder {
    /// Opens what a walk has just found to be a regular file, by one look less. Where the file or a
    /// folder on the way has become a link since, it is not followed, and a pipe is not waited for.
    ///
    /// # Errors
    ///
    /// Refuses a file that holds secrets, and what cannot be opened or has become a link.
    pub fn open_found(&self, place: &ResolvedPath) -> Result<File, ToolRefusal> {
        self.check_hidden(place)?;
        if self.private.iter().any(|private| is_of(private, &place.real)) {
            return Err(ToolRefusal::Private { shown: place.shown.clone() });
        }
        open_itself(&place.real).map_err(|source| ToolRefusal::io(&place.shown, source))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn found(files: &[(&str, &str)], from: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let folder = WorkFolder::open(&dir.path().join("in")).unwrap();
        let entries = walk(&folder, &folder.place(from).unwrap()).build().map(Result::unwrap);
        let mut names: Vec<_> = entries
            .filter(|e| e.file_type().unwrap().is_file())
            .map(|e| folder.shown(e.path()))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn gitignore_counts_without_git_and_stops_at_the_folder() {
        let files = [
            (".gitignore", "*"),
            ("in/.gitignore", "target/\n*.log"),
            ("in/a.rs", ""),
            ("in/b.log", ""),
            ("in/target/x", ""),
            ("in/sub/c.log", ""),
            ("in/sub/d.rs", ""),
            ("in/.github/ci.yml", ""),
            ("in/.git-notes", ""),
        ];
        assert_eq!(
            found(&files, "."),
            [".git-notes", ".github/ci.yml", ".gitignore", "a.rs", "sub/d.rs"]
        );
        assert_eq!(found(&files, "sub"), ["sub/d.rs"]);
        assert_eq!(found(&files, "target"), ["target/x"]);
    }

    #[test]
    fn in_a_repository_its_own_rules_count_and_those_above_it_do_not() {
        let files = [
            (".gitignore", "*"),
            ("in/.git/HEAD", ""),
            ("in/.git/info/exclude", "private"),
            ("in/.gitignore", "/build"),
            ("in/build/x", ""),
            ("in/private", ""),
            ("in/sub/build/y", ""),
            ("in/sub/.gitignore", "z"),
            ("in/sub/z", ""),
        ];
        assert_eq!(found(&files, "."), [".gitignore", "sub/.gitignore", "sub/build/y"]);
        assert_eq!(found(&files, "sub"), ["sub/.gitignore", "sub/build/y"]);
        assert_eq!(found(&files, "build"), ["build/x"]);
    }

    #[test]
    fn a_folder_within_a_repository_heeds_the_rules_above_it() {
        let files = [(".git/HEAD", ""), (".gitignore", "*.o"), ("in/a.o", ""), ("in/a.c", "")];
        assert_eq!(found(&files, "."), ["a.c"]);
    }
}
