//! Takes each request in, records it, and finds who answers it: a fault that was set for the path,
//! else the endpoint. Answers nothing itself.

pub mod backend;
pub mod check;
pub mod misbehave;
pub mod offer;
pub mod pages;
pub mod record;
pub mod shared;
pub mod sign_in;
pub mod stand;
mod tool_search;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request as Incomes, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::answer::ScriptedAnswer;
use crate::demo::answer::playback;
use crate::demo::answer::playback::PlayedBody;
use crate::demo::mcp;
use record::SeenRequest;
use shared::Shared;

/// A request is read whole up to this size.
const LARGEST: usize = 256 * 1024 * 1024;

/// The system may have no room for another connection just now.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes connections for as long as it is asked to; with it they end.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _from)) => drop(connections.spawn(converse(stream, shared.clone()))),
                Err(_no_room) => tokio::time::sleep(PAUSE).await,
            },
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    // Small writes must leave at once: a delta that waits for the one after it is no stream.
    let _refused = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let shared = shared.clone();
        async move { Ok::<_, Infallible>(respond(&shared, request).await) }
    });
    // However it ended, there is nobody to tell.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(shared: &Arc<Shared>, request: Incomes<Incoming>) -> Response<PlayedBody> {
    let at = Instant::now();
    let (head, body) = request.into_parts();
    let (body, readable) = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => (String::from_utf8_lossy(&body.to_bytes()).into_owned(), true),
        Err(_broken) => (String::new(), false),
    };
    let request = shared.record.add(recorded(&head, body, at));
    let answer = if readable { answer(shared, &request) } else { ScriptedAnswer::status(400) };
    if let (401, Some(token)) = (answer.status, request.bearer()) {
        shared.state().issuer.note_refusal(token);
    }
    playback::respond(answer, request.number, shared).await
}

fn recorded(head: &Parts, body: String, at: Instant) -> SeenRequest {
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    SeenRequest {
        number: 0,
        at,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body,
        status: None,
        answered: Vec::new(),
        ended: None,
    }
}

fn answer(shared: &Shared, request: &SeenRequest) -> ScriptedAnswer {
    if !is_loopback(request.header("host").unwrap_or_default()) {
        // A page on the web that had its name point here would send its own name.
        return ScriptedAnswer::error(
            403,
            "forbidden",
            "The stand-in answers to loopback names only",
        );
    }
    let fault = shared.state().faults.get_mut(&request.path).and_then(VecDeque::pop_front);
    if let Some(fault) = fault {
        return fault;
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/oauth/authorize") => sign_in::authorize_page(shared, request),
        ("POST", "/oauth/authorize") => sign_in::authorize_decision(shared, request),
        ("POST", "/oauth/token") => sign_in::token(shared, request),
        ("POST", "/oauth/revoke") => sign_in::revoke(shared, request),
        ("POST", "/api/accounts/deviceauth/usercode") => sign_in::device_begin(shared, request),
        ("POST", "/api/accounts/deviceauth/token") => sign_in::device_poll(shared, request),
        ("GET", "/codex/device") => sign_in::device_page(),
        ("POST", "/codex/device") => sign_in::device_decision(shared, request),
        ("POST", "/mcp" | "/mcp/open") => mcp::over_http(shared, request),
        ("GET", "/.well-known/oauth-protected-resource/mcp") => mcp::sign_in::resource(shared),
        ("GET", "/.well-known/oauth-authorization-server/mcp-auth") => {
            mcp::sign_in::metadata(shared)
        }
        ("POST", "/mcp-auth/register") => mcp::sign_in::register(shared, request),
        ("GET", "/mcp-auth/authorize") => mcp::sign_in::authorize(shared, request),
        ("POST", "/mcp-auth/token") => mcp::sign_in::token(shared, request),
        ("GET", "/v1/models") => backend::api_models(shared, request),
        ("GET", "/backend-api/codex/models") => backend::codex_models(shared, request),
        ("GET", "/backend-api/wham/usage") => backend::usage(shared, request),
        ("POST", "/backend-api/codex/responses") => backend::codex_responses(shared, request),
        ("POST", "/v1/responses") => backend::api_responses(shared, request),
        _ => ScriptedAnswer::error(404, "not_found", "The stand-in has nothing here"),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(name, "127.0.0.1" | "localhost" | "::1")
}
