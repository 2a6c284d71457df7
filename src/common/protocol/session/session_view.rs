//! The view of a session: a snapshot of all that a front needs to show it, kept up by folding its
//! events, the same for the engine and every front.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;
use crate::protocol::{
    Ask, AskId, CallId, Child, ChildNews, Compactor, EventKind, ItemKind, Job, KnownRule,
    LeftTurns, McpStatus, OpenTurn, Parent, Problem, PromptTiming, QueuedPrompt, Record,
    SandboxOpenings, SaveState, SessionHolder, SessionId, SessionMode, SessionSettings, Todo,
    Transcript, TranscriptChange, TranscriptEntry, TurnId, Usage, WebAccess, path_bytes,
};

/// Everything that can be shown of a session. After its *n*-th event it is the same wherever all
/// *n* were folded in, or a snapshot and the events since. Large parts are shared, so that the cost
/// of a copy does not grow with the texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// The session that is shown.
    pub id: SessionId,
    /// The program that holds it, where this one has joined; `None` where this one holds it.
    pub holder: Option<SessionHolder>,
    /// The session it works for, where there is one.
    pub parent: Option<Parent>,
    /// The sessions that work for it, and those that work for them.
    pub children: Vec<Child>,
    /// Where it works; `None` until the session is open.
    pub place: Option<SessionPlace>,
    /// As a person named it, else the first line of the first prompt; empty until there is one.
    pub title: String,
    /// The model in use; `None` until the session is open.
    pub settings: Option<SessionSettings>,
    /// Who works and what may happen without asking; `None` until the session is open.
    pub session_mode: Option<SessionMode>,
    /// Why commands are kept in no better here, one sentence each without a full stop.
    pub refused: Vec<String>,
    /// Openings for commands that are kept in: those of the settings, and those that a person added
    /// since.
    pub opened: SandboxOpenings,
    /// Permission rules, the settings' first.
    pub rules: Arc<[KnownRule]>,
    /// How the provider's own search may reach the web, where the provider has one; `None` where it
    /// is not offered to the model.
    pub web_search: Option<WebAccess>,
    /// Who sums the conversation up when it has become too long.
    pub compactor: Compactor,
    /// The conversation, with what has streamed so far.
    pub transcript: Transcript,
    /// Asks that wait for a person, the longest waiting one first.
    pub asks: Vec<Ask>,
    /// Prompts that wait for the running step to end.
    pub queued: Vec<QueuedPrompt>,
    /// The turn that runs.
    pub turn: Option<TurnId>,
    /// When it began, for those who come while it runs: no event tells it.
    pub turn_began: Option<Timestamp>,
    /// Whether the model is being asked for a summary.
    pub compacting: bool,
    /// A broken stream that is tried again.
    pub retry: Option<Retry>,
    /// A usage limit that holds the turn up.
    pub limit: Option<LimitHold>,
    /// Calls that run, with their titles, the longest running one first.
    pub running: Vec<(CallId, String)>,
    /// The MCP servers that the settings, the folder or the client know, by name.
    pub mcp: Arc<[McpStatus]>,
    /// Commands that go on running although their calls are answered, the oldest first.
    pub jobs: Vec<Job>,
    /// The tokens of the last request.
    pub usage: Option<Usage>,
    /// The tokens of all requests since it was begun, those of its children included.
    pub spent: Usage,
    /// Tokens of the context that are filled: as the last request told, or as it was estimated
    /// since.
    pub context_used: Option<u64>,
    /// The model's plan, whole; empty where it made none.
    pub todos: Vec<Todo>,
    /// Files that the session's turns changed; what was taken back stays in it.
    #[serde(with = "path_bytes::set")]
    pub changed: Arc<BTreeSet<PathBuf>>,
    /// Whether the session can be resumed as it is.
    pub saved: SaveState,
    /// Whether a turn has begun with a prompt: without one there is nothing to come back to.
    pub prompted: bool,
}

/// Where a session works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPlace {
    /// The folder, as it was given when the session was opened.
    #[serde(with = "path_bytes::one")]
    pub folder: PathBuf,
    /// The git branch when the session was opened; `None` where there is none.
    pub branch: Option<String>,
}

/// A failed request that is sent again: `attempt` of `of` begins after `wait`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// The number of the coming attempt; the first retry is 1.
    pub attempt: u32,
    /// How many retries there will be at the most.
    pub of: u32,
    /// How long the session waits before it.
    pub wait: Duration,
    /// The problem that the last attempt failed with.
    pub problem: Problem,
}

/// A turn whose request was refused because the plan's allowance is used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitHold {
    /// When the allowance is renewed.
    pub until: Timestamp,
    /// Whether the turn waits already.
    pub stage: LimitStage,
    /// The refusal; the turn ends with it where it is not waited out.
    pub problem: Problem,
}

