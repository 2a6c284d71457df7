//! Texts that a person had in an editor alone when a call wrote over them. They are what stood
//! there before: the disk's content is the older one, and the person had gone on from it.

use std::path::PathBuf;

use crate::base::text::clean_line;
use crate::protocol::{FileChange, FileState, Image};

use crate::undo::restore::present_state::{record, with_digest};
use crate::undo::scan::stat::{FileTime, StatResult, look, may_be_since};
use crate::undo::store::blobs::{Blobs, Digest, Kept};

/// Puts each text in the place of what the disk held before. A file that holds again what it held
/// is changed all the same. What could not be kept is told in one sentence without a full stop.
pub fn put_before(
    blobs: &Blobs,
    unsaved: Vec<(PathBuf, Vec<u8>)>,
    changes: &mut Vec<FileChange>,
    began: FileTime,
) -> Option<String> {
    let mut missed = None;
    for (path, bytes) in unsaved {
        let digest = Digest::of(&bytes);
        if !matches!(blobs.keep(digest, &bytes), Ok(Kept::Here)) {
            let shown = path.display().to_string();
            missed = Some(format!(
                "`/undo` cannot bring back what was unsaved in `{}`: no copy was kept",
                clean_line(&shown)
            ));
            continue;
        }
        match changes.iter_mut().find(|change| change.path == path) {
            Some(change) => change.before = change.before.take().map(|then| held(then, digest)),
            None => changes.extend(rewritten(path, digest, began)),
        }
    }
    missed
}

/// The same file with another content, which never was on the disk.
fn held(then: FileState, digest: Digest) -> FileState {
    FileState { stamp: None, ..with_digest(then, digest, Image::Kept) }
}

/// The content that replaced an unsaved text; `None` if the file was not written since the
/// call began.
fn rewritten(path: PathBuf, digest: Digest, began: FileTime) -> Option<FileChange> {
    let StatResult::There(stat) = look(&path) else { return None };
    if !may_be_since(stat.stamp.changed, began) {
        return None;
    }
    let now = Digest::of_file(&path).ok()?;
    let after = with_digest(record(&path, &stat), now, Image::NotKept);
    let before = held(after.clone(), digest);
    Some(FileChange::of_call(&path, Some(before), Some(after)))
}
