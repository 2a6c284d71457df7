//! The transport over websockets: one JSON object per frame, over TCP or a Unix socket. Permission
//! to connect is checked before any message of the protocol is read.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    AUTHORIZATION, CONNECTION, HeaderMap, HeaderValue, ORIGIN, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_KEY, UPGRADE,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::connection::{ConnectionId, Door, Ingress};
use super::outbox::{Outgoing, Slow, outbox};
use super::stdio::LARGEST;
use super::token::Token;

/// How long a client may take to send its request.
const HEAD: Duration = Duration::from_secs(10);
/// How long a dropped client has to receive the close message.
const FAREWELL: Duration = Duration::from_secs(1);

/// The state that all connections share.
#[derive(Clone, Debug)]
pub struct Gate {
    pub door: Door,
    /// The token that a client must send; `None` if any client that can reach the address may
    /// connect.
    pub token: Option<Arc<Token>>,
    /// Counts connections.
    pub last: Arc<AtomicU64>,
}

/// Serves one connection to its end.
pub async fn serve(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, gate: Gate) {
    let service = service_fn(move |request| {
        let gate = gate.clone();
        async move { Ok::<_, Infallible>(answer(request, &gate)) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended before it was a websocket");
    }
}

/// Answers the request to connect. A browser sends the origin of its page and is refused: otherwise
/// any page could connect here.
fn answer(request: Request<Incoming>, gate: &Gate) -> Response<Full<Bytes>> {
    if request.headers().contains_key(ORIGIN) {
        return plain(StatusCode::FORBIDDEN, "");
    }
    let Some(key) = upgrade_key(request.headers()) else {
        return match (request.method(), request.uri().path()) {
            (&Method::GET, "/healthz" | "/readyz") => plain(StatusCode::OK, "ok"),
            _ => plain(StatusCode::BAD_REQUEST, "a websocket upgrade is expected here"),
        };
    };
    if let Some(token) = &gate.token
        && !token.is_brought_by(request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes))
    {
        return plain(StatusCode::UNAUTHORIZED, "a bearer token is needed");
    }
    let accept = derive_accept_key(key.as_bytes());
    let gate = gate.clone();
    tokio::spawn(async move {
        match hyper::upgrade::on(request).await {
            Ok(upgraded) => converse(TokioIo::new(upgraded), gate).await,
            Err(error) => tracing::debug!(%error, "a websocket was not taken up"),
        }
    });
    let mut response = plain(StatusCode::SWITCHING_PROTOCOLS, "");
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// The key of a request to become a websocket (RFC 6455, section 4.2.1).
fn upgrade_key(headers: &HeaderMap) -> Option<HeaderValue> {
    let holds = |name, word: &str| {
        headers.get_all(name).iter().any(|value| {
            let text = value.to_str().unwrap_or_default();
            text.split(',').any(|part| part.trim().eq_ignore_ascii_case(word))
        })
    };
    let is_upgrade = holds(CONNECTION, "upgrade") && holds(UPGRADE, "websocket");
    headers.get(SEC_WEBSOCKET_KEY).filter(|_| is_upgrade).cloned()
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, gate: Gate) {
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST))
        .read_buffer_size(8 << 10);
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    let (mut sink, mut frames) = socket.split();
    let id = ConnectionId(gate.last.fetch_add(1, Ordering::Relaxed) + 1);
    let (outbox, mut outgoing) = outbox(Slow::Dropped);
    let overrun = outgoing.overrun();
    let reading = async move {
        let ingress = Ingress::open(id, gate.door, outbox);
        while let Some(Ok(frame)) = frames.next().await {
            match frame {
                Message::Text(text) => ingress.take(text.as_bytes()).await,
                // The protocol has only text, but a client that sends its text as binary expects
                // answers too.
                Message::Binary(bytes) => ingress.take(&bytes).await,
                Message::Close(_) => break,
                // Pongs are answered below; nothing else is part of the protocol.
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = write(&mut sink, &mut outgoing) => {}
        () = overrun => tracing::info!("disconnecting slow connection after outbound queue filled"),
    }
    let _gone = tokio::time::timeout(FAREWELL, sink.close()).await;
}

async fn write<S>(sink: &mut S, outgoing: &mut Outgoing)
where
    S: SinkExt<Message> + Unpin,
{
    while let Some(first) = outgoing.next().await {
        let mut fed = sink.feed(Message::text(&*first)).await;
        // Messages that are ready together are written together.
        while fed.is_ok()
            && let Some(next) = outgoing.ready()
        {
            fed = sink.feed(Message::text(&*next)).await;
        }
        if fed.is_err() || sink.flush().await.is_err() {
            return;
        }
        outgoing.sent();
    }
}
