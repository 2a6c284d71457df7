//! The repository that a folder belongs to where it lies elsewhere in a home, as that of a linked
//! work tree does: git reads it in the sandbox as well. Only the person's own word for it counts,
//! since a command can write what leads there.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};

use super::found::Found;

/// A file that leads to a folder is a line long.
const LINE: u64 = 4096;
/// The bytes of an index that are read, and the number of its files that are compared.
const INDEX: u64 = 64 << 10;
const COMPARED: usize = 64;
/// Bytes of a file in an index before its name, in the common format of objects.
const ENTRY: usize = 62;

/// Opens it, and nothing beside it.
pub(super) fn open(found: &mut Found, folder: &Path) {
    let is_there = |above: &&Path| above.join(".git").symlink_metadata().is_ok();
    let Some(tree) = folder.ancestors().find(is_there) else { return };
    let Some((named, git)) = led(tree) else { return };
    let common = match line(&git.join("commondir"), "") {
        Some(to) => git.join(to).canonicalize(),
        None => Ok(git.clone()),
    };
    let Ok(common) = common else { return };
    let is_own = match git == common {
        true => is_index_of(&git.join("index"), tree),
        false => git.parent() == Some(&common.join("worktrees")) && leads_back(&git, tree),
    };
    if is_own && is_repository(&common) && found.open(&common) {
        found.cover_secrets_of(&common);
        // Git goes by the name that it is told.
        let alias = named.ancestors().nth(if git == common { 0 } else { 2 });
        if let Some(alias) = alias.filter(|alias| alias.canonicalize().ok() == Some(common)) {
            found.open(alias);
        }
    }
}

/// Where the file or link at `.git` leads, by the name that it says and with every link followed.
/// `None` where it is the repository itself.
fn led(tree: &Path) -> Option<(PathBuf, PathBuf)> {
    let at = tree.join(".git");
    let about = fs::symlink_metadata(&at).ok()?;
    let named = match () {
        () if about.is_dir() => return None,
        () if about.is_symlink() && at.is_dir() => tree.join(fs::read_link(&at).ok()?),
        () => tree.join(line(&at, "gitdir: ")?),
    };
    let git = named.canonicalize().ok()?;
    Some((named, git))
}

fn is_repository(folder: &Path) -> bool {
    let is = |name: &str| fs::symlink_metadata(folder.join(name)).ok();
    is("HEAD").is_some_and(|about| about.is_file())
        && ["objects", "refs"].iter().all(|name| is(name).is_some_and(|about| about.is_dir()))
}

/// Whether the repository knows this work tree as one of its own.
fn leads_back(git: &Path, tree: &Path) -> bool {
    let real = |path: PathBuf| path.canonicalize().ok();
    let back = line(&git.join("gitdir"), "").and_then(|to| real(git.join(to)));
    back.is_some() && back == real(tree.join(".git"))
}

/// Whether an index was made of this work tree: one of its files is the very one that stands there.
/// Nothing else in a repository says where its only work tree is.
fn is_index_of(index: &Path, tree: &Path) -> bool {
    let Some(bytes) = read(index, INDEX) else { return false };
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    // The fourth version shortens names.
    if !bytes.starts_with(b"DIRC") || !matches!(number(4), Some(2 | 3)) {
        return false;
    }
    let mut at = 12;
    for _ in 0..number(8).map_or(0, |count| COMPARED.min(count as usize)) {
        let is_longer = bytes.get(at + 60).is_some_and(|flags| flags & 0x40 != 0);
        let name = at + ENTRY + if is_longer { 2 } else { 0 };
        let Some(rest) = bytes.get(name..) else { return false };
        let Some(length) = rest.iter().position(|byte| *byte == 0) else { return false };
        let path = tree.join(OsStr::from_bytes(&rest[..length]));
        let stands = fs::symlink_metadata(&path).is_ok_and(|about| {
            // Git keeps their lower halves.
            let low = |number: u64| u32::try_from(number & u64::from(u32::MAX)).ok();
            low(about.ino()) == number(at + 20)
                && u64::try_from(about.ctime()).ok().and_then(low) == number(at)
        });
        if stands && length > 0 {
            return true;
        }
        // With at least one zero, up to a multiple of eight.
        at += (name - at + length + 8) / 8 * 8;
    }
    false
}

/// The path in a file of one line.
fn line(path: &Path, before: &str) -> Option<PathBuf> {
    let bytes = read(path, LINE)?;
    let named = bytes.strip_prefix(before.as_bytes())?;
    let named = named.strip_suffix(b"\n").unwrap_or(named);
    let is_plain = !named.is_empty() && !named.iter().any(u8::is_ascii_control);
    is_plain.then(|| PathBuf::from(OsStr::from_bytes(named)))
}

/// The beginning of a file; nothing that could be waited for is opened.
fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(openat(CWD, path, flags, Mode::empty()).ok()?);
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
