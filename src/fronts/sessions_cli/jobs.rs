//! Running jobs of open conversations, listed and stopped from another terminal.

use std::io;
use std::path::Path;

use crate::base::{Console, text};
use crate::engine::jobs::{self, JobList, RunningJob, SessionJobs};
use crate::protocol::{Exit, JobId, JobPorts};

use super::running::{lasted, report_silent};

/// Prints one line each: session, number, duration, command, and the ports it listens on.
pub fn list_jobs(state: &Path, console: &mut Console) -> Exit {
    let JobList { sessions: all, silent } = match jobs::running(state, None) {
        Ok(all) => all,
        Err(error) => return unreadable(&error, console),
    };
    report_silent(&silent, console);
    if all.is_empty() {
        console.note("Nothing is running");
        return Exit::Done;
    }
    for SessionJobs { session, jobs } in &all {
        let ports = jobs::ports(state, session);
        for RunningJob { id, seconds, title } in jobs {
            let title = text::cut(title, 80);
            let listens = ports.iter().find(|ports| ports.job == *id).map(JobPorts::words);
            let listens = listens.map(|words| format!("  {words}")).unwrap_or_default();
            let (number, lasted) = (id.0, lasted(*seconds));
            console.line(&format!("{session}  {number:>3}  {lasted:>8}  {title}{listens}"));
        }
    }
    console.flush();
    Exit::Done
}

/// Stops a job by its number. `session` is an id or a part of one, needed only if several sessions
/// have that number.
pub fn stop_job(state: &Path, number: u64, session: Option<&str>, console: &mut Console) -> Exit {
    let JobList { sessions: all, silent } = match jobs::running(state, session) {
        Ok(all) => all,
        Err(error) => return unreadable(&error, console),
    };
    report_silent(&silent, console);
    let is_meant = |found: &&SessionJobs| found.jobs.iter().any(|job| job.id == JobId(number));
    let found: Vec<&SessionJobs> = all.iter().filter(is_meant).collect();
    let session = match found[..] {
        [found] => &found.session,
        [] => {
            let what = format!("There is no running command {number}");
            console.problem(&what, Some("`codling jobs` lists those that run"));
            return Exit::Failed;
        }
        [..] => {
            let what = format!("Several conversations have a command {number}");
            console.problem(&what, Some("Say which with `--session` and a part of its id"));
            return Exit::Usage;
        }
    };
    match jobs::stop(state, session, JobId(number)) {
        Ok(true) => console.note(&format!("Command {number} of {session} is being ended")),
        Ok(false) => console.note(&format!("Command {number} of {session} had ended already")),
        Err(error) => return unreadable(&error, console),
    }
    Exit::Done
}

fn unreadable(error: &io::Error, console: &mut Console) -> Exit {
    let what = format!("The running commands cannot be looked at: {error}");
    console.problem(&what, Some("`/jobs` shows them in the conversation itself"));
    Exit::Failed
}
