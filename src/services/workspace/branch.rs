//! The git branch of a folder, read from the repository's files: no program is started.

use std::path::Path;

use crate::base::git;

/// The branch, or the first eight digits of a detached commit; `None` outside a repository.
pub fn branch(folder: &Path) -> Option<String> {
    let git = folder.ancestors().find_map(|folder| git::folder(&folder.join(".git")))?;
    let head = git::line(&git.join("HEAD"))?;
    match head.trim().strip_prefix("ref: ") {
        Some(name) => Some(name.strip_prefix("refs/heads/").unwrap_or(name).to_owned()),
        None => head
            .trim()
            .get(..8)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .map(str::to_owned),
    }
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
