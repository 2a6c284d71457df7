//! Listeners for clients: the pipe, a port of this machine, or a Unix socket.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::base::{Advice, Console, cause};
use crate::protocol::Exit;

use super::connection::Door;
use super::token::Token;
use super::websocket::{self, Gate};

/// The pause after a failed accept: the system may have no room for another connection just now.
const PAUSE: Duration = Duration::from_millis(100);

/// The address at which the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// The pipe, with one client at its other end.
    Stdio,
    /// A Unix socket, which only its owner may use.
    Unix(PathBuf),
    /// A port, and the token that a client must send, if any.
    WebSocket(SocketAddr, Option<Token>),
}

/// The token options of a websocket listener, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenChoice {
    /// `--ws-auth`
    pub is_asked_for: bool,
    /// `--ws-token-file`
    pub file: Option<PathBuf>,
    /// `--ws-token-sha256`
    pub hash: Option<String>,
}

/// Reasons why the server cannot start.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum ServeError {
    #[error("`{text}` is no address to listen on")]
    Address { text: String },
    #[error("`{address}` cannot be listened on: {}", cause(source))]
    Busy { address: String, source: io::Error },
    #[error("`{address}` can be reached from other machines")]
    Open { address: SocketAddr },
    #[error("the server could not be started: {}", cause(source))]
    Threads { source: io::Error },
    #[error("{message}")]
    Token { message: String },
}

impl Listen {
    /// Parses `stdio://`, `ws://IP:PORT` or `unix://PATH`. An address beyond loopback requires a
    /// token.
    ///
    /// # Errors
    ///
    /// Fails if the address is none of these, if it is beyond loopback without a token, or if the
    /// token cannot be read or does not belong to it.
    pub fn parse(text: &str, token: TokenChoice, folder: &Path) -> Result<Self, ServeError> {
        let wrong = || ServeError::Address { text: text.to_owned() };
        let token = token.read()?;
        if let Some(address) = text.strip_prefix("ws://") {
            let address: SocketAddr =
                address.trim_end_matches('/').parse().map_err(|_no| wrong())?;
            if token.is_none() && !is_loopback(address.ip()) {
                return Err(ServeError::Open { address });
            }
            return Ok(Self::WebSocket(address, token));
        }
        if token.is_some() {
            let message = "`--ws-auth` is for `--listen ws://IP:PORT`".to_owned();
            return Err(ServeError::Token { message });
        }
        match text.strip_prefix("unix://") {
            Some(path) if !path.is_empty() => Ok(Self::Unix(folder.join(path))),
            Some(_) => Err(wrong()),
            None if text == "stdio://" => Ok(Self::Stdio),
            None => Err(wrong()),
        }
    }
}

fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

impl TokenChoice {
    fn read(self) -> Result<Option<Token>, ServeError> {
        let failed = |message: &str| ServeError::Token { message: message.to_owned() };
        match (self.is_asked_for, self.file, self.hash) {
            (false, None, None) => Ok(None),
            (false, ..) => Err(failed(
                "`--ws-token-file` and `--ws-token-sha256` need `--ws-auth capability-token`",
            )),
            (true, Some(file), None) => {
                Token::in_file(&file).map(Some).map_err(|message| ServeError::Token { message })
            }
            (true, None, Some(hash)) => match Token::hashed(&hash) {
                Some(token) => Ok(Some(token)),
                None => Err(failed("`--ws-token-sha256` is 64 hexadecimal digits")),
            },
            (true, ..) => Err(failed(
                "`--ws-auth capability-token` needs `--ws-token-file` or `--ws-token-sha256`",
            )),
        }
    }
}

impl ServeError {
    /// The exit of the program that ends with it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Address { .. } | Self::Open { .. } | Self::Token { .. } => Exit::Usage,
            Self::Busy { .. } | Self::Threads { .. } => Exit::Failed,
        }
    }
}

