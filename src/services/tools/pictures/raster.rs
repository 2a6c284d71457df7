//! The pixels of a picture: made smaller, turned upright, and written as PNG or JPEG.

use std::io;

use super::pixels::Dimensions;

/// Bytes of a PNG from which the picture is written as JPEG instead, which takes a tenth.
const LARGE_PNG: usize = 2 << 20;
/// The quality of a JPEG, out of 100: letters stay sharp.
const QUALITY: u8 = 88;

/// Rows from the top, four bytes to a pixel: red, green, blue, and how much of it covers what is
/// behind.
#[derive(Debug, PartialEq)]
pub struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

/// How a picture has to be turned to stand upright, in the numbers of EXIF: 1 is upright, 3 upside
/// down, 6 and 8 lie on a side, and the others are mirrored besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    pub const UPRIGHT: Self = Self(1);

    /// Reads the tag of EXIF data, which begins with its TIFF header. What cannot be read is
    /// upright.
    pub fn of_exif(exif: &[u8]) -> Self {
        Self::read(exif).unwrap_or(Self::UPRIGHT)
    }

    fn read(exif: &[u8]) -> Option<Self> {
        const TAG: u32 = 0x0112;
        let is_little = match exif.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let number = |at: usize, length: usize| -> Option<u32> {
            let bytes = exif.get(at..at.checked_add(length)?)?;
            let add = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
            Some(match is_little {
                true => bytes.iter().rev().fold(0, add),
                false => bytes.iter().fold(0, add),
            })
        };
        let list = usize::try_from(number(4, 4)?).ok()?;
        let entries = usize::try_from(number(list, 2)?).ok()?;
        let mut places = (0..entries).map(|entry| list + 2 + entry * 12);
        let at = places.find(|at| number(*at, 2) == Some(TAG))?;
        let value = u8::try_from(number(at + 8, 2)?).ok()?;
        (1..=8).contains(&value).then_some(Self(value))
    }

    pub fn lies_on_a_side(self) -> bool {
        self.0 >= 5
    }
}

impl Raster {
    /// Takes rows with 1 (gray), 2 (gray and cover), 3 or 4 bytes to a pixel. `None` where the
    /// number of bytes does not fit.
    pub fn new(
        Dimensions(width, height): Dimensions,
        channels: usize,
        bytes: Vec<u8>,
    ) -> Option<Self> {
        let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        let count = width.checked_mul(height)?;
        if count == 0 || count.checked_mul(channels)? != bytes.len() {
            return None;
        }
        let pixels = match channels {
            1 => bytes.iter().flat_map(|gray| [*gray, *gray, *gray, 255]).collect(),
            2 => bytes.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect(),
            3 => bytes.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
            4 => bytes,
            _ => return None,
        };
        Some(Self { width, height, pixels })
    }

    /// An empty one, with another laid into it at a place; what lies outside is cut off.
    pub fn around(dimensions: Dimensions, inner: &Self, left: usize, top: usize) -> Option<Self> {
        let Dimensions(width, height) = dimensions;
        let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        let mut pixels = vec![0; width.checked_mul(height)?.checked_mul(4)?];
        let wide = inner.width.min(width.saturating_sub(left)) * 4;
        if wide > 0 {
            for row in 0..inner.height.min(height.saturating_sub(top)) {
                let (to, from) = (((top + row) * width + left) * 4, row * inner.width * 4);
                pixels[to..to + wide].copy_from_slice(&inner.pixels[from..from + wide]);
            }
        }
        (!pixels.is_empty()).then_some(Self { width, height, pixels })
    }

    pub fn dimensions(&self) -> Dimensions {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Dimensions(number(self.width), number(self.height))
    }

    pub fn is_opaque(&self) -> bool {
        self.pixels.chunks_exact(4).all(|pixel| pixel[3] == 255)
    }

