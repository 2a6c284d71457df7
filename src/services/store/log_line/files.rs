//! Files before and after a call, as parts of a line, and reading them back. Holds no contents.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::protocol::{Author, FileChange, FileState, Image, NodeKind, Stamp};

#[derive(Deserialize, Serialize)]
pub(super) struct ChangedFile<T> {
    path: String,
    /// The path in base64 if it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<StateLine<T>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<StateLine<T>>,
    /// The file was seen to be missing before. Older logs never say so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    absent: bool,
    /// The author of the change is unknown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unknown: bool,
}

#[derive(Deserialize, Serialize)]
struct StateLine<T> {
    digest: T,
    mode: u32,
    kept: bool,
    /// The kind of an entry that is no file: `folder`, `link`, `special` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<T>,
    /// The target of a link, and in base64 if it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_bytes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<[u32; 2]>,
    /// Device, inode and length; then the times of modification and change in nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<[u64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<[i64; 2]>,
    /// Digest of the extended attributes; empty if there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<T>,
}

pub(super) fn write(files: &[FileChange]) -> Vec<ChangedFile<&str>> {
    files.iter().map(file).collect()
}

/// Reads the changes; `None` if one of them is damaged.
pub(super) fn read(files: Vec<ChangedFile<String>>) -> Option<Vec<FileChange>> {
    files.into_iter().map(read_file).collect()
}

fn file(FileChange { path, before, after, author }: &FileChange) -> ChangedFile<&str> {
    ChangedFile {
        path: path.to_string_lossy().into_owned(),
        bytes: bytes(path),
        before: before.as_ref().map(state_of),
        after: after.as_ref().map(state_of),
        absent: before.is_none(),
        unknown: *author == Author::Unknown,
    }
}

fn state_of(FileState { kind, mode, owner, stamp, attributes }: &FileState) -> StateLine<&str> {
    let (digest, kept) = match kind {
        NodeKind::File { digest, image } => (&**digest, *image == Image::Kept),
        _ => ("", false),
    };
    let (kind, target) = match kind {
        NodeKind::File { .. } => (None, None),
        NodeKind::Folder => (Some("folder"), None),
        NodeKind::Link { target } => (Some("link"), Some(target)),
        NodeKind::Special => (Some("special"), None),
        NodeKind::Unknown => (Some("unknown"), None),
    };
    StateLine {
        digest,
        mode: *mode,
        kept,
        kind,
        target: target.map(|target| target.to_string_lossy().into_owned()),
        target_bytes: target.and_then(|target| bytes(target)),
        owner: *owner,
        node: stamp.map(|stamp| [stamp.device, stamp.inode, stamp.length]),
        times: stamp.map(|stamp| [stamp.modified, stamp.changed]),
        attributes: attributes.as_deref(),
    }
}

fn read_file(
    ChangedFile { path, bytes, before, after, absent, unknown }: ChangedFile<String>,
) -> Option<FileChange> {
    let path = read_path(path, bytes)?;
    let before = match before {
        Some(before) => Some(read_state(before)?),
        // An older log does not tell a missing file from one that nobody looked at.
        None if !absent => Some(FileState::unknown()),
        None => None,
    };
    let after = match after {
        Some(after) => Some(read_state(after)?),
        None => None,
    };
    Some(FileChange {
        path,
        before,
        after,
        author: if unknown { Author::Unknown } else { Author::Call },
    })
}

fn read_state(line: StateLine<String>) -> Option<FileState> {
    let StateLine {
        digest,
        mode,
        kept,
        kind,
        target,
        target_bytes,
        owner,
        node,
        times,
        attributes,
    } = line;
    let attributes = attributes.map(Into::into);
    let kind = match kind.as_deref() {
        None => NodeKind::File {
            digest: digest.into(),
            image: if kept { Image::Kept } else { Image::NotKept },
        },
        Some("folder") => NodeKind::Folder,
        Some("link") => NodeKind::Link { target: read_path(target?, target_bytes)? },
        Some("special") => NodeKind::Special,
        Some(_) => NodeKind::Unknown,
    };
    let stamp = node.zip(times).map(|([device, inode, length], [modified, changed])| Stamp {
        device,
        inode,
        length,
        modified,
        changed,
    });
    Some(FileState { kind, mode, owner, stamp, attributes })
}

fn read_path(text: String, bytes: Option<String>) -> Option<PathBuf> {
    match bytes {
        Some(bytes) => path_of(STANDARD.decode(bytes).ok()?),
        None => Some(PathBuf::from(text)),
    }
}

/// The path in base64 if it is not UTF-8: undo must not touch a similarly named file.
#[cfg(unix)]
fn bytes(path: &Path) -> Option<String> {
    use std::os::unix::ffi::OsStrExt;
    path.to_str().is_none().then(|| STANDARD.encode(path.as_os_str().as_bytes()))
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn bytes(_path: &Path) -> Option<String> {
    None
}

#[cfg(not(unix))]
fn path_of(_bytes: Vec<u8>) -> Option<PathBuf> {
    None
}
