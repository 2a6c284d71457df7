//! Reads a file whole: never waits on a pipe, and never reads a device or a giant to its end.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The bytes of a regular file of at most `largest` bytes. Links are followed; a missing file is [`ErrorKind::NotFound`].
pub fn read(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    File::open(path)?.take(largest.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 <= largest {
        true => Ok(bytes),
        false => Err(io::Error::new(
            ErrorKind::FileTooLarge,
            format!("it is larger than {largest} bytes"),
        )),
    }
}
