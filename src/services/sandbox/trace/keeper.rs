//! Keeps what a command is about to destroy in its work folder, before the call that does it goes
//! on: a removed file by another name for it, one that is written to by a copy. Does not know what
//! undo has already.
//!
//! It covers accidents and not malice: another thread may change where a path leads after it was
//! looked at. No link is followed, so that nothing outside of the folder is ever kept.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Statx, StatxFlags, copy_file_range, fstatfs,
    ioctl_ficlone, linkat, openat, renameat, statx,
};
use rustix::io::Errno;

use crate::protocol::KeptKind;

use super::kept::{self, KeepSpec, WhenUnkept};
use super::not_kept::{FileAtStake, NotKept};
use super::unkept::{Unkept, UnkeptReason};
use super::work_folder::{PLACE, WorkFolder};

/// Bytes that are copied for one command, where the disk cannot share them.
const COPIED: u64 = 256 << 20;
/// Bytes that are kept of one command in any way, and files.
const KEPT: (u64, u32) = (2 << 30, 100_000);
/// A copy that is not whole yet.
const DRAFT: &str = "draft";
const PIECE: usize = 64 << 20;
/// Folders within folders that are looked into when one leaves.
const DEEPEST: usize = 128;

/// The effect of a call on the file that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Its content may be another afterwards.
    Overwrites,
    /// The name goes.
    Removes,
}

/// Keeps for one command.
#[derive(Debug)]
pub struct Keeper {
    folder: WorkFolder,
    /// `None` where it could not be made.
    store: Option<OwnedFd>,
    otherwise: WhenUnkept,
    /// When the command began: what came into being later is its own. In nanoseconds since 1970;
    /// none where the disk's clock may be another's.
    began: Option<i64>,
    /// Files by device and inode.
    linked: HashSet<[u64; 2]>,
    copied: HashSet<[u64; 2]>,
    left: Allowance,
}

#[derive(Debug)]
struct Allowance {
    to_copy: u64,
    to_keep: u64,
    files: u32,
}

impl Keeper {
    /// To be called before the command begins. `folder` with links followed.
    pub fn begin(spec: &KeepSpec, folder: &Path) -> Self {
        let made = std::fs::DirBuilder::new().mode(0o700).create(&spec.store);
        let opened = made.and_then(|()| Ok(openat(CWD, &spec.store, PLACE, Mode::empty())?));
        let folder = WorkFolder::open(folder, &spec.exempt);
        let has_own_clock = folder.root().is_some_and(|place| {
            fstatfs(place).is_ok_and(|about| {
                u64::try_from(about.f_type).is_ok_and(|kind| LOCAL.contains(&kind))
            })
        });
        Self {
            folder,
            store: opened.ok(),
            otherwise: spec.otherwise,
            began: has_own_clock.then(now),
            linked: HashSet::new(),
            copied: HashSet::new(),
            left: Allowance { to_copy: COPIED, to_keep: KEPT.0, files: KEPT.1 },
        }
    }

    /// Before a call that does this to a file by its real path. The error says that the call must
    /// not go on.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be kept; the call must not go on then.
    pub fn before(&mut self, loss: Loss, path: &[u8]) -> Result<(), Unkept> {
        let Some((folder, name)) = self.folder.find(path) else { return Ok(()) };
        let kept = folder.and_then(|folder| self.keep(loss, &folder, name));
        self.outcome(kept, path)
    }

    /// Before a file or folder is renamed, and replaces nothing: it may leave with all that is
    /// below it.
    ///
    /// # Errors
    ///
    /// Fails if something that would leave the folder cannot be kept; the call must not go on then.
    pub fn before_move(&mut self, from: &[u8], to: &[u8]) -> Result<(), Unkept> {
        // Within the folder it is still there.
        if self.folder.find(to).is_some() {
            return Ok(());
        }
        let Some((folder, name)) = self.folder.find(from) else { return Ok(()) };
        let kept = folder.and_then(|folder| self.keep_tree(&folder, name, from, DEEPEST));
        self.outcome(kept, from)
    }

    /// A name may lead elsewhere from now on.
    pub fn forget(&mut self) {
        self.folder.forget();
    }

    /// The fate, from now on, of a call that would destroy a file that cannot be kept.
    pub fn otherwise(&self) -> WhenUnkept {
        self.otherwise
    }

    /// The same from now on.
    pub fn decide(&mut self, otherwise: WhenUnkept) {
        self.otherwise = otherwise;
    }

    fn outcome(&self, kept: Result<(), NotKept>, path: &[u8]) -> Result<(), Unkept> {
        match kept {
            Err(NotKept::Refused(why, file)) if self.otherwise != WhenUnkept::GoOn => {
                let FileAtStake { below, length } = file.unwrap_or_default();
                let name = [self.folder.name(path), &below].concat();
                Err(Unkept { name: String::from_utf8_lossy(&name).into_owned(), length, why })
            }
            // A file that is gone already is not lost by this call.
            Ok(()) | Err(NotKept::Gone | NotKept::Refused(..)) => Ok(()),
        }
    }

