//! A release's archive: reads one file of a gzip-compressed tar in the ustar format (POSIX.1-2017,
//! `pax`), as `packaging/build.sh` writes it.

use std::io::{self, Read};

use flate2::read::GzDecoder;

use super::error::UpdateError;

/// A header, and the unit that contents are filled up to.
const BLOCK: usize = 512;
/// The largest program that is taken out of an archive, in bytes.
const LARGEST: u64 = 256 << 20;

/// Returns the contents of the file with this name in the archive.
///
/// # Errors
///
/// [`UpdateError::Archive`] if the archive is damaged or has no such file.
pub fn file(archive: &[u8], name: &str) -> Result<Vec<u8>, UpdateError> {
    let damaged = |error: io::Error| UpdateError::Archive { reason: error.to_string() };
    let mut unpacked = GzDecoder::new(archive);
    loop {
        let mut header = [0; BLOCK];
        unpacked.read_exact(&mut header).map_err(damaged)?;
        // A block of zeros ends the archive.
        if header.iter().all(|byte| *byte == 0) {
            return Err(UpdateError::Archive { reason: format!("it has no `{name}`") });
        }
        let entry = Entry::of(&header).ok_or_else(|| damaged(io::ErrorKind::InvalidData.into()))?;
        if entry.name == name && entry.is_file {
            if entry.size > LARGEST {
                return Err(UpdateError::Archive { reason: format!("`{name}` is too large") });
            }
            let mut content = Vec::new();
            (&mut unpacked).take(entry.size).read_to_end(&mut content).map_err(damaged)?;
            return match content.len() as u64 == entry.size {
                true => Ok(content),
                false => Err(damaged(io::ErrorKind::UnexpectedEof.into())),
            };
        }
        let filled = entry.size.div_ceil(BLOCK as u64) * BLOCK as u64;
        let passed = io::copy(&mut (&mut unpacked).take(filled), &mut io::sink());
        if passed.map_err(damaged)? < filled {
            return Err(damaged(io::ErrorKind::UnexpectedEof.into()));
        }
    }
}

struct Entry {
    name: String,
    size: u64,
    is_file: bool,
}

impl Entry {
    /// Reads a header; `None` if its checksum or its size is wrong.
    fn of(header: &[u8; BLOCK]) -> Option<Self> {
        // The checksum's own field counts as spaces.
        let counted = |(at, byte): (usize, &u8)| match at {
            148..156 => u64::from(b' '),
            _ => u64::from(*byte),
        };
        let sum: u64 = header.iter().enumerate().map(counted).sum();
        if octal(&header[148..156])? != sum {
            return None;
        }
        let (name, prefix) = (text(&header[..100]), text(&header[345..500]));
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let size = octal(&header[124..136]).filter(|size| *size < 1 << 40)?;
        Some(Self { name, size, is_file: matches!(header[156], 0 | b'0') })
    }
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

fn octal(field: &[u8]) -> Option<u64> {
    let digits = text(field);
    u64::from_str_radix(digits.trim(), 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARCHIVE: &[u8] =
        include_bytes!("fixtures/codling-9.0.0-x86_64-unknown-linux-musl.tar.gz");
    const PROGRAM: &str = "codling-9.0.0-x86_64-unknown-linux-musl/codling";

    #[test]
    fn one_file_is_read_out_of_an_archive() {
        let program = file(ARCHIVE, PROGRAM).unwrap();
        assert_eq!(program, b"#!/bin/sh\necho codling 9.0.0\n");
    }

    #[test]
    fn an_archive_without_the_file_or_with_damage_is_refused() {
        let refused = |archive: &[u8], name| file(archive, name).unwrap_err().to_string();
        assert!(refused(ARCHIVE, "codling").contains("it has no `codling`"));
        // A folder is no program.
        assert!(refused(ARCHIVE, "codling-9.0.0-x86_64-unknown-linux-musl/").contains("it has no"));
        for length in [0, 10, ARCHIVE.len() / 2] {
            file(&ARCHIVE[..length], PROGRAM).unwrap_err();
        }
        file(b"#!/bin/sh", PROGRAM).unwrap_err();
    }
}
