//! Opening a file that a walk came by. Looks for none.

use std::fs::File;

use crate::tools::refusal::ToolRefusal;

use super::{ResolvedPath, WorkFolder, is_of};

impl WorkFolder {
    /// Opens what a walk has just found to be a regular file, by one look less. What has become a link since, or a pipe, is not followed or
    /// waited for.
    pub fn open_found(&self, place: &ResolvedPath) -> Result<File, ToolRefusal> {
        if self.private.iter().any(|private| is_of(private, &place.real)) {
            return Err(ToolRefusal::Private { shown: place.shown.clone() });
        }
        let mut options = File::options();
        options.read(true);
        #[cfg(unix)]
        {
            use rustix::fs::OFlags;
            std::os::unix::fs::OpenOptionsExt::custom_flags(
                &mut options,
                (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed(),
            );
        }
        let file =
            options.open(&place.real).map_err(|source| ToolRefusal::io(&place.shown, source))?;
        let about = file.metadata().map_err(|source| ToolRefusal::io(&place.shown, source))?;
        if about.is_file() {
            Ok(file)
        } else {
            Err(ToolRefusal::Device { shown: place.shown.clone() })
        }
    }
}
