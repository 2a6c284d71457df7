//! Fresh copies of tasks' repositories, in the temporary folder of one evaluation.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The name of the file with a final answer.
const ANSWER: &str = "answer.md";

/// The places for copies, as many as attempts run at a time. All of them are there from the start,
/// so that each attempt can be kept from those of the others, where hidden tests lie.
#[derive(Debug)]
pub struct WorkPlaces {
    root: TempDir,
    places: Vec<WorkPlace>,
}

/// The place of one copy, and of the final answer of the attempt at it.
#[derive(Clone, Debug)]
pub struct WorkPlace {
    copies: PathBuf,
    answers: PathBuf,
}

impl WorkPlace {
    /// The folder that the copy lies in.
    pub fn copies(&self) -> &Path {
        &self.copies
    }
}

/// The copy; dropping it removes the folder.
#[derive(Debug)]
pub struct FreshCopy {
    folder: PathBuf,
    answer: PathBuf,
}

impl WorkPlaces {
    /// Makes so many places.
    ///
    /// # Errors
    ///
    /// Any failure to make a folder.
    pub fn new(count: usize) -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix("codling-eval-").tempdir()?;
        // Links in the path are followed, as in the folders of sessions.
        let real = fs::canonicalize(root.path())?;
        let place = |number: usize| {
            let copies = real.join(format!("copy-{number:02}"));
            let answers = real.join(format!("answer-{number:02}"));
            fs::create_dir(&copies)?;
            fs::create_dir(&answers)?;
            Ok(WorkPlace { copies, answers })
        };
        let places = (0..count).map(place).collect::<io::Result<_>>()?;
        Ok(Self { root, places })
    }

    /// The place of this number.
    pub fn place(&self, number: usize) -> &WorkPlace {
        &self.places[number]
    }

    /// All folders of the other places.
    pub fn others(&self, number: usize) -> impl Iterator<Item = PathBuf> {
        let others = self.places.iter().enumerate().filter(move |(other, _)| *other != number);
        others.flat_map(|(_, place)| [place.copies.clone(), place.answers.clone()])
    }

    /// Whether a copy would lie in this folder.
    pub fn are_in(&self, folder: &Path) -> bool {
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        real(self.root.path()).starts_with(real(folder))
    }
}

impl FreshCopy {
    /// Copies the repository; the copy's folder gets the task's name. Blocks.
    ///
    /// # Errors
    ///
    /// Any failure to read the repository or to write the copy, and what an earlier copy left.
    pub fn of(repo: &Path, name: &str, place: &WorkPlace) -> io::Result<Self> {
        let folder = place.copies.join(name);
        fs::create_dir(&folder)?;
        let copy = Self { folder, answer: place.answers.join(ANSWER) };
        lay_over(repo, &copy.folder)?;
        Ok(copy)
    }

    /// The folder of the copy.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file for the final answer, outside of the copy.
    pub fn answer(&self) -> &Path {
        &self.answer
    }
}

impl Drop for FreshCopy {
    fn drop(&mut self) {
        let _none = fs::remove_file(&self.answer);
        if fs::remove_dir_all(&self.folder).is_err() {
            open_up(&self.folder);
            // Where it stays, the next copy at this place fails, and says so.
            let _stays = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Folders that were closed can be emptied again.
fn open_up(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let _refused = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}

/// Copies files, folders and links with their modes, and replaces existing ones.
///
/// # Errors
///
/// Any failure to read or write; a part may be copied by then.
pub fn lay_over(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        let there = fs::symlink_metadata(&target).ok();
        // The model may have put a link there, which must not be written through.
        if there.is_some_and(|there| there.is_symlink() || !kind.is_dir()) {
            fs::remove_file(&target)?;
        }
        if kind.is_dir() {
            lay_over(&path, &target)?;
        } else if kind.is_symlink() {
            link(&fs::read_link(&path)?, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn link(_to: &Path, _at: &Path) -> io::Result<()> {
    Err(io::Error::other("links cannot be copied on this system"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_whole_and_goes_away() {
        let repo = tempfile::tempdir().unwrap();
        fs::create_dir(repo.path().join("src")).unwrap();
        fs::write(repo.path().join("src/a.txt"), "a").unwrap();
        fs::write(repo.path().join(".hidden"), "h").unwrap();
        let places = WorkPlaces::new(2).unwrap();
        let copy = FreshCopy::of(repo.path(), "task", places.place(1)).unwrap();
        let folder = copy.folder().to_owned();
        assert!(folder.ends_with("task"));
        assert_eq!(fs::read_to_string(folder.join("src/a.txt")).unwrap(), "a");
        assert_eq!(fs::read_to_string(folder.join(".hidden")).unwrap(), "h");
        fs::write(folder.join("src/a.txt"), "changed").unwrap();
        assert_eq!(fs::read_to_string(repo.path().join("src/a.txt")).unwrap(), "a");
        lay_over(repo.path(), &folder).unwrap();
        assert_eq!(fs::read_to_string(folder.join("src/a.txt")).unwrap(), "a");
        assert!(FreshCopy::of(repo.path(), "task", places.place(1)).is_err());
        fs::write(copy.answer(), "yes").unwrap();
        let hidden: Vec<_> = places.others(0).collect();
        for path in [copy.folder(), copy.answer()] {
            assert!(hidden.iter().any(|place| path.starts_with(place)));
            assert!(!places.others(1).any(|place| path.starts_with(place)));
        }
        #[cfg(unix)]
        fs::set_permissions(
            folder.join("src"),
            std::os::unix::fs::PermissionsExt::from_mode(0o000),
        )
        .unwrap();
        drop(copy);
        assert!(!folder.exists());
        let again = FreshCopy::of(repo.path(), "task", places.place(1)).unwrap();
        assert!(!again.answer().exists());
    }

    #[cfg(unix)]
    #[test]
    fn modes_and_links_are_kept_and_nothing_is_written_through_a_link() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (repo, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(repo.path().join("run"), "x").unwrap();
        fs::set_permissions(repo.path().join("run"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("run", repo.path().join("link")).unwrap();
        let places = WorkPlaces::new(2).unwrap();
        let copy = FreshCopy::of(repo.path(), "task", places.place(1)).unwrap();
        let run = copy.folder().join("run");
        assert_eq!(fs::metadata(&run).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::read_link(copy.folder().join("link")).unwrap(), Path::new("run"));
        let other = outside.path().join("other");
        fs::write(&other, "theirs").unwrap();
        fs::remove_file(&run).unwrap();
        symlink(&other, &run).unwrap();
        lay_over(repo.path(), copy.folder()).unwrap();
        assert_eq!(fs::read_to_string(other).unwrap(), "theirs");
        assert_eq!(fs::read_to_string(run).unwrap(), "x");
        // Neither is a link to a folder.
        fs::create_dir(repo.path().join("tests")).unwrap();
        fs::write(repo.path().join("tests/t"), "t").unwrap();
        symlink(outside.path(), copy.folder().join("tests")).unwrap();
        lay_over(repo.path(), copy.folder()).unwrap();
        assert!(!outside.path().join("t").exists() && copy.folder().join("tests/t").exists());
    }
}
