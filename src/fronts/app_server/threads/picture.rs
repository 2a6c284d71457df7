//! Pictures in prompts and in tool answers, converted to a form that models accept.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::host::sentence;
use crate::protocol::Picture;

/// The source of a picture in a prompt.
pub enum PictureSource {
    /// A `data:` address.
    Data(String),
    File(PathBuf),
}

impl PictureSource {
    /// Returns the picture in a form that models accept. Takes a second or two.
    ///
    /// # Errors
    ///
    /// Fails with a sentence if the picture cannot be read or decoded, or is too large.
    pub fn read(self) -> Result<Picture, String> {
        match self {
            Self::Data(url) => picture(&url),
            Self::File(path) => crate::engine::picture(&path).map_err(|problem| sentence(&problem)),
        }
    }
}

/// Whether an address holds a picture of a kind that models accept.
pub fn is_data(url: &str) -> bool {
    data(url).is_some()
}

/// Returns the base64 text of a `data:` address; `None` if it is not one of a picture.
fn data(url: &str) -> Option<&str> {
    let (kind, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
    matches!(kind, "image/png" | "image/jpeg" | "image/gif" | "image/webp").then_some(data)
}

/// Decodes the picture of a `data:` address and shrinks it to a size that models accept. Takes a
/// second or two.
///
/// # Errors
///
/// Fails with a sentence if the data is not base64, is no picture, or is too large.
pub fn picture(url: &str) -> Result<Picture, String> {
    let bytes = data(url).and_then(|data| STANDARD.decode(data).ok());
    let bytes = bytes.ok_or("the picture is not in base64")?;
    let read = crate::engine::picture_of_bytes("the picture", &bytes);
    read.map(|it| it.picture).map_err(|problem| sentence(&problem))
}
