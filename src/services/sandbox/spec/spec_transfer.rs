//! How a command spec goes from process to process: as words through a pipe, a socket or a file in
//! memory, since everybody on the machine can read the arguments of a process
//! (`/proc/PID/cmdline`). Knows no word's meaning.

use std::ffi::{OsStr, OsString};
use std::io;
#[cfg(any(target_os = "linux", test))]
use std::io::Write;
use std::os::fd::AsFd;
#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

/// A spec is much shorter.
const MOST: usize = 64 << 20;
/// Before the words: how many bytes they are, as a little-endian number.
const LENGTH: usize = 8;

/// Words as they are sent: their length in bytes, then each with a NUL behind it.
///
/// # Errors
///
/// Fails with `InvalidInput` if a word holds a NUL, which would make two of it.
pub fn packed(words: &[OsString]) -> io::Result<Vec<u8>> {
    if words.iter().any(|word| word.as_bytes().contains(&0)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a NUL is part of it"));
    }
    let length = words.iter().map(|word| word.len() + 1).sum::<usize>();
    let mut bytes = Vec::with_capacity(LENGTH + length);
    bytes.extend(u64::try_from(length).unwrap_or(u64::MAX).to_le_bytes());
    for word in words {
        bytes.extend(word.as_bytes());
        bytes.push(0);
    }
    Ok(bytes)
}

/// Waits for all of what [`packed`] made, and reads not a byte beyond them.
///
/// # Errors
///
/// Fails if the other end closes too early, or with `InvalidData` if this is not what [`packed`]
/// made.
pub fn receive(from: impl AsFd) -> io::Result<Vec<OsString>> {
    let mut length = [0; LENGTH];
    read_exact(&from, &mut length)?;
    let length = usize::try_from(u64::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > MOST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut words = vec![0; length];
    read_exact(&from, &mut words)?;
    match words.split_last() {
        None => Ok(Vec::new()),
        Some((0, words)) => Ok(words
            .split(|byte| *byte == 0)
            .map(|word| OsStr::from_bytes(word).to_owned())
            .collect()),
        Some(_) => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// A file in memory from which the words can be received.
///
/// # Errors
///
/// Fails if a word holds a NUL, or if the system gives no file in memory.
#[cfg(target_os = "linux")]
pub fn in_memory(words: &[OsString]) -> io::Result<OwnedFd> {
    use rustix::fs::{MemfdFlags, memfd_create};

    let mut file = std::fs::File::from(memfd_create("spec", MemfdFlags::CLOEXEC)?);
    file.write_all(&packed(words)?)?;
    io::Seek::rewind(&mut file)?;
    Ok(file.into())
}

/// Without a buffer, which could take what comes after.
fn read_exact(from: impl AsFd, mut into: &mut [u8]) -> io::Result<()> {
    while !into.is_empty() {
        match rustix::io::read(&from, &mut *into) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => into = &mut into[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn words(all: &[&str]) -> Vec<OsString> {
        all.iter().map(OsString::from).collect()
    }

    #[test]
    fn words_arrive_as_they_were_and_what_follows_is_left() {
        let long = "x".repeat(1 << 20);
        for all in [&[][..], &[""], &["", ""], &["a b", "", "ö\n'\""], &[&long, "end"]] {
            let (mut reader, mut writer) = io::pipe().unwrap();
            let sent = words(all);
            let sender = std::thread::spawn(move || {
                writer.write_all(&packed(&sent).unwrap()).unwrap();
                writer.write_all(b"more").unwrap();
            });
            assert_eq!(receive(&reader).unwrap(), words(all));
            let mut rest = String::new();
            reader.read_to_string(&mut rest).unwrap();
            assert_eq!(rest, "more");
            sender.join().unwrap();
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_in_memory_holds_them() {
        assert_eq!(receive(in_memory(&words(&["a", ""])).unwrap()).unwrap(), words(&["a", ""]));
    }

    #[test]
    fn what_is_not_whole_is_not_received() {
        assert!(packed(&words(&["sh", "a\0b"])).is_err());
        let whole = packed(&words(&["sh", "-c", "true"])).unwrap();
        let mut unended = whole.clone();
        *unended.last_mut().unwrap() = b'x';
        for bytes in [&[][..], &whole[..4], &whole[..whole.len() - 1], &unended, &[0xff; 16]] {
            let (reader, mut writer) = io::pipe().unwrap();
            writer.write_all(bytes).unwrap();
            drop(writer);
            assert!(receive(&reader).is_err(), "{bytes:?}");
        }
    }
}
