//! Which contents are kept: file status against blob or git object, on disk beside the blobs
//! (`index`), shared by all conversations about a folder.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::base::{Attributes, files};
use crate::protocol::Stamp;

use super::attributes;
use super::blobs::{Blobs, Digest, Kept};
use super::git::ObjectId;
use super::number_hash::{NumberMap, NumberSet};
use crate::undo::path_handle;
use crate::undo::scan::stat::{FileStat, FileTime, look, now};
use crate::undo::scan::stat::{StatKind, StatResult};

/// Bytes of all contents kept beforehand for one folder.
pub const QUOTA: u64 = 256 << 20;
/// Bytes of one content that is kept beforehand.
pub const LARGEST: u64 = 32 << 20;
/// Bytes of a file whose copy may share the disk with it; below, asking for that takes longer than
/// writing.
const WORTH_SHARING: usize = 256 << 10;
const RECORD: usize = 82;
/// A record of attributes.
const ATTRIBUTES: u8 = b'x';
/// Bytes of the index that are read.
const LARGEST_INDEX: u64 = 512 << 20;
/// A folder nobody worked in for so long is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(90 * 86_400);

/// Where a file's content is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentPlace {
    Blob(Digest),
    Git(ObjectId),
    /// It was read, and there was no room for it.
    Seen(Digest),
}

#[derive(Clone, Copy, Debug)]
struct HeldContent {
    stamp: Stamp,
    read: FileTime,
    content: ContentPlace,
}

impl HeldContent {
    /// The blob, and its length in bytes.
    fn blob(&self) -> Option<(Digest, u64)> {
        if let ContentPlace::Blob(digest) = self.content {
            Some((digest, self.stamp.length))
        } else {
            None
        }
    }
}

/// All of a folder's.
#[derive(Debug)]
pub struct ContentIndex {
    index: PathBuf,
    pub blobs: Blobs,
    held: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    loaded: bool,
    by_stamp: NumberMap<Stamp, HeldContent>,
    /// Extended attributes of those files that have some.
    attributes: NumberMap<Stamp, Digest>,
    log: Option<File>,
    written: usize,
}

impl ContentIndex {
    /// Touches nothing.
    pub fn new(place: &Path, quota: u64) -> Self {
        Self {
            index: place.join("index"),
            blobs: Blobs::new(place.join("blobs"), quota),
            held: Mutex::default(),
        }
    }

    /// The content of a file, if it was not touched since it was read.
    pub fn of(&self, stat: &FileStat) -> Option<ContentPlace> {
        let state = self.state();
        let held = state.by_stamp.get(&stat.stamp)?;
        stat.is_settled_at(held.read).then_some(held.content)
    }

    /// The content last read of a file with this status: the caller has read again every file that
    /// may have changed since.
    pub fn recall(&self, stat: &FileStat) -> Option<ContentPlace> {
        let state = self.state();
        state.by_stamp.get(&stat.stamp).map(|held| held.content)
    }

    /// Which extended attributes a file has that looked like this, where it was read: `Some(None)`
    /// where it has none.
    pub fn attributes(&self, stat: &FileStat) -> Option<Option<Digest>> {
        let state = self.state();
        state.by_stamp.get(&stat.stamp).map(|held| state.attributes.get(&held.stamp).copied())
    }

    /// Notes that git has what the file at a path holds.
    pub fn note(&self, path: &Path, stat: &FileStat, content: ContentPlace) {
        if Attributes::are_given_at(path)
            && let Ok(file) = path_handle::open(path)
            && file.metadata().is_ok_and(|about| FileStat::of(&about).stamp == stat.stamp)
        {
            self.hold_attributes(&stat.stamp, &attributes::of_open(&file));
        }
        self.hold(HeldContent { stamp: stat.stamp, read: now(), content });
    }

