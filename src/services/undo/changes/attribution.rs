//! Differences as changes: with the contents that were kept, and with who made them. Does not
//! compare listings.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::base::phrases::count;
use crate::protocol::{Author, FileChange, FileState, Image, NodeKind, Stamp};

use super::arrivals::{Arrival, Arrivals};
use super::destroyed::Destroyed;
use super::difference::{Difference, Was};
use super::touched::Touched;
use crate::undo::restore::plan::shown;
use crate::undo::restore::present_state::{record, record_with, with_digest};
use crate::undo::scan::listing::ListedName;
use crate::undo::scan::repositories::Repository;
use crate::undo::scan::stat::{FileStat, FileTime, StatKind, StatResult, look, may_be_since};
use crate::undo::scan::walk::SnapshotRoots;
use crate::undo::store::attributes;
use crate::undo::store::blobs::{Blobs, Digest};
use crate::undo::store::contents::{ContentIndex, ContentPlace};
use crate::undo::store::git::Objects;

/// Changes that are recorded of one call.
const MOST: usize = 50_000;
/// Changes outside of the folder that are named.
const OUTSIDE: usize = 20;
/// Files, and bytes of them, that are read to see whether they changed at all.
const READ: (usize, u64) = (500, 16 << 20);

/// The changes of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Names the record of these, so that they are not recorded twice.
    pub id: String,
    /// A moved file is two of them, one for each name.
    pub files: Vec<FileChange>,
    /// Changes that cannot be undone, in one sentence without a full stop.
    pub missed: Option<String>,
}

/// The sources that changes are built from.
pub struct ChangeBuilder<'a> {
    pub scope: &'a SnapshotRoots,
    pub contents: &'a ContentIndex,
    /// The session's own.
    pub blobs: &'a Blobs,
    /// Contents that were kept while the call ran.
    pub destroyed: &'a Destroyed,
    pub repositories: Vec<Repository>,
    /// When the call began.
    pub began: FileTime,
    pub author: Attribution<'a>,
}

/// How it is known who made a change.
#[derive(Clone, Copy)]
pub enum Attribution<'a> {
    /// Codling itself, and nobody else touches these files at the time.
    Own,
    Traced(&'a Touched),
    Nobody,
}