/// The state of a conversation that went back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WentBack {
    /// The first turn that was left.
    pub before: TurnId,
    /// The conversation that is left.
    pub transcript: Transcript,
    /// Its title.
    pub title: String,
    /// The tokens of its last request.
    pub usage: Option<Usage>,
}

/// How far a held turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LimitStage {
    /// It offers to go on at the reset. `TurnCommand::Decide` answers: `Once` waits, `No` ends it.
    Offered(AskId),
    /// It goes on by itself after the reset.
    Waiting,
}

impl LimitHold {
    /// The offer that a person has yet to answer.
    pub fn offer(&self) -> Option<AskId> {
        match self.stage {
            LimitStage::Offered(ask) => Some(ask),
            LimitStage::Waiting => None,
        }
    }
}

impl SessionView {
    /// The view of a session that is not open yet.
    pub fn new(id: SessionId) -> Self {
        Self {
            id,
            holder: None,
            parent: None,
            children: Vec::new(),
            place: None,
            title: String::new(),
            settings: None,
            session_mode: None,
            refused: Vec::new(),
            opened: SandboxOpenings::default(),
            rules: [].into(),
            web_search: None,
            compactor: Compactor::default(),
            transcript: Transcript::default(),
            asks: Vec::new(),
            queued: Vec::new(),
            turn: None,
            turn_began: None,
            compacting: false,
            retry: None,
            limit: None,
            running: Vec::new(),
            mcp: Arc::default(),
            jobs: Vec::new(),
            usage: None,
            spent: Usage::default(),
            context_used: None,
            todos: Vec::new(),
            changed: Arc::default(),
            saved: SaveState::OnDisk,
            prompted: false,
        }
    }

    /// Takes in what a log holds; the view has to be a new one.
    pub fn replay(&mut self, records: &[Record], saved: SaveState) {
        self.replay_as(records, saved, OpenTurn::CutOff);
    }

    /// The same of a log that another program writes: a turn without an end goes on there.
    pub fn replay_running(&mut self, records: &[Record]) {
        self.replay_as(records, SaveState::OnDisk, OpenTurn::Running);
        let last = records.iter().rev().find_map(|record| match record {
            Record::TurnStarted(turn) => Some(Some(*turn)),
            Record::TurnEnded { .. } => Some(None),
            _ => None,
        });
        self.turn = last.flatten();
    }

    fn replay_as(&mut self, records: &[Record], saved: SaveState, last: OpenTurn) {
        self.saved = saved;
        for record in records {
            match record {
                Record::Usage(usage) => self.note_usage(*usage),
                Record::Title(title) => self.title.clone_from(title),
                Record::Changed { files, .. } => {
                    self.note_changed(files.iter().map(|change| &change.path))
                }
                Record::Item(item) => self.note_prompt(&item.kind),
                Record::WentBack(left) => self.note_left(left),
                _ => {}
            }
        }
        self.transcript.replay(records, last);
    }

    /// Takes one event in. While the newest entries are streaming, the cost does not grow with the
    /// conversation.
    pub fn apply(&mut self, event: &EventKind) -> TranscriptChange {
        match event {
            EventKind::Snapshot(view) => {
                *self = (**view).clone();
                return TranscriptChange::From(0);
            }
            EventKind::WentBack(past) => {
                self.go_back(past);
                return TranscriptChange::From(0);
            }
            EventKind::Settings(settings) => self.settings = Some(settings.clone()),
            EventKind::SessionMode(session_mode) => self.session_mode = Some(*session_mode),
            EventKind::Title(title) => self.title.clone_from(title),
            EventKind::SandboxOpened(opened) => self.opened.clone_from(opened),
            EventKind::McpServers(mcp) => self.mcp = Arc::clone(mcp),
            EventKind::Rules(rules) => self.rules = Arc::clone(rules),
            EventKind::SaveState(saved) => self.saved = *saved,
            EventKind::Usage(usage) => self.note_usage(*usage),
            EventKind::ContextUsed(tokens) => self.context_used = Some(*tokens),
            EventKind::Todos(todos) => self.todos.clone_from(todos),
            EventKind::Child { session, name, news } => self.note_child(session, name, news),
            EventKind::Changed { files, .. } => self.note_changed(files.iter()),
            EventKind::JobStarted(job) => self.jobs.push(job.clone()),
            EventKind::JobProgress { job, tail } => {
                if let Some(known) = self.jobs.iter_mut().find(|known| known.id == *job) {
                    known.tail.clone_from(tail);
                }
            }
            EventKind::JobEnded { job, .. } => self.jobs.retain(|known| known.id != *job),
            EventKind::Compacting => self.compacting = true,
            EventKind::Compacted(_) => self.compacting = false,
            EventKind::Queued(prompt) => {
                let steers = |queued: &&QueuedPrompt| queued.timing == PromptTiming::Steer;
                let behind = match prompt.timing {
                    PromptTiming::NextTurn => self.queued.len(),
                    PromptTiming::Steer => self.queued.iter().take_while(steers).count(),
                };
                self.queued.insert(behind, prompt.clone());
            }
            EventKind::Requeued(queued) => self.queued.clone_from(queued),
            EventKind::Unqueued { prompts, .. } => {
                self.queued.retain(|queued| prompts.iter().all(|gone| gone.id != queued.id))
            }
            EventKind::Retrying(retry) => self.retry = Some(retry.clone()),
            EventKind::Resumed => self.retry = None,
            EventKind::LimitHold(hold) => {
                self.retry = None;
                self.limit.clone_from(hold);
            }
            EventKind::TurnStarted(turn) => self.turn = Some(*turn),
            EventKind::TurnEnded { .. } => self.rest(),
            EventKind::PromptShown { item, .. } => self.note_prompt(&item.kind),
            EventKind::Approval(approval) => self.asks.push(Ask::Approval(approval.clone())),
            EventKind::Asked { id, call, question } => self.asks.push(Ask::Question {
                id: *id,
                call: call.clone(),
                question: question.clone(),
            }),
            EventKind::AskResolved { id, .. } => self.asks.retain(|ask| ask.id() != *id),
            EventKind::CallRunning { call, title } => {
                self.running.retain(|(running, _)| running != call);
                self.running.push((call.clone(), title.clone()))
            }
            EventKind::CallEnded { call, .. } => {
                self.running.retain(|(running, _)| running != call)
            }
            _ => {}
        }
        self.transcript.apply(event)
    }

