//! The places of a folder that git may take for a repository, found by listing it. Follows no link,
//! and ends at nothing that it finds.
//!
//! Wider than git's own rules (`is_git_directory` in its `setup.c`): what is called `.git`, in any
//! case, and every folder with a `HEAD` beside a `commondir` or `objects`, whatever these are.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use crate::base::folder_handle::{FolderHandle, ListedName};

use super::content::open_up;

/// Whether all of a folder was looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    Partial,
    Whole,
}

/// A place that git may take for a repository, by its path below the folder that is searched.
pub(super) struct FoundPlace {
    pub path: PathBuf,
    pub what: PlaceKind,
    /// The place in which it lies, of those that were found before it.
    pub within: Option<usize>,
}

pub(super) enum PlaceKind {
    /// A folder, and the one that holds it.
    Repository(Rc<FolderHandle>, Rc<FolderHandle>),
    /// A file or a link with the name of a repository, and the folder that holds it.
    Pointer(Rc<FolderHandle>, OsString),
}

struct Pending {
    holder: Rc<FolderHandle>,
    name: OsString,
    path: PathBuf,
    within: Option<usize>,
}

/// All such places below a folder, those that hold others first. `is_new` says of a closed folder
/// whether the command closed it.
pub(super) fn search(
    root: &FolderHandle,
    until: Instant,
    is_new: &dyn Fn(&FolderHandle) -> bool,
) -> (Vec<FoundPlace>, Search) {
    let mut found = Vec::new();
    let mut how = Search::Whole;
    let Ok(root) = root.walk(Path::new("")) else { return (found, Search::Partial) };
    let mut pending = Vec::new();
    let root = Rc::new(root);
    let mut next = Some((root.clone(), root, PathBuf::new(), None));
    while let Some((holder, folder, path, within)) = next.take() {
        if Instant::now() >= until {
            return (found, Search::Partial);
        }
        match listed(&folder, is_new) {
            Ok(names) => {
                let within = place(&mut found, (&holder, &folder), &path, &names, within);
                pending.extend(inner(&mut found, &folder, &path, names, within));
            }
            Err(Closed::Before) => {
                // The command could only have gone in where it had the name.
                if let Ok(Some(git)) = folder.look(OsStr::new(".git")) {
                    let path = path.join(".git");
                    let what = match folder.subfolder(OsStr::new(".git")) {
                        Ok(held) if git.stat().is_folder() => {
                            PlaceKind::Repository(folder.clone(), Rc::new(held))
                        }
                        _ => PlaceKind::Pointer(folder.clone(), ".git".into()),
                    };
                    found.push(FoundPlace { path, what, within });
                }
            }
            Err(Closed::Since) => how = Search::Partial,
        }
        while let Some(Pending { holder, name, path, within }) = pending.pop() {
            match holder.subfolder(&name) {
                Ok(folder) => {
                    next = Some((holder, Rc::new(folder), path, within));
                    break;
                }
                // It was a folder when it was listed. Links are not followed, and what is gone is
                // nowhere.
                Err(error) if is_gone(&error) => {}
                Err(_refused) => how = Search::Partial,
            }
        }
    }
    (found, how)
}

/// A folder that cannot be listed.
enum Closed {
    Before,
    Since,
}

fn listed(
    folder: &FolderHandle,
    is_new: &dyn Fn(&FolderHandle) -> bool,
) -> Result<Vec<ListedName>, Closed> {
    folder.list().or_else(|_closed| {
        if !is_new(folder) {
            return Err(Closed::Before);
        }
        open_up(folder);
        folder.list().map_err(|_refused| Closed::Since)
    })
}

fn is_gone(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;

    matches!(error.kind(), ErrorKind::NotADirectory | ErrorKind::NotFound)
        || error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

/// Notes the folder itself where git may take it for a repository; the place that what is in it
/// lies in.
fn place(
    found: &mut Vec<FoundPlace>,
    (holder, folder): (&Rc<FolderHandle>, &Rc<FolderHandle>),
    path: &Path,
    names: &[ListedName],
    within: Option<usize>,
) -> Option<usize> {
    let has = |part: &str| names.iter().any(|listed| is_named(&listed.name, part));
    let is_place = path.file_name().is_some_and(is_git)
        || has("HEAD") && ["commondir", "objects"].into_iter().any(has);
    if !is_place {
        return within;
    }
    let what = PlaceKind::Repository(holder.clone(), folder.clone());
    found.push(FoundPlace { path: path.to_owned(), what, within });
    Some(found.len() - 1)
}

/// The folders to be searched in this one; what is called `.git` and is none is noted.
fn inner(
    found: &mut Vec<FoundPlace>,
    folder: &Rc<FolderHandle>,
    path: &Path,
    names: Vec<ListedName>,
    within: Option<usize>,
) -> Vec<Pending> {
    let is_store = within.is_some() && path.ends_with("objects");
    let mut folders = Vec::new();
    for ListedName { name, kind } in names {
        if kind.is_dir() {
            // Thousands of files that git gave their names.
            let is_loose = is_store && name.len() == 2 && is_hexadecimal(&name);
            if !is_loose {
                let path = path.join(&name);
                folders.push(Pending { holder: folder.clone(), name, path, within });
            }
        } else if is_git(&name) {
            let path = path.join(&name);
            let what = PlaceKind::Pointer(folder.clone(), name);
            found.push(FoundPlace { path, what, within });
        }
    }
    folders
}

fn is_git(name: &OsStr) -> bool {
    name.eq_ignore_ascii_case(".git")
}

/// Disks of macOS do not tell cases apart.
fn is_named(name: &OsStr, part: &str) -> bool {
    if cfg!(target_os = "macos") { name.eq_ignore_ascii_case(part) } else { name == part }
}

fn is_hexadecimal(name: &OsStr) -> bool {
    name.as_encoded_bytes().iter().all(u8::is_ascii_hexdigit)
}
