//! Packs: small contents one after the other in few files, since making a file takes far longer
//! than reading one. Beside each pack (`<name>.pack`) stands where its contents are
//! (`<name>.places`: digest, offset and length of each). Both only grow; one program writes to one
//! pack.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::files;

use super::blobs::Digest;
use super::number_hash::NumberMap;

/// Bytes of a content that may be in a pack.
pub const SMALL: u64 = 64 << 10;
const PACK: &str = "pack";
const PLACES: &str = "places";
const RECORD: usize = 44;
/// Bytes of a list of places.
const LARGEST: u64 = 512 << 20;

/// The packs in one folder.
#[derive(Debug)]
pub struct Packs {
    folder: PathBuf,
    held: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    loaded: bool,
    places: NumberMap<Digest, Place>,
    /// Their files, without the endings.
    packs: Vec<PathBuf>,
    writing: Option<Writing>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// Which of the packs.
    pack: usize,
    offset: u64,
    length: u32,
}

#[derive(Debug)]
struct Writing {
    pack: usize,
    contents: File,
    places: File,
    end: u64,
}

impl Packs {
    /// Touches nothing; the first content makes the first pack.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, held: Mutex::default() }
    }

    /// Keeps at most [`SMALL`] bytes, once.
    ///
    /// # Errors
    ///
    /// Fails if a pack cannot be made or written; the next content begins another pack.
    pub fn keep(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        if state.places.contains_key(&digest) {
            return Ok(());
        }
        let mut writing = match state.writing.take() {
            Some(writing) => writing,
            None => self.begin(&mut state)?,
        };
        // A failed write ends this pack: the next content begins another.
        let place = Place {
            pack: writing.pack,
            offset: writing.end,
            length: u32::try_from(bytes.len()).map_err(io::Error::other)?,
        };
        writing.contents.write_all(bytes)?;
        writing.places.write_all(&encode(digest, place))?;
        writing.end += bytes.len() as u64;
        state.places.insert(digest, place);
        state.writing = Some(writing);
        Ok(())
    }

    /// Reads where contents are.
    pub fn get_ready(&self) {
        drop(self.state());
    }

    /// How long a content is that was kept, in bytes.
    pub fn length(&self, digest: Digest) -> Option<u64> {
        self.state().places.get(&digest).map(|place| u64::from(place.length))
    }

    /// Whether a content that was kept is still on the disk.
    pub fn is_there(&self, digest: Digest) -> bool {
        let state = self.state();
        let Some(place) = state.places.get(&digest) else { return false };
        fs::metadata(state.packs[place.pack].with_extension(PACK))
            .is_ok_and(|about| about.len() >= place.offset + u64::from(place.length))
    }

    /// A content, as it was kept: an error of the kind `InvalidData` where it is damaged, `None`
    /// where there is none.
    ///
    /// # Errors
    ///
    /// Fails with `InvalidData` if the content is damaged, and otherwise if its pack cannot be
    /// read.
    pub fn read(&self, digest: Digest) -> io::Result<Option<Vec<u8>>> {
        let state = self.state();
        let Some(place) = state.places.get(&digest) else { return Ok(None) };
        let mut bytes = vec![0; place.length as usize];
        read_at(
            &File::open(state.packs[place.pack].with_extension(PACK))?,
            &mut bytes,
            place.offset,
        )?;
        if Digest::of(&bytes) == digest {
            Ok(Some(bytes))
        } else {
            Err(io::Error::from(ErrorKind::InvalidData))
        }
    }

    /// Waits until the packs that hold these are on the disk.
    ///
    /// # Errors
    ///
    /// Fails if a pack is gone, or if the disk does not take it.
    pub fn sync(&self, digests: &[Digest]) -> io::Result<()> {
        let state = self.state();
        let packs: HashSet<usize> =
            digests.iter().filter_map(|digest| Some(state.places.get(digest)?.pack)).collect();
        packs
            .iter()
            .flat_map(|pack| [PACK, PLACES].map(|ending| state.packs[*pack].with_extension(ending)))
            .try_for_each(|file| File::open(file)?.sync_data())
    }

    /// Forgets the contents that nobody names, writes packs anew that held some, and answers how
    /// many bytes are left.
    pub fn retain(&self, named: impl Fn(Digest) -> bool) -> u64 {
        let stale: Vec<(usize, PathBuf)> = {
            let mut state = self.state();
            let with_others: HashSet<usize> = state
                .places
                .iter()
                .filter(|(digest, _)| !named(**digest))
                .map(|(_, place)| place.pack)
                .collect();
            let used: HashSet<usize> = state.places.values().map(|place| place.pack).collect();
            state.places.retain(|digest, _| named(*digest));
            state.writing = None;
            let all = state.packs.iter().cloned().enumerate();
            all.filter(|(pack, _)| with_others.contains(pack) || !used.contains(pack)).collect()
        };
        for (pack, file) in stale {
            let moving: Vec<Digest> = self
                .state()
                .places
                .iter()
                .filter(|(_, place)| place.pack == pack)
                .map(|(digest, _)| *digest)
                .collect();
            for digest in moving {
                let content = self.read(digest);
                self.state().places.remove(&digest);
                let moved = content.and_then(|content| {
                    content.map_or(Ok(()), |content| self.keep(digest, &content))
                });
                if let Err(error) = moved {
                    tracing::warn!(%error, "a kept content is lost");
                }
            }
            for ending in [PLACES, PACK] {
                let _gone_already = fs::remove_file(file.with_extension(ending));
            }
        }
        self.state().places.values().map(|place| u64::from(place.length)).sum()
    }

    /// Whether a file is a part of a pack.
    pub fn is_part(path: &Path) -> bool {
        path.extension().is_some_and(|ending| ending == PACK || ending == PLACES)
    }

    fn begin(&self, state: &mut State) -> io::Result<Writing> {
        files::create_private_folder(&self.folder).map_err(io::Error::other)?;
        let file = self.folder.join(uuid::Uuid::now_v7().simple().to_string());
        let (contents, places) =
            (create(&file.with_extension(PACK))?, create(&file.with_extension(PLACES))?);
        state.packs.push(file);
        Ok(Writing { pack: state.packs.len() - 1, contents, places, end: 0 })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.loaded {
            state.loaded = true;
            for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.extension().is_some_and(|ending| ending == PLACES) {
                    state.load(&path.with_extension(""));
                }
            }
        }
        state
    }
}

