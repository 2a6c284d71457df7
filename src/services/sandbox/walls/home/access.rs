//! The homes of a person, for a command: where they are, and which of the person's variables
//! moves or opens places in them. Reads no folder.

#[cfg(unix)]
use std::env;
#[cfg(unix)]
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use super::table::MOVES;

/// The homes that are hidden from a command but for what tools need, and what decides what that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HomeAccess {
    /// Where the person's home is; there is more than one where programs disagree about it. None
    /// hides nothing.
    pub homes: Vec<PathBuf>,
    /// Places of the table that the person keeps elsewhere: the place, and where it is.
    pub moved: Vec<(PathBuf, PathBuf)>,
    /// Folders in which programs are looked for.
    pub programs: Vec<PathBuf>,
    /// Where what commands write to caches is kept from one to the next of the same folder; `None`
    /// keeps nothing.
    pub kept_caches: Option<PathBuf>,
}

impl HomeAccess {
    /// The homes of the user of this program. `home` is the folder that `HOME` names; the one that
    /// the password database says is found besides, as ssh and others go by it.
    #[cfg(unix)]
    pub fn of_person(home: Option<&Path>) -> Self {
        let mut homes: Vec<PathBuf> = home.map(Path::to_owned).into_iter().collect();
        homes.extend(of_account().filter(|own| Some(own.as_path()) != home));
        let moved = MOVES.iter().filter_map(|(name, place)| {
            let path = PathBuf::from(env::var_os(name)?);
            path.is_absolute().then(|| (place.into(), path))
        });
        let programs = env::var_os("PATH").map(|path| folders(&path)).unwrap_or_default();
        Self { homes, moved: moved.collect(), programs, kept_caches: None }
    }

    /// Nothing can be kept in there.
    #[cfg(not(unix))]
    pub fn of_person(_home: Option<&Path>) -> Self {
        Self::default()
    }
}

#[cfg(unix)]
fn folders(path: &OsStr) -> Vec<PathBuf> {
    env::split_paths(path).filter(|path| path.is_absolute()).collect()
}

/// The home in the password database, of the user that this process runs as.
#[cfg(unix)]
fn of_account() -> Option<PathBuf> {
    use std::sync::OnceLock;

    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    // Accounts of macOS stand in no file.
    #[cfg(target_os = "macos")]
    let look = || {
        let own = nix::unistd::User::from_uid(nix::unistd::Uid::current());
        own.ok().flatten().map(|user| user.dir).filter(|home| home.is_absolute())
    };
    #[cfg(not(target_os = "macos"))]
    let look = || {
        let all = std::fs::read("/etc/passwd").ok()?;
        in_database(&all, rustix::process::getuid().as_raw())
    };
    FOUND.get_or_init(look).clone()
}

/// `name:password:uid:gid:about:home:shell`, a line for each account.
#[cfg(all(unix, any(test, not(target_os = "macos"))))]
fn in_database(all: &[u8], uid: u32) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;

    let own = uid.to_string();
    all.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let is_own = fields.nth(2)? == own.as_bytes();
        let home = Path::new(OsStr::from_bytes(fields.nth(2)?));
        (is_own && home.is_absolute()).then(|| home.to_owned())
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_password_database_knows_a_home_by_the_users_number() {
        let all = b"# a\nroot:x:0:0:root:/root:/bin/sh\nbroken:x\na:x:1000:1000:A, B:/home/a:/bin/sh\nb:x:12:1::relative:\n";
        for (uid, home) in
            [(0, Some("/root")), (1000, Some("/home/a")), (12, None), (10, None), (1, None)]
        {
            assert_eq!(in_database(all, uid), home.map(PathBuf::from), "{uid}");
        }
    }
}
