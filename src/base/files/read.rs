//! Reads a file whole: never waits on a pipe, and never reads a device or a giant to its end.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The bytes of a regular file of at most `largest` bytes. Links are followed; a missing file is [`ErrorKind::NotFound`].
pub fn read(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    read_open(File::open(path)?, largest)
}

/// The same of a file that holds a secret: one that other users may read or write is refused.
pub fn read_private(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let file = File::open(path)?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o077 != 0 {
        let why = format!(
            "other users may read or change it: `chmod 600 {}` keeps it to you",
            path.display()
        );
        return Err(io::Error::new(ErrorKind::PermissionDenied, why));
    }
    read_open(file, largest)
}

/// The same of a file that is open.
pub fn read_open(file: File, largest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 <= largest {
        true => Ok(bytes),
        false => Err(io::Error::new(
            ErrorKind::FileTooLarge,
            format!("it is larger than {largest} bytes"),
        )),
    }
}