impl ChangeBuilder<'_> {
    /// `nodes` tells whether a file stood somewhere in the folder before.
    pub fn make(
        &self,
        differences: Vec<Difference>,
        nodes: &dyn Fn(&FileStat) -> bool,
    ) -> (Vec<FileChange>, Option<String>) {
        let beyond = differences.len().saturating_sub(MOST);
        let mut objects: HashMap<PathBuf, Option<Objects>> = HashMap::new();
        let mut budget = READ;
        let ours = self.ours(&differences);
        let arrivals = Arrivals::new(self, &differences);
        let mut claimed = HashSet::new();
        let mut outside = self.outside();
        let taken = self.taken(&differences);
        let mut files = Vec::new();
        for Difference { path, before, after } in differences.into_iter().take(MOST) {
            if self.is_same_object(&path, &before, after.as_ref()) {
                continue;
            }
            let mut before = match before {
                Was::Absent => None,
                Was::Unknown => Some(FileState::unknown()),
                Was::There(listed) => Some(self.kept(&path, &listed, &mut objects, &taken)),
            };
            let now = after
                .as_ref()
                .map(|listed| self.state(&path, listed, before.as_ref(), &mut budget));
            if let (Some(then), Some(now)) = (&before, &now)
                && is_untouched(then, now)
            {
                continue;
            }
            let mut author = self.author(&path, after.as_ref(), &ours);
            match after.as_ref().and_then(|listed| arrivals.of(&path, &listed.stat, nodes)) {
                Some(Arrival::From { origin, renamed }) if claimed.insert(origin.clone()) => {
                    outside.retain(|path| *path != renamed);
                    files.push(FileChange {
                        path: origin,
                        before: now.clone(),
                        after: None,
                        author,
                    });
                }
                Some(_) if before.is_none() => before = Some(FileState::unknown()),
                // The content that would be overwritten has no known place to go.
                Some(_) => author = Author::Unknown,
                None => {}
            }
            files.push(FileChange { path, before, after: now, author });
        }
        files.extend(outside.into_iter().take(OUTSIDE).filter_map(|path| self.elsewhere(path)));
        let missed = self.missed(&files, beyond);
        (files, missed)
    }

    /// Git marks an object that it is asked to write again as new.
    fn is_same_object(&self, path: &Path, before: &Was, after: Option<&ListedName>) -> bool {
        let (Was::There(before), Some(after)) = (before, after) else { return false };
        let (before, after) = (before.stat, after.stat);
        let seen = |stat: FileStat| (stat.kind, stat.mode, stat.owner, stat.stamp.length);
        seen(before) == seen(after) && self.scope.is_object(path)
    }

    /// Takes over what was kept, while the call ran, of files that have no other copy.
    fn taken(&self, differences: &[Difference]) -> HashMap<Stamp, Digest> {
        let stamp = |Difference { path, before, after }: &Difference| {
            let Was::There(listed) = before else { return None };
            let FileStat { kind, stamp, .. } = listed.stat;
            (kind == StatKind::File
                && stamp.length > 0
                && !self.is_same_object(path, before, after.as_ref())
                && matches!(self.contents.recall(&listed.stat), None | Some(ContentPlace::Seen(_))))
            .then_some(stamp)
        };
        self.destroyed.take_all(differences.iter().take(MOST).filter_map(stamp), self.blobs)
    }

    /// The earlier state, with its content pinned for the session: from before the call, or as it
    /// was kept while the call ran.
    fn kept(
        &self,
        path: &Path,
        listed: &ListedName,
        objects: &mut HashMap<PathBuf, Option<Objects>>,
        taken: &HashMap<Stamp, Digest>,
    ) -> FileState {
        let state = self.kept_before(path, listed, objects);
        if !matches!(state.kind, NodeKind::File { image: Image::NotKept, .. }) {
            return state;
        }
        let stamp = &listed.stat.stamp;
        // One that git had once, and has no more, comes as a surprise.
        match taken.get(stamp).copied().or_else(|| self.destroyed.take(stamp, self.blobs)) {
            Some(digest) => with_digest(state, digest, Image::Kept),
            None => state,
        }
    }

    fn kept_before(
        &self,
        path: &Path,
        listed: &ListedName,
        objects: &mut HashMap<PathBuf, Option<Objects>>,
    ) -> FileState {
        let mut state = plain(listed);
        if listed.stat.kind != StatKind::File {
            return state;
        }
        state.attributes = match self.contents.attributes(&listed.stat) {
            Some(None) => Some("".into()),
            Some(Some(given)) => {
                let adopted = self.blobs.adopt(&self.contents.blobs, given);
                adopted.ok().map(|()| given.digits().into())
            }
            None => None,
        };
        match self.contents.recall(&listed.stat) {
            Some(ContentPlace::Blob(digest)) => {
                match self.blobs.adopt(&self.contents.blobs, digest) {
                    Ok(()) => with_digest(state, digest, Image::Kept),
                    Err(error) => {
                        tracing::warn!(%error, "a kept content is gone");
                        with_digest(state, digest, Image::NotKept)
                    }
                }
            }
            Some(ContentPlace::Seen(digest)) => with_digest(state, digest, Image::NotKept),
            Some(ContentPlace::Git(object)) => {
                let mut around: Vec<&Repository> =
                    self.repositories.iter().filter(|one| path.starts_with(&one.top)).collect();
                around.sort_by_key(|one| std::cmp::Reverse(one.top.as_os_str().len()));
                let content = around.into_iter().find_map(|repository| {
                    let git = objects
                        .entry(repository.git.clone())
                        .or_insert_with(|| Objects::open(&repository.git).ok());
                    let content = git.as_mut()?.get(&object.digits()).ok()??;
                    (content.len() as u64 == listed.stat.stamp.length).then_some(content)
                });
                match content {
                    Some(content) => {
                        let digest = Digest::of(&content);
                        let image = if self.blobs.keep(digest, &content).is_ok() {
                            Image::Kept
                        } else {
                            Image::NotKept
                        };
                        with_digest(state, digest, image)
                    }
                    None => state,
                }
            }
            None if listed.stat.stamp.length == 0 => {
                with_digest(state, Digest::of(b""), Image::Kept)
            }
            None => state,
        }
    }

    /// The present state. It is read only where that may show that nothing changed, or costs
    /// little.
    fn state(
        &self,
        path: &Path,
        listed: &ListedName,
        before: Option<&FileState>,
        budget: &mut (usize, u64),
    ) -> FileState {
        let state = plain(listed);
        if listed.stat.kind != StatKind::File {
            return state;
        }
        let same_length = before
            .and_then(|before| before.stamp)
            .is_some_and(|stamp| stamp.length == listed.stat.stamp.length);
        let fits = budget.0 > 0 && budget.1 >= listed.stat.stamp.length;
        if fits {
            *budget = (budget.0 - 1, budget.1 - listed.stat.stamp.length);
        }
        if self.scope.is_object(path) {
            let digest = if fits { Digest::of_file(path).ok() } else { None };
            return match digest {
                Some(digest) => with_digest(state, digest, Image::NotKept),
                None => state,
            };
        }
        let state = FileState { attributes: attributes::recorded_at(path), ..state };
        let content = if fits || same_length {
            self.contents.take(path, &listed.stat)
        } else {
            self.contents.of(&listed.stat)
        };
        match content {
            Some(ContentPlace::Blob(digest) | ContentPlace::Seen(digest)) => {
                with_digest(state, digest, Image::NotKept)
            }
            Some(ContentPlace::Git(_)) | None => state,
        }
    }

    /// Files by device and inode that the call's own processes changed, by whichever name they had
    /// before or have now.
    fn ours(&self, differences: &[Difference]) -> HashSet<[u64; 2]> {
        let Attribution::Traced(touched) = self.author else { return HashSet::new() };
        let mut ours = HashSet::new();
        for Difference { before, after, .. } in
            differences.iter().filter(|difference| touched.did(&difference.path))
        {
            let before = if let Was::There(listed) = before { Some(listed) } else { None };
            let shared = before
                .into_iter()
                .chain(after)
                .filter(|listed| !listed.is_folder() && listed.stat.links > 1);
            ours.extend(shared.map(|listed| listed.stat.stamp.node()));
        }
        ours
    }

    fn author(&self, path: &Path, after: Option<&ListedName>, ours: &HashSet<[u64; 2]>) -> Author {
        let by_another_name = || after.is_some_and(|after| ours.contains(&after.stat.stamp.node()));
        match self.author {
            Attribution::Own => Author::Call,
            Attribution::Traced(touched) if touched.did(path) || by_another_name() => Author::Call,
            Attribution::Traced(_) | Attribution::Nobody => Author::Unknown,
        }
    }

    /// Paths outside of the folder that the call touched.
    fn outside(&self) -> Vec<PathBuf> {
        let Attribution::Traced(touched) = self.author else { return Vec::new() };
        let is_outside = |path: &&PathBuf| {
            let ours = path.starts_with(&self.scope.folder)
                || self
                    .repositories
                    .iter()
                    .any(|one| path.starts_with(&one.common) || path.starts_with(&one.git));
            let others =
                ["/dev", "/proc", "/sys", "/run"].iter().any(|kernel| path.starts_with(kernel));
            !ours && !others && !self.scope.private.iter().any(|private| path.starts_with(private))
        };
        // Made and gone again: nobody misses it.
        let stays = |path: &&PathBuf| !(touched.made(path) && look(path) == StatResult::Nothing);
        let outside: BTreeSet<&PathBuf> =
            touched.paths.iter().chain(&touched.renamed).filter(is_outside).filter(stays).collect();
        outside.into_iter().cloned().collect()
    }

    /// A change outside: what stands there now, and that nobody knows what stood there.
    fn elsewhere(&self, path: PathBuf) -> Option<FileChange> {
        let temporary = std::env::temp_dir();
        match look(&path) {
            StatResult::There(stat)
                if stat.kind != StatKind::Folder
                    && may_be_since(stat.stamp.changed, self.began) =>
            {
                let after = Some(record(&path, &stat));
                Some(FileChange::of_call(&path, Some(FileState::unknown()), after))
            }
            // A file that is gone may have existed for a moment only; in the temporary
            // folder, that is what they are for.
            StatResult::Nothing if !path.starts_with(&temporary) && !path.starts_with("/tmp") => {
                Some(FileChange::of_call(&path, Some(FileState::unknown()), None))
            }
            _ => None,
        }
    }

    fn missed(&self, files: &[FileChange], beyond: usize) -> Option<String> {
        let is_lost = |state: &FileState| {
            let is_empty = state.stamp.is_some_and(|stamp| stamp.length == 0);
            matches!(&state.kind, NodeKind::File { image: Image::NotKept, .. }) && !is_empty
        };
        let nodes: HashSet<[u64; 2]> = files
            .iter()
            .filter_map(|change| change.after.as_ref()?.stamp)
            .map(|stamp| stamp.node())
            .collect();
        // Files that only moved still exist.
        let moved =
            |state: &FileState| state.stamp.is_some_and(|stamp| nodes.contains(&stamp.node()));
        let lost: Vec<&FileChange> = files
            .iter()
            .filter(|change| {
                !self.scope.is_object(&change.path)
                    && change.before.as_ref().is_some_and(|state| {
                        is_lost(state) && !(change.after.is_none() && moved(state))
                    })
            })
            .collect();
        let first = lost.first().map(|change| {
            crate::base::text::clean_line(&shown(&self.scope.folder, &change.path)).into_owned()
        });
        Some(match (first, lost.len() + beyond) {
            (_, 0) => return None,
            (Some(first), 1) => {
                format!("`/undo` cannot bring back what `{first}` held: no copy was kept")
            }
            (Some(first), more) => {
                format!(
                    "`/undo` cannot bring back what `{first}` and {} held: no copies were kept",
                    count(more as u64 - 1, "other file")
                )
            }
            (None, many) => {
                format!("`/undo` cannot take back {many} of the changes: there are too many")
            }
        })
    }
}

fn plain(listed: &ListedName) -> FileState {
    record_with(&listed.stat, || listed.target.as_deref().map(Path::to_path_buf))
}

/// Written anew with what it held, or touched.
fn is_untouched(before: &FileState, now: &FileState) -> bool {
    let same_rights = before.mode == now.mode && before.owner == now.owner;
    let same_thing = match (&before.kind, &now.kind) {
        (NodeKind::File { .. }, NodeKind::File { .. }) => {
            before.digest().is_some() && before.digest() == now.digest()
        }
        (NodeKind::Link { target }, NodeKind::Link { target: now }) => target == now,
        (NodeKind::Folder, NodeKind::Folder) => true,
        _ => false,
    };
    let both = before.attributes.as_ref().zip(now.attributes.as_ref());
    same_rights && same_thing && both.is_none_or(|(before, now)| before == now)
}