    /// The same picture with no side longer than so many pixels; each pixel is the mean of all that
    /// it stands for.
    pub fn within(self, longest: usize) -> Self {
        let long = self.width.max(self.height);
        if long <= longest {
            return self;
        }
        let fit = |side: usize| ((side * longest + long / 2) / long).max(1);
        let (width, height) = (fit(self.width), fit(self.height));
        let columns: Vec<Span> =
            (0..width).map(|column| Span::of(column, width, self.width)).collect();
        let mut pixels = Vec::with_capacity(width * height * 4);
        let mut sums = vec![[0f32; 4]; width];
        for row in 0..height {
            sums.fill([0.0; 4]);
            let rows = Span::of(row, height, self.height);
            for (from, part) in rows.parts() {
                let line = &self.pixels[from * self.width * 4..(from + 1) * self.width * 4];
                for (sum, column) in sums.iter_mut().zip(&columns) {
                    for (at, share) in column.parts() {
                        let pixel = &line[at * 4..at * 4 + 4];
                        // A colour counts by as much as there is of it.
                        let cover = f32::from(pixel[3]) * share * part;
                        for color in 0..3 {
                            sum[color] += f32::from(pixel[color]) * cover;
                        }
                        sum[3] += cover;
                    }
                }
            }
            let area = rows.length();
            pixels.extend(sums.iter().zip(&columns).flat_map(|(sum, column)| {
                let color = |of: f32| if sum[3] > 0.0 { byte(of / sum[3]) } else { 0 };
                let cover = byte(sum[3] / (area * column.length()));
                [color(sum[0]), color(sum[1]), color(sum[2]), cover]
            }));
        }
        Self { width, height, pixels }
    }

    pub fn upright(self, orientation: Orientation) -> Self {
        if orientation == Orientation::UPRIGHT {
            return self;
        }
        let (right, bottom) = (self.width - 1, self.height - 1);
        let (width, height) = match orientation.lies_on_a_side() {
            true => (self.height, self.width),
            false => (self.width, self.height),
        };
        let from = |x: usize, y: usize| match orientation.0 {
            2 => (right - x, y),
            3 => (right - x, bottom - y),
            4 => (x, bottom - y),
            5 => (y, x),
            6 => (y, bottom - x),
            7 => (right - y, bottom - x),
            8 => (right - y, x),
            _ => (x, y),
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = places
            .flat_map(|(x, y)| {
                let (x, y) = from(x, y);
                let at = (y * self.width + x) * 4;
                [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2], self.pixels[at + 3]]
            })
            .collect();
        Self { width, height, pixels }
    }

    /// As PNG, unless that takes much: then as JPEG.
    ///
    /// # Errors
    ///
    /// Fails if the encoder does.
    pub fn png(self) -> io::Result<(&'static str, Vec<u8>)> {
        let Dimensions(width, height) = self.dimensions();
        let mut bytes = Vec::new();
        let is_opaque = self.is_opaque();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_color(if is_opaque { png::ColorType::Rgb } else { png::ColorType::Rgba });
        let mut writer = encoder.write_header().map_err(io::Error::other)?;
        if is_opaque {
            writer.write_image_data(&self.colors()).map_err(io::Error::other)?;
        } else {
            writer.write_image_data(&self.pixels).map_err(io::Error::other)?;
        }
        writer.finish().map_err(io::Error::other)?;
        if bytes.len() > LARGE_PNG { self.jpeg() } else { Ok(("image/png", bytes)) }
    }

    /// On white, where it does not cover what is behind.
    ///
    /// # Errors
    ///
    /// Fails if a side is longer than 65,535 pixels.
    pub fn jpeg(self) -> io::Result<(&'static str, Vec<u8>)> {
        let side = |side: usize| u16::try_from(side).map_err(io::Error::other);
        let (width, height) = (side(self.width)?, side(self.height)?);
        let mut bytes = Vec::new();
        jpeg_encoder::Encoder::new(&mut bytes, QUALITY)
            .encode(&self.colors(), width, height, jpeg_encoder::ColorType::Rgb)
            .map_err(io::Error::other)?;
        Ok(("image/jpeg", bytes))
    }

    /// Three bytes to a pixel, on white.
    fn colors(&self) -> Vec<u8> {
        let on_white = |color: u8, cover: u8| {
            let (color, cover) = (u16::from(color), u16::from(cover));
            u8::try_from((color * cover + 255 * (255 - cover) + 127) / 255).unwrap_or(u8::MAX)
        };
        let pixels = self.pixels.chunks_exact(4);
        pixels
            .flat_map(|p| [on_white(p[0], p[3]), on_white(p[1], p[3]), on_white(p[2], p[3])])
            .collect()
    }
}

/// The stretch of a row or a column that one smaller pixel stands for.
struct Span {
    from: f64,
    to: f64,
}

