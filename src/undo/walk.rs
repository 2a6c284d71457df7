//! The files of a folder that git would not ignore, in git or not. Reads no file but ignore rules, and follows no link.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use crate::base::rules;

/// Files that are looked at.
const MOST: usize = 50_000;

/// Whether all files were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    All,
    Some,
}

/// Calls `each` with every regular file. What lies at or below `left_out` is not looked at.
pub(super) fn walk(folder: &Path, left_out: &[PathBuf], mut each: impl FnMut(PathBuf, &Metadata)) -> Seen {
    let repository = folder.ancestors().find(|above| above.join(".git").exists());
    let mut above = folder.ancestors().take_while(|above| repository.is_some_and(|root| above.starts_with(root)));
    let readable = rules::are_readable(folder) && above.all(rules::are_readable);
    let left_out = left_out.to_vec();
    let mut builder = WalkBuilder::new(folder);
    builder
        .ignore(readable)
        .git_ignore(readable)
        .git_exclude(readable)
        .git_global(false)
        .hidden(false)
        .follow_links(false)
        // Asking for git makes the walk stop at the repository's border on its way up.
        .require_git(repository.is_some())
        .parents(repository.is_some() && readable)
        .filter_entry(move |entry| is_wanted(entry, &left_out));
    let mut seen = 0;
    // What cannot be looked into is passed over, as a command that cannot either leaves it alone.
    for entry in builder.build().flatten() {
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        if seen == MOST {
            return Seen::Some;
        }
        if let Ok(about) = entry.metadata() {
            seen += 1;
            each(entry.into_path(), &about);
        }
    }
    Seen::All
}

fn is_wanted(entry: &DirEntry, left_out: &[PathBuf]) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    let (name, path) = (entry.file_name(), entry.path());
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    let versions = [".git", ".hg", ".svn", ".jj"].iter().any(|version| name == *version) && (is_folder || name == ".git");
    let kernels = ["/proc", "/sys", "/dev"].iter().any(|kernels| path == Path::new(kernels));
    !versions && !kernels && !left_out.iter().any(|out| path == out) && (!is_folder || rules::are_readable(path))
}
