//! A file as text that can be changed: what is not plain UTF-8 is named for what it is. Touches no
//! disk.

use super::lines::is_binary;

/// Larger files are not changed, in bytes.
pub const LIMIT: u64 = 4 << 20;

/// The text of a file, with line ends as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub text: String,
    pub mark: ByteOrderMark,
}

/// Whether the file begins with a byte order mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ByteOrderMark {
    #[default]
    Absent,
    Present,
}

/// Why bytes are no text that can be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreign {
    Binary,
    /// With the line (from 1) where it shows.
    Encoding(usize),
    Utf16,
}

pub const MARK: &str = "\u{feff}";
/// Bytes that tell what kind of file it is.
const HEAD: usize = 8192;

impl Document {
    /// Reads the bytes of a file as UTF-8 text, with or without a byte order mark.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are UTF-16, binary, or of another encoding; the last with the number of
    /// the first such line, counted from 1.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Foreign> {
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(Foreign::Utf16);
        }
        let binary = bytes.contains(&0) || is_binary(&bytes[..bytes.len().min(HEAD)]);
        let text = String::from_utf8(bytes).map_err(|error| {
            let whole = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..whole].iter().filter(|byte| **byte == b'\n').count() + 1;
            if binary { Foreign::Binary } else { Foreign::Encoding(line) }
        })?;
        match text.strip_prefix(MARK) {
            _ if text.contains('\0') => Err(Foreign::Binary),
            Some(rest) => Ok(Self { text: rest.to_owned(), mark: ByteOrderMark::Present }),
            None => Ok(Self { text, mark: ByteOrderMark::Absent }),
        }
    }

    /// As it goes to the disk.
    pub fn bytes(&self) -> Vec<u8> {
        match self.mark {
            ByteOrderMark::Absent => self.text.clone().into_bytes(),
            ByteOrderMark::Present => [MARK, &self.text].concat().into_bytes(),
        }
    }

    /// The same file with another text.
    pub fn with(&self, text: String) -> Self {
        Self { text, mark: self.mark }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utf8_is_text_and_everything_else_is_named() {
        for (bytes, wanted) in [
            (&b"plain\n"[..], Ok(("plain\n", ByteOrderMark::Absent))),
            (b"", Ok(("", ByteOrderMark::Absent))),
            (b"\xef\xbb\xbfmarked", Ok(("marked", ByteOrderMark::Present))),
            ("ümläut\r\n".as_bytes(), Ok(("ümläut\r\n", ByteOrderMark::Absent))),
            (b"\x1b[31mred\x1b[0m", Ok(("\x1b[31mred\x1b[0m", ByteOrderMark::Absent))),
            (b"one\ncaf\xe9 and much more of it\n", Err(Foreign::Encoding(2))),
            (b"\xff\xfea\0", Err(Foreign::Utf16)),
            (b"\xfe\xff\0a", Err(Foreign::Utf16)),
            (b"a\0b", Err(Foreign::Binary)),
            (b"\x7fELF\x02\x01\x01\0\0", Err(Foreign::Binary)),
        ] {
            let document = Document::parse(bytes.to_vec());
            let found = document
                .as_ref()
                .map(|document| (document.text.as_str(), document.mark))
                .map_err(Clone::clone);
            assert_eq!(found, wanted, "{bytes:?}");
            if let Ok(document) = document {
                assert_eq!(document.bytes(), bytes);
            }
        }
    }
}
