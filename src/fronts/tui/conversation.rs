//! The open conversation: the view of its session, and state of this screen alone, such as when the
//! turn began and which ask is answered.

use std::path::Path;
use std::time::Duration;

use crate::base::Timestamp;
use crate::protocol::{
    ApprovalMode, CallState, Command, EventKind, ModelRef, Notice, Problem, ProblemKind, PromptId,
    QueuedPrompt, Retry, SaveState, SessionHolder, SessionId, SessionMode, SessionSettings,
    SessionView, SettingsCommand, TranscriptEntry, TurnOutcome,
};
use crate::tui::ask::Asks;
use crate::tui::messages::{Cmd, Toward};
use crate::tui::paint::spinner;
use crate::tui::selection::TextPoint;
use crate::tui::transcript::{SearchStep, TranscriptView};
use crate::tui::wording::{self, elapsed};

/// After this much silence of the server the screen says that it waits.
const SILENT: Duration = Duration::from_secs(3);

/// After this much time of a call that does not begin the screen says why.
const LOOKING: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub struct Conversation {
    /// The view of the session that all fronts share.
    pub session: SessionView,
    pub view: TranscriptView,
    /// Calls that wait for the person.
    pub asks: Asks,
    turn: TurnState,
    retry: Option<RetryState>,
    /// When compaction began.
    summing: Option<Timestamp>,
    /// The turn was interrupted and has not ended yet.
    interrupted: bool,
    last_prompt: Option<String>,
    /// Queued prompts that were written here, and not on another screen.
    written: Vec<PromptId>,
    /// The approval mode that the engine was told, and has not answered yet.
    pub chosen_mode: Option<ApprovalMode>,
    /// When the last thing was heard of the running turn.
    heard: Timestamp,
    /// Whether the engine was told that a first prompt is being written.
    readied: bool,
    flow: StreamState,
    /// Set if another program has it open and it is only watched.
    pub watched: Option<Watched>,
    /// Notices from before it was open; opening replaces everything else.
    early: Vec<Notice>,
}

/// Whether text is streaming now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StreamState {
    Streaming,
    Waiting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnState {
    Idle,
    /// When the turn began, or its prompt was sent.
    Running(Timestamp),
}

/// A conversation that is only watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// No other program has it open any more.
    Ended,
    /// Another program has it open; with the holder if known.
    There(Option<SessionHolder>),
}

/// A broken stream before its next attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryState {
    pub attempt: u32,
    pub of: u32,
    /// When the next attempt begins.
    pub at: Timestamp,
    pub reason: String,
}

impl Conversation {
    pub fn new(id: SessionId) -> Self {
        Self {
            session: SessionView::new(id),
            view: TranscriptView::default(),
            asks: Asks::default(),
            turn: TurnState::Idle,
            retry: None,
            summing: None,
            interrupted: false,
            last_prompt: None,
            written: Vec::new(),
            chosen_mode: None,
            heard: Timestamp(0),
            readied: false,
            flow: StreamState::Waiting,
            watched: None,
            early: Vec::new(),
        }
    }

    pub fn id(&self) -> &SessionId {
        &self.session.id
    }

    pub fn turn(&self) -> TurnState {
        self.turn
    }

    pub fn retry(&self) -> Option<&RetryState> {
        self.retry.as_ref()
    }

    pub fn folder(&self) -> Option<&Path> {
        self.session.place.as_ref().map(|place| place.folder.as_path())
    }

    pub fn settings(&self) -> Option<&SessionSettings> {
        self.session.settings.as_ref()
    }

    /// The model in use; `None` before it is open.
    pub fn model(&self) -> Option<&ModelRef> {
        self.settings().map(|settings| &settings.model)
    }

    /// Its agent and approval mode; `None` before it is open.
    pub fn session_mode(&self) -> Option<SessionMode> {
        self.session.session_mode
    }

    /// Whether it can be resumed later: a turn began and all of it is on the disk.
    pub fn is_kept(&self) -> bool {
        self.session.prompted && self.session.saved == SaveState::OnDisk
    }

    /// Whether the engine has opened it.
    pub fn is_open(&self) -> bool {
        self.session.place.is_some() || self.watched.is_some()
    }

