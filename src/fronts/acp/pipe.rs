//! The transport over a pipe: one JSON object a line. Two threads wait for the system, since
//! neither a read nor a write of a pipe can be called off.

use std::io::{self, Read, Write};
use std::time::Duration;

use agent_client_protocol::{Agent, ConnectTo, Lines};
use futures_util::{sink, stream};
use tokio::sync::{mpsc, oneshot};

use crate::base::next_line;

/// The longest line that is read, in bytes; a longer one counts as an empty one.
const LARGEST: usize = 64 << 20;

/// How many lines that were read may wait for the agent.
const AHEAD: usize = 16;

/// How many lines may wait to be written before the agent waits for its client.
const BEHIND: usize = 256;

/// Both directions of a pipe.
pub struct Pipe {
    incoming: mpsc::Receiver<String>,
    outgoing: mpsc::Sender<String>,
    written: oneshot::Receiver<()>,
}

/// Tells whether there is room for lines to be written.
#[derive(Clone, Debug)]
pub struct Room(mpsc::WeakSender<String>);

/// Resolves when every line has been written.
pub struct Written(oneshot::Receiver<()>);

impl Pipe {
    /// Begins to read and to write.
    ///
    /// # Errors
    ///
    /// Fails if a thread cannot be started.
    pub fn open(
        input: impl Read + Send + 'static,
        output: impl Write + Send + 'static,
    ) -> io::Result<Self> {
        let (read, incoming) = mpsc::channel(AHEAD);
        let (outgoing, lines) = mpsc::channel(BEHIND);
        let (done, written) = oneshot::channel();
        std::thread::Builder::new().name("stdin".into()).spawn(move || take(input, &read))?;
        std::thread::Builder::new().name("stdout".into()).spawn(move || {
            write(output, lines);
            // The receiver may be gone already.
            let _ended = done.send(());
        })?;
        Ok(Self { incoming, outgoing, written })
    }

    /// Returns the pipe as the protocol's crate takes it, its room, and its end.
    pub fn split(self) -> (impl ConnectTo<Agent> + 'static, Room, Written) {
        let Self { mut incoming, outgoing, written } = self;
        let room = Room(outgoing.downgrade());
        let lines = stream::poll_fn(move |context| {
            incoming.poll_recv(context).map(|line| line.map(io::Result::Ok))
        });
        let sink = sink::unfold(outgoing, async |outgoing, line| {
            let gone = |_line| io::Error::from(io::ErrorKind::BrokenPipe);
            outgoing.send(line).await.map_err(gone)?;
            Ok(outgoing)
        });
        (Lines::new(sink, lines), room, Written(written))
    }
}

impl Room {
    /// Resolves when there is room for a line, or the client reads no longer.
    pub async fn wait(&self) {
        if let Some(outgoing) = self.0.upgrade() {
            // The agent goes on in both cases.
            let _room = outgoing.reserve().await;
        }
    }

    /// Resolves when the client reads no longer, so that nothing can be written.
    pub async fn gone(&self) {
        if let Some(outgoing) = self.0.upgrade() {
            outgoing.closed().await;
        }
    }
}

impl Written {
    /// Waits until every line has been written, `limit` at the most.
    pub async fn wait(self, limit: Duration) {
        let _late = tokio::time::timeout(limit, self.0).await;
    }
}

fn take(input: impl Read, lines: &mpsc::Sender<String>) {
    let mut input = io::BufReader::new(input);
    while let Ok(Some(line)) = next_line(&mut input, LARGEST) {
        // Invalid UTF-8 becomes invalid JSON, which the protocol's crate answers with an error.
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches(['\r', '\n']);
        if !line.is_empty() && lines.blocking_send(line.to_owned()).is_err() {
            return;
        }
    }
}

fn write(mut output: impl Write, mut lines: mpsc::Receiver<String>) {
    while let Some(first) = lines.blocking_recv() {
        let mut written = put(&mut output, first);
        // Lines that wait together are written with one flush.
        while written.is_ok()
            && let Ok(next) = lines.try_recv()
        {
            written = put(&mut output, next);
        }
        if written.and_then(|()| output.flush()).is_err() {
            return;
        }
    }
}

fn put(output: &mut impl Write, mut line: String) -> io::Result<()> {
    line.push('\n');
    output.write_all(line.as_bytes())
}
