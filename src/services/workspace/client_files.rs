//! Files read and changed for clients that sit elsewhere.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::base::{Timestamp, files};
use crate::protocol::{FileFacts, FileWork, FolderEntry, Reply};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 32 << 20;

/// The reason why work on a client's files failed, in words that the client may show.
#[derive(Debug)]
pub enum ClientFileError {
    /// A folder was to be copied into itself, which would never end.
    IntoItself,
    /// A path that was to be read leads to no regular file.
    NotAFile,
    /// A path leads to a pipe, a socket or a device, on which a read or write may never end.
    NotRegular {
        /// The path.
        path: PathBuf,
    },
    /// A folder was to be copied without `recursive`.
    NotRecursive,
    /// The system refused.
    System {
        /// The system's words.
        source: io::Error,
    },
    /// The file has more bytes than are read.
    TooLarge,
}

impl fmt::Display for ClientFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IntoItself => f.write_str("a folder cannot be copied into itself"),
            Self::NotAFile => f.write_str("it is not a file"),
            Self::NotRegular { path } => write!(f, "`{}` is not a regular file", path.display()),
            Self::NotRecursive => f.write_str("a folder is copied with `recursive` alone"),
            Self::System { source } => source.fmt(f),
            Self::TooLarge => write!(f, "the file has more than {LARGEST} bytes"),
        }
    }
}

impl std::error::Error for ClientFileError {}

impl From<io::Error> for ClientFileError {
    fn from(source: io::Error) -> Self {
        Self::System { source }
    }
}

/// Does the work, and returns the answer to it. Blocks on the disk.
///
/// # Errors
///
/// Fails if the system refuses, for a file that is too large or not regular, and for a folder that
/// would be copied into itself.
pub fn perform(work: FileWork) -> Result<Reply, ClientFileError> {
    match work {
        FileWork::Copy { from, to, recursive } => {
            match fs::symlink_metadata(&from)?.is_dir() {
                true if recursive => copy_folder(&from, &to)?,
                true => return Err(ClientFileError::NotRecursive),
                false => copy_file(&from, &to)?,
            }
            Ok(Reply::Done)
        }
        FileWork::CreateFolder { path, recursive } => {
            match recursive {
                true => fs::create_dir_all(&path)?,
                false => fs::create_dir(&path)?,
            }
            Ok(Reply::Done)
        }
        FileWork::Inspect(path) => Ok(Reply::FileFacts(inspect(&path)?)),
        FileWork::List(path) => Ok(Reply::FolderEntries(list(&path)?)),
        FileWork::Read(path) => Ok(Reply::FileContent(read(&path)?)),
        FileWork::Remove { path, recursive, force } => match remove(&path, recursive) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && force => Ok(Reply::Done),
            removed => Ok(removed.map(|()| Reply::Done)?),
        },
        FileWork::Write { path, content } => {
            check_regular(&path)?;
            fs::write(&path, content)?;
            Ok(Reply::Done)
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ClientFileError> {
    let found = fs::metadata(path)?;
    if !found.is_file() {
        return Err(ClientFileError::NotAFile);
    }
    if found.len() > LARGEST {
        return Err(ClientFileError::TooLarge);
    }
    // With room for the end to be noticed without growing.
    let mut content = Vec::with_capacity(found.len() as usize + 32);
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut content)?;
    match content.len() as u64 > LARGEST {
        true => Err(ClientFileError::TooLarge),
        false => Ok(content),
    }
}

fn inspect(path: &Path) -> io::Result<FileFacts> {
    let (link, found) = (fs::symlink_metadata(path)?, fs::metadata(path)?);
    Ok(FileFacts {
        is_file: found.is_file(),
        is_folder: found.is_dir(),
        is_link: link.is_symlink(),
        created: files::born(path).and_then(timestamp),
        changed: found.modified().ok().and_then(timestamp),
    })
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp(since.as_millis().try_into().ok()?))
}

fn list(path: &Path) -> io::Result<Vec<FolderEntry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let found = fs::metadata(entry.path()).or_else(|_gone| entry.metadata())?;
        entries.push(FolderEntry {
            name: entry.file_name().to_string_lossy().into_owned(),
            is_folder: found.is_dir(),
            is_file: found.is_file(),
        });
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

fn remove(path: &Path, recursive: bool) -> io::Result<()> {
    match fs::symlink_metadata(path)? {
        found if found.is_dir() && recursive => fs::remove_dir_all(path),
        found if found.is_dir() => fs::remove_dir(path),
        _ => fs::remove_file(path),
    }
}

/// Fails for pipes, sockets and devices, on which a read or write may never end.
fn check_regular(path: &Path) -> Result<(), ClientFileError> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(ClientFileError::NotRegular { path: path.to_owned() }),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn copy_file(from: &Path, to: &Path) -> Result<(), ClientFileError> {
    check_regular(from)?;
    check_regular(to)?;
    fs::copy(from, to)?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), ClientFileError> {
    let (real, parent) = (from.canonicalize()?, to.parent().unwrap_or(to).canonicalize()?);
    if parent.starts_with(&real) {
        return Err(ClientFileError::IntoItself);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()? {
            kind if kind.is_dir() => copy_folder(&entry.path(), &target)?,
            _ => copy_file(&entry.path(), &target)?,
        }
    }
    Ok(())
}
