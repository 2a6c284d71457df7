//! Namespaces made by bubblewrap (tier 2), for systems that allow them to that one program: the
//! same view of files, told in its options. Landlock and the filter for calls come on top, in the
//! child that it starts.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::home;
use super::mounts;
use super::mounts::{MountCover, MountView, covers};
use super::temporary;
use crate::sandbox::spec::child_spec::Network;

/// The only one that is used: another one on the way would be whoever put it there.
const PROGRAM: &str = "/usr/bin/bwrap";

/// The rights that root keeps, as in every tier.
const KEPT: [&str; 7] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
];

/// Starts this program once more, as the first process of a namespace in which that view is what it
/// sees. The files are to be kept until it is started.
///
/// # Errors
///
/// Fails if the path of this program cannot be read, or if the system gives no files in memory.
pub fn command(
    view: &MountView<'_>,
    network: Network,
    arguments: Vec<OsString>,
) -> io::Result<(Command, Vec<File>)> {
    // By its path: what it is for this process, it is not for the other.
    let program = std::fs::read_link(crate::sandbox::program())?;
    let mut words: Vec<OsString> = Vec::new();
    let mut say = |all: &[&OsStr]| words.extend(all.iter().map(|word| (*word).to_owned()));
    let option = OsStr::new;
    say(&["--die-with-parent", "--as-pid-1", "--unshare-pid", "--unshare-ipc"].map(option));
    if network != Network::Open {
        say(&[option("--unshare-net")]);
    }
    if rustix::process::geteuid().is_root() {
        say(&["--cap-drop", "ALL"].map(option));
        KEPT.iter().for_each(|right| say(&["--cap-add", right].map(option)));
    }
    say(&["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"].map(option));
    let shown: Vec<PathBuf> =
        view.shown.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let also: Vec<&Path> = view
        .writable
        .iter()
        .copied()
        .chain(shown.iter().map(PathBuf::as_path))
        .chain([program.as_path()])
        .collect();
    let (homes, mut files) = home::options(&view.hidden.homes, &also)?;
    say(&homes.iter().map(OsString::as_os_str).collect::<Vec<_>>());
    let kept = mounts::kept(view);
    open(view, &kept, None, &mut words);
    for MountCover { path, shows, is_folder } in covers(view) {
        if !is_folder {
            words.extend(["--ro-bind".into(), "/dev/null".into(), OsString::from(path)]);
            continue;
        }
        words.extend(["--perms", "0555", "--tmpfs"].map(OsString::from));
        words.push(path.clone().into());
        words.extend(shows.iter().flat_map(|shown| twice("--ro-bind", shown)));
        open(view, &kept, Some(&shows), &mut words);
        words.extend([OsString::from("--remount-ro"), path.into()]);
    }
    let mut say = |all: &[&OsStr]| words.extend(all.iter().map(|word| (*word).to_owned()));
    let closed: Vec<OsString> = home::close_options(&view.hidden.homes).collect();
    say(&closed.iter().map(OsString::as_os_str).collect::<Vec<_>>());
    let here = std::env::current_dir()?;
    say(&[option("--chdir"), here.as_os_str()]);
    let (options_file, number) = options_file(&words)?;
    let mut command = Command::new(PROGRAM);
    command
        .args([OsString::from("--args"), number.into(), "--".into(), program.into()])
        .args(arguments);
    files.push(options_file);
    Ok((command, files))
}

/// Options for the writable places, or those of them that are named, and for what is kept in them.
fn open(
    view: &MountView<'_>,
    kept: &[PathBuf],
    named: Option<&[PathBuf]>,
    words: &mut Vec<OsString>,
) {
    let is_meant = |place: &Path| named.is_none_or(|named| named.iter().any(|one| one == place));
    let places: Vec<&Path> =
        view.writable.iter().copied().filter(|place| is_meant(place)).collect();
    let is_in_one =
        |kept: &Path| named.is_none() || places.iter().any(|place| kept.starts_with(place));
    let bound = places.iter().filter(|place| view.temporary != Some(**place));
    words.extend(bound.flat_map(|place| twice("--bind", place)));
    let holders = mounts::holders(view, kept).into_iter().filter(|holder| is_in_one(holder));
    words.extend(holders.flat_map(|holder| twice("--bind", holder)));
    let kept = kept.iter().filter(|kept| is_in_one(kept));
    words.extend(kept.flat_map(|kept| twice("--ro-bind", kept)));
    if let Some(temporary) = view.temporary.filter(|temporary| is_meant(temporary)) {
        words.extend(["--perms", "0700", "--size"].map(OsString::from));
        words.extend([temporary::bound().to_string().into(), "--tmpfs".into(), temporary.into()]);
    }
}

fn twice(how: &str, path: &Path) -> [OsString; 3] {
    [how.into(), path.into(), path.into()]
}

/// A file in memory that holds the options, each with a NUL behind it.
fn options_file(words: &[OsString]) -> io::Result<(File, String)> {
    let bytes: Vec<u8> =
        words.iter().flat_map(|word| word.as_bytes().iter().copied().chain([0])).collect();
    home::in_memory(&bytes)
}
