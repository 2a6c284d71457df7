//! The git branch a folder is on, read from the files of the repository: no program is started. Does not know what else git could tell.

use std::path::{Path, PathBuf};

use crate::base::files;

/// `HEAD` files are a line long; more is not one.
const HEAD_LIMIT: u64 = 4096;

/// The branch, or the first eight digits of the commit where none is checked out; `None` outside a repository.
pub fn branch(folder: &Path) -> Option<String> {
    let git = folder.ancestors().find_map(|folder| git_folder(&folder.join(".git")))?;
    let head = small_text(&git.join("HEAD"))?;
    match head.trim().strip_prefix("ref: ") {
        Some(name) => Some(name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()),
        None => head.trim().get(..8).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit())).map(str::to_owned),
    }
}

/// A worktree's `.git` is a file that names the folder.
pub(super) fn git_folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = small_text(git)?;
    let named = text.trim().strip_prefix("gitdir: ")?;
    Some(git.parent()?.join(named))
}

/// Folders above may be anybody's: what stands there can be a pipe or a device.
pub(super) fn small_text(file: &Path) -> Option<String> {
    String::from_utf8(files::read(file, HEAD_LIMIT).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_branch_is_read_from_a_repository_a_worktree_or_a_loose_head() {
        let home = tempfile::tempdir().unwrap();
        let (repo, tree) = (home.path().join("repo"), home.path().join("tree"));
        fs::create_dir_all(repo.join(".git/worktrees/tree")).unwrap();
        fs::create_dir_all(repo.join("src/deep")).unwrap();
        fs::create_dir_all(&tree).unwrap();
        fs::write(repo.join(".git/HEAD"), "ref: refs/heads/topic/one\n").unwrap();
        fs::write(repo.join(".git/worktrees/tree/HEAD"), "0123456789abcdef\n").unwrap();
        fs::write(tree.join(".git"), "gitdir: ../repo/.git/worktrees/tree\n").unwrap();
        assert_eq!(branch(&repo.join("src/deep")).as_deref(), Some("topic/one"));
        assert_eq!(branch(&tree).as_deref(), Some("01234567"));
        fs::write(repo.join(".git/HEAD"), "nonsense").unwrap();
        assert_eq!(branch(&repo), None);
    }
}
