//! Open sessions as another program sees them: each one's socket tells what it does, and has it
//! stop.

use std::io;
use std::path::Path;

use crate::protocol::{LiveState, SessionId};

use super::live_text;
use super::rendezvous::{SUFFIX, folder, name};

/// The answers of programs that have sessions open, by session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveAnswers<T> {
    /// The answers of those that did.
    pub answered: Vec<T>,
    /// Sessions whose program did not answer in time: it hangs, or was suspended.
    pub silent: Vec<SessionId>,
}

impl<T> LiveAnswers<T> {
    fn none() -> Self {
        Self { answered: Vec::new(), silent: Vec::new() }
    }

    /// The same with other answers, less those that are dropped.
    pub(crate) fn filter_map<U>(self, of: impl FnMut(T) -> Option<U>) -> LiveAnswers<U> {
        let answered = self.answered.into_iter().filter_map(of).collect();
        LiveAnswers { answered, silent: self.silent }
    }
}

/// What the stop of a session came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Its turn is being interrupted.
    Turn,
    /// No turn was in progress.
    Nothing,
}

/// The states of all sessions that programs with this folder for state have open, or of those whose
/// id has this part; those that work for another one are left out. Blocks, two seconds at the most
/// for each.
///
/// # Errors
///
/// The folder cannot be read, or the system has no such sockets.
pub fn sessions(state: &Path, part: Option<&str>) -> io::Result<LiveAnswers<LiveState>> {
    let told = ask_each(state, part, |folder, id| ask(folder, &name(id), "state"))?;
    Ok(told.filter_map(|(_, text)| live_text::read(&text).filter(|it| it.parent.is_none())))
}

/// Interrupts the turn of a session. Blocks, two seconds at the most.
///
/// # Errors
///
/// The program that has the session open does not answer.
pub fn stop(state: &Path, session: &SessionId) -> io::Result<Stopped> {
    match ask(&folder(state), &name(session), "interrupt")?.trim() {
        "interrupted" => Ok(Stopped::Turn),
        "idle" => Ok(Stopped::Nothing),
        _ => Err(io::Error::other("the program is an older codling, which cannot be told to")),
    }
}

/// Asks each session's socket, or those whose id has this part; left over sockets are passed over.
pub(crate) fn ask_each<T>(
    state: &Path,
    part: Option<&str>,
    mut ask: impl FnMut(&Path, &SessionId) -> io::Result<T>,
) -> io::Result<LiveAnswers<(SessionId, T)>> {
    let folder = folder(state);
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LiveAnswers::none()),
        entries => entries?,
    };
    let mut all = LiveAnswers::none();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let file = path.file_name().and_then(|file| file.to_str());
        let Some(session) = file.and_then(|file| file.strip_suffix(SUFFIX)) else { continue };
        if part.is_some_and(|part| !session.contains(part)) {
            continue;
        }
        let session = SessionId::from(session);
        match ask(&folder, &session) {
            Ok(answer) => all.answered.push((session, answer)),
            Err(error) => match error.kind() {
                // Closed just now, or left by a program that was killed. It may also be a living
                // one of another machine that shares the folder, so whoever has the session's log
                // removes it.
                io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {}
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => all.silent.push(session),
                _ => return Err(error),
            },
        }
    }
    all.answered.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    all.silent.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    Ok(all)
}

/// Asks a session's socket a question of one line, which is answered by text.
#[cfg(unix)]
pub(crate) fn ask(folder: &Path, name: &str, line: &str) -> io::Result<String> {
    use std::io::{Read, Write};

    let mut stream = super::rendezvous::dial(folder, name)?;
    stream.write_all(format!("{line}\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST_ANSWER).read_to_string(&mut answer)?;
    Ok(answer)
}

/// Bytes of an answer in text.
#[cfg(unix)]
const LONGEST_ANSWER: u64 = 1024 * 1024;

#[cfg(not(unix))]
pub(crate) fn ask(_folder: &Path, _name: &str, _line: &str) -> io::Result<String> {
    Err(io::ErrorKind::Unsupported.into())
}
