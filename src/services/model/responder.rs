//! A tiny HTTP server on loopback for this room's tests: answers with scripted bytes, one script
//! for each request.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::protocol::Origin;

/// The steps for one request, in order.
#[derive(Clone, Debug)]
pub enum ScriptStep {
    Close,
    Pause(Duration),
    /// The same bytes, so many times.
    Repeat(Vec<u8>, usize),
    Send(Vec<u8>),
    /// Says no more and keeps the connection.
    Stall,
}

#[derive(Clone, Debug, Default)]
pub struct SeenRequest {
    /// Which connection it came over, counted from 0.
    pub connection: usize,
    /// `POST /path HTTP/1.1`
    pub line: String,
    /// In lower case, as `name: value`.
    pub headers: Vec<String>,
    pub body: String,
}

impl SeenRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

pub struct Responder {
    origin: Origin,
    requests: Arc<Mutex<Vec<SeenRequest>>>,
    scripts: Arc<Mutex<VecDeque<Vec<ScriptStep>>>>,
    abandoned: Arc<Semaphore>,
    task: tokio::task::JoinHandle<()>,
}

impl Responder {
    pub async fn start(scripts: impl IntoIterator<Item = Vec<ScriptStep>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let requests: Arc<Mutex<Vec<SeenRequest>>> = Arc::default();
        let scripts = Arc::new(Mutex::new(scripts.into_iter().collect::<VecDeque<_>>()));
        let abandoned = Arc::new(Semaphore::new(0));
        let (theirs, script, gone) = (requests.clone(), scripts.clone(), abandoned.clone());
        let task = tokio::spawn(async move {
            for connection in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(
                    socket,
                    connection,
                    theirs.clone(),
                    script.clone(),
                    gone.clone(),
                ));
            }
        });
        Self { origin, requests, scripts, abandoned, task }
    }

    pub fn origin(&self) -> Origin {
        self.origin.clone()
    }

    pub fn requests(&self) -> Vec<SeenRequest> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits until a client has left a connection that stalls.
    pub async fn abandoned(&self) {
        let gone = tokio::time::timeout(Duration::from_secs(20), self.abandoned.acquire()).await;
        gone.unwrap().unwrap().forget();
    }

    /// How many scripts no request has come for.
    pub fn left(&self) -> usize {
        self.scripts.lock().unwrap().len()
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with a length.
pub fn answer(head: &str, body: &str) -> Vec<ScriptStep> {
    vec![ScriptStep::Send(
        format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes(),
    )]
}

/// The head of an answer that comes in pieces.
pub fn stream_head(extra: &str) -> ScriptStep {
    ScriptStep::Send(
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n{extra}\r\n").into_bytes(),
    )
}

/// One piece of it.
pub fn piece(text: &str) -> ScriptStep {
    ScriptStep::Send(format!("{:x}\r\n{text}\r\n", text.len()).into_bytes())
}

pub fn stream_end() -> ScriptStep {
    ScriptStep::Send(b"0\r\n\r\n".to_vec())
}

async fn serve(
    socket: TcpStream,
    connection: usize,
    requests: Arc<Mutex<Vec<SeenRequest>>>,
    scripts: Arc<Mutex<VecDeque<Vec<ScriptStep>>>>,
    abandoned: Arc<Semaphore>,
) -> Option<()> {
    let mut socket = BufReader::new(socket);
    loop {
        let mut request = SeenRequest { connection, ..SeenRequest::default() };
        socket.read_line(&mut request.line).await.ok().filter(|read| *read > 0)?;
        loop {
            let mut line = String::new();
            socket.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
            match line.trim_end().split_once(": ") {
                Some((name, value)) => {
                    request.headers.push(format!("{}: {value}", name.to_lowercase()))
                }
                None => break,
            }
        }
        let length = request.header("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        socket.read_exact(&mut body).await.ok()?;
        request.body = String::from_utf8(body).unwrap();
        request.line = request.line.trim_end().to_owned();
        requests.lock().unwrap().push(request);
        let script = scripts.lock().unwrap().pop_front()?;
        for step in script {
            match step {
                ScriptStep::Close => return None,
                ScriptStep::Pause(wait) => tokio::time::sleep(wait).await,
                ScriptStep::Send(bytes) => socket.write_all(&bytes).await.ok()?,
                ScriptStep::Repeat(bytes, count) => {
                    for _ in 0..count {
                        socket.write_all(&bytes).await.ok()?;
                    }
                }
                ScriptStep::Stall => {
                    // Until the other side has had enough.
                    let mut rest = Vec::new();
                    let _reset = socket.read_to_end(&mut rest).await;
                    abandoned.add_permits(1);
                    return None;
                }
            }
        }
    }
}
