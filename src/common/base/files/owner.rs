//! Owners of new files: each gets the owner of its folder. Under `sudo` it would otherwise belong
//! to root, and the person could not open it.

#[cfg(unix)]
use std::fs;
use std::fs::File;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use super::folder::folder_of;

/// Gives one of our files to the owner of its folder. Only root can; for everybody else it is
/// theirs already.
pub fn give_to_folders_owner(path: &Path, file: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let (Ok(folder), Ok(own)) = (fs::metadata(folder_of(path)), file.metadata()) else {
            return;
        };
        if is_ours(own.uid()) && folder.uid() != own.uid() {
            // Only root may give files away; other users keep theirs.
            let _refused = fchown(file, Some(folder.uid()), Some(folder.gid()));
        }
    }
    #[cfg(not(unix))]
    let _no_owners = (path, file);
}

/// Does the same for folders that were just made, outermost first.
pub(super) fn give_folders(made: &[PathBuf]) {
    #[cfg(unix)]
    for folder in made {
        use rustix::fs::{Mode, OFlags};
        // Somebody may have replaced it with a link, which must not be followed.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        if let Ok(opened) = rustix::fs::open(folder, flags, Mode::empty()) {
            give_to_folders_owner(folder, &File::from(opened));
        }
    }
    #[cfg(not(unix))]
    let _no_owners = made;
}

/// A command line that returns a path to the person, if it or its folder belongs to somebody else.
pub(super) fn way_back(path: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let foreign =
            |at: &&Path| fs::symlink_metadata(at).is_ok_and(|found| !is_ours(found.uid()));
        let there = |at: &&Path| fs::symlink_metadata(at).is_ok();
        // Checks the file itself, else the nearest folder; folders above that belong to the system.
        let at = path.ancestors().find(there).filter(foreign).or(path.parent().filter(foreign))?;
        let quoted = at.display().to_string().replace('\'', "'\\''");
        Some(format!("sudo chown -R \"$(id -u):$(id -g)\" '{quoted}'"))
    }
    #[cfg(not(unix))]
    {
        let _no_owners = path;
        None
    }
}

#[cfg(unix)]
fn is_ours(owner: u32) -> bool {
    rustix::process::geteuid().as_raw() == owner
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt, chown};

    use super::super::{Lock, append_to, create_private, create_private_folder, replace};
    use super::*;

    /// A user id that exists on no machine that runs the tests.
    const PERSON: u32 = 54_321;

    #[test]
    #[ignore = "needs root; `.ci/run` runs it there"]
    fn what_root_makes_in_a_persons_folder_belongs_to_the_person() {
        let home = tempfile::tempdir().unwrap();
        chown(home.path(), Some(PERSON), Some(PERSON)).expect("only root gives files away");
        let at = |name: &str| home.path().join(name);
        create_private_folder(&at("data/codling/sessions")).unwrap();
        replace(&at("data/codling/auth.json"), b"{}").unwrap();
        create_private(&at("data/codling/copy"), b"{}").unwrap();
        drop(append_to(&at("data/codling/history")).unwrap());
        drop(Lock::take(&at("data/codling/auth.json")).unwrap());
        let names = [
            "",
            "/codling",
            "/codling/sessions",
            "/codling/auth.json",
            "/codling/copy",
            "/codling/history",
            "/codling/auth.json.lock",
        ];
        for name in names {
            let found = fs::metadata(at(&format!("data{name}"))).unwrap();
            assert_eq!((found.uid(), found.gid()), (PERSON, PERSON), "data{name}");
        }
        // A file left by an earlier start is given back when it is used again.
        chown(at("data/codling/auth.json.lock"), Some(0), Some(0)).unwrap();
        drop(Lock::take(&at("data/codling/auth.json")).unwrap());
        assert_eq!(fs::metadata(at("data/codling/auth.json.lock")).unwrap().uid(), PERSON);
        assert_eq!(
            way_back(&at("data/codling/auth.json")).unwrap(),
            format!(
                "sudo chown -R \"$(id -u):$(id -g)\" '{}'",
                at("data/codling/auth.json").display()
            )
        );
    }

    #[test]
    fn for_what_is_ones_own_there_is_no_way_back() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(way_back(&home.path().join("missing")), None);
        assert_eq!(way_back(home.path()), None);
    }
}
