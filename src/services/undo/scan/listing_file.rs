//! A listing as a file, so that what a command changed can still be told after the program was
//! killed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::protocol::Stamp;

use super::listing::{FolderListing, FolderTree, ListedName, ListingCompleteness};
use super::stat::{FileStat, StatKind};

const HEAD: &[u8] = b"codling listing 2\n";

pub fn encode(listing: &FolderTree) -> Vec<u8> {
    let names = listing.names();
    let mut bytes = Vec::with_capacity(HEAD.len() + names * 96 + listing.folders.len() * 64);
    bytes.extend_from_slice(HEAD);
    for (folder, names) in &listing.folders {
        text(&mut bytes, folder.as_os_str());
        bytes.push(u8::from(names.seen == ListingCompleteness::All));
        bytes.extend(u32::try_from(names.names.len()).unwrap_or(u32::MAX).to_le_bytes());
        for ListedName { name, stat, target } in &names.names {
            text(&mut bytes, name);
            text(&mut bytes, target.as_ref().map_or(OsStr::new(""), |target| target.as_os_str()));
            let FileStat { kind, mode, owner, links, stamp } = stat;
            bytes.push(match kind {
                StatKind::File => b'f',
                StatKind::Folder => b'd',
                StatKind::Link => b'l',
                StatKind::Special => b's',
            });
            for number in [*mode, owner[0], owner[1]] {
                bytes.extend(number.to_le_bytes());
            }
            let Stamp { device, inode, length, modified, changed } = *stamp;
            for number in
                [*links, device, inode, length, modified.cast_unsigned(), changed.cast_unsigned()]
            {
                bytes.extend(number.to_le_bytes());
            }
        }
    }
    bytes
}

/// `None` where it is not whole.
pub fn decode(bytes: &[u8]) -> Option<FolderTree> {
    let mut rest = Rest(bytes.strip_prefix(HEAD)?);
    let mut listing = FolderTree::default();
    while !rest.0.is_empty() {
        let folder = PathBuf::from(rest.text()?);
        let seen =
            if rest.take(1)? == [1] { ListingCompleteness::All } else { ListingCompleteness::Some };
        let count = rest.word()?;
        let mut names = Vec::new();
        for _ in 0..count {
            let name = rest.text()?.to_owned().into_boxed_os_str();
            let target = Some(rest.text()?)
                .filter(|target| !target.is_empty())
                .map(|target| Path::new(target).into());
            let kind = match rest.take(1)? {
                b"f" => StatKind::File,
                b"d" => StatKind::Folder,
                b"l" => StatKind::Link,
                b"s" => StatKind::Special,
                _ => return None,
            };
            let (mode, owner, links) = (rest.word()?, [rest.word()?, rest.word()?], rest.number()?);
            let stamp = Stamp {
                device: rest.number()?,
                inode: rest.number()?,
                length: rest.number()?,
                modified: rest.number()?.cast_signed(),
                changed: rest.number()?.cast_signed(),
            };
            names.push(ListedName {
                name,
                stat: FileStat { kind, mode, owner, links, stamp },
                target,
            });
        }
        listing.folders.insert(Arc::from(folder), Arc::new(FolderListing { names, seen }));
    }
    Some(listing)
}

fn text(bytes: &mut Vec<u8>, text: &OsStr) {
    let text = text.as_encoded_bytes();
    bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(text);
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn word(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn number(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    #[cfg(unix)]
    fn text(&mut self) -> Option<&'a OsStr> {
        use std::os::unix::ffi::OsStrExt;
        let length = usize::try_from(self.word()?).ok()?;
        self.take(length).map(OsStr::from_bytes)
    }

    #[cfg(not(unix))]
    fn text(&mut self) -> Option<&'a OsStr> {
        let length = usize::try_from(self.word()?).ok()?;
        self.take(length).and_then(|bytes| std::str::from_utf8(bytes).ok()).map(OsStr::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::undo::scan::walk::{SnapshotRoots, scan};

    #[test]
    fn a_listing_comes_back_as_it_was_and_a_damaged_one_does_not() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b ö\n")).unwrap();
        std::fs::write(dir.path().join("a/b ö\n/c"), "x").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("a/gone", dir.path().join("link")).unwrap();
        let scope = SnapshotRoots::new(dir.path().to_owned(), Vec::new());
        let listing = scan(&scope, None);
        let bytes = encode(&listing);
        assert_eq!(decode(&bytes), Some(listing));
        for cut in HEAD.len() + 1..bytes.len() {
            assert!(decode(&bytes[..cut]).is_none_or(|cut| cut != scan(&scope, None)), "{cut}");
        }
        assert_eq!(decode(b"something else"), None);
    }
}