impl Advice for ServeError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Address { .. } => {
                "Use `stdio://`, `ws://127.0.0.1:4222` or `unix:///path/to/socket`; a host name is no address".into()
            }
            Self::Busy { .. } => "End the program that holds it, or name another one".into(),
            Self::Open { .. } => {
                "Add `--ws-auth capability-token --ws-token-file FILE`, or listen on 127.0.0.1".into()
            }
            Self::Threads { .. } => return None,
            Self::Token { .. } => "Put a long random text into a file that only you may read".into(),
        })
    }
}

/// An open listener. Dropping it frees the address.
#[derive(Debug)]
pub struct Listening {
    accepting: JoinHandle<()>,
    socket: Option<PathBuf>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.accepting.abort();
        if let Some(socket) = &self.socket {
            // Another process may have removed it.
            let _gone = std::fs::remove_file(socket);
        }
    }
}

/// Listens on a port and prints the address it got on standard error.
///
/// # Errors
///
/// Fails with [`ServeError::Busy`] if the address cannot be listened on.
pub async fn on_port(
    address: SocketAddr,
    token: Option<Token>,
    door: Door,
    console: &mut Console,
) -> Result<Listening, ServeError> {
    let busy = |source| ServeError::Busy { address: format!("ws://{address}"), source };
    let listener = TcpListener::bind(address).await.map_err(busy)?;
    let address = listener.local_addr().map_err(busy)?;
    console.note(&format!("listening on: ws://{address}"));
    console.note(&format!("readyz: http://{address}/readyz"));
    console.note(&format!("healthz: http://{address}/healthz"));
    let gate = Gate { door, token: token.map(Arc::new), last: Arc::default() };
    let accepting = tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _from)) => {
                    // Sends each delta at once, without waiting for the next one.
                    let _refused = stream.set_nodelay(true);
                    tokio::spawn(websocket::serve(stream, gate.clone()));
                }
                Err(_no_room) => tokio::time::sleep(PAUSE).await,
            }
        }
    });
    Ok(Listening { accepting, socket: None })
}

/// Listens on a new Unix socket; replaces an old one on which no process listens.
///
/// # Errors
///
/// Fails with [`ServeError::Busy`] if the socket cannot be made, or if a process listens on the old
/// one.
#[cfg(unix)]
pub async fn on_socket(
    path: PathBuf,
    door: Door,
    console: &mut Console,
) -> Result<Listening, ServeError> {
    let busy = |source| ServeError::Busy { address: format!("unix://{}", path.display()), source };
    let is_socket = std::fs::symlink_metadata(&path)
        .is_ok_and(|found| std::os::unix::fs::FileTypeExt::is_socket(&found.file_type()));
    if is_socket
        && let Err(error) = tokio::net::UnixStream::connect(&path).await
        // Any other error does not show whether a process listens.
        && error.kind() == io::ErrorKind::ConnectionRefused
    {
        std::fs::remove_file(&path).map_err(busy)?;
    }
    let listener = bind_private(&path).map_err(busy)?;
    console.note(&format!("listening on: unix://{}", path.display()));
    let gate = Gate { door, token: None, last: Arc::default() };
    let accepting = tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _from)) => drop(tokio::spawn(websocket::serve(stream, gate.clone()))),
                Err(_no_room) => tokio::time::sleep(PAUSE).await,
            }
        }
    });
    Ok(Listening { accepting, socket: Some(path) })
}

/// Binds a socket that other users can never reach: it is created in a private folder, given its
/// mode there, and moved into place.
#[cfg(unix)]
fn bind_private(path: &Path) -> io::Result<tokio::net::UnixListener> {
    use std::os::unix::fs::PermissionsExt;
    let parent = path.parent().unwrap_or(Path::new("/"));
    if path.exists() {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    let private = tempfile::Builder::new()
        .prefix(".s")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir_in(parent)?;
    let made = private.path().join("s");
    let listener = tokio::net::UnixListener::bind(&made)?;
    std::fs::set_permissions(&made, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&made, path)?;
    Ok(listener)
}
