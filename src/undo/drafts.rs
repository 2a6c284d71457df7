//! Files under a name for the time being, and the last act that gives each its own: what came to stand there meanwhile is not written over.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use super::file_modes::{DRAFT, rename_new, symlink};
use super::prepare::PreparedPath;
use super::stat::target;

/// Between disks: a copy, and then the file that it is a copy of goes.
pub(super) fn carry(from: &Path, ready: &PreparedPath) -> io::Result<()> {
    let folder = ready.path.parent().unwrap_or(Path::new("/"));
    let mut drafts = Builder::new();
    drafts.prefix(DRAFT.0).suffix(DRAFT.1);
    if let Some(target) = target(from) {
        let draft = drafts.make_in(folder, |draft| symlink(&target, draft))?;
        rename_new(draft.path(), &ready.path)?;
        let _moved = draft.into_temp_path().keep();
    } else {
        let draft = drafts.tempfile_in(folder)?;
        fs::copy(from, draft.path())?;
        draft.as_file().set_modified(fs::metadata(from)?.modified()?)?;
        draft.as_file().sync_all()?;
        put(draft, ready)?;
    }
    fs::remove_file(from)
}

/// A draft in its place. What came there meanwhile is not written over.
pub(super) fn put(draft: NamedTempFile, ready: &PreparedPath) -> io::Result<()> {
    match ready.seen {
        Some(_) => draft.persist(&ready.path).map(drop)?,
        None => draft.persist_noclobber(&ready.path).map(drop)?,
    }
    Ok(())
}
