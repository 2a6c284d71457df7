//! A small HTTP client over one socket, which shows what really came over the wire.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::demo::{Options, Stand};

/// A stand for one test.
pub fn stand() -> Stand {
    Stand::start(Options::default()).unwrap()
}

/// The answer, as far as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
    /// The chunks of the body as they were framed; one for a body of known length.
    pub chunks: Vec<Vec<u8>>,
    /// Whether the body came to its own end.
    pub whole: bool,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.chunks.concat()).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The events of the stream that are whole.
    pub fn events(&self) -> Vec<Value> {
        events(&self.text())
    }
}

pub fn events(text: &str) -> Vec<Value> {
    let whole = text.rfind("\n\n").map_or("", |end| &text[..end]);
    whole
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

pub fn get(stand: &Stand, path: &str, bearer: &str) -> Reply {
    Connection::open(stand, "GET", path, &[("authorization", &format!("Bearer {bearer}"))], "")
        .finish()
        .unwrap()
}

pub fn post_json(stand: &Stand, path: &str, body: &Value) -> Reply {
    Connection::open(
        stand,
        "POST",
        path,
        &[("content-type", "application/json")],
        &body.to_string(),
    )
    .finish()
    .unwrap()
}

pub fn post_form(stand: &Stand, path: &str, fields: &[(&str, &str)]) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Connection::open(
        stand,
        "POST",
        path,
        &[("content-type", "application/x-www-form-urlencoded")],
        &body,
    )
    .finish()
    .unwrap()
}

/// A request to the model with an API key.
pub fn ask(stand: &Stand, prompt: &str) -> Connection {
    let body =
        json!({ "model": "m", "stream": true, "input": [{ "role": "user", "content": prompt }] });
    Connection::open(
        stand,
        "POST",
        "/v1/responses",
        &[("authorization", "Bearer sk-demo-1")],
        &body.to_string(),
    )
}

/// A request on its way.
pub struct Connection {
    socket: TcpStream,
    pub received: Vec<u8>,
}

impl Connection {
    pub fn open(
        stand: &Stand,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Self {
        let host = stand.origin().to_string().replace("http://", "");
        Self::open_as(stand, &host, method, path, headers, body)
    }

    /// With a `Host` of one's own.
    pub fn open_as(
        stand: &Stand,
        host: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Self {
        let mut socket =
            TcpStream::connect(stand.origin().to_string().replace("http://", "")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        socket.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        Self { socket, received: Vec::new() }
    }

    /// Reads until all that came holds a text.
    pub fn read_until(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.received).contains(text) {
            assert!(
                self.read() > 0,
                "the stream ended before {text:?}: {}",
                String::from_utf8_lossy(&self.received)
            );
        }
    }

    /// Reads to the end; `None` when not even a head came.
    pub fn finish(mut self) -> Option<Reply> {
        while self.read() > 0 {}
        parse(&self.received)
    }

    /// Bytes read; 0 at the end, however it came.
    fn read(&mut self) -> usize {
        let mut buffer = [0; 64 * 1024];
        loop {
            match self.socket.read(&mut buffer) {
                Ok(length) => {
                    self.received.extend_from_slice(&buffer[..length]);
                    return length;
                }
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return 0,
                // Children of other tests end.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut reply = Reply { status, head, chunks: Vec::new(), whole: false };
    let mut rest = &bytes[end + 4..];
    if reply.header("transfer-encoding") != Some("chunked") {
        let length: usize = reply.header("content-length").unwrap_or("0").parse().unwrap();
        reply.whole = rest.len() == length;
        reply.chunks.push(rest.to_vec());
        return Some(reply);
    }
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let length =
            usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        rest = &rest[line + 2..];
        if length == 0 {
            reply.whole = true;
            break;
        }
        let came = length.min(rest.len());
        reply.chunks.push(rest[..came].to_vec());
        rest = rest.get(length + 2..).unwrap_or_default();
    }
    Some(reply)
}
