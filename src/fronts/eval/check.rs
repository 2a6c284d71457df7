//! The check of a task: a command that tells whether the task is solved. It may run code that the
//! model wrote, so it runs in the sandbox.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

use crate::base::start;
use crate::base::text;

/// Characters of the output that a report keeps.
const TOLD: usize = 2_000;
/// Bytes kept of each output stream while it runs; it may write without end.
const KEPT: usize = 64 << 10;

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckEnd {
    Passed,
    /// The end of its output.
    Failed(String),
    TimedOut,
}

/// Runs the check in the folder, sandboxed by `program`, which is codling itself.
pub async fn check(program: &Path, line: &str, folder: &Path, limit: Duration) -> CheckEnd {
    let mut command = Command::new(program);
    command
        .args(["sandbox", "--mode", "auto", "--", "sh", "-c", line])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[expect(clippy::disallowed_methods, reason = "a stop is held back")]
    let child = start::starting(|| command.spawn());
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return CheckEnd::Failed(format!("the check could not be started: {error}")),
    };
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let ended = async { tokio::try_join!(child.wait(), end_of(output), end_of(errors)) };
    match timeout(limit, ended).await {
        Err(_elapsed) => CheckEnd::TimedOut,
        Ok(Err(error)) => CheckEnd::Failed(format!("the check could not be awaited: {error}")),
        Ok(Ok((status, ..))) if status.success() => CheckEnd::Passed,
        Ok(Ok((status, output, errors))) => {
            let said = [output, errors].concat();
            let said = text::clean(String::from_utf8_lossy(&said).trim()).into_owned();
            let skipped = said.chars().count().saturating_sub(TOLD);
            let end: String = said.chars().skip(skipped).collect();
            CheckEnd::Failed(format!("{status}: {end}"))
        }
    }
}

/// Reads a stream to its end and returns its last [`KEPT`] bytes.
async fn end_of(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut end = Vec::new();
    let Some(mut stream) = stream else { return Ok(end) };
    let mut piece = vec![0; KEPT / 4];
    loop {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Ok(end);
        }
        end.extend_from_slice(&piece[..read]);
        end.drain(..end.len().saturating_sub(KEPT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_what_a_check_writes_the_end_is_kept() {
        let mut written = vec![b'x'; 10 << 20];
        written.extend_from_slice(b"the end");
        let end = end_of(Some(written.as_slice())).await.unwrap();
        assert_eq!((end.len(), end.ends_with(b"xthe end")), (KEPT, true));
        assert!(end.capacity() < KEPT * 4);
        assert_eq!(end_of(Some(&b"short"[..])).await.unwrap(), b"short");
        assert_eq!(end_of(None::<&[u8]>).await.unwrap(), b"");
    }
}
