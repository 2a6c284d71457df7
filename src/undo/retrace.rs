//! Going back and forth over changes: what that would do, and doing it. Nothing is overwritten or removed whose content is not kept.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::base::files;
use crate::protocol::{Act, Direction, FileChange, FileState, Footing, Later, Step};

use super::UndoError;
use super::glance::{Found, Stamp, glance};
use super::images::{Digest, Images, LARGEST};
use super::replace::{Draft, Outcome};

/// What came of it; files that were already as they would become are in neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retraced {
    pub done: Vec<PathBuf>,
    /// They stayed as they are.
    pub kept: Vec<PathBuf>,
}

/// Several changes of one file as one.
struct Net<'a> {
    path: &'a Path,
    /// As it was left.
    from: Option<&'a FileState>,
    /// As it would become.
    to: Option<&'a FileState>,
    /// Somebody else changed it between two of the changes.
    broken: Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    No,
    Yes,
}

/// What stands there now, read.
#[derive(Debug)]
enum Now {
    File {
        stamp: Stamp,
        bytes: Vec<u8>,
        digest: Digest,
    },
    Nothing,
    /// No file, too large, or not readable.
    Unknown,
}

pub(super) fn look(folder: &Path, images: &Images, direction: Direction, changes: &[FileChange]) -> Vec<(PathBuf, Step)> {
    let nets = nets(direction, changes);
    let going = going(&nets, images, Later::Keep);
    let step = |net: &Net<'_>| {
        let (footing, _) = net.judge(images, &going);
        (net.path.to_owned(), Step { path: shown(folder, net.path), act: net.act(), footing })
    };
    nets.iter().map(step).collect()
}

pub(super) fn retrace(
    folder: &Path,
    images: &Images,
    direction: Direction,
    changes: &[FileChange],
    later: Later,
) -> Result<Retraced, UndoError> {
    let nets = nets(direction, changes);
    let going = going(&nets, images, later);
    let mut retraced = Retraced::default();
    let mut drafts = Vec::new();
    for net in &nets {
        let (footing, now) = net.judge(images, &going);
        match footing {
            Footing::Nothing => continue,
            Footing::AsLeft => {}
            Footing::ChangedSince if later == Later::Overwrite => {}
            Footing::ChangedSince | Footing::Unknown => {
                retraced.kept.push(net.path.to_owned());
                continue;
            }
        }
        let was = match now {
            Now::File { stamp, bytes, digest } => {
                images.keep_anyway(digest, &bytes).map_err(|source| UndoError::Image { path: net.path.into(), source })?;
                if footing == Footing::ChangedSince {
                    tracing::info!(path = ?net.path, kept = digest.digits(), "a file that was changed since is overwritten");
                }
                Some(stamp)
            }
            Now::Nothing | Now::Unknown => None,
        };
        let content = match net.to {
            None => None,
            Some(to) => match Digest::parse(&to.digest).and_then(|digest| images.fetch(digest)) {
                Some(bytes) => Some((bytes, to.mode)),
                None => {
                    retraced.kept.push(net.path.to_owned());
                    continue;
                }
            },
        };
        let draft = Draft::begin(net.path, was, content).map_err(|source| UndoError::Prepare { path: net.path.into(), source })?;
        drafts.push(draft);
    }
    // Files that go make room for those that come.
    drafts.sort_by_key(Draft::comes);
    for draft in drafts {
        let path = draft.path().to_owned();
        match draft.commit(folder) {
            Ok(Outcome::Done) => retraced.done.push(path),
            Ok(Outcome::Overtaken) => retraced.kept.push(path),
            Err(source) if retraced.done.is_empty() => return Err(UndoError::Prepare { path, source }),
            Err(source) => return Err(UndoError::Stopped { done: retraced.done, path, source }),
        }
    }
    Ok(retraced)
}

/// For people: relative to the folder where it lies inside, with `/` between names.
pub(super) fn shown(folder: &Path, path: &Path) -> String {
    match path.strip_prefix(folder) {
        Ok(inside) => inside.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/"),
        Err(_outside) => path.display().to_string(),
    }
}

