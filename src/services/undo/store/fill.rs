//! Keeping contents before anything changes them: small files first, those that git does not ignore
//! before the others. Named is what has no copy.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::base::Attributes;
use crate::protocol::Stamp;

use super::contents::{ContentIndex, ContentPlace, LARGEST};
use super::git;
use crate::undo::scan::ignored::{IgnoreState, Ignored};
use crate::undo::scan::listing::FolderTree;
use crate::undo::scan::stat::{FileStat, StatKind};
use crate::undo::scan::walk::SnapshotRoots;
use crate::undo::snapshots::uncovered::Uncovered;

/// Files that copies are kept of, beside those that git has.
const MOST: usize = 50_000;
/// The last of these are for files that git does not ignore.
const RESERVED: usize = 10_000;
/// Bytes of an ignored file that is kept.
const SMALL: u64 = 64 << 10;
/// Ignored files that are kept, and bytes of all of them.
const IGNORED: (usize, u64) = (10_000, 64 << 20);
/// Files that are named at the most.
const NAMED: usize = 3;

/// Files that are kept on two threads.
const MANY: usize = 64;

/// Says when it is enough.
type Until<'a> = dyn Fn() -> bool + Sync + 'a;

/// Keeps what is not kept yet until `until` says that it is enough. Can be called again to go on.
pub fn fill(
    scope: &SnapshotRoots,
    contents: &ContentIndex,
    listing: &FolderTree,
    until: &Until<'_>,
) -> Uncovered {
    let mut plain: Vec<(PathBuf, FileStat)> = Vec::new();
    let mut others: Vec<(PathBuf, FileStat)> = Vec::new();
    let mut uncovered = Uncovered::default();
    let mut ignored = Ignored::new(&scope.folder);
    let mut kept = 0;
    // Only where something is not known yet.
    let staged = LazyCell::new(|| staged(scope, listing));
    for (folder, names) in &listing.folders {
        let rules =
            LazyCell::new(|| scope.in_git(folder).is_none().then(|| ignored.folder(folder)));
        // Listed, so that they can go with their repository; git itself keeps them.
        if scope.is_object(folder) {
            continue;
        }
        for listed in &names.names {
            let stat = listed.stat;
            if stat.kind != StatKind::File {
                continue;
            }
            if stat.stamp.length == 0 {
                // Nothing to keep but what it has beside its content.
                let path = || folder.join(&*listed.name);
                if contents.of(&stat).is_none() && Attributes::are_given_at(&path()) {
                    let _not_kept = contents.take(&path(), &stat);
                }
                continue;
            }
            match contents.of(&stat) {
                Some(ContentPlace::Blob(_)) => {
                    kept += 1;
                    continue;
                }
                Some(ContentPlace::Git(_)) => continue,
                Some(ContentPlace::Seen(_)) | None => {}
            }
            let path = folder.join(&*listed.name);
            if let Some(staged) = staged.get(&path).filter(|staged| staged.is(&stat)) {
                contents.note(&path, &stat, ContentPlace::Git(staged.object));
                continue;
            }
            match rules.as_ref().map_or(IgnoreState::Plain, |rules| rules.file(&path)) {
                IgnoreState::Plain => plain.push((path, stat)),
                IgnoreState::Ignored if stat.stamp.length <= SMALL => others.push((path, stat)),
                IgnoreState::Ignored | IgnoreState::Output => {}
            }
        }
    }
    for list in [&mut plain, &mut others] {
        // By bytes: paths by their parts would take longer than reading them all.
        list.sort_unstable_by(|(one, small), (other, large)| {
            (small.stamp.length, one.as_os_str()).cmp(&(large.stamp.length, other.as_os_str()))
        });
    }
    let (mut files, mut bytes) = IGNORED;
    let others: Vec<_> = others
        .into_iter()
        .filter(|(_, stat)| {
            let fits = files > 0 && bytes >= stat.stamp.length;
            if fits {
                files -= 1;
                bytes -= stat.stamp.length;
            }
            fits
        })
        .collect();
    let mut missing: Vec<(u64, PathBuf)> = Vec::new();
    let mut beyond = 0;
    let taken = if plain.len() <= MOST.saturating_sub(kept) {
        store_batch(contents, &plain, until)
    } else {
        Vec::new()
    };
    for (at, (path, stat)) in plain.into_iter().enumerate() {
        let taken = taken.get(at).copied().flatten();
        let stopped = taken.is_none() && (uncovered.unfinished || until());
        uncovered.unfinished |= stopped && kept < MOST && stat.stamp.length <= LARGEST;
        beyond += usize::from(kept >= MOST);
        let is_kept = || taken.unwrap_or_else(|| is_kept(contents, &path, &stat));
        if !stopped && kept < MOST && is_kept() {
            kept += 1;
        } else {
            missing.push((stat.stamp.length, path));
        }
    }
    if beyond > 0 {
        tracing::info!(beyond, "more files than copies are kept of");
    }
    for (path, stat) in others {
        let stopped = uncovered.unfinished || until();
        uncovered.unfinished |= stopped;
        if !stopped && kept < MOST - RESERVED && is_kept(contents, &path, &stat) {
            kept += 1;
        }
    }
    uncovered.files = missing.len();
    missing.sort_unstable_by(|(large, one), (small, other)| {
        small.cmp(large).then_with(|| one.as_os_str().cmp(other.as_os_str()))
    });
    uncovered.first = missing.into_iter().take(NAMED).map(|(_, path)| path).collect();
    uncovered
}

