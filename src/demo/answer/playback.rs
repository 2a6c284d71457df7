//! Plays an answer onto a connection: by the clock, through gates, cut where it is to be cut.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use http_body_util::StreamBody;
use hyper::body::Frame;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::script_piece::Round;
use super::writer::{self, Step, Track};
use super::{AnswerManner, AnswerOpening, ScriptedAnswer};
use crate::demo::server::shared::Shared;

/// Large bodies go out in pieces of this size, so that the connection has its turn in between.
const WRITE: usize = 64 * 1024;

/// Bytes to send, or the wish to cut the connection.
type Chunk = std::io::Result<Bytes>;

pub type PlayedBody = StreamBody<BoxStream<'static, std::io::Result<Frame<Bytes>>>>;

fn body(chunks: impl Stream<Item = Chunk> + Send + 'static) -> PlayedBody {
    StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data)).boxed())
}

/// Turns an answer into a response; its body is played by a task of its own, which ends when the
/// client leaves.
pub async fn respond(
    answer: ScriptedAnswer,
    request: usize,
    shared: &Arc<Shared>,
) -> Response<PlayedBody> {
    match answer.opening() {
        AnswerOpening::AtOnce => {}
        AnswerOpening::After(time) => tokio::time::sleep(*time).await,
        AnswerOpening::Gate(name) => shared.gates.pass(name).await,
        AnswerOpening::Never => std::future::pending().await,
        AnswerOpening::HangUp => return hang_up(),
    }
    shared.record.answered(request, answer.status, &answer.headers);
    let steps = answer.steps();
    // One chunk at a time: each is flushed before the next is handed over, so splits and cuts
    // happen where they were asked for.
    let (chunks, mut played) = mpsc::channel(1);
    let length = if answer.length().is_some() { Length::Known } else { Length::Open };
    let player = Player { chunks, manner: answer.manner, sent: 0, length };
    tokio::spawn(play(player, steps, request, shared.clone()));
    let mut response =
        Response::new(body(stream::poll_fn(move |context| played.poll_recv(context))));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
        {
            response.headers_mut().append(name, value);
        }
    }
    if let Some(length) = answer.length() {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

/// A body that fails before anything was flushed: the connection closes without a status line.
fn hang_up() -> Response<PlayedBody> {
    Response::new(body(stream::iter([Chunk::Err(cut())])))
}

fn cut() -> std::io::Error {
    std::io::ErrorKind::ConnectionAborted.into()
}

async fn play(mut player: Player, steps: Vec<Step>, request: usize, shared: Arc<Shared>) {
    let left = player.chunks.clone();
    let whole = async {
        for step in &steps {
            player.step(step, &shared).await?;
        }
        player.drain().await
    };
    tokio::select! {
        biased;
        end = whole => if end.is_ok() { shared.record.ended(request) },
        () = left.closed() => {}
    }
}

/// The connection is gone, or was cut.
struct Over;

struct Player {
    chunks: mpsc::Sender<Chunk>,
    manner: AnswerManner,
    sent: usize,
    length: Length,
}

/// Whether the head of the response tells how long the body is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Known,
    Open,
}

impl Player {
    async fn step(&mut self, step: &Step, shared: &Shared) -> Result<(), Over> {
        match step {
            Step::Send(track) => self.send(track).await,
            Step::Gate(name) => {
                shared.gates.pass(name).await;
                Ok(())
            }
            Step::Wait(time) => {
                tokio::time::sleep(*time).await;
                Ok(())
            }
            Step::Forever { round, pause } => self.forever(*round, *pause).await,
            Step::Stall => std::future::pending().await,
            Step::Cut => self.cut().await,
        }
    }

    async fn send(&mut self, track: &Track) -> Result<(), Over> {
        let Some(per_second) = self.manner.per_second else {
            return self.write(track.bytes.clone()).await;
        };
        let start = Instant::now();
        let mut from = 0;
        let mut next = 0;
        while next < track.marks.len() {
            tokio::time::sleep_until(start + due(next, per_second)).await;
            // Everything that is due goes out in one write: at a high pace the clock ticks slower
            // than the deltas.
            let elapsed = start.elapsed();
            while next < track.marks.len() && due(next, per_second) <= elapsed {
                next += 1;
            }
            let to = next.checked_sub(1).map_or(0, |last| track.marks[last]);
            self.write(track.bytes.slice(from..to)).await?;
            from = to;
        }
        self.write(track.bytes.slice(from..)).await
    }

    async fn forever(&mut self, round: Round, pause: Duration) -> Result<(), Over> {
        let mut rounds = 0..;
        loop {
            let mut bytes = BytesMut::new();
            // At full pace many rounds share one write.
            while bytes.is_empty() || pause.is_zero() && bytes.len() < WRITE {
                for step in rounds
                    .next()
                    .map(|number| writer::write(&round(number), number))
                    .unwrap_or_default()
                {
                    if let Step::Send(track) = step {
                        bytes.extend_from_slice(&track.bytes);
                    }
                }
            }
            self.write(bytes.freeze()).await?;
            tokio::time::sleep(pause).await;
        }
    }

    async fn write(&mut self, mut bytes: Bytes) -> Result<(), Over> {
        let most = self.manner.split.unwrap_or(WRITE);
        while !bytes.is_empty() {
            let mut chunk = bytes.split_to(most.min(bytes.len()));
            let room =
                self.manner.cut_after.map_or(usize::MAX, |after| after.saturating_sub(self.sent));
            if chunk.len() >= room {
                chunk.truncate(room);
                self.chunk(Ok(chunk)).await?;
                return self.cut().await;
            }
            self.sent += chunk.len();
            self.chunk(Ok(chunk)).await?;
        }
        Ok(())
    }

    /// Waits until the connection has taken the last chunk: then the one place in the channel is
    /// free again.
    async fn drain(&self) -> Result<(), Over> {
        match self.chunks.reserve().await {
            Ok(_place) => Ok(()),
            // A body of known length is let go of with its last byte.
            Err(_left) if self.length == Length::Known => Ok(()),
            Err(_left) => Err(Over),
        }
    }

    async fn cut(&mut self) -> Result<(), Over> {
        self.chunk(Err(cut())).await?;
        Err(Over)
    }

    async fn chunk(&mut self, chunk: Chunk) -> Result<(), Over> {
        self.chunks.send(chunk).await.map_err(|_left| Over)
    }
}

/// When a delta falls due, counted from the first.
fn due(delta: usize, per_second: u32) -> Duration {
    Duration::from_secs_f64(delta as f64 / f64::from(per_second.max(1)))
}
