//! The transport over a pipe: one JSON object a line. Two threads wait for the system, since
//! neither a read nor a write of a pipe can be called off.

use std::io::{self, Read, Write};

use tokio::sync::mpsc;

use crate::base::next_line;

use super::connection::{ConnectionId, Door, Ingress};
use super::outbox::{Outgoing, Slow, outbox};

/// The largest line that is read, in bytes; a longer one is skipped.
pub const LARGEST: usize = 64 << 20;

/// How many lines may wait to be processed.
const AHEAD: usize = 16;

/// Serves the one client of a pipe, until it hangs up.
///
/// # Errors
///
/// Fails if a thread cannot be started.
pub fn serve(
    door: Door,
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
) -> io::Result<()> {
    let (outbox, outgoing) = outbox(Slow::WaitedFor);
    let (sender, mut lines) = mpsc::channel::<Vec<u8>>(AHEAD);
    std::thread::Builder::new().name("stdin".into()).spawn(move || read(input, &sender))?;
    std::thread::Builder::new().name("stdout".into()).spawn(move || write(output, outgoing))?;
    tokio::spawn(async move {
        let ingress = Ingress::open(ConnectionId(0), door, outbox);
        while let Some(line) = lines.recv().await {
            ingress.take(&line).await;
        }
    });
    Ok(())
}

fn read(input: impl Read, lines: &mpsc::Sender<Vec<u8>>) {
    let mut input = io::BufReader::new(input);
    while let Ok(Some(line)) = next_line(&mut input, LARGEST) {
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}

fn write(mut output: impl Write, mut outgoing: Outgoing) {
    while let Some(first) = outgoing.blocking_next() {
        let mut written = line(&mut output, &first);
        // Messages that are ready together are written together.
        while written.is_ok()
            && let Some(next) = outgoing.ready()
        {
            written = line(&mut output, &next);
        }
        if written.and_then(|()| output.flush()).is_err() {
            return;
        }
        outgoing.sent();
    }
}

fn line(output: &mut impl Write, message: &str) -> io::Result<()> {
    output.write_all(message.as_bytes())?;
    output.write_all(b"\n")
}