/// The files among these that have no copy now, without those that tools can make again.
pub fn uncovered_of(
    scope: &SnapshotRoots,
    contents: &ContentIndex,
    listing: &FolderTree,
    is_meant: &dyn Fn(&Path) -> bool,
) -> Uncovered {
    let mut ignored = Ignored::new(&scope.folder);
    let mut missing: Vec<(u64, PathBuf)> = Vec::new();
    for (folder, names) in &listing.folders {
        let rules = LazyCell::new(|| ignored.folder(folder));
        for listed in names
            .names
            .iter()
            .filter(|listed| listed.stat.kind == StatKind::File && listed.stat.stamp.length > 0)
        {
            let path = folder.join(&*listed.name);
            let is_kept = || {
                matches!(
                    contents.recall(&listed.stat),
                    Some(ContentPlace::Blob(_) | ContentPlace::Git(_))
                )
            };
            if is_meant(&path) && !is_kept() && rules.file(&path) != IgnoreState::Output {
                missing.push((listed.stat.stamp.length, path));
            }
        }
    }
    missing.sort_unstable_by(|(large, one), (small, other)| {
        small.cmp(large).then_with(|| one.as_os_str().cmp(other.as_os_str()))
    });
    let files = missing.len();
    Uncovered {
        first: missing.into_iter().take(NAMED).map(|(_, path)| path).collect(),
        files,
        ..Uncovered::default()
    }
}

/// Makes room: forgets what stands in none of these listings.
pub fn sweep(contents: &ContentIndex, listings: &[Arc<FolderTree>]) {
    let names = listings
        .iter()
        .flat_map(|listing| listing.folders.values())
        .flat_map(|folder| &folder.names);
    let live: HashSet<Stamp> = names
        .filter(|listed| listed.stat.kind == StatKind::File)
        .map(|listed| listed.stat.stamp)
        .collect();
    contents.retain(&live);
}

/// Keeps many files on two threads, where there is room for all of them: otherwise the smaller ones
/// go first. `None` for those it did not come to.
fn store_batch(
    contents: &ContentIndex,
    files: &[(PathBuf, FileStat)],
    until: &Until<'_>,
) -> Vec<Option<bool>> {
    let bytes: u64 = files.iter().map(|(_, stat)| stat.stamp.length).sum();
    if files.len() < MANY || contents.room() < bytes {
        return Vec::new();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut taken = Vec::new();
        while !until() {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((path, stat)) = files.get(at) else { break };
            taken.push((at, is_kept(contents, path, stat)));
        }
        taken
    };
    let found = thread::scope(|threads| {
        let other = threads.spawn(work);
        let own = work();
        [own, other.join().unwrap_or_else(|panic| resume_unwind(panic))].concat()
    });
    let mut taken = vec![None; files.len()];
    for (at, is_kept) in found {
        taken[at] = Some(is_kept);
    }
    taken
}

fn is_kept(contents: &ContentIndex, path: &Path, stat: &FileStat) -> bool {
    // A file that was read once and did not fit is not read again until it would.
    if matches!(contents.of(stat), Some(ContentPlace::Seen(_)))
        && contents.room() < stat.stamp.length
    {
        return false;
    }
    matches!(contents.take(path, stat), Some(ContentPlace::Blob(_) | ContentPlace::Git(_)))
}

/// The files that git has staged in the repository around the folder. A repository in the folder is
/// gone with all that it had when it is removed.
fn staged(scope: &SnapshotRoots, listing: &FolderTree) -> HashMap<PathBuf, git::StagedFiles> {
    let named = |name: &'static str| {
        let here =
            listing.folders.iter().filter(move |(_, names)| names.get(name.as_ref()).is_some());
        here.map(move |(folder, _)| folder.join(name))
    };
    let attributes: Vec<PathBuf> = named(".gitattributes").collect();
    let mut all = HashMap::new();
    let around = crate::undo::scan::repositories::repositories(scope, listing)
        .into_iter()
        .filter(|repository| scope.folder.starts_with(&repository.top));
    for repository in around {
        all.extend(git::staged(&repository.git, &repository.top, &attributes));
    }
    all
}