    /// Handles that a prompt is being written; returns whether to tell the engine, which is once
    /// for the first prompt.
    pub fn get_ready(&mut self) -> bool {
        self.turn == TurnState::Idle && !std::mem::replace(&mut self.readied, true)
    }

    /// Whether there is anything to show.
    pub fn has_begun(&self) -> bool {
        !self.session.transcript.entries().is_empty() || self.turn != TurnState::Idle
    }

    /// When the running work began; `None` if it is idle.
    pub fn busy(&self) -> Option<Timestamp> {
        match self.turn {
            TurnState::Running(since) => Some(since),
            TurnState::Idle => self.summing,
        }
    }

    /// Whether anything runs that was not interrupted yet.
    pub fn may_interrupt(&self) -> bool {
        self.busy().is_some() && !self.interrupted
    }

    /// Records that the running turn was interrupted.
    pub fn interrupt(&mut self) {
        self.interrupted = true;
    }

    pub fn is_interrupted(&self) -> bool {
        self.interrupted && self.busy().is_some()
    }

    /// Whether a compaction runs.
    pub fn is_summed_up(&self) -> bool {
        self.summing.is_some()
    }

    /// Changes a setting of it.
    pub fn set(&self, setting: SettingsCommand) -> Cmd {
        Cmd::Send(Command::Settings(self.id().clone(), setting))
    }

    /// Records the approval mode that one of these commands chooses.
    pub fn note_mode(&mut self, cmds: &[Cmd]) {
        for cmd in cmds {
            if let Cmd::Send(Command::Settings(id, SettingsCommand::Mode(mode))) = cmd
                && id == self.id()
            {
                self.chosen_mode = Some(*mode);
            }
        }
    }

