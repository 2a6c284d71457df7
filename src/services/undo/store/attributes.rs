//! Extended attributes of files, as undo records and keeps them: an access control list says who
//! may do what, and a mode without it another thing.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::base::Attributes;

use super::blobs::{Blobs, Digest};
use crate::undo::path_handle;

/// Those that an open file was given.
pub fn of_open(file: &File) -> Attributes {
    Attributes::of(file).unwrap_or_default().given()
}

/// As a record says it: empty where there are none.
pub fn digits(attributes: &Attributes) -> Arc<str> {
    if attributes.is_empty() { "".into() } else { Digest::of(&attributes.bytes()).digits().into() }
}

/// Those of the file at a path now; `None` where that cannot be told.
pub fn recorded_at(path: &Path) -> Option<Arc<str>> {
    if !Attributes::are_given_at(path) {
        return Some("".into());
    }
    Some(digits(&of_open(&path_handle::open(path).ok()?)))
}

/// The same of an open file; undo can give them back.
///
/// # Errors
///
/// Fails if the attributes cannot be written to `blobs`.
pub fn keep(blobs: &Blobs, file: &File) -> io::Result<Arc<str>> {
    let attributes = of_open(file);
    if !attributes.is_empty() {
        let bytes = attributes.bytes();
        blobs.keep(Digest::of(&bytes), &bytes)?;
    }
    Ok(digits(&attributes))
}

/// Reads the attributes that a record names.
///
/// # Errors
///
/// Fails if `digits` are no digest, or if the copy is missing, unreadable or damaged.
pub fn kept(blobs: &Blobs, digits: &str) -> io::Result<Attributes> {
    let missing = || io::Error::other("no copy of its attributes was kept");
    if digits.is_empty() {
        return Ok(Attributes::default());
    }
    let bytes = blobs.bytes(Digest::parse(digits).ok_or_else(missing)?)?;
    Attributes::from_bytes(&bytes).ok_or_else(missing)
}