    /// The share of the context that is filled, in percent; `None` where its size is not known.
    pub fn context_percent(&self) -> Option<u64> {
        let size = self.settings.as_ref()?.context.filter(|size| *size > 0)?;
        Some((self.context_used?.saturating_mul(100) / size).min(100))
    }

    /// Nothing runs any more.
    fn rest(&mut self) {
        (self.turn, self.turn_began) = (None, None);
        self.compacting = false;
        self.retry = None;
        self.limit = None;
        self.running.clear();
        self.asks.clear();
    }

    /// Follows a conversation that went back. The turns that were left stay spent and changed.
    fn go_back(&mut self, past: &WentBack) {
        self.transcript = past.transcript.clone();
        self.title.clone_from(&past.title);
        self.usage = past.usage;
        self.context_used = past.usage.map(filled);
        self.todos.clear();
    }

    /// Notes what turns that were left did for good.
    fn note_left(&mut self, left: &LeftTurns) {
        for record in &left.records {
            match record {
                Record::Usage(usage) => self.spent.add(*usage),
                Record::Changed { files, .. } => {
                    self.note_changed(files.iter().map(|change| &change.path))
                }
                other => self.prompted |= other.is_prompt(),
            }
        }
    }

    fn note_usage(&mut self, usage: Usage) {
        self.usage = Some(usage);
        self.spent.add(usage);
        self.context_used = Some(filled(usage));
    }

    fn note_child(&mut self, session: &SessionId, name: &str, news: &ChildNews) {
        let at = self.children.iter().position(|child| child.session == *session);
        match (at, news) {
            (Some(at), ChildNews::Closed) => drop(self.children.remove(at)),
            (Some(at), ChildNews::Ask(ask)) => self.children[at].asks.push(ask.clone()),
            (Some(at), ChildNews::AskResolved { id, .. }) => {
                self.children[at].asks.retain(|ask| ask.id() != *id)
            }
            (None, ChildNews::Opened) => self.children.push(Child {
                session: session.clone(),
                name: name.to_owned(),
                asks: Vec::new(),
            }),
            (_, ChildNews::Usage(usage)) => self.spent.add(*usage),
            _ => {}
        }
    }

    fn note_changed<'a>(&mut self, files: impl IntoIterator<Item = &'a PathBuf>) {
        let changed = Arc::make_mut(&mut self.changed);
        changed.extend(files.into_iter().cloned());
    }

    /// The first prompt, as long as its first line is the title.
    pub fn untitled(&self) -> Option<&str> {
        let prompt = self.transcript.entries().iter().find_map(|entry| match &**entry {
            TranscriptEntry::User { text, .. } => Some(text.as_str()),
            _ => None,
        });
        prompt.filter(|prompt| title_of(prompt) == self.title)
    }

    fn note_prompt(&mut self, kind: &ItemKind) {
        if let ItemKind::User { text, .. } = kind {
            self.prompted = true;
            if self.title.is_empty() {
                self.title = title_of(text).to_owned();
            }
        }
    }
}

/// Tokens of the context that are filled after a request.
fn filled(usage: Usage) -> u64 {
    usage.input.saturating_add(usage.output)
}

/// The title that a prompt gives.
fn title_of(prompt: &str) -> &str {
    prompt.trim().lines().next().unwrap_or_default()
}
