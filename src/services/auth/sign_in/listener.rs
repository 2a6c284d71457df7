//! A small HTTP/1.1 listener on loopback that hears the authorize page's callback.
//!
//! All of it lives inside the future of [`CallbackListener::serve`]: dropping that and the listener
//! closes every socket at once.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::callback;
use super::pages::{CallbackPage, PageLook, Status};
use super::pkce;

/// A request may be this long, its headers included.
const HEAD_LIMIT: usize = 16 * 1024;
/// So many connections may be about to send their request; for one more, the oldest has to go.
const READING_LIMIT: usize = 64;
/// But not before it had this long to send it.
const READING_GRACE: Duration = Duration::from_millis(250);

/// Two ports for the redirect, in the order they are tried. The authorize page knows 1455 and 1457.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub struct Ports {
    pub first: u16,
    pub second: u16,
}

/// A call to the callback's path, to be judged and answered. Dropping it closes the connection
/// without an answer.
#[derive(Debug)]
pub(super) struct Arrival {
    pub query: String,
    answer: oneshot::Sender<(CallbackPage, oneshot::Sender<()>)>,
}

impl Arrival {
    /// Answers; what is returned resolves when the page is on its way, or the browser is gone.
    pub fn answer(self, page: CallbackPage) -> oneshot::Receiver<()> {
        let (written, done) = oneshot::channel();
        // A browser that has gone needs no answer.
        let _gone = self.answer.send((page, written));
        done
    }
}

/// A connection that has not sent its request yet: dropping the line to it ends it.
struct Reading {
    since: Instant,
    line: oneshot::Sender<Infallible>,
}

/// Bound to both loopback addresses, and to no other.
#[derive(Debug)]
pub(super) struct CallbackListener {
    port: u16,
    v4: TcpListener,
    /// `None` on a machine without IPv6.
    v6: Option<TcpListener>,
    /// Only [`CallbackListener::check`] knows the path, and only this listener the answer.
    probe: String,
    limit: Duration,
}

impl CallbackListener {
    /// Binds a port (0: any) on 127.0.0.1 and ::1. Both must be ours, as a browser may turn
    /// `localhost` into either. `limit` bounds how long a connection may take for its request, and
    /// for its answer.
    ///
    /// # Errors
    ///
    /// The port is taken on one of the two addresses.
    pub async fn bind(port: u16, limit: Duration) -> io::Result<Self> {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = v4.local_addr()?.port();
        let v6 = match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(v6) => Some(v6),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            // So Windows says that a port is reserved or held for one program alone.
            Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(error);
            }
            Err(_no_ipv6_here) => None,
        };
        Ok(Self { port, v4, v6, probe: pkce::random::<16>().map_err(io::Error::other)?, limit })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends every call to the callback's path on; never ends.
    pub async fn serve(&self, arrivals: &mpsc::UnboundedSender<Arrival>) -> Infallible {
        let mut connections = FuturesUnordered::new();
        let mut reading: VecDeque<Reading> = VecDeque::new();
        loop {
            reading.retain(|one| !one.line.is_closed());
            // When it is full, newcomers wait in the system's queue until the oldest has had its
            // time.
            let crowded = (reading.len() >= READING_LIMIT)
                .then(|| reading.front().map(|oldest| oldest.since + READING_GRACE))
                .flatten();
            tokio::select! {
                accepted = self.accept(), if crowded.is_none() => match accepted {
                    Ok(stream) => {
                        let (line, let_go) = oneshot::channel();
                        reading.push_back(Reading { since: Instant::now(), line });
                        connections.push(self.converse(stream, let_go, arrivals));
                    }
                    // Out of file descriptors, most likely: some come back as connections end.
                    Err(error) => {
                        tracing::warn!(%error, "the sign-in listener could not accept a connection");
                        sleep(Duration::from_millis(50)).await;
                    }
                },
                () = sleep_until(crowded.unwrap_or_else(Instant::now)), if crowded.is_some() => drop(reading.pop_front()),
                Some(()) = connections.next(), if !connections.is_empty() => {}
            }
        }
    }

    /// Calls every address of the listener, while it serves, to see that it is this one that
    /// answers.
    ///
    /// # Errors
    ///
    /// An address did not answer, or another program did.
    pub async fn check(&self) -> io::Result<()> {
        let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let v6 = self.v6.as_ref().map(|_| SocketAddr::from((Ipv6Addr::LOCALHOST, self.port)));
        for address in [Some(v4), v6].into_iter().flatten() {
            timeout(self.limit, self.call(address))
                .await
                .map_err(|_elapsed| io::Error::from(io::ErrorKind::TimedOut))??;
        }
        Ok(())
    }

    async fn call(&self, address: SocketAddr) -> io::Result<()> {
        let mut stream = TcpStream::connect(address).await?;
        let request =
            format!("GET /{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", self.probe);
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(1024).read_to_end(&mut answer).await?;
        if answer.ends_with(self.probe.as_bytes()) {
            Ok(())
        } else {
            Err(io::Error::other("something else answered"))
        }
    }

    async fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _peer) = match &self.v6 {
            Some(v6) => tokio::select! {
                accepted = self.v4.accept() => accepted?,
                accepted = v6.accept() => accepted?,
            },
            None => self.v4.accept().await?,
        };
        Ok(stream)
    }

    /// One request, one answer.
    async fn converse(
        &self,
        mut stream: TcpStream,
        let_go: oneshot::Receiver<Infallible>,
        arrivals: &mpsc::UnboundedSender<Arrival>,
    ) {
        let head = tokio::select! {
            head = timeout(self.limit, read_head(&mut stream)) => head,
            _dropped = let_go => return,
        };
        // Too slow, or broken: there is nobody to answer.
        let Ok(Ok(head)) = head else { return };
        let request = match head {
            RequestHead::Whole(bytes) => CallbackRequest::parse(&bytes),
            RequestHead::TooLong => CallbackRequest::TooLong,
        };
        let (response, written) = match request {
            CallbackRequest::Callback(query) => {
                let (answer, answered) = oneshot::channel();
                if arrivals.send(Arrival { query, answer }).is_err() {
                    return;
                }
                let Ok((page, written)) = answered.await else { return };
                (page.response(), Some(written))
            }
            CallbackRequest::Get(path) if path.strip_prefix('/') == Some(&self.probe) => (
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", self.probe).into_bytes(),
                None,
            ),
            CallbackRequest::Get(_) => (nothing_here().response(), None),
            CallbackRequest::Malformed => (not_http().response(), None),
            CallbackRequest::OtherMethod => (other_method().response(), None),
            CallbackRequest::TooLong => (too_long().response(), None),
        };
        let sent = timeout(self.limit, async {
            stream.write_all(&response).await?;
            stream.shutdown().await
        });
        if !matches!(sent.await, Ok(Ok(()))) {
            tracing::debug!("a browser left before its page was sent");
        }
        drop(written);
    }
}

