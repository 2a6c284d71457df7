//! The file that holds a trace: the paths that a command's own processes changed, written before
//! they do. Asks no process.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Stands before a path that was renamed: with it, all below it came or went.
const MOVED: u8 = b'>';
/// Stands before a path at which nothing stood when it was first changed.
const ABSENT: u8 = b'+';

/// The trace of a command: files that its processes changed or tried to change, by real paths:
/// every link on the way to the last name is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Every path that was changed or was about to be.
    pub paths: BTreeSet<PathBuf>,
    /// Those of the paths that were names of a rename, old or new.
    moved: BTreeSet<PathBuf>,
    absent: BTreeSet<PathBuf>,
    /// Whether these are all.
    pub complete: bool,
}

impl Trace {
    /// Names that came or went by renaming, with all below them.
    pub fn renamed(&self) -> &BTreeSet<PathBuf> {
        &self.moved
    }

    /// Paths at which nothing stood when the command first changed something there.
    pub fn absent(&self) -> &BTreeSet<PathBuf> {
        &self.absent
    }

    /// Whether the command had a hand in this path: itself, or by renaming a folder that it is or
    /// was in.
    pub fn touched(&self, path: &Path) -> bool {
        self.paths.contains(path) || path.ancestors().any(|above| self.moved.contains(above))
    }
}

/// Reads what was traced so far; `None` where nothing was, because tracing did not work there.
#[cfg(unix)]
pub fn read_trace(path: &Path) -> Option<Trace> {
    Some(parse(&std::fs::read(path).ok()?))
}

/// `None`: nothing is traced on this system.
#[cfg(not(unix))]
pub fn read_trace(_path: &Path) -> Option<Trace> {
    None
}

/// Records that end with a NUL each; one that is empty says that something is missing, and so does
/// one without its end.
#[cfg(unix)]
fn parse(bytes: &[u8]) -> Trace {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let mut trace =
        Trace { complete: bytes.is_empty() || bytes.ends_with(&[0]), ..Trace::default() };
    let whole = bytes.iter().rposition(|byte| *byte == 0).unwrap_or(0);
    for record in bytes[..whole].split(|byte| *byte == 0).take_while(|_| !bytes.is_empty()) {
        let path = |bytes| PathBuf::from(OsStr::from_bytes(bytes));
        match record.split_first() {
            None => trace.complete = false,
            Some((&MOVED, moved)) => {
                trace.moved.insert(path(moved));
                trace.paths.insert(path(moved));
            }
            Some((&ABSENT, absent)) => {
                trace.absent.insert(path(absent));
                trace.paths.insert(path(absent));
            }
            Some(_) => {
                trace.paths.insert(path(record));
            }
        }
    }
    trace
}

#[cfg(target_os = "linux")]
pub use writing::{TraceWriter, TracedChange};

#[cfg(target_os = "linux")]
mod writing {
    use std::collections::HashSet;
    use std::fs::{File, OpenOptions};
    use std::io::{self, Write};
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    /// Paths of a trace; what a command changes beyond that is not told apart.
    const MOST: usize = 200_000;

