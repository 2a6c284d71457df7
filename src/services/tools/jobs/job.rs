//! One job: a command that runs, what it has shown, and how it ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::protocol::{AllowedHost, CallId, CommandExit, Confinement, JobEnd, JobId};
use crate::sandbox::{CommandSpec, KillSwitch};
#[cfg(unix)]
use crate::sandbox::{Terminal, TerminalEnd};

use super::screen::Screen;
use super::unread::Unread;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::shell::output::{CommandOutput, KeptOutput};
use crate::tools::shell::{PACE, ProgressReporter, ReadyCommand, answer, blocked, joined, loses};

/// How often the last lines of a job are told that no call waits for.
const SLOWER: Duration = Duration::from_millis(500);
/// How long a program may take to read what is typed.
#[cfg(unix)]
const TYPING: Duration = Duration::from_secs(2);

pub struct Job {
    pub id: JobId,
    pub call: CallId,
    /// The first line of the command.
    pub title: String,
    /// All of the command.
    pub line: String,
    pub confinement: Confinement,
    /// The start of the call: a command that ends before its call is answered was no job.
    pub began: Instant,
    #[cfg(unix)]
    terminal: Option<Terminal>,
    /// Let go of to end it.
    held: Mutex<Option<KillSwitch>>,
    state: Mutex<State>,
    news: Notify,
}

struct State {
    output: Option<CommandOutput>,
    unread: Unread,
    screen: Option<Screen>,
    /// Whether a call waits for it now.
    is_awaited: bool,
    /// Whether a person is asked if it may go on.
    is_asking: bool,
    ended: Option<EndedJob>,
    is_told: bool,
}

/// A job that has ended.
#[derive(Clone, Debug)]
pub struct EndedJob {
    pub exit: CommandExit,
    pub duration: Duration,
    /// One sentence each, without a full stop.
    pub notes: Vec<String>,
    /// Why it was not started, or what is not known of it.
    pub failure: Option<String>,
    /// Why it seems to have failed because of what kept it in.
    pub blocked: Option<String>,
    /// The loss it was ended for, before it happened.
    pub loses: Option<String>,
    pub unreached: Vec<AllowedHost>,
    /// A sentence the person has to read in any case.
    pub warning: Option<String>,
}

/// The unread part of a job.
pub struct Reading {
    pub taken: super::unread::Taken,
    /// The text on its terminal, where a program draws on all of it.
    pub picture: Option<String>,
    pub ended: Option<EndedJob>,
}

impl Job {
    /// It is not running before [`Job::start`].
    pub fn new(
        id: JobId,
        call: CallId,
        (title, line): (String, String),
        confinement: Confinement,
        held: KillSwitch,
    ) -> Self {
        Self {
            id,
            call,
            title,
            line,
            confinement,
            began: Instant::now(),
            #[cfg(unix)]
            terminal: None,
            held: Mutex::new(Some(held)),
            state: Mutex::new(State {
                output: None,
                unread: Unread::default(),
                screen: None,
                is_awaited: true,
                is_asking: false,
                ended: None,
                is_told: false,
            }),
            news: Notify::new(),
        }
    }

    /// The same job, with a terminal.
    #[cfg(unix)]
    pub fn in_terminal(mut self, terminal: Terminal) -> Self {
        self.terminal = Some(terminal);
        self.state().screen = Some(Screen::new());
        self
    }

    /// Runs the command on a thread of its own.
    ///
    /// # Errors
    ///
    /// Fails if the thread cannot be started.
    pub fn start(
        self: &Arc<Self>,
        ready: ReadyCommand,
        #[cfg(unix)] end: Option<TerminalEnd>,
    ) -> Result<(), ToolRefusal> {
        let job = Arc::clone(self);
        let run = move || {
            let spec = &ready.spec;
            job.state().output = Some(ready.output);
            let mut reporter = ProgressReporter::new(ready.progress);
            let waiting = Arc::clone(&job);
            let kill_switch = ready.kill_switch.watched(move |waits| waiting.waits(waits));
            let mut receive = |bytes: &[u8]| job.receive(bytes, &mut reporter);
            #[cfg(unix)]
            let end = match (&job.terminal, end) {
                (Some(terminal), Some(end)) => {
                    spec.run_in_terminal(&ready.program, kill_switch, (terminal, end), &mut receive)
                }
                _ => spec.run(&ready.program, kill_switch, &mut receive),
            };
            #[cfg(not(unix))]
            let end = spec.run(&ready.program, kill_switch, &mut receive);
            let end = end.missing(ready.is_unsearched);
            let warning = joined(ready.notice, end.warning());
            job.end(spec, &end, (ready.left_out, warning.clone()));
            if let Some(ended) = ready.ended {
                // The receiver may be gone.
                let _unheard = ended.send(joined(warning, loses(&end)));
            }
        };
        let thread = thread::Builder::new().name(format!("job {}", self.id.0));
        thread
            .spawn(run)
            .map(drop)
            .map_err(|error| ToolRefusal::NoThread { reason: error.to_string() })
    }

