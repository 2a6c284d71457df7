//! The connection to a server: a websocket, a Unix socket, or the pipe of a server started for it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use crate::base::start;
use crate::base::{Advice, cause};
use crate::protocol::Exit;

/// How long a server that was started may take to end once its input is closed.
const FAREWELL: Duration = Duration::from_secs(3);

/// The server to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// Starts a server with this command line, and uses its pipe.
    Started(Vec<String>),
    /// The server at `unix://PATH`.
    Unix(PathBuf),
    /// The server at `ws://HOST:PORT`.
    WebSocket(String),
}

/// Reasons why a client cannot use its server.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum ClientError {
    #[error("`{text}` is no address of a server")]
    Address { text: String },
    #[error("`{server}` is not reached: {}", cause(source))]
    Connect { server: String, source: io::Error },
    #[error("`{server}` does not take the connection: {why}")]
    Handshake { server: String, why: String },
    #[error("the server has ended the connection")]
    Ended,
    #[error("`{method}` was refused: {message} ({code})")]
    Refused { method: String, code: i64, message: String },
    #[error("`{text}` is not JSON: {source}")]
    Json { text: String, source: serde_json::Error },
    #[error("`serve` starts a server of its own, and speaks to no other")]
    ServesItself,
    #[error("the background server could not be kept: {why}")]
    Background { why: String },
}

impl Advice for ClientError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Address { .. } => "Use `ws://127.0.0.1:4222` or `unix:///path/to/socket`".into(),
            Self::Connect { .. } => {
                "Start one with `codling app-server client serve`, or name its address with `--listen-url`".into()
            }
            Self::Handshake { .. } => "Look whether it is an app-server that listens there".into(),
            Self::Ended => "Its own messages say why".into(),
            Self::ServesItself => "Say where it listens with `serve --listen ADDRESS`".into(),
            Self::Refused { .. } | Self::Background { .. } => return None,
            Self::Json { .. } => "Put it into single quotes: `'{\"limit\": 5}'`".into(),
        })
    }
}

impl ClientError {
    /// The exit of the program that ends with it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Address { .. } | Self::Json { .. } | Self::ServesItself => Exit::Usage,
            Self::Background { .. }
            | Self::Connect { .. }
            | Self::Ended
            | Self::Handshake { .. }
            | Self::Refused { .. } => Exit::Failed,
        }
    }
}

impl Server {
    /// Parses the address of a server.
    ///
    /// # Errors
    ///
    /// Fails if the text is neither `ws://HOST` nor `unix://PATH`.
    pub fn at(text: &str) -> Result<Self, ClientError> {
        match (text.strip_prefix("ws://"), text.strip_prefix("unix://")) {
            (Some(host), _) if !host.is_empty() => Ok(Self::WebSocket(host.to_owned())),
            (_, Some(path)) if !path.is_empty() => Ok(Self::Unix(path.into())),
            _ => Err(ClientError::Address { text: text.to_owned() }),
        }
    }
}

/// An open connection to a server.
pub struct Link {
    writer: Writer,
    incoming: Receiver<Value>,
    started: Option<Child>,
}

/// Writes one message; returns false if the connection is closed.
type Writer = Box<dyn FnMut(&str) -> bool>;

impl Link {
    /// Connects to a server. `token` is sent as `Authorization: Bearer …`.
    ///
    /// # Errors
    ///
    /// Fails if the server cannot be started or reached, or if it refuses the connection.
    pub fn open(server: &Server, token: Option<&str>) -> Result<Self, ClientError> {
        match server {
            Server::Started(words) => start(words),
            Server::Unix(path) => unix(path),
            Server::WebSocket(host) => {
                let name = format!("ws://{host}");
                let refused = |source| ClientError::Connect { server: name.clone(), source };
                let address = host.split('/').next().unwrap_or(host);
                let stream = TcpStream::connect(address).map_err(refused)?;
                let reading = stream.try_clone().map_err(refused)?;
                upgraded(&name, stream, reading, token)
            }
        }
    }

