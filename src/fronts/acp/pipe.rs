//! The transport over a pipe: one JSON object a line. Two threads wait for the system, since neither
//! a read nor a write of a pipe can be called off.

use std::io::{self, Read, Write};
use std::time::Duration;

use agent_client_protocol::{Agent, ConnectTo, Lines};
use futures_util::{sink, stream};
use tokio::sync::{mpsc, oneshot};

use crate::base::next_line;

/// A line is read up to this size, in bytes; a longer one is taken for an empty one.
const LARGEST: usize = 64 << 20;

/// Lines that wait to be taken in.
const AHEAD: usize = 16;

/// Lines that wait to be written before the agent waits for its client.
const BEHIND: usize = 256;

/// Both directions of a pipe.
pub struct Pipe {
    incoming: mpsc::Receiver<String>,
    outgoing: mpsc::Sender<String>,
    written: oneshot::Receiver<()>,
}

/// Says how much waits to be written.
#[derive(Clone, Debug)]
pub struct Room(mpsc::WeakSender<String>);

/// Resolves when all that was to be written has been.
pub struct Written(oneshot::Receiver<()>);

impl Pipe {
    /// Begins to read and to write.
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
            // Nobody may wait any more.
            let _ended = done.send(());
        })?;
        Ok(Self { incoming, outgoing, written })
    }

    /// The pipe as the protocol's crate takes it.
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
    /// Resolves when the client has taken some of what waits, or will take nothing any more.
    pub async fn wait(&self) {
        if let Some(outgoing) = self.0.upgrade() {
            // Whether there is room or nobody who reads, the agent goes on.
            let _room = outgoing.reserve().await;
        }
    }

    /// Resolves when nothing can be written any more: the client reads no longer.
    pub async fn gone(&self) {
        if let Some(outgoing) = self.0.upgrade() {
            outgoing.closed().await;
        }
    }
}

impl Written {
    /// Waits for it, `limit` at the most.
    pub async fn wait(self, limit: Duration) {
        let _late = tokio::time::timeout(limit, self.0).await;
    }
}

fn take(input: impl Read, lines: &mpsc::Sender<String>) {
    let mut input = io::BufReader::new(input);
    while let Ok(Some(line)) = next_line(&mut input, LARGEST) {
        // What is no UTF-8 is no JSON either, and answered as such.
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
        // What came in one go leaves in one go.
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
