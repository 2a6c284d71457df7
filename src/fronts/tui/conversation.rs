//! The open conversation: its entries, the turn that runs, and what is shown beside them.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::Timestamp;
use crate::fronts::tui::ask::Asks;
use crate::fronts::tui::messages::Toward;
use crate::fronts::tui::spinner;
use crate::fronts::tui::transcript::TranscriptView;
use crate::fronts::tui::wording::elapsed;
use crate::protocol::{
    CallId, EventKind, Item, ItemKind, Problem, ProblemKind, Record, SaveState, SessionId,
    SessionMode, SessionSettings, Transcript, TurnOutcome, Usage,
};

/// Silence of the server that is worth a word.
const SILENT: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub struct Conversation {
    pub id: SessionId,
    pub transcript: Transcript,
    pub view: TranscriptView,
    pub folder: Option<PathBuf>,
    pub branch: Option<String>,
    /// Prompts that wait for the running step to end.
    pub queued: Vec<String>,
    /// Calls that wait for the person.
    pub asks: Asks,
    turn: TurnState,
    retry: Option<RetryState>,
    settings: Option<SessionSettings>,
    session_mode: Option<SessionMode>,
    /// Why commands are kept in no better here.
    refused: Vec<String>,
    /// Tokens of the context that are filled.
    used: Option<u64>,
    /// Since when the model sums it up.
    summing: Option<Timestamp>,
    last_prompt: Option<String>,
    /// When the last thing was heard of the running turn.
    heard: Timestamp,
    /// Calls that run, with their titles, the longest running one first.
    running: Vec<(CallId, String)>,
    kept: Kept,
    /// Whether the disk takes what is said.
    disk: SaveState,
    flow: StreamState,
}

/// Whether there is anything to come back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Nothing,
    Prompts,
}

/// Whether words are coming right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StreamState {
    Streaming,
    Waiting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnState {
    Idle,
    /// Since when it runs, or its prompt was sent.
    Running(Timestamp),
}

