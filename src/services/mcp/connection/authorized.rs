//! An HTTP client that sends a person's token to the server, and a newer one where it is refused.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::BoxStream;
use reqwest::Client;
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::model::ClientJsonRpcMessage;
use rmcp::transport::streamable_http_client::{
    SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
    StreamableHttpResponseLimits,
};
use sse_stream::Sse;

use crate::base::Secret;
use crate::protocol::McpServer;

/// The token for a server, `None` where a person has to sign in; else a sentence why it cannot be
/// had.
pub type TokenAnswer<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Secret>, String>> + Send + 'a>>;

/// Knows the tokens of all servers.
pub trait McpTokens: fmt::Debug + Send + Sync {
    /// The token for requests to this server at its address; a newer one where it was `refused`.
    fn token<'a>(&'a self, server: &'a McpServer, refused: Option<&'a Secret>) -> TokenAnswer<'a>;
}

type Failure = StreamableHttpError<reqwest::Error>;
type Headers = HashMap<HeaderName, HeaderValue>;

/// Clones send the same tokens. Where the settings have a token, that one is sent and no other.
#[derive(Clone)]
pub struct AuthorizedClient {
    /// Its redirects stay on the server's origin.
    pub client: Client,
    pub server: Arc<McpServer>,
    pub tokens: Arc<dyn McpTokens>,
}

impl AuthorizedClient {
    /// Sends a request with the token, and once more with a newer one where it is refused.
    async fn send<T, F>(
        &self,
        configured: Option<String>,
        request: impl Fn(Option<String>) -> F + Send,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send,
    {
        if configured.is_some() {
            return request(configured).await;
        }
        let token = self.token(None).await?;
        let header = |token: &Option<Secret>| token.as_ref().map(|it| it.expose().to_owned());
        let answer = request(header(&token)).await;
        let (Err(StreamableHttpError::AuthRequired(_)), Some(refused)) = (&answer, &token) else {
            return answer;
        };
        match self.token(Some(refused)).await? {
            Some(newer) if newer != *refused => request(header(&Some(newer))).await,
            _ => answer,
        }
    }

    async fn token(&self, refused: Option<&Secret>) -> Result<Option<Secret>, Failure> {
        let token = self.tokens.token(&self.server, refused).await;
        token.map_err(|why| Failure::Io(io::Error::other(why)))
    }
}

impl StreamableHttpClient for AuthorizedClient {
    type Error = reqwest::Error;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        configured: Option<String>,
        headers: Headers,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        let limits = StreamableHttpResponseLimits::default();
        self.post_message_with_response_limits(uri, message, session, configured, headers, limits)
            .await
    }

    async fn post_message_with_response_limits(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        configured: Option<String>,
        headers: Headers,
        limits: StreamableHttpResponseLimits,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        self.send(configured, |token| {
            let (uri, message, session) = (uri.clone(), message.clone(), session.clone());
            let headers = headers.clone();
            self.client
                .post_message_with_response_limits(uri, message, session, token, headers, limits)
        })
        .await
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session: Arc<str>,
        configured: Option<String>,
        headers: Headers,
    ) -> Result<(), Failure> {
        self.send(configured, |token| {
            self.client.delete_session(uri.clone(), session.clone(), token, headers.clone())
        })
        .await
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        configured: Option<String>,
        headers: Headers,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Failure> {
        let size = StreamableHttpResponseLimits::default().max_sse_event_size;
        self.get_stream_with_max_sse_event_size(uri, session, last_event, configured, headers, size)
            .await
    }

    async fn get_stream_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        configured: Option<String>,
        headers: Headers,
        size: usize,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Failure> {
        self.send(configured, |token| {
            let (uri, session, last_event) = (uri.clone(), session.clone(), last_event.clone());
            let headers = headers.clone();
            self.client
                .get_stream_with_max_sse_event_size(uri, session, last_event, token, headers, size)
        })
        .await
    }
}
