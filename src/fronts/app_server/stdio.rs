//! The transport over a pipe: one JSON object a line. Two threads wait for the system, since neither
//! a read nor a write of a pipe can be called off.

use std::io::{self, BufRead, Read, Write};

use tokio::sync::mpsc;

use super::connection::{ConnectionId, Door, Ingress, Outgoing, Slow, outbox};

/// A line is read up to this size, in bytes; a longer one is passed over.
pub const LARGEST: usize = 64 << 20;

/// Lines that wait to be taken in.
const AHEAD: usize = 16;

/// Serves the one client of a pipe, until it hangs up.
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

/// The next line, empty where it is too long; `None` at the end.
fn next_line(input: &mut impl BufRead, largest: usize) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let limit = largest as u64 + 1;
    if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() > largest && line.last() != Some(&b'\n') {
        line = Vec::new();
        skip_line(input)?;
    }
    Ok(Some(line))
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let there = input.fill_buf()?;
        let (used, done) = match there.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (there.len(), there.is_empty()),
        };
        input.consume(used);
        if done {
            return Ok(());
        }
    }
}

fn write(mut output: impl Write, mut outgoing: Outgoing) {
    while let Some(first) = outgoing.blocking_next() {
        let (mut count, mut bytes) = (1, first.len());
        let mut written = line(&mut output, &first);
        // What came in one go leaves in one go.
        while written.is_ok()
            && let Some(next) = outgoing.ready()
        {
            (count, bytes) = (count + 1, bytes + next.len());
            written = line(&mut output, &next);
        }
        if written.and_then(|()| output.flush()).is_err() {
            return;
        }
        outgoing.sent(count, bytes);
    }
}

fn line(output: &mut impl Write, message: &str) -> io::Result<()> {
    output.write_all(message.as_bytes())?;
    output.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_read() {
        let text = format!("short\n{}\nnext\n{}", "x".repeat(100), "y".repeat(100));
        let mut input = io::BufReader::with_capacity(7, text.as_bytes());
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut input, 20).unwrap() {
            lines.push(String::from_utf8(line).unwrap());
        }
        assert_eq!(lines, ["short\n", "", "next\n", ""]);
    }
}
