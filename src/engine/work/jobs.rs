//! Jobs as another program sees them: the socket of a conversation lists them, and ends one.

use std::io;
use std::path::Path;

use crate::engine::remote::rendezvous::{SUFFIX, folder, name};
use crate::protocol::{JobId, SessionId};

/// The jobs of a conversation that a program has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionJobs {
    /// Whose jobs they are.
    pub session: SessionId,
    /// By their numbers, the lowest first; never empty.
    pub jobs: Vec<RunningJob>,
}

/// A command that goes on running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningJob {
    /// Its number in its conversation.
    pub id: JobId,
    /// How long it has been going on, in seconds.
    pub seconds: u64,
    /// The first line of the command.
    pub title: String,
}

/// The answers of programs that have conversations open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobList {
    /// By session.
    pub sessions: Vec<SessionJobs>,
    /// Whose program did not answer in time: it hangs, or was suspended.
    pub silent: Vec<SessionId>,
}

/// The jobs of all conversations that programs with this folder for state have open, or of those
/// whose id has this part. Blocks, two seconds at the most for each.
///
/// # Errors
/// The folder cannot be read, or the system has no such sockets.
pub fn running(state: &Path, part: Option<&str>) -> io::Result<JobList> {
    let folder = folder(state);
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(JobList::default()),
        entries => entries?,
    };
    let JobList { mut sessions, mut silent } = JobList::default();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let file = path.file_name().and_then(|file| file.to_str());
        let Some(session) = file.and_then(|file| file.strip_suffix(SUFFIX)) else { continue };
        if part.is_some_and(|part| !session.contains(part)) {
            continue;
        }
        let jobs: Vec<RunningJob> = match ask(&folder, &name(&session.into()), "list") {
            Ok(answer) => answer.lines().filter_map(read).collect(),
            // Closed just now, or left by a program that was killed. It may also be a living one of
            // another machine that shares the folder, so whoever has the session's log removes it.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound
                ) =>
            {
                continue;
            }
            Err(error)
                if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
            {
                silent.push(SessionId::from(session));
                continue;
            }
            Err(error) => return Err(error),
        };
        if !jobs.is_empty() {
            sessions.push(SessionJobs { session: SessionId::from(session), jobs });
        }
    }
    sessions.sort_by(|one, other| one.session.as_str().cmp(other.session.as_str()));
    Ok(JobList { sessions, silent })
}

/// Has a job ended with all that it started; whether it ran until then.
///
/// # Errors
/// The program that has the conversation open does not answer.
pub fn stop(state: &Path, session: &SessionId, job: JobId) -> io::Result<bool> {
    let answer = ask(&folder(state), &name(session), &format!("stop {}", job.0))?;
    Ok(answer.trim() == "stopped")
}

fn read(line: &str) -> Option<RunningJob> {
    let (id, rest) = line.split_once(' ')?;
    let (seconds, title) = rest.split_once(' ')?;
    let (id, seconds) = (JobId(id.parse().ok()?), seconds.parse().ok()?);
    Some(RunningJob { id, seconds, title: title.to_owned() })
}

#[cfg(not(unix))]
fn ask(_folder: &Path, _name: &str, _line: &str) -> io::Result<String> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn ask(folder: &Path, name: &str, line: &str) -> io::Result<String> {
    use std::io::{Read, Write};

    use crate::engine::remote::rendezvous::dial;

    let mut stream = dial(folder, name)?;
    stream.write_all(format!("{line}\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
