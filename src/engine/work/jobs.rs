//! Jobs as another program sees them: while commands of a conversation go on running, a socket
//! among the program's own files lists them, and ends one. Only its owner may use it; no command
//! that is kept in can reach it.
//!
//! A client sends one line and reads until the end: `list`, answered by a line `NUMBER SECONDS
//! COMMAND` for each job, or `stop NUMBER`, answered by `stopped` or `ended`.

use std::io;
use std::path::{Path, PathBuf};

use crate::engine::work::blocking;
use crate::protocol::{JobId, SessionId};

pub(crate) use socket::JobSocket;

/// Sockets have this behind the session's id.
const SUFFIX: &str = ".sock";

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

/// Where the sockets are, below the folder for state.
pub(crate) fn folder(state: &Path) -> PathBuf {
    state.join("jobs")
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
    let entries = match std::fs::read_dir(folder(state)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(JobList::default()),
        entries => entries?,
    };
    let JobList { mut sessions, mut silent } = JobList::default();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(session) = name.and_then(|name| name.strip_suffix(SUFFIX)) else { continue };
        if part.is_some_and(|part| !session.contains(part)) {
            continue;
        }
        let jobs: Vec<RunningJob> = match ask(&path, "list") {
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
    let path = folder(state).join(format!("{session}{SUFFIX}"));
    Ok(ask(&path, &format!("stop {}", job.0))?.trim() == "stopped")
}

fn read(line: &str) -> Option<RunningJob> {
    let (id, rest) = line.split_once(' ')?;
    let (seconds, title) = rest.split_once(' ')?;
    let (id, seconds) = (JobId(id.parse().ok()?), seconds.parse().ok()?);
    Some(RunningJob { id, seconds, title: title.to_owned() })
}

#[cfg(not(unix))]
fn ask(_path: &Path, _line: &str) -> io::Result<String> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
fn ask(path: &Path, line: &str) -> io::Result<String> {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    const PATIENCE: Option<Duration> = Some(Duration::from_secs(2));
    let mut stream = UnixStream::connect(path)?;
    stream.set_read_timeout(PATIENCE)?;
    stream.set_write_timeout(PATIENCE)?;
    stream.write_all(format!("{line}\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(unix)]
mod socket {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener as StdListener;
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::{Duration, Instant};
    use std::{fs, io};

    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{UnixListener, UnixStream};
    use tokio::time::timeout;

    use super::*;
    use crate::base::{files, text};
    use crate::engine::link::session_handle::SessionHandle;
    use crate::engine::work::owned_work::Work;
    use crate::protocol::{Job, TurnCommand};
    use crate::session::SessionInput;

    /// Bytes of a question.
    const LONGEST: u64 = 64;
    /// For a client that is slow to ask or to read.
    const PATIENCE: Duration = Duration::from_secs(2);

    type Shown = Arc<Mutex<Vec<(JobId, String, Instant)>>>;

    /// The socket of a session, for as long as it lives.
    pub(crate) struct JobSocket {
        path: PathBuf,
        shown: Shown,
        _serving: Work,
    }

    impl JobSocket {
        /// Listens, away from the loop. Where that cannot be done, the jobs are listed in their own
        /// program alone, and the log says why.
        pub(crate) fn open(folder: &Path, id: &SessionId, link: SessionHandle) -> Self {
            let path = folder.join(format!("{id}{SUFFIX}"));
            let shown = Shown::default();
            let serving = Work::start(serve(path.clone(), Arc::clone(&shown), link));
            Self { path, shown, _serving: serving }
        }

        /// Shows the jobs that run, and since when.
        pub(crate) fn show(&self, jobs: &[Job], began: impl Fn(JobId) -> Option<Instant>) {
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.retain(|(id, ..)| jobs.iter().any(|job| job.id == *id));
            for job in jobs {
                if !shown.iter().any(|(id, ..)| *id == job.id) {
                    let title = text::clean_line(&job.title).into_owned();
                    let since = began(job.id).unwrap_or_else(Instant::now);
                    shown.push((job.id, title, since));
                }
            }
        }
    }

    impl Drop for JobSocket {
        /// Touches the disk.
        fn drop(&mut self) {
            let _never_bound = fs::remove_file(&self.path);
        }
    }

    async fn serve(path: PathBuf, shown: Shown, link: SessionHandle) {
        let named = path.clone();
        let bound = blocking(move || bind(&named)).await;
        let listener = match bound.map_err(io::Error::other).flatten() {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "jobs cannot be seen from other programs");
                return;
            }
        };
        while let Ok((stream, _)) = listener.accept().await {
            // One after the other: whoever is slow is let go of.
            let _answered = timeout(PATIENCE, answer(stream, &shown, &link)).await;
        }
    }

    fn bind(path: &Path) -> io::Result<UnixListener> {
        if let Some(folder) = path.parent() {
            files::create_private_folder(folder).map_err(io::Error::other)?;
        }
        // A program that was killed left it: the session is this one's now.
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = StdListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        UnixListener::from_std(listener)
    }

    async fn answer(mut stream: UnixStream, shown: &Shown, link: &SessionHandle) -> io::Result<()> {
        let (reader, mut writer) = stream.split();
        let mut line = String::new();
        BufReader::new(reader.take(LONGEST)).read_line(&mut line).await?;
        let known = || shown.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match line.trim_end().split_once(' ') {
            None if line == "list\n" => {
                let line = |(id, title, since): &(JobId, String, Instant)| {
                    format!("{} {} {title}\n", id.0, since.elapsed().as_secs())
                };
                known().iter().map(line).collect()
            }
            Some(("stop", number)) => {
                let job = number.parse().ok().map(JobId);
                match job.filter(|job| known().iter().any(|(id, ..)| id == job)) {
                    Some(job) => {
                        link.send(SessionInput::Command(None, TurnCommand::StopJob(job)));
                        "stopped\n".to_owned()
                    }
                    None => "ended\n".to_owned(),
                }
            }
            _ => String::new(),
        };
        writer.write_all(answer.as_bytes()).await?;
        writer.shutdown().await
    }
}

/// Where there are no such sockets, a conversation's own program alone tells of its jobs.
#[cfg(not(unix))]
mod socket {
    use std::path::Path;

    use crate::engine::link::session_handle::SessionHandle;
    use std::time::Instant;

    use crate::protocol::{Job, JobId, SessionId};

    pub(crate) struct JobSocket;

    impl JobSocket {
        pub(crate) fn open(_: &Path, _: &SessionId, _: SessionHandle) -> Self {
            Self
        }

        pub(crate) fn show(&self, _: &[Job], _: impl Fn(JobId) -> Option<Instant>) {}
    }
}