    fn keep_tree(
        &mut self,
        folder: &OwnedFd,
        name: &[u8],
        path: &[u8],
        depth: usize,
    ) -> Result<(), NotKept> {
        let about = look(folder, name)?;
        if FileType::from_raw_mode(about.stx_mode.into()) != FileType::Directory {
            return self.keep(Loss::Removes, folder, name);
        }
        if depth == 0 {
            return Err(NotKept::Refused(UnkeptReason::Files, None));
        }
        if self.folder.is_exempt(path) {
            return Ok(());
        }
        let place = openat(folder, name, PLACE | OFlags::NOFOLLOW, Mode::empty())?;
        let names = openat(&place, c".", PLACE.difference(OFlags::PATH), Mode::empty())?;
        for entry in Dir::new(names)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if !matches!(name, b"." | b"..") {
                let below = [path, b"/", name].concat();
                match self.keep_tree(&place, name, &below, depth - 1) {
                    Err(NotKept::Gone) => {}
                    Err(NotKept::Refused(why, file)) => {
                        let FileAtStake { below, length } = file.unwrap_or_default();
                        let below = [b"/", name, &below].concat();
                        return Err(NotKept::Refused(why, Some(FileAtStake { below, length })));
                    }
                    Ok(()) => {}
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, loss: Loss, folder: &OwnedFd, name: &[u8]) -> Result<(), NotKept> {
        let about = look(folder, name)?;
        if !self.is_at_stake(&about) {
            return Ok(());
        }
        let node = node(&about);
        if self.copied.contains(&node) || loss == Loss::Removes && self.linked.contains(&node) {
            return Ok(());
        }
        self.take(loss, folder, name, &about).map_err(|not_kept| match not_kept {
            NotKept::Gone => NotKept::Gone,
            NotKept::Refused(why, _) => {
                let file = FileAtStake { below: Vec::new(), length: about.stx_size };
                NotKept::Refused(why, Some(file))
            }
        })
    }

    fn take(
        &mut self,
        loss: Loss,
        folder: &OwnedFd,
        name: &[u8],
        about: &Statx,
    ) -> Result<(), NotKept> {
        let (node, length) = (node(about), about.stx_size);
        let Allowance { to_copy, to_keep, files } = self.left;
        if files == 0 {
            return Err(UnkeptReason::Files.into());
        }
        if length > to_keep {
            return Err(UnkeptReason::Kept.into());
        }
        let store = self.store.as_ref().ok_or(UnkeptReason::Failed)?;
        if loss == Loss::Removes {
            let to = kept_name(KeptKind::Link, about);
            match linkat(folder, name, store, to, AtFlags::empty()) {
                Ok(()) | Err(Errno::EXIST) => {
                    self.linked.insert(node);
                    self.left.spend(length, 0);
                    return Ok(());
                }
                Err(Errno::NOENT) => return Err(NotKept::Gone),
                // On another disk, or nobody's own: a copy is as good.
                Err(_no_links_here) => {}
            }
        }
        let copied = copy(store, folder, name, about, to_copy)?;
        self.copied.insert(node);
        self.left.spend(length, copied);
        Ok(())
    }

    /// Whether there is something to lose: a content from before the command.
    fn is_at_stake(&self, about: &Statx) -> bool {
        let is_own = self.began.is_some_and(|began| {
            has(about, StatxFlags::BTIME) && nanoseconds(&about.stx_btime) > began
        });
        FileType::from_raw_mode(about.stx_mode.into()) == FileType::RegularFile
            && about.stx_size > 0
            && !is_own
    }
}

impl Allowance {
    fn spend(&mut self, length: u64, copied: u64) {
        self.to_keep = self.to_keep.saturating_sub(length);
        self.to_copy = self.to_copy.saturating_sub(copied);
        self.files = self.files.saturating_sub(1);
    }
}

/// Disks that stamp files by the clock of this machine: those of `statfs(2)`.
const LOCAL: [u64; 7] =
    [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0xf2f5_2010, 0x2fc1_2fc1, 0x794c_7630];

/// Makes a copy under its whole name once it is whole. How many bytes the disk does not share.
fn copy(
    store: &OwnedFd,
    folder: &OwnedFd,
    name: &[u8],
    about: &Statx,
    most: u64,
) -> Result<u64, NotKept> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let from = File::from(openat(folder, name, flags, Mode::empty())?);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
    let to = openat(store, DRAFT, flags, Mode::RUSR | Mode::WUSR)?;
    let copied = match ioctl_ficlone(&to, &from) {
        Ok(()) => 0,
        Err(_nothing_is_shared) if about.stx_size > most => {
            return Err(UnkeptReason::Copied.into());
        }
        Err(_nothing_is_shared) => copy_bytes(from, File::from(to), about.stx_size)?,
    };
    renameat(store, DRAFT, store, kept_name(KeptKind::Copy, about))?;
    Ok(copied)
}

fn copy_bytes(mut from: File, mut to: File, length: u64) -> Result<u64, NotKept> {
    let mut copied = 0;
    while copied < length {
        match copy_file_range(&from, None, &to, None, PIECE) {
            Ok(0) => break,
            Ok(more) => copied += more as u64,
            Err(Errno::INTR) => {}
            // Between disks, or where the system cannot copy by itself.
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                copied += io::copy(&mut from, &mut to)?;
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(copied)
}

fn look(folder: impl AsFd, name: &[u8]) -> Result<Statx, NotKept> {
    let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
    Ok(statx(folder, name, AtFlags::SYMLINK_NOFOLLOW, wanted)?)
}

fn kept_name(kind: KeptKind, about: &Statx) -> String {
    kept::name(kind, node(about), about.stx_size, nanoseconds(&about.stx_mtime))
}

fn node(about: &Statx) -> [u64; 2] {
    [rustix::fs::makedev(about.stx_dev_major, about.stx_dev_minor), about.stx_ino]
}

fn has(about: &Statx, what: StatxFlags) -> bool {
    about.stx_mask & what.bits() != 0
}

fn nanoseconds(time: &rustix::fs::StatxTimestamp) -> i64 {
    time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec.into())
}

/// By the finer clock: a file that was made a moment ago must not seem to come later.
fn now() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec)
}
