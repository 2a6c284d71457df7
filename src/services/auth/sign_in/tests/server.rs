//! A server on a port of its own that answers by a script and remembers every request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use url::form_urlencoded;

use crate::protocol::Origin;

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `POST /oauth/token`
    pub line: String,
    pub head: String,
    pub body: String,
    pub at: Instant,
}

impl Seen {
    pub fn form(&self) -> HashMap<String, String> {
        form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub enum Reply {
    /// Answers when told to.
    After(Arc<Notify>, Box<Reply>),
    /// Closes the connection in the middle of an answer.
    Break,
    Html(u16),
    Json(u16, Value),
    /// A status and one header.
    With(u16, &'static str, &'static str),
}

/// Ends, with all its connections, when it is dropped.
pub struct Server {
    pub origin: Origin,
    seen: Arc<Mutex<Vec<Seen>>>,
    arrived: Arc<Notify>,
    _running: JoinSet<()>,
}

impl Server {
    /// `script` gets a request, and how many came to the same path before it.
    pub async fn start(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let (seen, arrived) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let (script, log, bell) = (Arc::new(script), seen.clone(), arrived.clone());
        let mut running = JoinSet::new();
        running.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                connections.spawn(converse(stream, script.clone(), log.clone(), bell.clone()));
            }
        });
        Self { origin, seen, arrived, _running: running }
    }

    pub fn seen(&self, line: &str) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|seen| seen.line == line).cloned().collect()
    }

    /// Waits for so many requests of one kind.
    pub async fn wait_for(&self, line: &str, count: usize) {
        loop {
            let arrival = self.arrived.notified();
            if self.seen(line).len() >= count {
                return;
            }
            super::soon(arrival).await;
        }
    }
}

async fn converse<S: Fn(&Seen, usize) -> Reply>(
    mut stream: TcpStream,
    script: Arc<S>,
    log: Arc<Mutex<Vec<Seen>>>,
    bell: Arc<Notify>,
) {
    let Some(seen) = read(&mut stream).await else { return };
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|other| other.line == seen.line).count();
        log.push(seen.clone());
        before
    };
    bell.notify_waiters();
    let mut reply = script(&seen, before);
    while let Reply::After(gate, then) = reply {
        gate.notified().await;
        reply = *then;
    }
    let (status, header, body) = match reply {
        Reply::After(..) => return,
        Reply::Break => (
            200,
            "Content-Type: application/json\r\nContent-Length: 999".to_owned(),
            "{\"trunc".to_owned(),
        ),
        Reply::Html(status) => (
            status,
            "Content-Type: text/html; charset=UTF-8".to_owned(),
            "<!DOCTYPE html><h1>Attention</h1>".to_owned(),
        ),
        Reply::Json(status, json) => {
            (status, "Content-Type: application/json".to_owned(), json.to_string())
        }
        Reply::With(status, name, value) => (status, format!("{name}: {value}"), "{}".to_owned()),
    };
    let length = if header.contains("Content-Length") {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let answer = format!(
        "HTTP/1.1 {status} Scripted\r\n{header}\r\n{length}Connection: close\r\n\r\n{body}"
    );
    // Who asked may be gone by now.
    let _gone = stream.write_all(answer.as_bytes()).await;
    let _gone = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
            });
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                let line = head.lines().next()?.rsplit_once(' ')?.0.to_owned();
                return Some(Seen {
                    line,
                    head,
                    body: String::from_utf8(bytes[end + 4..].to_vec()).unwrap(),
                    at: Instant::now(),
                });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
