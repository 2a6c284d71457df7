//! Extended attributes of files and folders, access control lists among them. A disk without
//! support for them reports none.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;

/// Attribute values by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(BTreeMap<OsString, Vec<u8>>);

/// The access control list: rights beyond those of the owner and the group.
const ACCESS: &str = "system.posix_acl_access";
/// Attributes that the kernel computes from the content.
const MEASURED: [&str; 2] = ["security.evm", "security.ima"];
/// Attributes that define rights: the access control list, a folder's default for new files in it,
/// and a program's capabilities.
#[cfg(not(target_os = "macos"))]
const GIVEN: [&str; 3] = [ACCESS, "system.posix_acl_default", "security.capability"];
/// Tags of the owning group and of the mask in an access control list.
const GROUP: u16 = 0x04;
const MASK: u16 = 0x10;

impl<const COUNT: usize> From<[(&str, Vec<u8>); COUNT]> for Attributes {
    fn from(all: [(&str, Vec<u8>); COUNT]) -> Self {
        Self(all.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl Attributes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps only the attributes that a person or a program set; drops the system's labels.
    pub fn given(mut self) -> Self {
        self.0.retain(|name, _| is_given(name));
        self
    }

    /// Serializes all attributes; equal attributes give equal bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, value) in &self.0 {
            for part in [name.as_encoded_bytes(), value] {
                bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
                bytes.extend_from_slice(part);
            }
        }
        bytes
    }

    /// Reads the output of [`Attributes::bytes`]; `None` if it is damaged.
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut part = || {
            let (length, rest) = bytes.split_first_chunk::<4>()?;
            let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            bytes = rest;
            Some((part.to_vec(), rest.is_empty()))
        };
        let mut all = BTreeMap::new();
        loop {
            let (name, _) = part()?;
            let (value, is_last) = part()?;
            all.insert(name_of(name)?, value);
            if is_last {
                return Some(Self(all));
            }
        }
    }

    /// The owning group's rights (`rwx` bits) if an access control list states them. The group bits
    /// of the mode are then the list's mask.
    pub fn group_rights(&self) -> Option<u32> {
        let list = self.0.get(OsStr::new(ACCESS))?;
        let entries = || list.get(4..).unwrap_or_default().chunks_exact(8);
        let rights = |tag: u16| {
            let entry = entries().find(|entry| entry[..2] == tag.to_le_bytes())?;
            Some(u32::from(u16::from_le_bytes([entry[2], entry[3]])) & 7)
        };
        Some(rights(GROUP)? & rights(MASK).unwrap_or(7))
    }

    /// Narrows a mode for a file that does not get this access control list, so that nobody gains
    /// rights.
    pub fn narrowed(&self, mode: u32) -> u32 {
        self.group_rights().map_or(mode, |rights| mode & !0o070 | rights << 3)
    }
}

#[cfg(not(target_os = "macos"))]
fn is_given(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"user.") || GIVEN.iter().any(|given| name == *given)
}

