//! Whose a new file is: the owner's of the folder it stands in. Under `sudo` it would become root's, and lock the person out of their own folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::folder::folder_of;

/// Gives a file of ours to whom its folder belongs. Only root can, and only root has to: for all others it is theirs already.
pub fn give_to_folders_owner(path: &Path, file: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let (Ok(folder), Ok(own)) = (fs::metadata(folder_of(path)), file.metadata()) else {
            return;
        };
        if is_ours(own.uid()) && folder.uid() != own.uid() {
            // For anyone but root it stays their own, as any new file.
            let _refused = fchown(file, Some(folder.uid()), Some(folder.gid()));
        }
    }
    #[cfg(not(unix))]
    let _no_owners = (path, file);
}

/// The same for folders that were just made, the outermost first.
pub(super) fn give_folders(made: &[PathBuf]) {
    #[cfg(unix)]
    for folder in made {
        use rustix::fs::{Mode, OFlags};
        // No link that somebody put in its place meanwhile is followed.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        if let Ok(opened) = rustix::fs::open(folder, flags, Mode::empty()) {
            give_to_folders_owner(folder, &File::from(opened));
        }
    }
    #[cfg(not(unix))]
    let _no_owners = made;
}

/// What gives a path back that belongs to somebody else, or stands in a folder that does: a command line.
pub(super) fn way_back(path: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let foreign =
            |at: &&Path| fs::symlink_metadata(at).is_ok_and(|found| !is_ours(found.uid()));
        let there = |at: &&Path| fs::symlink_metadata(at).is_ok();
        // The file itself, else the nearest folder: beyond that it is the system's own business.
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

    /// Nobody's on any system that builds this.
    const PERSON: u32 = 54_321;

    #[test]
    fn what_root_makes_in_a_persons_folder_belongs_to_the_person() {
        if !is_ours(0) {
            // Only root can give anything away; that others need not is seen in every other test.
            return;
        }
        let home = tempfile::tempdir().unwrap();
        chown(home.path(), Some(PERSON), Some(PERSON)).unwrap();
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
        // What was left by an earlier start is given back when it is met again.
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
