//! Standard input: a prompt to its end, or lines as they are typed.

use std::io::{self, BufRead, Read};
use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::base::Console;

use super::error::CliError;
use super::intent::PromptSource;

/// The largest prompt, in bytes: more than any model's context holds.
const LARGEST_PROMPT: u64 = 16 << 20;
/// The time after which the person is told what the program waits for: a pipe that stays open and
/// empty is most often a mistake.
const SILENCE: Duration = Duration::from_secs(2);

const WAITING: &str =
    "Reading stdin to its end, since it joins the prompt; `< /dev/null` leaves it out";

/// Returns the whole prompt. Reads `stdin` to its end if it belongs to the prompt, and does not
/// touch it otherwise.
///
/// # Errors
///
/// Fails with [`CliError::NoPrompt`] if nothing but blanks is left, and if `stdin` cannot be read
/// as text.
pub fn prompt(
    source: PromptSource,
    stdin: impl Read + Send + 'static,
    console: &mut Console,
) -> Result<String, CliError> {
    let text = match source {
        PromptSource::Words(words) => words,
        PromptSource::Stdin => to_the_end(stdin, || {})?,
        PromptSource::WordsAndStdin(words) => {
            match to_the_end(stdin, || console.note(WAITING))?.trim_end() {
                "" => words,
                piped => format!("{words}\n\n{piped}"),
            }
        }
    };
    if text.trim().is_empty() { Err(CliError::NoPrompt) } else { Ok(text.trim_end().to_owned()) }
}

/// Reads `stdin` to its end; calls `on_silence` once if the end does not come soon.
fn to_the_end(
    stdin: impl Read + Send + 'static,
    on_silence: impl FnOnce(),
) -> Result<String, CliError> {
    let (done, read) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = stdin.take(LARGEST_PROMPT + 1).read_to_end(&mut bytes).map(|_| bytes);
        // The receiver is gone only when the program ends.
        let _ended = done.send(result);
    });
    let result = match read.recv_timeout(SILENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => {
            on_silence();
            read.recv().map_err(|_gone| io::Error::other("reading ended early"))
        }
        result => result.map_err(|_gone| io::Error::other("reading ended early")),
    };
    let bytes = result.and_then(|read| read).map_err(|source| CliError::Prompt { source })?;
    if bytes.len() as u64 > LARGEST_PROMPT {
        return Err(CliError::PromptTooLarge { limit: LARGEST_PROMPT });
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the lines of standard input, without their ends. A thread of its own reads them, since a
/// read that waits cannot be called off.
pub fn lines() -> UnboundedReceiver<String> {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match stdin.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => {
                    let text =
                        String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
                    if sender.send(text).is_err() {
                        break;
                    }
                }
            }
        }
    });
    receiver
}

/// Returns no lines at all: the system would stop a program in the background that reads its
/// terminal.
pub fn no_lines() -> UnboundedReceiver<String> {
    unbounded_channel().1
}
