//! Files before and after a call, as parts of a line, and back. Holds no contents.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::protocol::{FileChange, FileState, Image};

#[derive(Deserialize, Serialize)]
pub(super) struct ChangedFile<T> {
    path: String,
    /// The path's bytes in base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<StateLine<T>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<StateLine<T>>,
}

#[derive(Deserialize, Serialize)]
struct StateLine<T> {
    digest: T,
    mode: u32,
    kept: bool,
}

pub(super) fn write(files: &[FileChange]) -> Vec<ChangedFile<&str>> {
    files.iter().map(file).collect()
}

/// `None` where one of them is damaged.
pub(super) fn read(files: Vec<ChangedFile<String>>) -> Option<Vec<FileChange>> {
    files.into_iter().map(read_file).collect()
}

fn file(FileChange { path, before, after }: &FileChange) -> ChangedFile<&str> {
    ChangedFile {
        path: path.to_string_lossy().into_owned(),
        bytes: bytes(path),
        before: before.as_ref().map(state_of),
        after: after.as_ref().map(state_of),
    }
}

fn state_of(FileState { digest, mode, image }: &FileState) -> StateLine<&str> {
    StateLine { digest, mode: *mode, kept: *image == Image::Kept }
}

fn read_file(ChangedFile { path, bytes, before, after }: ChangedFile<String>) -> Option<FileChange> {
    let path = match bytes {
        Some(bytes) => path_of(STANDARD.decode(bytes).ok()?)?,
        None => PathBuf::from(path),
    };
    Some(FileChange { path, before: before.map(read_state), after: after.map(read_state) })
}

fn read_state(StateLine { digest, mode, kept }: StateLine<String>) -> FileState {
    FileState { digest: digest.into(), mode, image: if kept { Image::Kept } else { Image::NotKept } }
}

/// Only where the path is no text: undoing to another path would be worse than not at all.
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
