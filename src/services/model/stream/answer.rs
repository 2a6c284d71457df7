//! The body of an answer: told whether it is a stream, then read as one or as a whole, within
//! limits of size.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use reqwest::Response;
use thiserror::Error;

use super::bounds;
use super::sse::{Events, SseError};

/// The most that is read of an answer that says no.
const LARGEST_NO: usize = 64 * 1024;
/// How long the rest of one is waited for.
const NO_PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of a finished stream is waited for, so that its connection can be used again.
const RELEASE: Duration = Duration::from_secs(2);

pub type Answer = Events<Pin<Box<dyn Stream<Item = Result<Bytes, AnswerCut>> + Send>>>;

/// The start of an answer with a good status.
pub enum AnswerStart {
    Stream(Box<Answer>),
    /// A whole answer or an error as JSON, or a page, of which as much as an error may hold.
    Other(Vec<u8>),
}

/// Why a body ended before its end.
#[derive(Debug, Error)]
pub enum AnswerCut {
    #[error("nothing came in time")]
    Idle,
    #[error("more came than fits {limit} bytes")]
    Oversized { limit: usize },
    #[error("the connection was cut")]
    Transport { source: reqwest::Error },
}

/// Looks at the first bytes, since servers and proxies say `text/event-stream` of what is none, and
/// nothing of what is one.
///
/// # Errors
///
/// The connection was cut, the time is over, or the body is too large.
pub async fn open(response: Response) -> Result<AnswerStart, AnswerCut> {
    let mut chunks = chunks(response);
    let mut start = BytesMut::new();
    let first = loop {
        if start.len() > LARGEST_NO {
            return Err(AnswerCut::Oversized { limit: LARGEST_NO });
        }
        let Some(chunk) = chunks.next().await.transpose()? else { break None };
        start.extend_from_slice(&chunk);
        let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start);
        if let Some(first) = text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            break Some(*first);
        }
    };
    let start = start.freeze();
    if matches!(first, Some(b'{' | b'[' | b'<')) {
        let mut body = start.to_vec();
        // A whole answer may be as large as the largest event.
        let limit = if first == Some(b'{') { bounds::EVENT } else { LARGEST_NO };
        fill(&mut body, &mut chunks, limit).await;
        return Ok(AnswerStart::Other(body));
    }
    Ok(AnswerStart::Stream(Box::new(Events::new(stream::iter([Ok(start)]).chain(chunks).boxed()))))
}

/// The next event's data; `None` at the end.
///
/// # Errors
///
/// The connection was cut, the time is over, or an event is too large.
pub async fn next(events: &mut Answer) -> Result<Option<String>, AnswerCut> {
    match events.next().await {
        None => Ok(None),
        Some(Ok(data)) => Ok(Some(data)),
        Some(Err(SseError::Oversized { limit })) => Err(AnswerCut::Oversized { limit }),
        Some(Err(SseError::Transport { source })) => Err(source),
    }
}

/// Lets a stream that has said all run out, so that its connection is kept; mostly it has by now.
pub fn release(mut events: Box<Answer>) {
    let mut rest = async move { while events.next().await.is_some() {} }.boxed();
    if rest.as_mut().now_or_never().is_none() {
        drop(tokio::spawn(tokio::time::timeout(RELEASE, rest)));
    }
}

/// A whole body, unless it is larger than `limit`.
///
/// # Errors
///
/// The connection was cut, or the body is larger than `limit`.
pub async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, AnswerCut> {
    let mut body = Vec::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|source| AnswerCut::Transport { source })?
    {
        if body.len() + chunk.len() > limit {
            return Err(AnswerCut::Oversized { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// As much of a body as an error may hold and as comes soon.
pub async fn read_some(response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    fill(&mut body, &mut chunks(response), LARGEST_NO).await;
    body
}

async fn fill(
    body: &mut Vec<u8>,
    chunks: &mut (impl Stream<Item = Result<Bytes, AnswerCut>> + Unpin),
    limit: usize,
) {
    let all = async {
        while body.len() < limit
            && let Some(Ok(chunk)) = chunks.next().await
        {
            body.extend_from_slice(&chunk);
        }
    };
    // The bytes that have come by then are enough to tell the kind.
    let _elapsed = tokio::time::timeout(NO_PATIENCE, all).await;
    body.truncate(limit);
}

fn chunks(response: Response) -> Pin<Box<dyn Stream<Item = Result<Bytes, AnswerCut>> + Send>> {
    let chunks = stream::unfold(response, |mut response| async {
        match response.chunk().await {
            Ok(Some(chunk)) => Some((Ok(chunk), response)),
            Ok(None) => None,
            Err(source) => Some((Err(AnswerCut::Transport { source }), response)),
        }
    });
    chunks.fuse().boxed()
}