impl State {
    /// An entry that a kill cut off is left out.
    fn load(&mut self, file: &Path) {
        let end = fs::metadata(file.with_extension(PACK)).map_or(0, |about| about.len());
        let bytes = files::read(&file.with_extension(PLACES), LARGEST).unwrap_or_default();
        let pack = self.packs.len();
        self.packs.push(file.to_owned());
        self.places.reserve(bytes.len() / RECORD);
        let places = bytes.chunks_exact(RECORD).filter_map(|record| decode(record, pack));
        self.places.extend(
            places.filter(|(_, place)| place.offset.saturating_add(u64::from(place.length)) <= end),
        );
    }
}

fn encode(digest: Digest, place: Place) -> [u8; RECORD] {
    let mut bytes = [0; RECORD];
    bytes[..32].copy_from_slice(&digest.0);
    bytes[32..40].copy_from_slice(&place.offset.to_le_bytes());
    bytes[40..].copy_from_slice(&place.length.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8], pack: usize) -> Option<(Digest, Place)> {
    let offset = u64::from_le_bytes(bytes.get(32..40)?.try_into().ok()?);
    let length = u32::from_le_bytes(bytes.get(40..)?.try_into().ok()?);
    Some((Digest(bytes.get(..32)?.try_into().ok()?), Place { pack, offset, length }))
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    files::give_to_folders_owner(path, &file);
    Ok(file)
}

fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset);
    #[cfg(not(unix))]
    {
        use std::io::{Read, Seek, SeekFrom};
        let mut file = file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(packs: &Packs, text: &str) -> Option<String> {
        packs
            .read(Digest::of(text.as_bytes()))
            .unwrap()
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }

    fn keep(packs: &Packs, text: &str) {
        packs.keep(Digest::of(text.as_bytes()), text.as_bytes()).unwrap();
    }

    #[test]
    fn contents_come_back_also_from_packs_of_other_programs() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("packs");
        let one = Packs::new(folder.clone());
        for text in ["one", "two", "one", ""] {
            keep(&one, text);
        }
        let other = Packs::new(folder.clone());
        keep(&other, "three");
        keep(&other, "two");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 4, "each program writes to its own");
        let later = Packs::new(folder);
        for text in ["one", "two", "", "three"] {
            assert_eq!(kept(&later, text).as_deref(), Some(text));
        }
        assert_eq!(later.length(Digest::of(b"three")), Some(5));
        assert_eq!(kept(&later, "four"), None);
    }

    #[test]
    fn wherever_a_kill_cuts_it_off_a_content_is_whole_or_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let packs = Packs::new(dir.path().to_owned());
        let texts = ["first", "second", "third"];
        texts.iter().for_each(|text| keep(&packs, text));
        let file = packs.state().packs[0].clone();
        let whole = [PACK, PLACES].map(|ending| fs::read(file.with_extension(ending)).unwrap());
        for (at, ending) in [PACK, PLACES].into_iter().enumerate() {
            for cut in 0..whole[at].len() {
                fs::write(file.with_extension(ending), &whole[at][..cut]).unwrap();
                let packs = Packs::new(dir.path().to_owned());
                assert!(
                    texts.iter().all(|text| kept(&packs, text).is_none_or(|found| found == *text)),
                    "{ending} {cut}"
                );
                keep(&packs, "third");
                assert_eq!(kept(&packs, "third").as_deref(), Some("third"));
                packs.retain(|_| false);
                for (whole, ending) in whole.iter().zip([PACK, PLACES]) {
                    fs::write(file.with_extension(ending), whole).unwrap();
                }
            }
        }
    }

    #[test]
    fn what_is_damaged_or_removed_is_found_out() {
        let dir = tempfile::tempdir().unwrap();
        let packs = Packs::new(dir.path().to_owned());
        keep(&packs, "content");
        let file = packs.state().packs[0].with_extension(PACK);
        let digest = Digest::of(b"content");
        fs::write(&file, "CONTENT").unwrap();
        assert!(packs.is_there(digest));
        assert_eq!(packs.read(digest).unwrap_err().kind(), ErrorKind::InvalidData);
        fs::remove_file(file).unwrap();
        assert!(!packs.is_there(digest) && packs.read(digest).is_err());
    }

    #[test]
    fn what_nobody_names_gives_its_room_back() {
        let dir = tempfile::tempdir().unwrap();
        keep(&Packs::new(dir.path().to_owned()), "of another time");
        let packs = Packs::new(dir.path().to_owned());
        ["kept", "not kept"].iter().for_each(|text| keep(&packs, text));
        assert_eq!(packs.retain(|digest| digest == Digest::of(b"kept")), 4);
        keep(&packs, "new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "one pack is left");
        for packs in [packs, Packs::new(dir.path().to_owned())] {
            assert_eq!(
                [kept(&packs, "kept"), kept(&packs, "not kept"), kept(&packs, "new")],
                [Some("kept".into()), None, Some("new".into())]
            );
        }
    }
}