/// One for each file that a call changed, by path; what came to nothing in the end is left out.
fn nets(direction: Direction, changes: &[FileChange]) -> Vec<Net<'_>> {
    let mut files: BTreeMap<&Path, Net<'_>> = BTreeMap::new();
    for FileChange { path, before, after } in changes {
        let (before, after) = (before.as_ref(), after.as_ref());
        files
            .entry(path)
            .and_modify(|net| {
                if !is_same(net.to, before) {
                    net.broken = Broken::Yes;
                }
                net.to = after;
            })
            .or_insert(Net { path, from: before, to: after, broken: Broken::No });
    }
    let nets = files.into_values().filter(|net| !is_same(net.from, net.to));
    match direction {
        Direction::Redo => nets.collect(),
        Direction::Undo => nets.map(|net| Net { from: net.to, to: net.from, ..net }).collect(),
    }
}

fn is_same(one: Option<&FileState>, other: Option<&FileState>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => !one.digest.is_empty() && one.digest == other.digest && one.mode == other.mode,
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// The files that are to be removed: others may come where they, or folders that hold nothing else, stand now.
fn going<'a>(nets: &[Net<'a>], images: &Images, later: Later) -> HashSet<&'a Path> {
    let goes = |net: &&Net<'_>| {
        let (footing, now) = net.judge(images, &HashSet::new());
        let may = footing == Footing::AsLeft || footing == Footing::ChangedSince && later == Later::Overwrite;
        may && matches!(now, Now::File { .. })
    };
    nets.iter().filter(|net| net.to.is_none()).filter(goes).map(|net| net.path).collect()
}

impl Net<'_> {
    fn act(&self) -> Act {
        match (self.from, self.to) {
            (_, None) => Act::Remove,
            (None, Some(_)) => Act::Create,
            (Some(_), Some(_)) => Act::Restore,
        }
    }

    fn judge(&self, images: &Images, going: &HashSet<&Path>) -> (Footing, Now) {
        let now = Now::at(self.path, going);
        let footing = match self.to {
            _ if matches!(now, Now::Unknown) => Footing::Unknown,
            to if now.is(to) => Footing::Nothing,
            Some(to) if !is_held(to, images) => Footing::Unknown,
            _ if now.is(self.from) && self.broken == Broken::No => Footing::AsLeft,
            _ => Footing::ChangedSince,
        };
        (footing, now)
    }
}

fn is_held(state: &FileState, images: &Images) -> bool {
    Digest::parse(&state.digest).is_some_and(|digest| images.holds(digest))
}

impl Now {
    fn at(path: &Path, going: &HashSet<&Path>) -> Self {
        match glance(path) {
            Found::Nothing => Self::Nothing,
            Found::File(stamp) if stamp.length > LARGEST => Self::Unknown,
            Found::File(stamp) => match files::read(path, LARGEST) {
                Ok(bytes) => Self::File { stamp, digest: Digest::of(&bytes), bytes },
                Err(_unreadable) => Self::Unknown,
            },
            Found::Folder if holds_only(path, going) => Self::Nothing,
            Found::Other if path.ancestors().skip(1).any(|above| going.contains(above)) => Self::Nothing,
            Found::Folder | Found::Other => Self::Unknown,
        }
    }

    fn is(&self, state: Option<&FileState>) -> bool {
        match (self, state) {
            (Self::File { stamp, digest, .. }, Some(state)) => *state.digest == *digest.digits() && state.mode == stamp.mode,
            (Self::Nothing, None) => true,
            _ => false,
        }
    }
}

/// Whether nothing is left of a folder once these files are gone.
fn holds_only(folder: &Path, going: &HashSet<&Path>) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let mut any = false;
    for entry in entries {
        let Ok((path, kind)) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) else { return false };
        any = true;
        let goes = if kind.is_dir() { holds_only(&path, going) } else { going.contains(path.as_path()) };
        if !goes {
            return false;
        }
    }
    any
}
