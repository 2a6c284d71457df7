//! The output of a client's command: sent in pieces or kept for the answer, each stream up to its
//! cap.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::engine::OutputStream;

/// The notification for a piece of output.
pub const OUTPUT: &str = "command/exec/outputDelta";
/// The largest output of a stream that is kept for the answer, in bytes, whatever its client asks
/// for: no message can be longer.
const LARGEST: usize = 16 << 20;

/// Both streams of one command.
#[derive(Debug)]
pub struct Captured {
    /// The process name in notifications; `None` if the output is kept for the answer.
    process: Option<String>,
    /// The limit of each stream, in bytes.
    cap: Option<usize>,
    output: Stream,
    errors: Stream,
}

#[derive(Debug, Default)]
struct Stream {
    kept: Vec<u8>,
    /// How much of the stream was sent or kept, in bytes.
    taken: usize,
    is_cut: bool,
}

impl Captured {
    pub fn new(process: Option<String>, cap: Option<usize>) -> Self {
        let cap = match process {
            Some(_) => cap,
            None => Some(cap.map_or(LARGEST, |cap| cap.min(LARGEST))),
        };
        Self { process, cap, output: Stream::default(), errors: Stream::default() }
    }

    /// Takes one piece of output; returns the notification to send, if any.
    pub fn take(&mut self, stream: OutputStream, bytes: &[u8]) -> Option<Value> {
        let (to, name) = match stream {
            OutputStream::Output => (&mut self.output, "stdout"),
            OutputStream::Errors => (&mut self.errors, "stderr"),
        };
        if to.is_cut {
            return None;
        }
        let room = self.cap.map_or(usize::MAX, |cap| cap - to.taken);
        let taken = &bytes[..bytes.len().min(room)];
        to.is_cut = taken.len() < bytes.len();
        to.taken += taken.len();
        let Some(process) = &self.process else {
            to.kept.extend_from_slice(taken);
            return None;
        };
        Some(json!({
            "processId": process, "stream": name, "deltaBase64": STANDARD.encode(taken),
            "capReached": to.is_cut,
        }))
    }

    pub fn answer(&self, code: i32) -> Value {
        json!({
            "exitCode": code, "stdout": String::from_utf8_lossy(&self.output.kept),
            "stderr": String::from_utf8_lossy(&self.errors.kept),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_ends_at_the_cap_and_each_stream_has_its_own() {
        let mut captured = Captured::new(None, Some(5));
        for (stream, bytes) in [
            (OutputStream::Output, "abc"),
            (OutputStream::Errors, "no"),
            (OutputStream::Output, "defg"),
            (OutputStream::Output, "h"),
        ] {
            assert_eq!(captured.take(stream, bytes.as_bytes()), None);
        }
        let whole = json!({ "exitCode": 3, "stdout": "abcde", "stderr": "no" });
        assert_eq!(captured.answer(3), whole);
    }

    #[test]
    fn what_is_told_says_where_it_was_cut_and_is_not_kept() {
        let mut captured = Captured::new(Some("p".into()), Some(4));
        let mut taken = |bytes: &str| {
            let delta = captured.take(OutputStream::Output, bytes.as_bytes());
            delta.map(|it| {
                (it["deltaBase64"].as_str().unwrap().to_owned(), it["capReached"] == true)
            })
        };
        assert_eq!(taken("abcd"), Some((STANDARD.encode("abcd"), false)));
        assert_eq!(taken("e"), Some((String::new(), true)));
        assert_eq!(taken("f"), None);
        assert_eq!(captured.answer(0)["stdout"], "");
    }
}
