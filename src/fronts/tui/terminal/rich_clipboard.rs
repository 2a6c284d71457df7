//! Pictures of the terminal's own clipboard: kitty's clipboard protocol (OSC 5522), which works
//! over SSH because the terminal answers.
//!
//! A request names media types. The answer is a status, then pieces of data of at most 4096 bytes,
//! then the end; the terminal may ask the person first. Source:
//! <https://sw.kovidgoyal.net/kitty/clipboard/>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::clipboard_programs::NoPicture;

/// Asks whether the terminal has the protocol (DECRQM of its mode).
pub const IS_THERE: &str = "\x1b[?5522$p";
/// Begins the body of an answer.
pub(super) const ANSWER: &[u8] = b"]5522;";
/// The types that are asked for; most programs offer PNG.
const TYPES: &str = "image/png image/jpeg image/webp image/gif";
/// Bytes of a picture that are taken; the reader of pictures takes no more.
const MOST: usize = 50 << 20;

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipboardPart {
    /// The number of the request, where the terminal repeats it.
    request: Option<u64>,
    said: Said,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    Begins,
    Data {
        mime: Vec<u8>,
        bytes: Vec<u8>,
    },
    Ends,
    /// The terminal or the person refused it, or there is nothing.
    Refused,
}

impl ClipboardPart {
    /// Reads the body of a sequence, from its `]` on; `None` for what is no answer to a read.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body.strip_prefix(ANSWER)?).ok()?;
        let (keys, payload) = text.split_once(';').unwrap_or((text, ""));
        let value = |name: &str| {
            keys.split(':').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        if value("type") != Some("read") {
            return None;
        }
        let said = match value("status")? {
            "OK" => Said::Begins,
            "DATA" => Said::Data {
                mime: STANDARD.decode(value("mime")?).ok()?,
                bytes: STANDARD.decode(payload).ok()?,
            },
            "DONE" => Said::Ends,
            _ => Said::Refused,
        };
        Some(Self { request: value("id").and_then(|id| id.parse().ok()), said })
    }

    /// Whether no other part of the same answer follows.
    pub fn is_last(&self) -> bool {
        matches!(self.said, Said::Ends | Said::Refused)
    }
}

/// A request to the terminal, and what has come of its answer.
#[derive(Debug)]
pub struct ClipboardRequest {
    number: u64,
    mime: Vec<u8>,
    bytes: Vec<u8>,
}

impl ClipboardRequest {
    pub fn new(number: u64) -> Self {
        Self { number, mime: Vec::new(), bytes: Vec::new() }
    }

    /// The sequence that makes the request.
    pub fn sequence(&self) -> String {
        format!("\x1b]5522;type=read:id={};{}\x1b\\", self.number, STANDARD.encode(TYPES))
    }

    /// Takes a part of an answer; returns the picture once it is whole, or why there is none.
    pub fn take(&mut self, part: ClipboardPart) -> Option<Result<Vec<u8>, NoPicture>> {
        if part.request.is_some_and(|request| request != self.number) {
            return None;
        }
        match part.said {
            Said::Begins => None,
            Said::Data { mime, bytes } => {
                if self.bytes.is_empty() {
                    self.mime = mime;
                } else if self.mime != mime {
                    // The same picture in another type.
                    return None;
                }
                if self.bytes.len() <= MOST {
                    self.bytes.extend(bytes);
                }
                None
            }
            Said::Ends if self.bytes.is_empty() => Some(Err(NoPicture::NotThere)),
            Said::Ends => Some(Ok(std::mem::take(&mut self.bytes))),
            Said::Refused => Some(Err(NoPicture::Refused)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(keys: &str, payload: &str) -> ClipboardPart {
        let body = format!("]5522;type=read:{keys};{}", STANDARD.encode(payload));
        ClipboardPart::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn an_answer_in_pieces_is_one_picture_of_one_type() {
        let mut request = ClipboardRequest::new(7);
        assert!(request.sequence().starts_with("\x1b]5522;type=read:id=7;"));
        let (png, jpeg) = (STANDARD.encode("image/png"), STANDARD.encode("image/jpeg"));
        for (keys, payload) in [
            ("status=OK".to_owned(), ""),
            (format!("status=DATA:id=7:mime={png}"), "one "),
            (format!("status=DATA:id=6:mime={png}"), "of another request"),
            (format!("status=DATA:mime={png}"), "two"),
            (format!("status=DATA:mime={jpeg}"), "the same again"),
            ("status=DONE:id=6".to_owned(), ""),
        ] {
            assert_eq!(request.take(part(&keys, payload)), None, "{keys}");
        }
        assert_eq!(request.take(part("status=DONE:id=7", "")), Some(Ok(b"one two".to_vec())));
    }

    #[test]
    fn a_refusal_and_an_empty_clipboard_are_told_apart() {
        for (keys, why) in [
            ("status=DONE", NoPicture::NotThere),
            ("status=EPERM", NoPicture::Refused),
            ("status=ENOSYS", NoPicture::Refused),
        ] {
            assert_eq!(ClipboardRequest::new(1).take(part(keys, "")), Some(Err(why)), "{keys}");
        }
        for odd in [
            &b"]5522;type=write:status=DONE"[..],
            b"]5522;",
            b"]5522;type=read",
            b"]5522;type=read:status=DATA;AAAA",
            b"]5522;type=read:status=DATA:mime=x;A",
            b"]5522;type=read:status=\xff",
            b"]52;c;AAAA",
        ] {
            assert_eq!(ClipboardPart::parse(odd), None, "{}", String::from_utf8_lossy(odd));
        }
    }
}