/// A broken stream that is tried again.
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
            id,
            transcript: Transcript::default(),
            view: TranscriptView::default(),
            folder: None,
            branch: None,
            queued: Vec::new(),
            asks: Asks::default(),
            turn: TurnState::Idle,
            retry: None,
            settings: None,
            session_mode: None,
            refused: Vec::new(),
            used: None,
            summing: None,
            last_prompt: None,
            heard: Timestamp(0),
            running: Vec::new(),
            kept: Kept::Nothing,
            disk: SaveState::OnDisk,
            flow: StreamState::Waiting,
        }
    }

    pub fn turn(&self) -> TurnState {
        self.turn
    }

    pub fn retry(&self) -> Option<&RetryState> {
        self.retry.as_ref()
    }

    pub fn settings(&self) -> Option<&SessionSettings> {
        self.settings.as_ref()
    }

    /// How it works; not known before it is open.
    pub fn session_mode(&self) -> Option<SessionMode> {
        self.session_mode
    }

    /// Why commands are kept in no better here, one sentence each without a full stop.
    pub fn refused(&self) -> &[String] {
        &self.refused
    }

    /// Whether it can be resumed later: it has a prompt that a turn began with, and all of it is on the disk.
    pub fn is_kept(&self) -> bool {
        self.kept == Kept::Prompts && self.disk == SaveState::OnDisk
    }

    /// Whether the engine has opened it.
    pub fn is_open(&self) -> bool {
        self.folder.is_some()
    }

    /// Whether there is anything to show.
    pub fn has_begun(&self) -> bool {
        !self.transcript.entries().is_empty() || self.turn != TurnState::Idle
    }

    /// Since when anything runs, or was asked to.
    pub fn busy(&self) -> Option<Timestamp> {
        match self.turn {
            TurnState::Running(since) => Some(since),
            TurnState::Idle => self.summing,
        }
    }

    /// Whether the model sums it up.
    pub fn is_summed_up(&self) -> bool {
        self.summing.is_some()
    }

    /// Tokens of the context that are filled: as the last request told, or as it was estimated since.
    pub fn context_used(&self) -> Option<u64> {
        self.used
    }

    /// Share of the context that is filled, where its size is known.
    pub fn context_percent(&self) -> Option<u64> {
        let size = self.settings.as_ref()?.context.filter(|size| *size > 0)?;
        Some((self.context_used()?.saturating_mul(100) / size).min(100))
    }

    /// A prompt is on its way; the turn counts from here.
    pub fn sent(&mut self, prompt: String, now: Timestamp) {
        if self.turn == TurnState::Idle {
            self.turn = TurnState::Running(now);
            self.heard = now;
        }
        self.last_prompt = Some(prompt);
        self.view.follow();
    }

    /// Moves what is looked at by rows, in a view of this height.
    pub fn scroll(&mut self, toward: Toward, rows: usize, height: u16) {
        self.view.scroll(self.transcript.entries(), toward, rows, height);
    }

    pub fn go_to_start(&mut self, height: u16) {
        self.view.go_to_start(self.transcript.entries(), height);
    }

    /// Lays out what changed, and colours what a view of this width and height shows.
    pub fn settle(&mut self, width: u16, height: u16) {
        self.view.settle(self.transcript.entries(), width, height);
        self.view.highlight(self.transcript.entries(), height);
    }

    /// The prompt that nobody was signed in for; once.
    pub fn take_prompt(&mut self) -> Option<String> {
        self.last_prompt.take()
    }

    /// The prompt never became a turn.
    pub fn stop_waiting(&mut self) {
        self.turn = TurnState::Idle;
        self.running.clear();
        self.retry = None;
        self.summing = None;
    }

    /// What the running turn waits for, where that is worth saying.
    pub fn waits_for(&self, now: Timestamp) -> Option<String> {
        let TurnState::Running(_) = self.turn else { return None };
        if let Some((_, title)) = self.running.first() {
            let more = match self.running.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            return Some(format!("running {title}{more}"));
        }
        let silent = now.since(self.heard);
        (silent >= SILENT).then(|| format!("the server has been silent for {}", elapsed(silent)))
    }

    /// Takes an event of this session in.
    pub fn take(&mut self, event: &EventKind, now: Timestamp) {
        self.heard = now;
        self.flow = match event {
            EventKind::TextDelta { .. } | EventKind::ReasoningDelta { .. } => {
                StreamState::Streaming
            }
            _ => StreamState::Waiting,
        };
        match event {
            EventKind::SessionOpened { folder, branch } => {
                self.folder = Some(folder.clone());
                self.branch.clone_from(branch);
            }
            EventKind::Settings(settings) => self.settings = Some(settings.clone()),
            EventKind::Confined { refused, .. } => self.refused.clone_from(refused),
            EventKind::SessionMode(session_mode) => self.session_mode = Some(*session_mode),
            EventKind::Usage(usage) => self.used = Some(filled(usage)),
            EventKind::ContextUsed(tokens) => self.used = Some(*tokens),
            EventKind::Compacting => self.summing = Some(now),
            EventKind::Compacted(_) => self.summing = None,
            EventKind::Queued { text } => self.queued.push(text.clone()),
            EventKind::Unqueued { text } => self.unqueue(text),
            EventKind::Retrying { attempt, of, wait, problem } => {
                let reason = problem.message.clone();
                self.retry =
                    Some(RetryState { attempt: *attempt, of: *of, at: now + *wait, reason });
            }
            EventKind::Resumed => self.retry = None,
            EventKind::Replayed { records, saved } => {
                self.kept = if *saved == SaveState::OnDisk { Kept::Prompts } else { Kept::Nothing };
                self.used = records.iter().rev().find_map(|record| {
                    if let Record::Usage(usage) = record { Some(filled(usage)) } else { None }
                });
            }
            EventKind::SaveState(saved) => self.disk = *saved,
            EventKind::TurnStarted(_) if self.turn == TurnState::Idle => {
                self.turn = TurnState::Running(now)
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
            EventKind::ItemDone(item) => self.dequeue(item),
            EventKind::CallRunning { call, title } => {
                self.running.push((call.clone(), title.clone()))
            }
            EventKind::CallEnded { call, .. } => {
                self.running.retain(|(running, _)| running != call)
            }
            _ => {}
        }
        self.asks.take(event, now);
        let change = self.transcript.apply(event);
        self.view.note(change, self.transcript.entries());
    }

    /// Streaming words move the screen themselves; beside them only the seconds go on.
    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.asks.is_empty() {
            // Nothing goes on before the person decides.
            return self.asks.wakes(now);
        }
        match (self.busy()?, self.flow) {
            (_, StreamState::Waiting) => Some(spinner::next_frame(now)),
            (since, StreamState::Streaming) => {
                Some(since + Duration::from_secs(now.since(since).as_secs() + 1))
            }
        }
    }

    /// One that was asked back, or all that waited, as one text.
    fn unqueue(&mut self, text: &str) {
        match self.queued.iter().rposition(|queued| queued == text) {
            Some(at) => drop(self.queued.remove(at)),
            None => self.queued.clear(),
        }
    }

    /// A queued prompt has joined the conversation.
    fn dequeue(&mut self, item: &Item) {
        if matches!(item.kind, ItemKind::User { .. }) {
            self.kept = Kept::Prompts;
        }
        if let ItemKind::User { text, .. } = &item.kind
            && let Some(at) = self.queued.iter().position(|queued| queued == text)
        {
            self.queued.remove(at);
        }
    }
}

fn filled(usage: &Usage) -> u64 {
    usage.input.saturating_add(usage.output)
}