    /// Reads a file that stands there as `stat` says, and keeps what it holds. `None` where it does
    /// not, or where that cannot be read.
    pub fn take(&self, path: &Path, stat: &FileStat) -> Option<ContentPlace> {
        if let Some(content) =
            self.of(stat).filter(|content| !matches!(content, ContentPlace::Seen(_)))
        {
            return Some(content);
        }
        if stat.kind != StatKind::File || stat.stamp.length > LARGEST {
            return None;
        }
        let read = now();
        let (bytes, given) = read_steady(path, stat)?;
        let digest = Digest::of(&bytes);
        let kept = if bytes.len() >= WORTH_SHARING && stat.is_settled_at(read) {
            self.blobs.keep_shared(
                digest,
                &bytes,
                path,
                || matches!(look(path), StatResult::There(after) if after.stamp == stat.stamp),
            )
        } else {
            self.blobs.keep(digest, &bytes)
        };
        let content = match kept {
            Ok(Kept::Here) => ContentPlace::Blob(digest),
            Ok(Kept::Full) => ContentPlace::Seen(digest),
            Err(error) => {
                tracing::warn!(%error, "a file's content could not be kept for undo");
                ContentPlace::Seen(digest)
            }
        };
        self.hold_attributes(&stat.stamp, &given);
        self.hold(HeldContent { stamp: stat.stamp, read, content });
        Some(content)
    }

    /// Forgets what is held of all files but these, and their contents with it.
    pub fn retain(&self, live: &HashSet<Stamp>) {
        let mut state = self.state();
        state.by_stamp.retain(|stamp, _| live.contains(stamp));
        state.attributes.retain(|stamp, _| live.contains(stamp));
        let named: NumberSet<Digest> = state
            .by_stamp
            .values()
            .filter_map(HeldContent::blob)
            .map(|(digest, _)| digest)
            .chain(state.attributes.values().copied())
            .collect();
        self.blobs.retain(|digest| named.contains(&digest));
        self.rewrite(&mut state);
    }

    /// Reads what earlier programs wrote down, which takes a while where that is much.
    pub fn get_ready(&self) {
        drop(self.state());
        self.blobs.get_ready();
    }

    /// How many are known.
    pub fn count(&self) -> usize {
        self.state().by_stamp.len()
    }

    /// Bytes that may still be kept.
    pub fn room(&self) -> u64 {
        drop(self.state());
        self.blobs.room()
    }

    /// Few files have any. What they are is on record before the file is.
    fn hold_attributes(&self, stamp: &Stamp, given: &Attributes) {
        if given.is_empty() {
            return;
        }
        let bytes = given.bytes();
        let digest = Digest::of(&bytes);
        if !matches!(self.blobs.keep(digest, &bytes), Ok(Kept::Here)) {
            return;
        }
        let mut state = self.state();
        state.attributes.insert(*stamp, digest);
        self.append(&mut state, &record_of(stamp, 0, (ATTRIBUTES, 32, digest.0)));
    }

    fn hold(&self, held: HeldContent) {
        let mut state = self.state();
        state.by_stamp.insert(held.stamp, held);
        self.append(&mut state, &encode(&held));
    }

    fn append(&self, state: &mut State, record: &[u8; RECORD]) {
        if state.log.is_none() {
            state.log = files::append_to(&self.index)
                .inspect_err(|error| tracing::warn!(%error, "undo's index cannot be written"))
                .ok();
        }
        // At once: what is about to run may be the end of this program.
        let written = state.log.as_mut().map(|log| log.write_all(record));
        if let Some(Err(error)) = written {
            tracing::warn!(%error, "undo's index cannot be written");
            state.log = None;
        }
        state.written += 1;
        if state.written > 2 * state.by_stamp.len() + 10_000 {
            self.rewrite(state);
        }
    }

