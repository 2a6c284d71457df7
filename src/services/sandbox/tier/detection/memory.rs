//! The sandbox that was found by trying, remembered from one start of the program to the
//! next. Only the best result is kept: of a lesser one nobody could say whether more would work by
//! now. It counts for the same system, account and program alone, and a command that cannot be kept
//! in as it says is not run.

use std::fs;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::base::files;
use crate::base::text::hex;
use crate::protocol::Sandbox;

/// The file, in the folder for state.
const NAME: &str = "sandbox";
/// The first line. What is remembered under another one is not read.
const FORM: &str = "codling sandbox 1";
const LARGEST: u64 = 4096;
/// Stands in the last line where contents are kept before a command destroys them.
const KEEPS: &str = "keeps contents";

static PLACE: OnceLock<PathBuf> = OnceLock::new();

/// Remembers results in this folder from now on; the folder is made with the first one.
pub fn remember_in(state: &Path) {
    // The first place counts.
    let _placed = PLACE.set(state.join(NAME));
}

/// The folder that results are remembered in; `None` where they are not remembered.
pub fn folder() -> Option<&'static Path> {
    PLACE.get()?.parent()
}

/// A remembered result for the best sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RememberedProbe {
    /// Whether contents are kept before a command destroys them; what does not work is tried again.
    pub keeps_contents: bool,
}

/// The remembered result for this very program; `None` where the best sandbox has to be tried.
pub fn recall(program: &Path) -> Option<RememberedProbe> {
    let place = PLACE.get().filter(|_| program == crate::sandbox::program())?;
    read(place, &circumstances().ok()?)
}

/// Remembers a result for the next start, where it is one to be remembered.
pub fn keep(program: &Path, sandbox: Sandbox, keeps_contents: bool) {
    let Some(place) = PLACE.get().filter(|_| program == crate::sandbox::program()) else { return };
    if sandbox != Sandbox::Namespaces {
        return;
    }
    let kept = circumstances().and_then(|key| write(place, &key, keeps_contents));
    if let Err(error) = kept {
        tracing::debug!(%error, "what keeps commands in is not remembered");
    }
}

/// A command could not be kept in: the next start tries anew. This one goes on as strictly as it
/// began.
pub fn forget() {
    let Some(place) = PLACE.get() else { return };
    if let Err(error) = fs::remove_file(place)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "what keeps commands in could not be forgotten");
    }
}

fn read(place: &Path, key: &str) -> Option<RememberedProbe> {
    let is_own = fs::metadata(place).ok()?.uid() == rustix::process::geteuid().as_raw();
    let bytes = files::read_private(place, LARGEST).ok().filter(|_| is_own)?;
    let text = String::from_utf8(bytes).ok()?;
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let is_ours = lines.next() == Some(FORM)
        && lines.next() == Some(key)
        && lines.next() == Some(Sandbox::Namespaces.as_str());
    let keeps_contents = match (is_ours, lines.next(), lines.next()) {
        (true, None, None) => false,
        (true, Some(KEEPS), None) => true,
        _ => return None,
    };
    Some(RememberedProbe { keeps_contents })
}

fn write(place: &Path, key: &str, keeps_contents: bool) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("/"));
    files::create_private_folder(folder).map_err(io::Error::other)?;
    let mut text = format!("{FORM}\n{key}\n{}\n", Sandbox::Namespaces.as_str());
    if keeps_contents {
        text.push_str(&format!("{KEEPS}\n"));
    }
    // Made 0600. It may be lost with the machine's power, so nothing waits for the disk.
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    fresh.write_all(text.as_bytes())?;
    fresh.persist(place).map(drop).map_err(|error| error.error)
}

/// Files that must exist, and that decide whether namespaces can be made.
const NEEDED: [&str; 3] = ["/proc/sys/kernel/random/boot_id", "/proc/version", "/proc/self/limits"];
/// The same where the system has it.
const WHERE_PRESENT: [&str; 11] = [
    "/proc/self/attr/current",
    "/proc/self/uid_map",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/kernel/yama/ptrace_scope",
    "/proc/sys/user/max_ipc_namespaces",
    "/proc/sys/user/max_mnt_namespaces",
    "/proc/sys/user/max_net_namespaces",
    "/proc/sys/user/max_pid_namespaces",
    "/proc/sys/user/max_user_namespaces",
];
const NAMESPACES: [&str; 5] = ["ipc", "mnt", "net", "pid", "user"];
/// Facts of the process: its account, its rights, and the filters for calls that it began with.
const RIGHTS: [&str; 11] = [
    "Uid:",
    "Gid:",
    "Groups:",
    "CapInh:",
    "CapPrm:",
    "CapEff:",
    "CapBnd:",
    "CapAmb:",
    "NoNewPrivs:",
    "Seccomp:",
    "Seccomp_filters:",
];

/// The circumstances that a result holds for, as one word. Fails where a part cannot be known.
fn circumstances() -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update(bytes.len().to_le_bytes());
        hash.update(bytes);
    };
    for file in NEEDED {
        add(&fs::read(file)?);
    }
    for file in WHERE_PRESENT {
        add(&fs::read(file).unwrap_or_else(|error| error.kind().to_string().into_bytes()));
    }
    for name in NAMESPACES {
        add(fs::read_link(format!("/proc/self/ns/{name}"))?.as_os_str().as_bytes());
    }
    let status = fs::read_to_string("/proc/self/status")?;
    for line in status.lines().filter(|line| RIGHTS.iter().any(|name| line.starts_with(name))) {
        add(line.as_bytes());
    }
    let program = fs::metadata(crate::sandbox::program())?;
    for number in [program.dev(), program.ino(), program.size()] {
        add(&number.to_le_bytes());
    }
    for number in [program.mtime(), program.mtime_nsec(), program.ctime(), program.ctime_nsec()] {
        add(&number.to_le_bytes());
    }
    Ok(hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("state").join(NAME);
        (folder, place)
    }

    #[test]
    fn a_result_is_remembered_for_the_same_circumstances_alone() {
        let (_folder, place) = place();
        let key = circumstances().unwrap();
        assert_eq!(key, circumstances().unwrap());
        assert_eq!(read(&place, &key), None);
        for keeps_contents in [false, true] {
            write(&place, &key, keeps_contents).unwrap();
            assert_eq!(read(&place, &key), Some(RememberedProbe { keeps_contents }));
            assert_eq!(read(&place, "another"), None);
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place), mode(place.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn what_others_may_write_or_was_not_written_whole_is_not_believed() {
        let (_folder, place) = place();
        write(&place, "key", true).unwrap();
        let whole = fs::read_to_string(&place).unwrap();
        let ways = [
            whole.trim_end().to_owned(),
            whole.replace(FORM, "codling sandbox 2"),
            whole.replace("namespaces", "landlock"),
            whole.replace(KEEPS, "keeps"),
            format!("{whole}more\n"),
            String::new(),
        ];
        for text in ways {
            fs::write(&place, &text).unwrap();
            assert_eq!(read(&place, "key"), None, "{text:?}");
        }
        fs::write(&place, &whole).unwrap();
        assert!(read(&place, "key").is_some());
        fs::set_permissions(&place, fs::Permissions::from_mode(0o622)).unwrap();
        assert_eq!(read(&place, "key"), None);
        fs::remove_file(&place).unwrap();
        symlink("/dev/zero", &place).unwrap();
        assert_eq!(read(&place, "key"), None);
    }
}