    /// The note that it is only read here.
    pub fn read_only(&self) -> &'static str {
        match self.watched {
            Some(Watched::Ended) => "Only read here: `enter` opens it",
            _ => "Only read here: another codling has it open. `enter` shows what you can do",
        }
    }

    /// Records that a prompt was sent; the turn's time begins here.
    pub fn sent(&mut self, prompt: String, now: Timestamp) {
        if self.turn == TurnState::Idle {
            self.turn = TurnState::Running(now);
            self.heard = now;
            self.interrupted = false;
        }
        self.last_prompt = Some(prompt);
        self.view.stop_search(self.session.transcript.entries());
        self.view.follow();
    }

    /// Scrolls by rows in a view of this height.
    pub fn scroll(&mut self, toward: Toward, rows: usize, height: u16) {
        self.view.scroll(self.session.transcript.entries(), toward, rows, height);
    }

    /// Opens or closes the fold at a point of the transcript.
    pub fn turn_fold(&mut self, at: TextPoint, height: u16) {
        self.view.turn_fold(self.session.transcript.entries(), at, height);
    }

    /// Takes a step of a search in a view of this height.
    pub fn search(&mut self, step: SearchStep, height: u16) {
        self.view.search(step, self.session.transcript.entries(), height);
    }

    pub fn go_to_start(&mut self, height: u16) {
        self.view.go_to_start(self.session.transcript.entries(), height);
    }

    /// Lays out changed parts, and highlights the visible code, for a view of this size.
    pub fn settle(&mut self, width: u16, height: u16) {
        self.view.settle(self.session.transcript.entries(), width, height);
        self.view.highlight(self.session.transcript.entries(), height);
    }

    /// Takes the prompt that could not be sent without a sign-in.
    pub fn take_prompt(&mut self) -> Option<String> {
        self.last_prompt.take()
    }

    /// Records that a prompt that was written here waits in the queue.
    pub fn queued_here(&mut self, prompt: PromptId) {
        self.written.push(prompt);
    }

    /// Whether a queued prompt can be changed here: it was not written on another screen that is
    /// still there.
    pub fn is_own(&self, queued: &QueuedPrompt) -> bool {
        queued.by.is_none() || self.written.contains(&queued.id)
    }

    /// Records that the prompt began no turn.
    pub fn stop_waiting(&mut self) {
        self.turn = TurnState::Idle;
        self.retry = None;
        self.summing = None;
        self.interrupted = false;
    }

    /// The reason why the running turn waits, if worth saying.
    pub fn waits_for(&self, now: Timestamp) -> Option<String> {
        let TurnState::Running(_) = self.turn else { return None };
        if let Some((_, title)) = self.session.running.first() {
            let more = match self.session.running.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            return Some(format!("running {title}{more}"));
        }
        let silent = now.since(self.heard);
        if self.has_waiting_call() {
            // As a rule that is over at once. Where copies are still being made, it takes up to ten
            // seconds.
            let words = "looking at the files that it may change";
            return (silent >= LOOKING).then(|| words.to_owned());
        }
        (silent >= SILENT).then(|| format!("the server has been silent for {}", elapsed(silent)))
    }

    /// Whether a call of the last answer has yet to be understood.
    fn has_waiting_call(&self) -> bool {
        let newest = self.session.transcript.entries().iter().rev();
        newest
            .map_while(|entry| match &**entry {
                TranscriptEntry::Call { state, .. } => Some(state),
                _ => None,
            })
            .any(|state| *state == CallState::Waiting)
    }

    /// Handles an event of this session.
    pub fn take(&mut self, event: &EventKind, now: Timestamp) {
        self.heard = now;
        self.flow = match event {
            EventKind::TextDelta { .. } | EventKind::ReasoningDelta { .. } => {
                StreamState::Streaming
            }
            _ => StreamState::Waiting,
        };
        match event {
            EventKind::Compacting => self.summing = Some(now),
            EventKind::Compacted(_) => {
                self.summing = None;
                self.interrupted = false;
            }
            EventKind::Retrying(retry) => self.retry = Some(RetryState::new(retry, now)),
            EventKind::Resumed => self.retry = None,
            EventKind::SessionMode(mode) if self.chosen_mode == Some(mode.approval_mode) => {
                self.chosen_mode = None
            }
            EventKind::TurnStarted(_) if self.turn == TurnState::Idle => {
                self.turn = TurnState::Running(now);
                self.interrupted = false;
            }
            EventKind::TurnEnded { outcome, .. } => {
                self.stop_waiting();
                if !matches!(
                    outcome,
                    TurnOutcome::Failed(Problem { kind: ProblemKind::NotSignedIn, .. })
                ) {
                    self.last_prompt = None;
                }
            }
            EventKind::Notice(notice) if !self.is_open() => self.early.push(notice.clone()),
            EventKind::Snapshot(session) => self.join(session, now),
            EventKind::WentBack(_) => {
                self.last_prompt = None;
                self.view.follow();
            }
            _ => {}
        }
        self.asks.take(event, now);
        self.apply(event);
        if let EventKind::Snapshot(_) = event {
            for notice in std::mem::take(&mut self.early) {
                self.apply(&EventKind::Notice(notice));
            }
        }
    }

    fn apply(&mut self, event: &EventKind) {
        let change = self.session.apply(event);
        self.view.note(change, self.session.transcript.entries());
    }

    /// Takes the state of a session that was opened before, or whose events were missed.
    fn join(&mut self, session: &SessionView, now: Timestamp) {
        let since = match self.turn {
            TurnState::Running(since) => since,
            TurnState::Idle => session.turn_began.map_or(now, |began| began.min(now)),
        };
        self.turn = match session.turn {
            Some(_) => TurnState::Running(since),
            // A prompt sent before it was open is still on its way.
            None if !self.is_open() => self.turn,
            None => TurnState::Idle,
        };
        self.summing = session.compacting.then(|| self.summing.unwrap_or(now));
        self.retry = session.retry.as_ref().map(|retry| RetryState::new(retry, now));
    }

    /// The next time the screen changes without an event. Streaming text draws by itself; otherwise
    /// only the seconds count.
    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.asks.is_empty() {
            // Nothing happens before the person decides.
            return self.asks.wakes(now);
        }
        if let Some(limit) = &self.session.limit {
            return wording::next_remaining(limit.until, now);
        }
        match (self.busy()?, self.flow) {
            (_, StreamState::Waiting) => Some(spinner::next_frame(now)),
            (since, StreamState::Streaming) => {
                Some(since + Duration::from_secs(now.since(since).as_secs() + 1))
            }
        }
    }
}

impl RetryState {
    fn new(retry: &Retry, now: Timestamp) -> Self {
        let Retry { attempt, of, wait, problem } = retry;
        Self { attempt: *attempt, of: *of, at: now + *wait, reason: problem.message.clone() }
    }
}