    /// The effect of a call on a path.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum TracedChange {
        /// The file, folder or link of that name.
        Itself,
        /// It is renamed, or something is renamed to it.
        Moved,
    }

    /// Writes each path once.
    #[derive(Debug)]
    pub struct TraceWriter {
        file: File,
        known: HashSet<(TracedChange, Vec<u8>)>,
        state: State,
    }

    fn is_absent(path: &[u8]) -> bool {
        let path = Path::new(std::ffi::OsStr::from_bytes(path));
        std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum State {
        Complete,
        /// Something is missing, and the file says so.
        Incomplete,
        /// Nothing more is written.
        Full,
    }

    impl TraceWriter {
        /// Makes the file, for its owner alone.
        ///
        /// # Errors
        ///
        /// Fails with `AlreadyExists` if there is such a file, and if it cannot be made.
        pub fn create(path: &Path) -> io::Result<Self> {
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            crate::base::files::give_to_folders_owner(path, &file);
            Ok(Self { file, known: HashSet::new(), state: State::Complete })
        }

        pub fn is_full(&self) -> bool {
            self.state == State::Full
        }

        /// On the disk's side of the kernel when it returns: whatever is killed then, the path is
        /// there.
        pub fn add(&mut self, change: TracedChange, path: &[u8]) {
            if self.is_full() || !path.starts_with(b"/") {
                return;
            }
            let known = (change, path.to_vec());
            if self.known.contains(&known) {
                return;
            }
            let prefix: &[u8] = match change {
                TracedChange::Itself if is_absent(path) => &[super::ABSENT],
                TracedChange::Itself => b"",
                TracedChange::Moved => &[super::MOVED],
            };
            let record = [prefix, path, &[0]].concat();
            if self.known.len() >= MOST || self.file.write_all(&record).is_err() {
                self.miss();
                self.state = State::Full;
                self.known = HashSet::new();
                return;
            }
            self.known.insert(known);
        }

        /// Something was changed whose path is not known.
        pub fn miss(&mut self) {
            if self.state == State::Complete {
                self.state = State::Incomplete;
                if self.file.write_all(&[0]).is_err() {
                    // A trace that cannot say so is worse than none; where it cannot be emptied
                    // either, its last record has no end.
                    let _full = self
                        .file
                        .set_len(0)
                        .and_then(|()| io::Seek::rewind(&mut self.file))
                        .and_then(|()| self.file.write_all(&[0]));
                    self.state = State::Full;
                }
            }
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn trace(bytes: &[u8]) -> (Vec<String>, bool) {
        let trace = parse(bytes);
        (
            trace.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
            trace.complete,
        )
    }

    #[test]
    fn records_are_read_back_and_what_is_missing_is_known() {
        for (bytes, paths, complete) in [
            (&b""[..], &[][..], true),
            (b"/a\0/b c\n\0", &["/a", "/b c\n"], true),
            (b"/a\0>/b\0+/c\0", &["/a", "/b", "/c"], true),
            (b"/a\0\0", &["/a"], false),
            (b"\0", &[], false),
            (b"\0/a\0", &["/a"], false),
            (b"/a\0/b", &["/a"], false),
            (b"/a", &[], false),
        ] {
            let wanted: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
            assert_eq!(trace(bytes), (wanted, complete), "{bytes:?}");
        }
        assert_eq!(read_trace(Path::new("/not/there")), None);
    }

    #[test]
    fn a_path_is_touched_by_its_name_or_with_a_folder_that_was_renamed() {
        let trace = parse(b"/w/a\0>/w/old\0>/w/new\0/w/dir\0");
        for (path, touched) in [
            ("/w/a", true),
            ("/w/a/b", false),
            ("/w/old", true),
            ("/w/new/x/y", true),
            ("/w/dir/x", false),
            ("/w", false),
            ("/w/b", false),
        ] {
            assert_eq!(trace.touched(Path::new(path)), touched, "{path}");
        }
    }

    #[test]
    fn what_was_written_is_there_once_and_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("trace");
        let mut writer = TraceWriter::create(&file).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        for _ in 0..2 {
            writer.add(TracedChange::Itself, b"/");
            writer.add(TracedChange::Moved, b"/b");
            writer.add(TracedChange::Itself, b"/not/there");
            writer.add(TracedChange::Itself, b"pipe:[3]");
        }
        assert_eq!(std::fs::read(&file).unwrap(), b"/\0>/b\0+/not/there\0");
        assert_eq!(
            read_trace(&file).unwrap().absent(),
            &BTreeSet::from([PathBuf::from("/not/there")])
        );
        writer.miss();
        writer.miss();
        writer.add(TracedChange::Itself, b"/dev");
        assert_eq!(std::fs::read(&file).unwrap(), b"/\0>/b\0+/not/there\0\0/dev\0");
        assert!(TraceWriter::create(&file).is_err());
    }

    #[test]
    fn a_trace_that_is_too_long_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("trace");
        let mut writer = TraceWriter::create(&file).unwrap();
        for number in 0..200_002 {
            writer.add(TracedChange::Itself, format!("/{number}").as_bytes());
        }
        let trace = read_trace(&file).unwrap();
        assert_eq!((trace.paths.len(), trace.complete, writer.is_full()), (200_000, false, true));
    }
}