    fn rewrite(&self, state: &mut State) {
        let attributes = state.attributes.iter();
        let attributes =
            attributes.flat_map(|(stamp, digest)| record_of(stamp, 0, (ATTRIBUTES, 32, digest.0)));
        let bytes: Vec<u8> = attributes.chain(state.by_stamp.values().flat_map(encode)).collect();
        state.log = None;
        match files::replace(&self.index, &bytes) {
            Ok(()) => state.written = state.by_stamp.len(),
            Err(error) => tracing::warn!(%error, "undo's index cannot be written"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.loaded {
            state.loaded = true;
            let bytes = files::read(&self.index, LARGEST_INDEX).unwrap_or_default();
            state.written = bytes.len() / RECORD;
            state.by_stamp.reserve(bytes.len() / RECORD);
            for record in bytes.chunks_exact(RECORD) {
                match decode(record) {
                    Some(Line::Content(held)) => drop(state.by_stamp.insert(held.stamp, held)),
                    Some(Line::Attributes(stamp, of)) => drop(state.attributes.insert(stamp, of)),
                    None => {}
                }
            }
            let mut counted = NumberSet::default();
            counted.reserve(state.by_stamp.len());
            let blobs = state.by_stamp.values().filter_map(HeldContent::blob);
            let lengths =
                blobs.filter_map(|(digest, length)| counted.insert(digest).then_some(length));
            self.blobs.begin_with(lengths.sum());
            // A record that a kill cut off would put all after it out of step.
            if !bytes.len().is_multiple_of(RECORD) {
                self.rewrite(&mut state);
            }
        }
        state
    }
}

/// The content of a file and its attributes; `None` if the file is not the one of `stat`,
/// before it is read or afterwards.
fn read_steady(path: &Path, stat: &FileStat) -> Option<(Vec<u8>, Attributes)> {
    // Whatever stands there meanwhile, nobody waits for it.
    let mut file = path_handle::open(path).ok()?;
    let is_steady = |file: &File| {
        file.metadata().is_ok_and(|about| {
            let now = FileStat::of(&about);
            (now.kind, now.stamp) == (stat.kind, stat.stamp)
        })
    };
    let length = usize::try_from(stat.stamp.length).ok()?;
    let mut bytes = Vec::with_capacity(length + 1);
    let is_whole = is_steady(&file)
        && Read::by_ref(&mut file).take(stat.stamp.length + 1).read_to_end(&mut bytes).ok()?
            == length;
    let given = attributes::of_open(&file);
    (is_whole && is_steady(&file)).then_some((bytes, given))
}

fn encode(held: &HeldContent) -> [u8; RECORD] {
    let content = match held.content {
        ContentPlace::Blob(digest) => (b'b', 32, digest.0),
        ContentPlace::Seen(digest) => (b's', 32, digest.0),
        ContentPlace::Git(object) => {
            let (id, length) = object.parts();
            (b'g', length, id)
        }
    };
    record_of(&held.stamp, held.read, content)
}

/// `content`: which kind of record it is, and the id that it names with its length.
fn record_of(stamp: &Stamp, read: FileTime, content: (u8, u8, [u8; 32])) -> [u8; RECORD] {
    let mut bytes = [0; RECORD];
    let numbers = [
        stamp.device,
        stamp.inode,
        stamp.length,
        stamp.modified.cast_unsigned(),
        stamp.changed.cast_unsigned(),
        read.cast_unsigned(),
    ];
    for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    let (kind, length, id) = content;
    bytes[48] = kind;
    bytes[49] = length;
    bytes[50..].copy_from_slice(&id);
    bytes
}

/// One record of the index.
enum Line {
    Attributes(Stamp, Digest),
    Content(HeldContent),
}

fn decode(bytes: &[u8]) -> Option<Line> {
    let number = |at: usize| {
        bytes.get(at * 8..at * 8 + 8).and_then(|part| part.try_into().ok()).map(u64::from_le_bytes)
    };
    let stamp = Stamp {
        device: number(0)?,
        inode: number(1)?,
        length: number(2)?,
        modified: number(3)?.cast_signed(),
        changed: number(4)?.cast_signed(),
    };
    let id: [u8; 32] = bytes.get(50..)?.try_into().ok()?;
    let content = match bytes.get(48)? {
        b'b' => ContentPlace::Blob(Digest(id)),
        b's' => ContentPlace::Seen(Digest(id)),
        b'g' => ContentPlace::Git(ObjectId::from_parts(id, *bytes.get(49)?)?),
        kind if *kind == ATTRIBUTES => return Some(Line::Attributes(stamp, Digest(id))),
        _ => return None,
    };
    Some(Line::Content(HeldContent { stamp, read: number(5)?.cast_signed(), content }))
}

/// Forgets folders that are gone, or that nobody worked in for long.
pub fn sweep_places(snapshots: &Path) {
    let Ok(entries) = std::fs::read_dir(snapshots) else { return };
    for place in entries.flatten().map(|entry| entry.path()) {
        let used = std::fs::metadata(place.join("index")).and_then(|about| about.modified());
        let is_old = used.is_ok_and(|used| used.elapsed().is_ok_and(|age| age > FORGOTTEN));
        if is_old && let Err(error) = fs::remove_dir_all(&place) {
            tracing::warn!(%error, "kept contents of a folder could not be removed");
        }
    }
}
