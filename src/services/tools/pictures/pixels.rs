//! Decodes a picture, PNG, JPEG, GIF or WebP, to know that there is one: what only begins like a
//! picture is refused by the server, and would be with every later request of the conversation.

use std::fmt;
use std::io::Cursor;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::raster::{Orientation, Raster};
use crate::base::phrases::grouped;

/// The most pixels that are decoded; a large photograph has 50 million.
const MOST: u64 = 50_000_000;
/// Bytes of memory for decoding, where a decoder can be told.
const MEMORY: usize = 256 << 20;

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimensions(pub u32, pub u32);

/// The flaw of a picture, as a phrase that follows its name.
#[derive(Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It cannot be decoded: why, in the decoder's words.
    Broken(String),
    Huge(Dimensions),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(why) => write!(f, "is damaged: it cannot be decoded ({why})"),
            Self::Huge(dimensions) => write!(
                f,
                "has {dimensions} pixels, more than the {} million that can be sent",
                MOST / 1_000_000
            ),
        }
    }
}

impl fmt::Display for Dimensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", grouped(u64::from(self.0)), grouped(u64::from(self.1)))
    }
}

/// Each picture may take some 200 MB until it is written anew: those that come together take turns.
static TURNS: Mutex<()> = Mutex::new(());

/// Waits until no other picture is worked on. Held from decoding to the picture that is sent.
pub fn turn() -> MutexGuard<'static, ()> {
    TURNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A picture, and what its file is like.
#[derive(Debug, PartialEq)]
pub struct DecodedPicture {
    pub raster: Raster,
    pub orientation: Orientation,
    pub storage: Storage,
}

/// How a file keeps its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// As models take it, without a loss.
    Exact,
    /// As models take it, with a loss.
    Lossy,
    /// In a form that models may not take: as several frames, or in the colours of print.
    Odd,
}

/// Decodes the first frame of a picture of this media type. Takes up to a second or two.
///
/// # Errors
///
/// Fails with the [`Flaw`] if the picture is damaged, too large to decode, or of a kind that is not
/// read.
pub fn decode(mime: &str, bytes: &[u8]) -> Result<DecodedPicture, Flaw> {
    match mime {
        "image/png" => png(bytes),
        "image/jpeg" => jpeg(bytes),
        "image/gif" => gif(bytes),
        _ => webp(bytes),
    }
}

fn png(bytes: &[u8]) -> Result<DecodedPicture, Flaw> {
    let mut decoder =
        png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MEMORY });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(broken)?;
    let dimensions = small_enough(header.width, header.height)?;
    let mut reader = decoder.read_info().map_err(broken)?;
    let channels = reader.output_color_type().0.samples();
    let storage = if reader.info().is_animated() { Storage::Odd } else { Storage::Exact };
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(Flaw::Huge(dimensions))?];
    reader.next_frame(&mut pixels).map_err(broken)?;
    reader.finish().map_err(broken)?;
    let raster = raster(dimensions, channels, pixels)?;
    Ok(DecodedPicture { raster, orientation: Orientation::UPRIGHT, storage })
}

fn jpeg(bytes: &[u8]) -> Result<DecodedPicture, Flaw> {
    let mut decoder = zune_jpeg::JpegDecoder::new(Cursor::new(bytes));
    decoder.decode_headers().map_err(broken)?;
    let (width, height) =
        decoder.dimensions().ok_or_else(|| Flaw::Broken("it has no size".into()))?;
    let dimensions =
        small_enough(width.try_into().unwrap_or(u32::MAX), height.try_into().unwrap_or(u32::MAX))?;
    let orientation =
        decoder.exif().map_or(Orientation::UPRIGHT, |exif| Orientation::of_exif(exif));
    let is_print = decoder.info().is_some_and(|info| info.components > 3);
    let storage = if is_print { Storage::Odd } else { Storage::Lossy };
    let pixels = decoder.decode().map_err(broken)?;
    // The decoder makes do with what there is of a picture that was cut off.
    if !bytes.windows(2).any(|marker| marker == [0xff, 0xd9]) {
        return Err(unfinished());
    }
    let raster = raster(dimensions, pixels.len() / (width * height).max(1), pixels)?;
    Ok(DecodedPicture { raster, orientation, storage })
}

fn gif(bytes: &[u8]) -> Result<DecodedPicture, Flaw> {
    let mut options = gif::DecodeOptions::new();
    options.set_memory_limit(gif::MemoryLimit::Bytes((MEMORY as u64).try_into().map_err(broken)?));
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(bytes).map_err(broken)?;
    let dimensions = small_enough(u32::from(decoder.width()), u32::from(decoder.height()))?;
    let frame = decoder.read_next_frame().map_err(broken)?;
    let frame = frame.ok_or_else(|| Flaw::Broken("it holds no frame".into()))?;
    let inner = small_enough(u32::from(frame.width), u32::from(frame.height))?;
    let inner = raster(inner, 4, frame.buffer.to_vec())?;
    let whole = Raster::around(dimensions, &inner, usize::from(frame.left), usize::from(frame.top));
    // One frame or many: the decoder does not look for more than the first.
    let (raster, orientation) = (whole.ok_or_else(unfinished)?, Orientation::UPRIGHT);
    Ok(DecodedPicture { raster, orientation, storage: Storage::Odd })
}