enum RequestHead {
    TooLong,
    Whole(Vec<u8>),
}

async fn read_head(stream: &mut TcpStream) -> io::Result<RequestHead> {
    let mut head = Vec::with_capacity(2048);
    loop {
        let before = head.len();
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if head.len() > HEAD_LIMIT {
            return Ok(RequestHead::TooLong);
        }
        // The end may lie across two reads.
        if head[before.saturating_sub(3)..].windows(4).any(|end| end == b"\r\n\r\n") {
            return Ok(RequestHead::Whole(head));
        }
    }
}

/// The target of a request line (RFC 9112, section 3); headers and bodies have no say here.
#[derive(Debug, PartialEq, Eq)]
enum CallbackRequest {
    /// A GET of the callback's path, with its query.
    Callback(String),
    Get(String),
    Malformed,
    OtherMethod,
    TooLong,
}

impl CallbackRequest {
    fn parse(head: &[u8]) -> Self {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let Ok(line) = std::str::from_utf8(line) else { return Self::Malformed };
        let mut words = line.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Self::Malformed;
        };
        if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
            return Self::Malformed;
        }
        if method != "GET" {
            return Self::OtherMethod;
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path == callback::PATH {
            Self::Callback(query.to_owned())
        } else {
            Self::Get(path.to_owned())
        }
    }
}

fn nothing_here() -> CallbackPage {
    CallbackPage::new(
        Status::NotFound,
        PageLook::Plain,
        "Nothing here",
        "codling listens here for the end of a sign-in, and for nothing else",
    )
}

fn not_http() -> CallbackPage {
    CallbackPage::new(
        Status::BadRequest,
        PageLook::Plain,
        "Not understood",
        "This request could not be read",
    )
}

fn other_method() -> CallbackPage {
    CallbackPage::new(
        Status::MethodNotAllowed,
        PageLook::Plain,
        "Not understood",
        "Only a browser that was sent here can end a sign-in",
    )
}

fn too_long() -> CallbackPage {
    CallbackPage::new(
        Status::TooLarge,
        PageLook::Plain,
        "Too long",
        "This address is longer than any that a sign-in ends on",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_get_of_the_callbacks_path_is_a_callback() {
        for (head, expected) in [
            (
                "GET /auth/callback?code=1&state=2 HTTP/1.1\r\nHost: x\r\n\r\n",
                CallbackRequest::Callback("code=1&state=2".into()),
            ),
            ("GET /auth/callback HTTP/1.0\r\n\r\n", CallbackRequest::Callback(String::new())),
            (
                "GET /auth/callback/?code=1 HTTP/1.1\r\n\r\n",
                CallbackRequest::Get("/auth/callback/".into()),
            ),
            ("GET /cancel HTTP/1.1\r\n\r\n", CallbackRequest::Get("/cancel".into())),
            ("HEAD /auth/callback?code=1 HTTP/1.1\r\n\r\n", CallbackRequest::OtherMethod),
            ("POST /auth/callback?code=1 HTTP/1.1\r\n\r\n", CallbackRequest::OtherMethod),
            ("GET auth HTTP/1.1\r\n\r\n", CallbackRequest::Malformed),
            ("GET /auth/callback?a b HTTP/1.1\r\n\r\n", CallbackRequest::Malformed),
            ("GET /auth/callback\r\n\r\n", CallbackRequest::Malformed),
            ("\u{16}\u{3}\u{1}hello\r\n\r\n", CallbackRequest::Malformed),
        ] {
            assert_eq!(CallbackRequest::parse(head.as_bytes()), expected, "{head}");
        }
    }
}