    fn receive(&self, bytes: &[u8], reporter: &mut ProgressReporter) {
        let mut state = self.state();
        state.unread.push(bytes);
        if let Some(screen) = &mut state.screen {
            screen.push(bytes);
        }
        let pace = if state.is_awaited { PACE } else { SLOWER };
        // The screen is put together only when it is due to be shown.
        let is_due = reporter.is_due(Instant::now());
        let picture = state.screen.as_ref().filter(|_| is_due).and_then(Screen::picture);
        if let Some(output) = &mut state.output {
            output.push(bytes);
            match picture {
                Some(picture) => reporter.report(picture, Instant::now(), pace),
                None => reporter.update(output, Instant::now(), pace),
            }
        }
    }

    fn end(
        &self,
        spec: &CommandSpec,
        end: &crate::sandbox::CommandEnd,
        (left_out, warning): (Option<&str>, Option<String>),
    ) {
        // Others wait for the state, and this may look at the machine.
        let summary = self.state().output.as_ref().map(CommandOutput::ends);
        let blame = summary.and_then(|summary| blocked::blame(spec, end, &summary));
        let (blocked, unreached) = blame.map(|blame| (blame.why, blame.unreached)).unzip();
        let mut state = self.state();
        state.ended = Some(EndedJob {
            exit: answer::exit(spec, end),
            duration: self.began.elapsed(),
            notes: answer::notes(end, left_out),
            failure: answer::failure(end),
            blocked,
            loses: loses(end),
            unreached: unreached.unwrap_or_default(),
            warning,
        });
        drop(state);
        self.held().take();
        self.news.notify_waiters();
    }

    /// Until it has ended, or for so long; the time that a person thinks about it does not count.
    pub async fn wait(&self, time: Duration) {
        self.state().is_awaited = true;
        let mut left = time;
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            // Enabled before the check, so that an end at this moment is not missed.
            news.as_mut().enable();
            if !self.is_running() {
                break;
            }
            let is_asking = self.state().is_asking;
            if is_asking {
                news.await;
                continue;
            }
            let began = Instant::now();
            if tokio::time::timeout(left, news).await.is_err() {
                break;
            }
            left = left.saturating_sub(began.elapsed());
        }
        self.state().is_awaited = false;
    }

    /// A person is asked whether it may go on, or is not any more.
    fn waits(&self, is_asking: bool) {
        self.state().is_asking = is_asking;
        self.news.notify_waiters();
    }

    /// Takes the output that no call has read yet.
    pub fn read(&self) -> Reading {
        let mut state = self.state();
        let ended = state.ended.clone();
        state.is_told |= ended.is_some();
        let picture = state.screen.as_ref().and_then(Screen::picture);
        Reading { taken: state.unread.take(), picture, ended }
    }

    /// The part of its output that a file holds, which is made where there is none yet.
    pub fn kept(&self) -> KeptOutput {
        let mut state = self.state();
        let not_yet = || KeptOutput::Nothing("it was not kept".to_owned());
        state.output.as_mut().map_or_else(not_yet, CommandOutput::kept)
    }

    pub fn is_running(&self) -> bool {
        self.state().ended.is_none()
    }

    /// `None` while it runs.
    pub fn ended_at(&self) -> Option<Instant> {
        let duration = self.state().ended.as_ref()?.duration;
        Some(self.began + duration)
    }

    /// How it ended, for the session; `None` while it runs.
    pub fn ended(&self) -> Option<JobEnd> {
        let state = self.state();
        let ended = state.ended.as_ref()?;
        let notes = ended.notes.iter().chain(&ended.failure).chain(&ended.blocked);
        Some(JobEnd {
            exit: ended.exit.clone(),
            duration: ended.duration,
            is_told: state.is_told,
            notes: notes.cloned().collect(),
        })
    }

    /// Ends it, with all that it started; whether it ran.
    pub fn stop(&self) -> bool {
        let held = self.held().take();
        held.is_some()
    }

    /// Interrupts it, as ctrl-c at a terminal does; it may go on.
    pub fn interrupt(&self) {
        if let Some(held) = &*self.held() {
            held.interrupt();
        }
    }

    /// The process that watches over it, which is above all that it started; `None` where there is
    /// none yet, or none any more.
    pub fn supervisor(&self) -> Option<u32> {
        self.held().as_ref().and_then(KillSwitch::supervisor)
    }

    /// Whether something can be typed into it.
    pub fn has_terminal(&self) -> bool {
        #[cfg(unix)]
        return self.terminal.is_some();
        #[cfg(not(unix))]
        false
    }

    /// Types into its terminal; blocks for a moment where the program does not read. How many bytes
    /// were taken.
    ///
    /// # Errors
    ///
    /// Fails with `Unsupported` if the job has no terminal, and if the terminal is closed.
    #[cfg(unix)]
    pub fn write(&self, text: &str) -> std::io::Result<usize> {
        match &self.terminal {
            Some(terminal) => terminal.write(text.as_bytes(), Instant::now() + TYPING),
            None => Err(std::io::ErrorKind::Unsupported.into()),
        }
    }

    /// No command has a terminal here.
    ///
    /// # Errors
    ///
    /// Fails with `Unsupported` if the job has no terminal, and if the terminal is closed.
    #[cfg(not(unix))]
    pub fn write(&self, _text: &str) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, Option<KillSwitch>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
