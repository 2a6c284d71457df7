//! Opening a file that a walk came by. Looks for none.

use std::fs::File;

use crate::tools::call::refusal::ToolRefusal;

use super::{ResolvedPath, WorkFolder, is_of, open_itself};

impl WorkFolder {
    /// Opens what a walk has just found to be a regular file, by one look less. Where the file or a
    /// folder on the way has become a link since, it is not followed, and a pipe is not waited for.
    ///
    /// # Errors
    ///
    /// Refuses a file that holds secrets, and what cannot be opened or has become a link.
    pub fn open_found(&self, place: &ResolvedPath) -> Result<File, ToolRefusal> {
        if self.private.iter().any(|private| is_of(private, &place.real)) {
            return Err(ToolRefusal::Private { shown: place.shown.clone() });
        }
        open_itself(&place.real).map_err(|source| ToolRefusal::io(&place.shown, source))
    }
}
