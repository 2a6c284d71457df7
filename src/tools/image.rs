//! Pictures on their way to the model: known by their first bytes, whatever the file is called, and decoded before anybody sends them.

use std::io::{self, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::protocol::{CallOutput, Picture};

use super::pixels::{self, Dimensions, Flaw};
use crate::base::phrases::size;

/// Bytes of a picture that can go to the model.
pub const LIMIT: u64 = 5 << 20;

/// The media type, for the kinds that models accept.
pub fn kind(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// What came of reading a picture.
pub enum LoadedPicture {
    /// It begins like one, and cannot be sent.
    Flawed(Flaw),
    /// More than [`LIMIT`] bytes.
    Large,
    Picture(Picture, Dimensions),
}

/// The answer that brings a picture of so many bytes along.
pub fn attached(
    shown: String,
    picture: Picture,
    dimensions: Dimensions,
    length: u64,
) -> CallOutput {
    let text = format!(
        "The picture `{shown}` ({}, {dimensions} pixels, {}) is attached",
        picture.mime,
        size(length)
    );
    CallOutput { images: vec![picture], ..CallOutput::text(shown, text) }
}

/// Reads the whole picture, and decodes it.
pub fn load(mime: &'static str, stream: impl Read) -> io::Result<LoadedPicture> {
    let mut bytes = Vec::new();
    stream.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Ok(LoadedPicture::Large);
    }
    Ok(match pixels::decode(mime, &bytes) {
        Ok(dimensions) => LoadedPicture::Picture(
            Picture { mime, data: STANDARD.encode(&bytes).into() },
            dimensions,
        ),
        Err(flaw) => LoadedPicture::Flawed(flaw),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_kind() {
        for (head, mime) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF87a", Some("image/gif")),
            (b"GIF89a", Some("image/gif")),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x01\x02\x03\x04WAVE", None),
            (b"<svg", None),
            (b"", None),
        ] {
            assert_eq!(kind(head), mime);
        }
    }

    #[test]
    fn a_picture_that_grows_while_it_is_read_stays_within_the_limit() {
        assert!(matches!(load("image/png", io::repeat(0)).unwrap(), LoadedPicture::Large));
        assert!(matches!(
            load("image/png", &b"abcd"[..]).unwrap(),
            LoadedPicture::Flawed(Flaw::Broken(_))
        ));
    }
}
