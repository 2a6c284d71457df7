//! The person's homes in a mount namespace: an empty folder over each, in which what is seen is
//! mounted again. What is made in them later on does not show.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, MemfdFlags, memfd_create};
use rustix::io::FdFlags;
use rustix::mount::{MountFlags, MoveMountFlags, OpenTreeFlags, mount, move_mount, open_tree};

use super::view::{HomeSource, HomeView, hides};
use crate::sandbox::walls::mounts::{MountError, at, remount};

/// Something to be mounted in a home.
enum Piece<'a> {
    Copy(&'a OsStr),
    Link(&'a Path),
    Tree(OwnedFd, IsFolder),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IsFolder {
    No,
    Yes,
}

/// Makes the homes of this process into these views; `also` are other places that stay, with what
/// is mounted in them, and `scratch` are empty folders to be mounted in them. What is seen keeps
/// the rights that its mounts have by now.
///
/// # Errors
///
/// Fails at the first mount, file or link that the kernel refuses. An entry that is gone is no
/// error.
pub fn arrange(
    homes: &[HomeView],
    also: &[&Path],
    scratch: &[(PathBuf, OwnedFd)],
) -> Result<(), MountError> {
    let tree = |path: &Path| {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_SYMLINK_NOFOLLOW
            | OpenTreeFlags::AT_RECURSIVE;
        open_tree(CWD, path, flags).ok()
    };
    // All of them while each can still be reached.
    let mut pieces: Vec<(&Path, Piece<'_>)> = Vec::new();
    for entry in homes.iter().flat_map(|home| &home.entries) {
        let piece = match &entry.source {
            HomeSource::Copy(text) => Some(Piece::Copy(text)),
            HomeSource::Link(to) => Some(Piece::Link(to)),
            HomeSource::File(from) => tree(from).map(|tree| Piece::Tree(tree, IsFolder::No)),
            HomeSource::Folder(from) => tree(from).map(|tree| Piece::Tree(tree, IsFolder::Yes)),
        };
        // An entry that is gone by now is not seen.
        pieces.extend(piece.map(|piece| (entry.path.as_path(), piece)));
    }
    for path in also.iter().filter(|path| hides(homes, path)) {
        let tree = tree(path).map(|tree| Piece::Tree(tree, folder_or_file(path)));
        pieces.extend(tree.map(|tree| (*path, tree)));
    }
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    for HomeView { folder, .. } in homes {
        at(folder, "hidden", fs::create_dir_all(folder))?;
        let made = mount("tmpfs", folder, "tmpfs", flags, Some(c"mode=0755,size=64m"));
        at(folder, "hidden", made)?;
        // Where one lies in another, what the outer one shows comes first.
        let is_own = |path: &Path| {
            let around = homes.iter().filter(|home| path.starts_with(&home.folder));
            around
                .max_by_key(|home| home.folder.as_os_str().len())
                .is_some_and(|home| home.folder == *folder)
        };
        for (path, tree) in scratch.iter().filter(|(path, _)| is_own(path)) {
            at(path, "made", fs::create_dir_all(path).and_then(|()| put(tree, path)))?;
        }
        for (path, piece) in pieces.iter().filter(|(path, _)| is_own(path)) {
            at(path, "shown", show(path, piece))?;
        }
    }
    homes.iter().try_for_each(|home| at(&home.folder, "hidden", remount(&home.folder, flags)))
}

fn folder_or_file(path: &Path) -> IsFolder {
    if path.is_dir() { IsFolder::Yes } else { IsFolder::No }
}

fn show(path: &Path, piece: &Piece<'_>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match piece {
        Piece::Copy(text) => fs::write(path, text.as_bytes()),
        Piece::Link(to) => std::os::unix::fs::symlink(to, path),
        Piece::Tree(tree, is_folder) => {
            match is_folder {
                IsFolder::Yes => fs::create_dir_all(path)?,
                IsFolder::No => drop(File::options().create(true).append(true).open(path)?),
            }
            put(tree, path)
        }
    }
}

fn put(tree: &OwnedFd, path: &Path) -> io::Result<()> {
    Ok(move_mount(tree, "", CWD, path, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?)
}

/// The same in the words of bubblewrap, which reads the files in memory that come with them: those
/// are to be kept until it is started.
///
/// # Errors
///
/// Fails if the system gives no file in memory.
pub fn options(homes: &[HomeView], also: &[&Path]) -> io::Result<(Vec<OsString>, Vec<File>)> {
    let (mut words, mut files) = (Vec::new(), Vec::new());
    let mut say = |all: &[&OsStr]| words.extend(all.iter().map(|word| (*word).to_owned()));
    let option = OsStr::new;
    for HomeView { folder, entries, .. } in homes {
        say(&[option("--perms"), option("0755"), option("--tmpfs"), folder.as_os_str()]);
        for entry in entries {
            let path = entry.path.as_os_str();
            match &entry.source {
                HomeSource::Copy(text) => {
                    let (file, number) = in_memory(text.as_bytes())?;
                    say(&[option("--ro-bind-data"), option(&number), path]);
                    files.push(file);
                }
                HomeSource::Link(to) => say(&[option("--symlink"), to.as_os_str(), path]),
                HomeSource::File(from) | HomeSource::Folder(from) => {
                    say(&[option("--ro-bind-try"), from.as_os_str(), path])
                }
            }
        }
        let own = |path: &&&Path| path.starts_with(folder) && hides(homes, path);
        for path in also.iter().filter(own) {
            say(&[option("--ro-bind-try"), path.as_os_str(), path.as_os_str()]);
        }
    }
    Ok((words, files))
}

/// At the end, when all else is mounted in them.
pub fn close_options(homes: &[HomeView]) -> impl Iterator<Item = OsString> + '_ {
    homes.iter().flat_map(|home| ["--remount-ro".into(), home.folder.clone().into_os_string()])
}

/// A file in memory that the next program has open under that number.
///
/// # Errors
///
/// Fails if the system gives no file in memory.
pub fn in_memory(bytes: &[u8]) -> io::Result<(File, String)> {
    let mut file = File::from(memfd_create("options", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    io::Seek::rewind(&mut file)?;
    rustix::io::fcntl_setfd(&file, FdFlags::empty())?;
    let number = file.as_raw_fd().to_string();
    Ok((file, number))
}
