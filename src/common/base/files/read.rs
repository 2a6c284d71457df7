//! Reading whole files without waiting on a pipe, and without reading devices or huge files.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Reads a regular file of at most `largest` bytes, following links.
///
/// # Errors
///
/// [`ErrorKind::NotFound`] if it is missing; an error if it is no regular file or too large.
pub fn read(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    read_open(File::open(path)?, largest)
}

/// Reads a file that holds a secret.
///
/// # Errors
///
/// As [`read()`], and if other users may read or write it.
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

/// Reads a file that is already open.
///
/// # Errors
///
/// As [`read()`].
pub fn read_open(file: File, largest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // The file may grow meanwhile.
    file.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 <= largest {
        true => Ok(bytes),
        false => Err(io::Error::new(
            ErrorKind::FileTooLarge,
            format!("it is larger than {largest} bytes"),
        )),
    }
}
