//! The list of all names in a folder with their file status, ignored ones too, without contents:
//! what is needed to tell what a command changed. Folders that did not change are shared between
//! one listing and the next.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::stat::{FileStat, FileTime, StatKind};

/// Every folder that was looked into, by its absolute path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderTree {
    pub folders: HashMap<Arc<Path>, Arc<FolderListing>>,
}

/// The names in one folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderListing {
    /// In order of their names.
    pub names: Vec<ListedName>,
    pub seen: ListingCompleteness,
}

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedName {
    pub name: Box<OsStr>,
    pub stat: FileStat,
    /// Where a link leads.
    pub target: Option<Box<Path>>,
}

/// Whether a name that is not listed was seen not to be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListingCompleteness {
    #[default]
    All,
    /// It could not be read, or some of it is nobody's business.
    Some,
}

/// The entry of a listing for one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownName<'a> {
    Absent,
    There(&'a ListedName),
    /// It was not looked at.
    Unknown,
}

impl FolderListing {
    pub fn get(&self, name: &OsStr) -> Option<&ListedName> {
        self.names
            .binary_search_by(|listed| (*listed.name).cmp(name))
            .ok()
            .map(|at| &self.names[at])
    }
}

impl ListedName {
    pub fn is_folder(&self) -> bool {
        self.stat.kind == StatKind::Folder
    }
}

impl FolderTree {
    /// How many names are in it.
    pub fn names(&self) -> usize {
        self.folders.values().map(|folder| folder.names.len()).sum()
    }

    /// The entry for an absolute path.
    pub fn at(&self, path: &Path) -> KnownName<'_> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return KnownName::Unknown;
        };
        match self.folders.get(parent) {
            Some(folder) => match folder.get(name) {
                Some(listed) => KnownName::There(listed),
                None if folder.seen == ListingCompleteness::All => KnownName::Absent,
                None => KnownName::Unknown,
            },
            // Nothing is in a folder that is not there, nor below what is no folder.
            None => match self.at(parent) {
                KnownName::Absent => KnownName::Absent,
                KnownName::There(listed) if !listed.is_folder() => KnownName::Absent,
                KnownName::There(_) | KnownName::Unknown => KnownName::Unknown,
            },
        }
    }

    /// Every name with its path; in no order.
    pub fn all(&self) -> impl Iterator<Item = (PathBuf, &ListedName)> {
        self.folders.iter().flat_map(|(folder, names)| {
            names.names.iter().map(|listed| (folder.join(&*listed.name), listed))
        })
    }

    /// Replaces what is known of one folder; an equal one stays the same object.
    pub fn put(&mut self, folder: &Path, names: FolderListing) {
        match self.folders.get_mut(folder) {
            Some(known) if **known == names => {}
            Some(known) => *known = Arc::new(names),
            None => drop(self.folders.insert(folder.into(), Arc::new(names))),
        }
    }

    /// Forgets a folder and all below it.
    pub fn remove(&mut self, folder: &Path) {
        let Some(names) = self.folders.remove(folder) else { return };
        for listed in names.names.iter().filter(|listed| listed.is_folder()) {
            self.remove(&folder.join(&*listed.name));
        }
    }
}

/// Files and links in these folders that have other names, before or now, by device and inode.
pub fn shared(listings: [&FolderTree; 2], folders: &HashSet<PathBuf>) -> HashSet<[u64; 2]> {
    let names = listings
        .into_iter()
        .flat_map(|listing| folders.iter().filter_map(|folder| listing.folders.get(&**folder)));
    let shared = names
        .flat_map(|names| &names.names)
        .filter(|listed| !listed.is_folder() && listed.stat.links > 1);
    shared.map(|listed| listed.stat.stamp.node()).collect()
}

/// The folders that hold names of these files.
pub fn holding(listing: &FolderTree, nodes: &HashSet<[u64; 2]>) -> HashSet<PathBuf> {
    let holds = |names: &FolderListing| {
        names.names.iter().any(|listed| nodes.contains(&listed.stat.stamp.node()))
    };
    listing
        .folders
        .iter()
        .filter(|(_, names)| holds(names))
        .map(|(folder, _)| folder.to_path_buf())
        .collect()
}

/// Folders that hold files which were written within a tick of now.
pub fn unsettled(listing: &FolderTree, at: FileTime) -> HashSet<PathBuf> {
    let is_recent = |names: &FolderListing| {
        names
            .names
            .iter()
            .any(|listed| listed.stat.kind == StatKind::File && !listed.stat.is_settled_at(at))
    };
    listing
        .folders
        .iter()
        .filter(|(_, names)| is_recent(names))
        .map(|(folder, _)| folder.to_path_buf())
        .collect()
}
