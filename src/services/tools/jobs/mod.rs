//! Jobs: commands that run beside the conversation, from the call that starts them to their end,
//! however many calls look at them meanwhile.
//!
//! A job has a thread that listens to its command. Calls wait for it to show something or to end,
//! take what nobody has taken yet, and type into its terminal. All end when the session does
//! ([`Jobs::stop_all`]), and with the program: each command has a supervisor that holds a line to
//! it.

mod answer;
pub mod exec_command;
mod job;
mod screen;
mod unread;
pub mod write_stdin;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::protocol::{CallId, JobId, JobPorts};

use super::definition::{JobDescription, RunningJobs};
use crate::sandbox::{Loopback, PortSearch};
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::shell::output_room::OutputRoom;

use job::Job;

/// Jobs that run at a time.
pub const MOST: usize = 16;
/// Jobs that have ended and that can still be asked what they wrote last.
const REMEMBERED: usize = 16;

/// The jobs of a session.
#[derive(Clone, Default)]
pub struct Jobs(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    count: u64,
    jobs: BTreeMap<JobId, Arc<Job>>,
    /// For the files of long outputs.
    room: OutputRoom,
    /// It is shared by all commands, not only those that become jobs.
    loopback: Loopback,
}

impl Jobs {
    /// For a conversation whose jobs were numbered up to this: no number is given twice.
    pub fn begin_after(&self, last: JobId) {
        let mut table = self.table();
        table.count = table.count.max(last.0);
    }

    /// The room that the conversation has for files of long outputs.
    pub fn room(&self) -> OutputRoom {
        self.table().room.clone()
    }

    /// The loopback that the conversation's commands share.
    pub fn loopback(&self) -> Loopback {
        self.table().loopback.clone()
    }

    /// Where a job is that runs, or that has ended lately.
    ///
    /// # Errors
    ///
    /// Refuses an id that no job has; the refusal names those that run.
    pub fn find(&self, id: JobId) -> Result<Arc<Job>, ToolRefusal> {
        let table = self.table();
        table.jobs.get(&id).cloned().ok_or_else(|| ToolRefusal::NoJob {
            id: id.0,
            running: table.running().map(|job| (job.id.0, job.title.clone())).collect(),
        })
    }

    /// Ends one, with all that it started; whether it ran.
    pub fn stop(&self, id: JobId) -> bool {
        let job = self.table().jobs.get(&id).cloned();
        job.is_some_and(|job| job.stop())
    }

    /// Ends all of them.
    pub fn stop_all(&self) {
        for job in self.table().jobs.values() {
            job.stop();
        }
    }

    /// Ends the one that a call started and waits for.
    pub fn stop_call(&self, call: &CallId) {
        for job in self.table().jobs.values().filter(|job| job.call == *call) {
            job.stop();
        }
    }

    /// The ports on which they listen, of those that listen on any. Blocks, 50 ms or so.
    pub fn ports(&self) -> Vec<JobPorts> {
        let running: Vec<Arc<Job>> = self.table().running().cloned().collect();
        let mut search = PortSearch::begin();
        let mut ports = |job: &Job| Some(search.of(job.supervisor()?));
        let found = running.iter().filter_map(|job| {
            let ports = ports(job).filter(|ports| !ports.is_empty())?;
            Some(JobPorts { job: job.id, ports })
        });
        found.collect()
    }

    /// A place for one more.
    fn enter(&self, make: impl FnOnce(JobId) -> Job) -> Result<Arc<Job>, ToolRefusal> {
        let mut table = self.table();
        let running: Vec<(u64, String)> =
            table.running().map(|job| (job.id.0, job.title.clone())).collect();
        if running.len() >= MOST {
            return Err(ToolRefusal::TooManyJobs { most: MOST, running });
        }
        table.forget_some();
        table.count += 1;
        let id = JobId(table.count);
        let job = Arc::new(make(id));
        table.jobs.insert(id, Arc::clone(&job));
        Ok(job)
    }

    /// It was answered whole, and nobody has a number for it.
    fn forget(&self, id: JobId) {
        self.table().jobs.remove(&id);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn running(&self) -> impl Iterator<Item = &Arc<Job>> {
        self.jobs.values().filter(|job| job.is_running())
    }

    /// Those that ended first.
    fn forget_some(&mut self) {
        let ended = self.jobs.values().filter_map(|job| Some((job.ended_at()?, job.id)));
        let mut ended: Vec<(Instant, JobId)> = ended.collect();
        ended.sort_unstable();
        for (_, id) in ended.iter().take(ended.len().saturating_sub(REMEMBERED)) {
            self.jobs.remove(id);
        }
    }
}

impl RunningJobs for Jobs {
    fn describe(&self, id: JobId) -> Result<JobDescription, ToolRefusal> {
        let job = self.find(id)?;
        let (title, line) = (job.title.clone(), job.line.clone());
        Ok(JobDescription { id: job.id, title, line, confinement: job.confinement })
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let running = self.table().running().count();
        formatter.debug_struct("Jobs").field("running", &running).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Confinement;
    use crate::sandbox::kill_switch;

    #[test]
    fn sixteen_run_at_a_time_and_one_that_was_answered_makes_room() {
        let jobs = Jobs::default();
        let enter = || {
            let (held, _handle) = kill_switch().unwrap();
            let words = |id: JobId| (format!("serve {}", id.0), "serve".to_owned());
            jobs.enter(|id| Job::new(id, "c".into(), words(id), Confinement::Free, held))
        };
        let running: Vec<_> = (0..16).map(|_| enter().unwrap()).collect();
        let Err(refused) = enter() else { panic!("the 17th ran") };
        let said = refused.to_string();
        assert!(said.starts_with("16 commands are running"), "{said}");
        assert!(running.iter().all(|job| said.contains(&format!("`{}`", job.title))), "{said}");
        jobs.forget(running[6].id);
        assert_eq!(enter().ok().map(|job| job.id), Some(JobId(17)));
        assert!(enter().is_err());
    }
}
