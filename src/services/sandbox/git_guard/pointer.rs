//! Files and links that lead git to a folder elsewhere: `.git` of a work tree, and `commondir`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::base::folder_handle::FolderHandle;

use super::GuardedFolder;

/// Such a file is a line long; more is not one.
const LINE: u64 = 4096;
const GITDIR: &str = "gitdir: ";

/// Where a file or a link in the place of a repository leads.
pub(super) enum Lead {
    /// To nothing that a command can write to.
    Nowhere,
    /// Git may know better.
    Unclear,
    /// To a folder, by a path that may have links.
    To(PathBuf),
}

/// `path` is that of the folder that holds it.
pub(super) fn lead(
    folders: &[&GuardedFolder],
    (holder, path): (&FolderHandle, &Path),
    name: &OsStr,
) -> Lead {
    let Ok(Some(found)) = holder.look(name) else { return Lead::Nowhere };
    if !found.stat().is_link() {
        return line(holder, name, GITDIR).map_or(Lead::Unclear, |to| Lead::To(path.join(to)));
    }
    let linked = path.join(name);
    let Some((folder, inner)) = within(folders, &linked) else { return Lead::Nowhere };
    let Ok((holder, name)) = folder.held.holder(&inner) else { return Lead::To(linked) };
    match holder.look(name) {
        Ok(Some(end)) if end.stat().is_folder() => Lead::To(linked),
        // Git counts from where the link stands.
        Ok(Some(_)) => {
            line(&holder, name, GITDIR).map_or(Lead::Unclear, |to| Lead::To(path.join(to)))
        }
        _ => Lead::Nowhere,
    }
}

/// The folder in which a path ends with every link followed, and its path in that.
pub(super) fn within<'a>(
    folders: &[&'a GuardedFolder],
    path: &Path,
) -> Option<(&'a GuardedFolder, PathBuf)> {
    let real = path.canonicalize().ok()?;
    folders.iter().find_map(|folder| {
        real.strip_prefix(&folder.path).ok().map(|inner| (*folder, inner.to_owned()))
    })
}

/// The path in a file of one line, where whatever reads it cannot but read the same.
pub(super) fn line(holder: &FolderHandle, name: &OsStr, before: &str) -> Option<String> {
    let text = String::from_utf8(holder.read(name, LINE).ok()?.0).ok()?;
    let named = text.strip_prefix(before)?;
    let named = named.strip_suffix('\n').unwrap_or(named);
    let is_plain =
        !named.is_empty() && named.trim() == named && !named.chars().any(char::is_control);
    is_plain.then(|| named.to_owned())
}
