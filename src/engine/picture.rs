//! Pictures that a front sends along with a prompt. Does not know what they show.

use std::path::Path;

use crate::protocol::{Picture, Problem, ProblemKind};
use crate::tools;

/// Reads a PNG, JPEG, GIF or WebP file whole. Blocks on the disk for a moment.
pub fn picture(path: &Path) -> Result<Picture, Problem> {
    tools::picture(path).map_err(|error| {
        let message = format!("The picture `{}` cannot be sent: {error}", path.display());
        Problem::new(ProblemKind::Config, message).with_next("Name a PNG, JPEG, GIF or WebP file of at most 5 MB")
    })
}
