//! Names that came into the folder from elsewhere: what stands there is older than the call, so
//! that removing it would lose the only copy. Changes nothing, and does not know how it goes back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::attribution::{Attribution, ChangeBuilder};
use super::difference::Difference;
use super::touched::Touched;
use crate::undo::scan::listing::ListedName;
use crate::undo::scan::stat::{FileStat, FileTime, StatKind, StatResult, born, look, may_be_since};
use crate::undo::scan::walk::SnapshotRoots;

/// Where something came from.
pub enum Arrival {
    From {
        origin: PathBuf,
        /// The name that was renamed: the origin itself, or a folder that it was in.
        renamed: PathBuf,
    },
    Unknown,
}

/// The facts by which arrivals are recognized.
pub struct Arrivals<'a> {
    scope: &'a SnapshotRoots,
    author: Attribution<'a>,
    began: FileTime,
    /// How many new names there are in the folder, by device and inode, of files that have several.
    names: HashMap<[u64; 2], u64>,
}

impl<'a> Arrivals<'a> {
    pub fn new(builder: &ChangeBuilder<'a>, differences: &[Difference]) -> Self {
        let mut names = HashMap::new();
        let listed = differences.iter().filter_map(|difference| difference.after.as_ref());
        for ListedName { stat, .. } in listed.filter(|listed| listed.stat.links > 1) {
            *names.entry(stat.stamp.node()).or_default() += 1;
        }
        Self { scope: builder.scope, author: builder.author, began: builder.began, names }
    }

    /// `None` where what stands there came into being in the call, or stood in the folder before
    /// (`nodes`), or has another name elsewhere.
    pub fn of(
        &self,
        path: &Path,
        stat: &FileStat,
        nodes: &dyn Fn(&FileStat) -> bool,
    ) -> Option<Arrival> {
        let touched = match self.author {
            Attribution::Own => return None,
            Attribution::Traced(touched) => Some(touched),
            Attribution::Nobody => None,
        };
        if nodes(stat) {
            return None;
        }
        let came = touched.and_then(|touched| Some((touched, touched.renamed_above(path)?)));
        if self.is_new(path, stat, touched) {
            // Between disks, moving is copying and removing.
            let (touched, came) = came?;
            let renamed = self
                .gone(touched)
                .find(|from| from.file_name() == came.file_name())
                .filter(|from| !touched.absent.contains(*from))?;
            return Some(arrival(renamed, path, came));
        }
        let node = stat.stamp.node();
        let is_further_name = stat.kind != StatKind::Folder
            && stat.links > self.names.get(&node).copied().unwrap_or(1);
        let known = came.and_then(|(touched, came)| {
            Some(arrival(self.only_origin(touched, came)?, path, came))
        });
        match known {
            None if is_further_name && touched.is_some() => None,
            known => Some(known.unwrap_or(Arrival::Unknown)),
        }
    }

    /// Where the file system does not tell, only what was written in the call is new, and only if
    /// nothing came from outside.
    fn is_new(&self, path: &Path, stat: &FileStat, touched: Option<&Touched>) -> bool {
        match born(path) {
            Some(born) => may_be_since(born, self.began),
            None => {
                let is_inside = |path: &PathBuf| path.starts_with(&self.scope.folder);
                touched.is_some_and(|touched| touched.renamed.iter().all(is_inside))
                    && may_be_since(stat.stamp.modified, self.began)
            }
        }
    }

    /// The name outside that is gone: called alike where there are several, and the only one of
    /// them.
    fn only_origin(&self, touched: &'a Touched, came: &Path) -> Option<&'a Path> {
        let alike: Vec<&Path> =
            self.gone(touched).filter(|from| from.file_name() == came.file_name()).collect();
        let any: Vec<&Path> = self.gone(touched).collect();
        match (alike.as_slice(), any.as_slice()) {
            ([origin], _) | ([], [origin]) => Some(origin),
            _ => None,
        }
    }

    /// Names outside that were renamed, and are not there any more.
    fn gone(&self, touched: &'a Touched) -> impl Iterator<Item = &'a Path> {
        let is_gone = |from: &&PathBuf| {
            !from.starts_with(&self.scope.folder) && look(from) == StatResult::Nothing
        };
        touched.renamed.iter().filter(is_gone).map(PathBuf::as_path)
    }
}

fn arrival(renamed: &Path, path: &Path, came: &Path) -> Arrival {
    // With nothing to add, joining would end the path with a slash.
    let inside = path.strip_prefix(came).ok().filter(|inside| !inside.as_os_str().is_empty());
    let origin = inside.map_or_else(|| renamed.to_owned(), |inside| renamed.join(inside));
    Arrival::From { origin, renamed: renamed.to_owned() }
}