#[cfg(target_os = "macos")]
fn is_given(name: &OsStr) -> bool {
    name != "com.apple.provenance"
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere names have rules")]
fn name_of(bytes: Vec<u8>) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt;
    Some(OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn name_of(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(Into::into)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod on_disk {
    use std::io::ErrorKind;
    use std::os::fd::AsFd;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr, llistxattr};
    use rustix::io::Errno;

    use super::*;

    /// The limit in bytes for one value, and for the list of names; no disk allows more.
    const LARGEST: usize = 1 << 16;

    impl Attributes {
        /// Whether a file or folder has attributes that somebody set; also true if they cannot be
        /// read.
        pub fn are_given_at(path: &Path) -> bool {
            let mut room = [0; 512];
            match llistxattr(path, &mut room) {
                Ok(length) => room[..length]
                    .split(|byte| *byte == 0)
                    .any(|name| !name.is_empty() && is_given(OsStr::from_bytes(name))),
                Err(Errno::NOTSUP | Errno::NOSYS | Errno::PERM) => false,
                Err(_more_than_that) => true,
            }
        }

        /// Reads the attributes of an open file or folder.
        ///
        /// # Errors
        ///
        /// The system call's error; a disk without attributes gives an empty set instead.
        pub fn of(file: impl AsFd) -> io::Result<Self> {
            let file = file.as_fd();
            let mut all = BTreeMap::new();
            for name in names(file)? {
                match value(file, &name) {
                    Ok(value) => drop(all.insert(name, value)),
                    // It was removed after it was listed.
                    Err(error) if is_missing(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(Self(all))
        }

        /// Gives an open file or folder these attributes and removes others, such as inherited
        /// ones. Returns the names that could not be changed.
        ///
        /// # Errors
        ///
        /// Any failure to list the present attributes.
        pub fn give_to(&self, file: impl AsFd) -> io::Result<Vec<OsString>> {
            let file = file.as_fd();
            let mut refused = Vec::new();
            for name in names(file)?.into_iter().filter(|name| !self.0.contains_key(name)) {
                // A label of the system belongs to the location as well as to the file.
                let is_ours = name == ACCESS || name.as_bytes().starts_with(b"user.");
                if is_ours && fremovexattr(file, &*name).is_err() {
                    refused.push(name);
                }
            }
            for (name, wanted) in &self.0 {
                let is_measured = MEASURED.iter().any(|measured| name == measured);
                if is_measured || value(file, name).is_ok_and(|found| found == *wanted) {
                    continue;
                }
                if fsetxattr(file, &**name, wanted, XattrFlags::empty()).is_err() {
                    refused.push(name.clone());
                }
            }
            Ok(refused)
        }
    }

    fn names(file: rustix::fd::BorrowedFd<'_>) -> io::Result<Vec<OsString>> {
        // Nearly all files have none, or few.
        let mut room = vec![0; 512];
        let length = match flistxattr(file, &mut room) {
            Err(Errno::RANGE) => {
                room = vec![0; LARGEST];
                flistxattr(file, &mut room)
            }
            listed => listed,
        };
        let length = match length {
            Err(Errno::NOTSUP | Errno::NOSYS | Errno::PERM) => 0,
            length => length?,
        };
        let names = room[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| OsStr::from_bytes(name).to_owned()).collect())
    }

    fn value(file: rustix::fd::BorrowedFd<'_>, name: &OsStr) -> io::Result<Vec<u8>> {
        let mut room = vec![0; LARGEST];
        let length = fgetxattr(file, name, &mut room)?;
        room.truncate(length);
        Ok(room)
    }

    fn is_missing(error: &io::Error) -> bool {
        error.raw_os_error().is_some_and(|number| {
            number == Errno::NODATA.raw_os_error() || error.kind() == ErrorKind::NotFound
        })
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
impl Attributes {
    /// Whether files in this folder can have attributes: on this system none can.
    pub fn are_given_at(_path: &std::path::Path) -> bool {
        false
    }

    /// No attributes: this system has none.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn of<T>(_file: T) -> io::Result<Self> {
        Ok(Self::default())
    }

    /// Gives nothing, and returns the empty list of attributes that were refused.
    ///
    /// # Errors
    ///
    /// Never fails.
    pub fn give_to<T>(&self, _file: T) -> io::Result<Vec<OsString>> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, &[u8])]) -> Attributes {
        Attributes(pairs.iter().map(|(name, value)| ((*name).into(), value.to_vec())).collect())
    }

    #[test]
    fn they_are_the_same_after_they_were_bytes() {
        for pairs in [&[("user.a", b"x".as_slice())][..], &[("user.a", b""), ("user.b", b"\0\x01")]]
        {
            let all = attributes(pairs);
            let bytes = all.bytes();
            assert_eq!(Attributes::from_bytes(&bytes).unwrap(), all);
            for cut in 0..bytes.len() {
                assert_ne!(Attributes::from_bytes(&bytes[..cut]), Some(all.clone()));
            }
        }
    }

    #[test]
    fn without_its_list_a_file_lets_the_group_do_no_more_than_with_it() {
        let entry = |tag: u16, rights: u16| {
            [tag.to_le_bytes(), rights.to_le_bytes(), [0xff; 2], [0xff; 2]].concat()
        };
        let list = |mask: u16, group: u16| {
            [
                vec![2, 0, 0, 0],
                entry(1, 6),
                entry(2, 6),
                entry(GROUP, group),
                entry(MASK, mask),
                entry(32, 4),
            ]
            .concat()
        };
        for (mask, group, mode, narrowed) in
            [(6, 4, 0o664, 0o644), (6, 0, 0o660, 0o600), (4, 7, 0o644, 0o644)]
        {
            let list = list(mask, group);
            assert_eq!(attributes(&[(ACCESS, &list)]).narrowed(mode), narrowed, "{mode:o}");
        }
        assert_eq!(attributes(&[("user.a", b"x")]).narrowed(0o664), 0o664);
        assert_eq!(attributes(&[(ACCESS, b"")]).narrowed(0o664), 0o664);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_has_those_that_it_is_given_and_no_others() {
        let file = tempfile::tempfile().unwrap();
        let one = attributes(&[("user.a", b"x"), ("user.b", &[7; 4_000])]);
        let refused = one.give_to(&file).unwrap();
        assert_eq!(refused.len(), 0, "the disk of temporary files keeps no attributes: set TMPDIR");
        assert_eq!(Attributes::of(&file).unwrap(), one);
        assert!(attributes(&[("user.a", b"y")]).give_to(&file).unwrap().is_empty());
        assert_eq!(Attributes::of(&file).unwrap(), attributes(&[("user.a", b"y")]));
        let unknown = attributes(&[("odd.name", b"x")]);
        assert_eq!(unknown.give_to(&file).unwrap(), [OsString::from("odd.name")]);
    }
}
