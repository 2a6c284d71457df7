//! Mode, owner and extended attributes of what undo puts back. Where a disk refuses attributes,
//! nobody may do more for that.

use std::ffi::OsString;
use std::io;

use crate::protocol::FileState;

use crate::undo::path_handle::{Draft, PathHandle};
use crate::undo::store::attributes;
use crate::undo::store::blobs::Blobs;

/// Gives a place what is recorded and different. Returns what it lacks then, as a part of a
/// sentence.
///
/// # Errors
///
/// Fails if the recorded attributes cannot be read, or if the system refuses the mode, the owner or
/// an attribute for a reason other than that it does not have it.
pub fn set(
    blobs: &Blobs,
    place: &PathHandle,
    to: Option<&FileState>,
) -> io::Result<Option<String>> {
    let recorded = to.and_then(|to| Some((to, to.attributes.as_deref()?)));
    // A file that cannot be read keeps its attributes.
    let Some(((to, wanted), file)) = recorded.zip(place.open().ok()) else {
        return place.set_rights(to).map(|()| None);
    };
    if *attributes::digits(&attributes::of_open(&file)) == *wanted {
        return place.set_rights(Some(to)).map(|()| None);
    }
    let wanted = attributes::kept(blobs, wanted)?;
    // Some are given only to what can be written to.
    place.set_rights(Some(&FileState { mode: to.mode | 0o200, ..to.clone() }))?;
    let refused = wanted.give_to(&file)?;
    let mode = if refused.is_empty() { to.mode } else { wanted.narrowed(to.mode) };
    place.set_rights(Some(&FileState { mode, ..to.clone() }))?;
    Ok(without(&refused))
}

/// The same for a file on its way, whose owner is set: with the attributes that are recorded, else
/// with those of a `model`.
///
/// # Errors
///
/// Fails if the recorded attributes cannot be read, or if the system refuses the mode or an
/// attribute for a reason other than that it does not have it.
pub fn set_of_draft(
    blobs: &Blobs,
    draft: &mut Draft,
    to: &FileState,
    model: Option<&PathHandle>,
) -> io::Result<Option<String>> {
    let attributes = match to.attributes.as_deref() {
        Some(recorded) => attributes::kept(blobs, recorded)?,
        None => model.map(PathHandle::attributes).unwrap_or_default(),
    };
    let with_mode = |mode| FileState { mode, owner: None, ..to.clone() };
    draft.set_rights(Some(&with_mode(to.mode | 0o200)))?;
    let refused = attributes.give_to(&*draft.file())?;
    let mode = if refused.is_empty() { to.mode } else { attributes.narrowed(to.mode) };
    draft.set_rights(Some(&with_mode(mode)))?;
    Ok(without(&refused))
}

fn without(refused: &[OsString]) -> Option<String> {
    let names: Vec<_> = refused.iter().map(|name| name.to_string_lossy()).collect();
    let named = || format!("it is back, but without the attributes {}", names.join(", "));
    (!names.is_empty()).then(named)
}