    /// Sends one message.
    ///
    /// # Errors
    ///
    /// Fails if the server has ended.
    pub fn send(&mut self, message: &Value) -> Result<(), ClientError> {
        match (self.writer)(&message.to_string()) {
            true => Ok(()),
            false => Err(ClientError::Ended),
        }
    }

    /// Waits for the next message.
    ///
    /// # Errors
    ///
    /// Fails if the server has ended.
    pub fn next(&mut self) -> Result<Value, ClientError> {
        self.incoming.recv().map_err(|_ended| ClientError::Ended)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let Some(mut child) = self.started.take() else { return };
        // The server ends by itself at the end of its input.
        self.writer = Box::new(|_| false);
        let limit = Instant::now() + FAREWELL;
        while self.incoming.recv_timeout(limit.saturating_duration_since(Instant::now())).is_ok() {}
        // The server has usually ended by now.
        let _ended = child.kill();
        let _status = child.wait();
    }
}

fn start(words: &[String]) -> Result<Link, ClientError> {
    let name = words.join(" ");
    let refused = |source| ClientError::Connect { server: name.clone(), source };
    let (program, arguments) =
        words.split_first().ok_or_else(|| ClientError::Address { text: String::new() })?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = start::start(&mut command).map_err(refused)?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(refused(io::Error::other("it has no pipe")));
    };
    let (sender, incoming) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            let Ok(line) = line else { return };
            if !pass_on(&line, &sender) {
                return;
            }
        }
    });
    let write = move |text: &str| {
        let written = input.write_all(format!("{text}\n").as_bytes());
        written.and_then(|()| input.flush()).is_ok()
    };
    Ok(Link { writer: Box::new(write), incoming, started: Some(child) })
}

#[cfg(unix)]
fn unix(path: &std::path::Path) -> Result<Link, ClientError> {
    let name = format!("unix://{}", path.display());
    let refused = |source| ClientError::Connect { server: name.clone(), source };
    let stream = std::os::unix::net::UnixStream::connect(path).map_err(refused)?;
    let reading = stream.try_clone().map_err(refused)?;
    upgraded(&name, stream, reading, None)
}

#[cfg(not(unix))]
fn unix(path: &std::path::Path) -> Result<Link, ClientError> {
    Err(ClientError::Address { text: path.display().to_string() })
}

/// Upgrades to a websocket, which is read on its own thread, since a read cannot be cancelled.
fn upgraded<S: Read + Write + Send + 'static>(
    name: &str,
    stream: S,
    reading: S,
    token: Option<&str>,
) -> Result<Link, ClientError> {
    let failed = |why: String| ClientError::Handshake { server: name.to_owned(), why };
    let host = name.strip_prefix("ws://").unwrap_or("localhost");
    let mut request = tungstenite::ClientRequestBuilder::new(
        format!("ws://{host}")
            .parse()
            .map_err(|_no| ClientError::Address { text: name.to_owned() })?,
    );
    if let Some(token) = token {
        request = request.with_header("Authorization", format!("Bearer {token}"));
    }
    let (mut socket, _) =
        tungstenite::client(request, stream).map_err(|error| failed(error.to_string()))?;
    let (sender, incoming) = channel();
    std::thread::spawn(move || {
        let mut reader = WebSocket::from_raw_socket(reading, Role::Client, None);
        while let Ok(message) = reader.read() {
            if let Message::Text(text) = message
                && !pass_on(&text, &sender)
            {
                return;
            }
        }
    });
    let write = move |text: &str| socket.send(Message::text(text)).is_ok();
    Ok(Link { writer: Box::new(write), incoming, started: None })
}

/// Passes a message on; returns whether the receiver still exists.
fn pass_on(text: &str, to: &Sender<Value>) -> bool {
    match serde_json::from_str(text) {
        Ok(message) => to.send(message).is_ok(),
        Err(_no_message) => true,
    }
}