impl Span {
    fn of(place: usize, of: usize, length: usize) -> Self {
        // A side may be longer than an `f32` counts.
        let at = |place: usize| (place as f64 * length as f64 / of as f64).min(length as f64);
        Self { from: at(place), to: at(place + 1) }
    }

    fn length(&self) -> f32 {
        (self.to - self.from) as f32
    }

    /// The pixels it touches, and how much of each.
    fn parts(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        (self.from as usize..self.to.ceil() as usize).map(|at| {
            let start = at as f64;
            (at, (self.to.min(start + 1.0) - self.from.max(start)) as f32)
        })
    }
}

fn byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gray(width: u32, height: u32, bytes: &[u8]) -> Raster {
        Raster::new(Dimensions(width, height), 1, bytes.to_vec()).unwrap()
    }

    fn shades(raster: &Raster) -> Vec<u8> {
        raster.pixels.chunks_exact(4).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn a_smaller_picture_has_the_means_of_what_was_there() {
        let half = gray(4, 2, &[0, 100, 10, 30, 100, 200, 20, 40]).within(2);
        assert_eq!((half.dimensions(), shades(&half)), (Dimensions(2, 1), vec![100, 25]));
        let odd = gray(3, 1, &[0, 90, 240]).within(2);
        assert_eq!((odd.dimensions(), shades(&odd)), (Dimensions(2, 1), vec![30, 190]));
        let same = gray(3, 1, &[0, 90, 240]).within(3);
        assert_eq!(shades(&same), [0, 90, 240]);
        let line = gray(4000, 1, &[7; 4000]).within(1000);
        assert_eq!((line.dimensions(), line.pixels[0]), (Dimensions(1000, 1), 7));
    }

    #[test]
    fn a_side_of_more_pixels_than_an_f32_counts_is_made_smaller() {
        const SIDE: u32 = 16_777_219;
        let line = Raster::new(Dimensions(SIDE, 1), 4, vec![7; SIDE as usize * 4]).unwrap();
        let line = line.within(2048);
        assert_eq!((line.dimensions(), shades(&line)), (Dimensions(2048, 1), vec![7; 2048]));
    }

    #[test]
    fn what_is_not_there_lends_no_colour() {
        let pixels = vec![200, 0, 0, 255, 0, 255, 0, 0];
        let mixed = Raster::new(Dimensions(2, 1), 4, pixels).unwrap().within(1);
        assert_eq!(mixed.pixels, [200, 0, 0, 128]);
        assert_eq!(mixed.colors(), [227, 127, 127]);
    }

    #[test]
    fn every_orientation_is_turned_upright() {
        // 1 2 3
        // 4 5 6
        for (orientation, dimensions, expected) in [
            (1, Dimensions(3, 2), [1, 2, 3, 4, 5, 6]),
            (2, Dimensions(3, 2), [3, 2, 1, 6, 5, 4]),
            (3, Dimensions(3, 2), [6, 5, 4, 3, 2, 1]),
            (4, Dimensions(3, 2), [4, 5, 6, 1, 2, 3]),
            (5, Dimensions(2, 3), [1, 4, 2, 5, 3, 6]),
            (6, Dimensions(2, 3), [4, 1, 5, 2, 6, 3]),
            (7, Dimensions(2, 3), [6, 3, 5, 2, 4, 1]),
            (8, Dimensions(2, 3), [3, 6, 2, 5, 1, 4]),
        ] {
            let turned = gray(3, 2, &[1, 2, 3, 4, 5, 6]).upright(Orientation(orientation));
            assert_eq!(turned.dimensions(), dimensions, "{orientation}");
            assert_eq!(shades(&turned), expected, "{orientation}");
        }
    }

    #[test]
    fn the_orientation_is_read_in_either_order_of_bytes() {
        let little = b"II*\0\x08\0\0\0\x02\0\x0f\x01\x02\0\x01\0\0\0\0\0\0\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0";
        assert_eq!(Orientation::of_exif(little), Orientation(6));
        assert_eq!(Orientation::of_exif(big), Orientation(8));
        for cut in 0..little.len() - 3 {
            assert_eq!(Orientation::of_exif(&little[..cut]), Orientation::UPRIGHT, "{cut}");
        }
        assert_eq!(Orientation::of_exif(b"MM\0*\xff\xff\xff\xff"), Orientation::UPRIGHT);
    }
}
