//! Pictures on their way to the model: known by their first bytes, whatever the file is called, and
//! decoded, scaled and written anew, where they have to be, before anybody sends them.

use std::io::{self, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::protocol::{CallOutput, Picture};

use super::pixels::{self, DecodedPicture, Dimensions, Flaw, Storage};
use super::raster::Orientation;
use crate::base::phrases::size;

/// Bytes of a file that is read; what is sent of a large one is much less.
pub const LIMIT: u64 = 50 << 20;
/// Bytes of a picture that go to the model as they are.
const SENT: usize = 5 << 20;
/// Pixels of a side that go to the model. It makes larger ones smaller itself, and those cost time
/// and money on the way.
const LONGEST: u32 = 2048;

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

/// The outcome of reading a picture.
pub enum LoadedPicture {
    /// It begins like one, and cannot be sent.
    Flawed(Flaw),
    /// More than [`LIMIT`] bytes.
    Large,
    Picture(PreparedPicture),
}

/// A picture that can be sent.
pub struct PreparedPicture {
    pub picture: Picture,
    /// As it is in its file, upright.
    pub was: Dimensions,
    /// As it is sent.
    pub is: Dimensions,
}

/// The answer that brings the picture of a file of so many bytes along.
pub fn attached(
    shown: String,
    PreparedPicture { picture, was, is }: PreparedPicture,
    mime: &str,
    length: u64,
) -> CallOutput {
    let mut text =
        format!("The picture `{shown}` ({mime}, {was} pixels, {}) is attached", size(length));
    if is != was {
        text.push_str(&format!(", scaled to {is} pixels"));
    } else if picture.mime != mime {
        text.push_str(&format!(" as {}", picture.mime));
    }
    CallOutput { images: vec![picture], ..CallOutput::text(shown, text) }
}

/// Reads the whole picture, and decodes it.
///
/// # Errors
///
/// Fails if the stream cannot be read or a smaller picture cannot be encoded. A damaged or large
/// picture is no error; see [`LoadedPicture`].
pub fn load(mime: &'static str, stream: impl Read) -> io::Result<LoadedPicture> {
    let mut bytes = Vec::new();
    stream.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Ok(LoadedPicture::Large);
    }
    let _turn = pixels::turn();
    Ok(match pixels::decode(mime, &bytes) {
        Ok(decoded) => LoadedPicture::Picture(prepare(mime, bytes, decoded)?),
        Err(flaw) => LoadedPicture::Flawed(flaw),
    })
}

/// The file as it is where the model takes it so, and else a smaller one, upright and of one frame.
fn prepare(
    mime: &'static str,
    bytes: Vec<u8>,
    decoded: DecodedPicture,
) -> io::Result<PreparedPicture> {
    let DecodedPicture { raster, orientation, storage } = decoded;
    let Dimensions(width, height) = raster.dimensions();
    let was = match orientation.lies_on_a_side() {
        true => Dimensions(height, width),
        false => Dimensions(width, height),
    };
    let goes_as_it_is = was.0.max(was.1) <= LONGEST
        && bytes.len() <= SENT
        && orientation == Orientation::UPRIGHT
        && storage != Storage::Odd;
    let (mime, bytes, is) = if goes_as_it_is {
        (mime, bytes, was)
    } else {
        drop(bytes);
        let raster = raster.within(LONGEST as usize).upright(orientation);
        let is = raster.dimensions();
        let is_photograph = storage == Storage::Lossy && raster.is_opaque();
        let (mime, bytes) = if is_photograph { raster.jpeg()? } else { raster.png()? };
        (mime, bytes, is)
    };
    let picture = Picture { mime, data: STANDARD.encode(&bytes).into() };
    Ok(PreparedPicture { picture, was, is })
}

#[cfg(test)]
mod tests {
    use super::super::raster::Raster;
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

    fn prepared(mime: &'static str, bytes: &[u8]) -> PreparedPicture {
        match load(mime, bytes).unwrap() {
            LoadedPicture::Picture(prepared) => prepared,
            LoadedPicture::Flawed(flaw) => panic!("{flaw}"),
            LoadedPicture::Large => panic!("too large"),
        }
    }

    /// A picture without detail.
    fn plain(width: u32, height: u32, channels: usize) -> Raster {
        let bytes = vec![200; width as usize * height as usize * channels];
        Raster::new(Dimensions(width, height), channels, bytes).unwrap()
    }

    #[test]
    fn a_picture_that_the_model_takes_is_sent_as_it_is() {
        for (mime, bytes) in [plain(2048, 4, 4).png().unwrap(), plain(9, 4, 3).jpeg().unwrap()] {
            let prepared = prepared(mime, &bytes);
            assert_eq!(prepared.is, prepared.was);
            assert_eq!(prepared.picture.mime, mime);
            assert_eq!(prepared.picture.data.as_ref(), STANDARD.encode(&bytes));
        }
    }

    #[test]
    fn a_large_picture_is_scaled_and_written_anew() {
        let (png, jpeg) = (plain(4100, 20, 4).png().unwrap(), plain(20, 4096, 3).jpeg().unwrap());
        for ((mime, bytes), was, is) in [
            (png, Dimensions(4100, 20), Dimensions(2048, 10)),
            (jpeg, Dimensions(20, 4096), Dimensions(10, 2048)),
        ] {
            let prepared = prepared(mime, &bytes);
            assert_eq!((prepared.was, prepared.is), (was, is));
            assert_eq!(prepared.picture.mime, mime);
            let sent = STANDARD.decode(prepared.picture.data.as_bytes()).unwrap();
            let raster = pixels::decode(mime, &sent).unwrap().raster;
            assert_eq!(raster.dimensions(), is);
            let text = attached("a.png".into(), prepared, mime, 9000).text;
            assert!(text.ends_with(&format!("is attached, scaled to {is} pixels")), "{text}");
        }
    }

    #[test]
    fn what_a_model_may_not_take_is_sent_as_png() {
        let gif = STANDARD
            .decode("R0lGODdhAwACAIEAAMgeHgAAAAAAAAAAACwAAAAAAwACAAAIBgABCBwYEAA7")
            .unwrap();
        let prepared = prepared("image/gif", &gif);
        assert_eq!((prepared.picture.mime, prepared.is), ("image/png", Dimensions(3, 2)));
        let text = attached("a.gif".into(), prepared, "image/gif", 60).text;
        assert_eq!(
            text,
            "The picture `a.gif` (image/gif, 3 × 2 pixels, 60 bytes) is attached as image/png"
        );
    }

    #[test]
    fn a_photograph_is_sent_upright() {
        let (_, bytes) = plain(6, 4, 3).jpeg().unwrap();
        let exif = b"\xff\xe1\0\x20Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0";
        let turned = [&bytes[..2], exif, &bytes[2..]].concat();
        let prepared = prepared("image/jpeg", &turned);
        assert_eq!((prepared.was, prepared.is), (Dimensions(4, 6), Dimensions(4, 6)));
        assert_eq!(prepared.picture.mime, "image/jpeg");
        assert_ne!(prepared.picture.data.as_ref(), STANDARD.encode(&turned));
    }
}
