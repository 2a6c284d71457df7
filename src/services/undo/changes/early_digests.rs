//! Digests of contents that were kept, computed while the command still runs: reading them is most
//! of the work of taking them over, and the model waits for that.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::protocol::{KeptContent, Stamp};

use crate::undo::scan::stat::{FileStat, StatKind, now};
use crate::undo::store::blobs::Digest;
use crate::undo::store::pack::SMALL;

/// The longest content that is read early: the call's end waits for one at the most, and a command
/// that destroys few large files is over sooner than they are read.
const LONGEST: u64 = 16 << 20;
/// Time between two looks at what was kept: a quarter of the time since there was news of it,
/// within these bounds.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(2));

/// Reads what is kept of one command. Letting go of it ends the reading.
#[derive(Debug)]
pub struct EarlyReader {
    stop: Sender<()>,
    reader: JoinHandle<EarlyDigests>,
}

/// Digests by the kept files.
#[derive(Debug, Default)]
pub struct EarlyDigests(HashMap<PathBuf, (Stamp, Digest)>);

impl EarlyReader {
    /// Begins before the command does. `list` says what was kept so far.
    ///
    /// # Errors
    ///
    /// Fails if the system gives no thread.
    pub fn begin(list: impl Fn() -> Vec<KeptContent> + Send + 'static) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let work = move || read_until(&stopped, list);
        let reader = thread::Builder::new().name("early-digests".into()).spawn(work)?;
        Ok(Self { stop, reader })
    }

    /// Waits for the content that is being read.
    pub fn end(self) -> EarlyDigests {
        drop(self.stop);
        // Without them, the contents are read later.
        self.reader.join().unwrap_or_default()
    }
}

impl EarlyDigests {
    /// The digest of a kept file that nobody has touched since it was read.
    pub fn of(&self, file: &Path) -> Option<Digest> {
        let (read, digest) = self.0.get(file)?;
        (look(file)?.stamp == *read).then_some(*digest)
    }

    /// Reads one that cannot be written to under another name, and was not written to just now: the
    /// time of its last change tells then whether it stays as it is.
    fn read(&mut self, file: &Path) -> Option<()> {
        let FileStat { stamp, .. } = look(file).filter(|found| found.is_settled_at(now()))?;
        let digest = Digest::of_length(File::open(file).ok()?, stamp.length).ok()?;
        (look(file)?.stamp == stamp).then(|| {
            self.0.insert(file.to_owned(), (stamp, digest));
        })
    }
}

fn read_until(stopped: &Receiver<()>, list: impl Fn() -> Vec<KeptContent>) -> EarlyDigests {
    let mut digests = EarlyDigests::default();
    let mut news = Instant::now();
    loop {
        for content in list() {
            if stopped.try_recv() == Err(TryRecvError::Disconnected) {
                return digests;
            }
            let is_worth_it = (SMALL + 1..=LONGEST).contains(&content.length);
            if is_worth_it && !digests.0.contains_key(&content.file) {
                news = digests.read(&content.file).map_or(news, |()| Instant::now());
            }
        }
        let pause = (news.elapsed() / 4).clamp(PAUSE.0, PAUSE.1);
        if stopped.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
            return digests;
        }
    }
}

/// A regular file that has one name alone. Its folder is this program's own.
fn look(file: &Path) -> Option<FileStat> {
    let found = FileStat::of(&fs::symlink_metadata(file).ok()?);
    (found.kind == StatKind::File && found.links == 1).then_some(found)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::protocol::KeptKind;

    const LENGTH: usize = 100_000;

    fn kept(folder: &Path) -> KeptContent {
        let file = folder.join("kept");
        fs::write(&file, [7; LENGTH]).unwrap();
        let (kind, length) = (KeptKind::Link, LENGTH as u64);
        KeptContent { kind, device: 0, inode: 0, length, modified: 0, file }
    }

    #[test]
    fn a_content_is_read_while_the_command_runs() {
        let dir = tempfile::tempdir().unwrap();
        let content = kept(dir.path());
        let file = content.file.clone();
        let (done, is_done) = mpsc::channel();
        let was_settled = std::cell::Cell::new(false);
        // It is read after a look at which it was settled, so by the next look.
        let reader = EarlyReader::begin(move || {
            if was_settled.replace(look(&content.file).unwrap().is_settled_at(now())) {
                let _ended = done.send(());
            }
            vec![content.clone()]
        });
        is_done.recv().unwrap();
        assert_eq!(reader.unwrap().end().of(&file), Some(Digest::of(&[7; LENGTH])));
    }

    #[test]
    fn a_digest_holds_as_long_as_nobody_touched_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let (file, other) = (kept(dir.path()).file, dir.path().join("other"));
        let mut digests = EarlyDigests::default();
        let read = |digests: &mut EarlyDigests| while digests.read(&file).is_none() {};
        read(&mut digests);
        assert_eq!(digests.of(&file), Some(Digest::of(&[7; LENGTH])));
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, [8; LENGTH]).unwrap();
        File::options().write(true).open(&file).unwrap().set_modified(modified).unwrap();
        assert_eq!(digests.of(&file), None, "rewritten, and its time put back");
        read(&mut digests);
        assert_eq!(digests.of(&file), Some(Digest::of(&[8; LENGTH])));
        fs::hard_link(&file, &other).unwrap();
        assert_eq!(digests.of(&file), None, "it can be written to under another name");
        assert_eq!(EarlyDigests::default().read(&file), None);
        fs::remove_file(&file).unwrap();
        assert_eq!(digests.of(&file), None);
    }
}
