//! Jobs as another program sees them: the socket of a conversation lists them, tells on which ports
//! they listen, and ends one.

use std::io;
use std::path::Path;

use crate::engine::remote::live::{self, LiveAnswers};
use crate::engine::remote::rendezvous::{folder, name};
use crate::protocol::{JobId, JobPorts, SessionId, Unjoined};

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
    /// Whose program did not answer, and why.
    pub silent: Vec<(SessionId, Unjoined)>,
}

/// The jobs of all conversations that programs with this folder for state have open, or of those
/// whose id has this part. Blocks, two seconds at the most for each.
///
/// # Errors
/// The folder cannot be read, or the system has no such sockets.
pub fn running(state: &Path, part: Option<&str>) -> io::Result<JobList> {
    let told = live::ask_each(state, part, |folder, id| live::text(folder, id, "list"))?;
    let LiveAnswers { answered, silent } = told.filter_map(|(session, text)| {
        let jobs: Vec<RunningJob> = text.lines().filter_map(read).collect();
        (!jobs.is_empty()).then_some(SessionJobs { session, jobs })
    });
    Ok(JobList { sessions: answered, silent })
}

/// The ports of a conversation's jobs, of those that listen on any. None are known where its
/// program does not answer, or is older and does not know the question. Blocks, two seconds at the
/// most.
pub fn ports(state: &Path, session: &SessionId) -> Vec<JobPorts> {
    let told = live::text(&folder(state), session, "ports").unwrap_or_default();
    told.lines().filter_map(read_ports).collect()
}

/// Has a job ended with all that it started; whether it ran until then.
///
/// # Errors
/// The program that has the conversation open does not answer.
pub fn stop(state: &Path, session: &SessionId, job: JobId) -> io::Result<bool> {
    let answer = live::ask(&folder(state), &name(session), &format!("stop {}", job.0))?;
    Ok(answer.trim() == "stopped")
}

fn read(line: &str) -> Option<RunningJob> {
    let (id, rest) = line.split_once(' ')?;
    let (seconds, title) = rest.split_once(' ')?;
    let (id, seconds) = (JobId(id.parse().ok()?), seconds.parse().ok()?);
    Some(RunningJob { id, seconds, title: title.to_owned() })
}

fn read_ports(line: &str) -> Option<JobPorts> {
    let (job, ports) = line.split_once(' ')?;
    let ports: Result<Vec<u16>, _> = ports.split(' ').map(str::parse).collect();
    Some(JobPorts { job: JobId(job.parse().ok()?), ports: ports.ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_line_by_line_and_a_line_that_is_none_is_left_out() {
        let ports = |job, ports: &[u16]| Some(JobPorts { job: JobId(job), ports: ports.into() });
        for (line, wanted) in [
            ("1 8000", ports(1, &[8_000])),
            ("12 80 65535", ports(12, &[80, 65_535])),
            ("1", None),
            ("1 ", None),
            ("x 80", None),
            ("1 65536", None),
        ] {
            assert_eq!(read_ports(line), wanted, "{line}");
        }
    }
}