fn webp(bytes: &[u8]) -> Result<DecodedPicture, Flaw> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(broken)?;
    decoder.set_memory_limit(MEMORY);
    let (width, height) = decoder.dimensions();
    let dimensions = small_enough(width, height)?;
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or(Flaw::Huge(dimensions))?];
    decoder.read_image(&mut pixels).map_err(broken)?;
    let storage = match (decoder.is_animated(), decoder.is_lossy()) {
        (true, _) => Storage::Odd,
        (false, true) => Storage::Lossy,
        (false, false) => Storage::Exact,
    };
    let raster = raster(dimensions, if decoder.has_alpha() { 4 } else { 3 }, pixels)?;
    Ok(DecodedPicture { raster, orientation: Orientation::UPRIGHT, storage })
}

fn raster(dimensions: Dimensions, channels: usize, pixels: Vec<u8>) -> Result<Raster, Flaw> {
    Raster::new(dimensions, channels, pixels).ok_or_else(unfinished)
}

fn unfinished() -> Flaw {
    Flaw::Broken("its end is missing".into())
}

fn small_enough(width: u32, height: u32) -> Result<Dimensions, Flaw> {
    let dimensions = Dimensions(width, height);
    if u64::from(width) * u64::from(height) > MOST {
        Err(Flaw::Huge(dimensions))
    } else {
        Ok(dimensions)
    }
}

fn broken(error: impl fmt::Display) -> Flaw {
    Flaw::Broken(error.to_string().trim().trim_end_matches('.').to_owned())
}

#[cfg(test)]
pub mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// One pixel.
    pub const PNG: [u8; 67] = *b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

    /// Three pixels by two, one of each kind.
    fn samples() -> Vec<(&'static str, Vec<u8>)> {
        let samples = [
            (
                "image/png",
                "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFUlEQVR42mM8ISfHwMDAwMDAxAADABMuAQjbG1iiAAAAAElFTkSuQmCC",
            ),
            (
                "image/jpeg",
                "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////////////2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////////////////wAARCAACAAMDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAgT/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCQAKH/2Q==",
            ),
            (
                "image/jpeg",
                "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwBQNzxGPDJQRkFGWlVQX3jIgnhubnj1r7mRyP///////////////////////////////////////////////////8AAFAgAAgADBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwCeqtVau1//2Q==",
            ),
            ("image/gif", "R0lGODdhAwACAIEAAMgeHgAAAAAAAAAAACwAAAAAAwACAAAIBgABCBwYEAA7"),
            (
                "image/webp",
                "UklGRjIAAABXRUJQVlA4ICYAAABwAQCdASoDAAIAB0CWJaACdAFAAAD+5AFjCaSdH8zfhR8nUAAAAA==",
            ),
            ("image/webp", "UklGRh4AAABXRUJQVlA4TBEAAAAvAkAAAAdQjyLXo/+BiOh/AAA="),
        ];
        samples.into_iter().map(|(mime, data)| (mime, STANDARD.decode(data).unwrap())).collect()
    }

    #[test]
    fn every_kind_of_picture_is_decoded() {
        for (mime, bytes) in samples() {
            let decoded = decode(mime, &bytes).unwrap();
            assert_eq!(decoded.raster.dimensions(), Dimensions(3, 2), "{mime}");
        }
        let dot = decode("image/png", &PNG).unwrap();
        assert_eq!((dot.raster.dimensions(), dot.storage), (Dimensions(1, 1), Storage::Exact));
    }

    #[test]
    fn a_picture_that_was_cut_off_anywhere_is_none() {
        for (mime, bytes) in samples() {
            // A GIF's last byte, and the filling of a WebP, say nothing of the pixels.
            for length in 0..bytes.len() - 12 {
                let cut = decode(mime, &bytes[..length]);
                assert!(
                    matches!(cut, Err(Flaw::Broken(_))),
                    "{mime} of {} bytes cut to {length}: {cut:?}",
                    bytes.len()
                );
            }
        }
    }

    #[test]
    fn no_bytes_whatsoever_make_a_decoder_panic() {
        for (mime, bytes) in samples() {
            for at in 0..bytes.len() {
                for flip in [0x01, 0x80, 0xff] {
                    let mut bytes = bytes.clone();
                    bytes[at] ^= flip;
                    let _either_way = decode(mime, &bytes);
                }
            }
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut bytes = PNG;
        bytes[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x4e, 0x20]);
        // The header's checksum, for the new size.
        let sum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        let flaw = decode("image/png", &bytes).unwrap_err();
        assert_eq!(
            flaw.to_string(),
            "has 30,000 × 20,000 pixels, more than the 50 million that can be sent"
        );
    }

    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
            })
        };
        !bytes.iter().fold(!0, step)
    }
}
