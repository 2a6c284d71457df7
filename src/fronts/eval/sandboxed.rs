//! Command lines that an evaluation runs in the sandbox: setups, solutions and checks. They may run
//! code that the model wrote.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

use crate::base::start;
use crate::base::text;

use super::git;

/// Characters of the output that a report keeps.
const TOLD: usize = 2_000;
/// Bytes kept of each output stream while it runs; it may write without end.
const KEPT: usize = 64 << 10;

/// The outcome of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineEnd {
    Passed,
    /// The end of its output.
    Failed(String),
    TimedOut,
}

/// The sandbox for the command lines of one attempt.
#[derive(Clone, Debug)]
pub struct LineSandbox<'a> {
    /// This program, which makes the sandbox.
    pub program: &'a Path,
    /// The copy that the lines run in.
    pub folder: &'a Path,
    /// Places that they cannot read.
    pub hidden: &'a [PathBuf],
    /// A file that they can read besides.
    pub shown: Option<&'a Path>,
}

impl LineSandbox<'_> {
    /// Runs a line for `sh` with these variables.
    pub async fn run(
        &self,
        line: &OsStr,
        variables: &[(&str, OsString)],
        limit: Duration,
    ) -> LineEnd {
        let mut command = Command::new(self.program);
        command.args(["sandbox", "--mode", "auto", "--git"]);
        if let Some(shown) = self.shown {
            command.arg("--show").arg(shown);
        }
        for place in self.hidden {
            command.arg("--hide").arg(place);
        }
        // The sandbox takes variables of codling's own away, so that they are set inside.
        command.args(["--", "/usr/bin/env"]);
        for (name, value) in variables {
            let mut word = OsString::from(format!("{name}="));
            word.push(value);
            command.arg(word);
        }
        command.args(["sh", "-c"]).arg(line);
        for name in git::inherited() {
            command.env_remove(name);
        }
        command
            .envs(git::VARIABLES)
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        ended(command, limit).await
    }
}

async fn ended(mut command: Command, limit: Duration) -> LineEnd {
    #[expect(clippy::disallowed_methods, reason = "a stop is held back")]
    let child = start::starting(|| command.spawn());
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return LineEnd::Failed(format!("it could not be started: {error}")),
    };
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let ended = async { tokio::try_join!(child.wait(), end_of(output), end_of(errors)) };
    match timeout(limit, ended).await {
        Err(_elapsed) => LineEnd::TimedOut,
        Ok(Err(error)) => LineEnd::Failed(format!("it could not be awaited: {error}")),
        Ok(Ok((status, ..))) if status.success() => LineEnd::Passed,
        Ok(Ok((status, output, errors))) => {
            let said = [output, errors].concat();
            let said = text::clean(String::from_utf8_lossy(&said).trim()).into_owned();
            let skipped = said.chars().count().saturating_sub(TOLD);
            let end: String = said.chars().skip(skipped).collect();
            LineEnd::Failed(format!("{status}: {end}"))
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
