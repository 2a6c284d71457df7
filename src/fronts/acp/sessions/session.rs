//! A session that the client has open: what is known of it, and what the client is told when
//! something happens there.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use agent_client_protocol::RequestCancellationHandle;
use agent_client_protocol::v1::schema::{
    AvailableCommandsUpdate, NoticeSeverity, Plan, PlanEntry, PlanEntryPriority, PlanEntryStatus,
    SessionInfoUpdate, SessionUpdate, UsageUpdate,
};

use crate::protocol::{
    AskId, EventKind, McpStatus, Notice, OfferedCommand, OfferedExtensions, Retry, SaveState,
    SessionId, SessionView, Todo, TodoState, TranscriptEntry, TurnOutcome,
};

use super::offered_commands;
use super::prompts::{PromptNumber, Prompts};
use crate::acp::updates::content;
use crate::acp::updates::sent_updates::{self, Notices, SentUpdates};
use crate::host::limit_hold;

pub struct AcpSession {
    pub view: SessionView,
    pub sent: SentUpdates,
    pub prompts: Prompts,
    /// Approvals and questions that the client was asked about.
    pub asks: HashMap<AskId, RequestCancellationHandle>,
    /// How the last turn ended.
    pub outcome: TurnOutcome,
    /// Notices for the person that the next turn begins with, if the client shows no notices.
    unsaid: Vec<Notice>,
    /// Whether the next notice says why the session is not saved.
    unkept: bool,
    /// The prompt that waits until changes are taken back, or made again.
    pub undoing: Option<PromptNumber>,
    title: String,
    /// The commands of files, once they are read, and those that MCP servers' prompts are.
    pub extensions: Arc<OfferedExtensions>,
    server_commands: Vec<OfferedCommand>,
}

impl AcpSession {
    pub fn new(view: &SessionView) -> Self {
        let view = view.clone();
        let mut sent = SentUpdates::default();
        sent.skip(&view.transcript, &folder(&view));
        Self {
            sent,
            prompts: Prompts::default(),
            asks: HashMap::new(),
            outcome: TurnOutcome::Done,
            unsaid: Vec::new(),
            unkept: false,
            undoing: None,
            title: view.title.clone(),
            extensions: Arc::default(),
            server_commands: server_commands(&view),
            view,
        }
    }

    pub fn id(&self) -> &SessionId {
        &self.view.id
    }

    pub fn folder(&self) -> PathBuf {
        folder(&self.view)
    }

    /// Takes in one event; returns the updates for the client, in order.
    pub fn take(&mut self, event: &EventKind, notices: Notices) -> Vec<SessionUpdate> {
        let change = self.view.apply(event);
        let folder = self.folder();
        let mut updates = match event {
            EventKind::Snapshot(_) | EventKind::WentBack(_) => {
                self.sent.resync(&self.view.transcript, &folder, notices)
            }
            _ => self.sent.news(&self.view.transcript, change, &folder, notices),
        };
        if notices == Notices::Hidden {
            updates.extend(self.important(event));
        }
        match event {
            EventKind::McpServers(_) => {
                let now = server_commands(&self.view);
                if now != self.server_commands {
                    self.server_commands = now;
                    updates.push(self.commands());
                }
            }
            EventKind::Todos(todos) => updates.push(plan(todos)),
            EventKind::Usage(_) | EventKind::Compacted(Some(_)) => updates.extend(self.usage()),
            // The person asked for it, so its outcome is part of the answer.
            EventKind::Undone { .. } if notices == Notices::Hidden => updates.extend(self.undone()),
            EventKind::Retrying(retry) if notices == Notices::Shown => {
                updates.push(sent_updates::notice(&retrying(retry), NoticeSeverity::Warning));
            }
            EventKind::LimitHold(Some(hold)) if notices == Notices::Shown => {
                let notice = Notice { message: limit_hold(hold), next: None };
                updates.push(sent_updates::notice(&notice, NoticeSeverity::Warning));
            }
            EventKind::Snapshot(_) => updates.extend(self.standing()),
            // A client cannot take back what it shows: the person is told where that ends.
            EventKind::WentBack(past) => {
                let last = past.transcript.entries().last().map(|entry| &**entry);
                if let Some(TranscriptEntry::Notice(notice)) = last {
                    updates.extend(self.say(notice.clone(), notices));
                }
                updates.extend(self.usage());
            }
            _ => {}
        }
        if self.view.title != self.title {
            self.title.clone_from(&self.view.title);
            let info = SessionInfoUpdate::new().title(self.title.clone());
            updates.push(SessionUpdate::SessionInfoUpdate(info));
        }
        updates
    }

    /// All commands that a prompt may begin with.
    pub fn commands(&self) -> SessionUpdate {
        let all = offered_commands::with_others(&self.extensions, &self.server_commands);
        SessionUpdate::AvailableCommandsUpdate(AvailableCommandsUpdate::new(all))
    }

    /// Returns the notices that a person needs even if the client shows none, as part of an answer.
    fn important(&mut self, event: &EventKind) -> Vec<SessionUpdate> {
        match event {
            EventKind::SaveState(SaveState::NotYet) => self.unkept = true,
            EventKind::Notice(notice) if std::mem::take(&mut self.unkept) => {
                self.unsaid.push(notice.clone());
            }
            _ => {}
        }
        self.say_now()
    }

    /// Tells a person something, now or with the next turn.
    pub fn say(&mut self, notice: Notice, notices: Notices) -> Vec<SessionUpdate> {
        match notices {
            Notices::Shown => vec![sent_updates::notice(&notice, NoticeSeverity::Warning)],
            Notices::Hidden => {
                self.unsaid.push(notice);
                self.say_now()
            }
        }
    }

    fn say_now(&mut self) -> Vec<SessionUpdate> {
        if self.view.turn.is_none() {
            return Vec::new();
        }
        let line = |Notice { message, next }: Notice| {
            let next = next.map(|next| format!(". {next}")).unwrap_or_default();
            let text = format!("*{message}{next}*\n\n");
            SessionUpdate::AgentMessageChunk(content::chunk(&text, "notice"))
        };
        std::mem::take(&mut self.unsaid).into_iter().map(line).collect()
    }

    /// Returns the updates for the whole conversation, then for its plan and its usage.
    pub fn replay(&mut self, notices: Notices) -> Vec<SessionUpdate> {
        let folder = self.folder();
        let mut updates = self.sent.replay(&self.view.transcript, &folder, notices);
        updates.extend(self.standing());
        updates
    }

    /// Returns the updates about the session as a whole: its plan and its usage.
    pub fn standing(&self) -> Vec<SessionUpdate> {
        let plan = (!self.view.todos.is_empty()).then(|| plan(&self.view.todos));
        plan.into_iter().chain(self.usage()).collect()
    }

    /// Returns how full the context is, if its size is known.
    fn usage(&self) -> Option<SessionUpdate> {
        let size = self.view.settings.as_ref()?.context?;
        Some(SessionUpdate::UsageUpdate(UsageUpdate::new(self.view.context_used?, size)))
    }

    fn undone(&self) -> Option<SessionUpdate> {
        match &**self.view.transcript.entries().last()? {
            TranscriptEntry::Notice(notice) => {
                Some(SessionUpdate::AgentMessageChunk(content::chunk(&notice.message, "undo")))
            }
            _ => None,
        }
    }
}

fn server_commands(view: &SessionView) -> Vec<OfferedCommand> {
    view.mcp.iter().flat_map(McpStatus::commands).collect()
}

fn folder(view: &SessionView) -> PathBuf {
    view.place.as_ref().map(|place| place.folder.clone()).unwrap_or_default()
}

fn retrying(retry: &Retry) -> Notice {
    let Retry { attempt, of, problem, .. } = retry;
    Notice {
        message: format!("Trying again, {attempt} of {of}: {}", problem.message),
        next: problem.next.clone(),
    }
}

/// Returns the model's whole plan, without the entries that were dropped.
fn plan(todos: &[Todo]) -> SessionUpdate {
    let entry = |todo: &Todo| {
        let status = match todo.state {
            TodoState::Open => PlanEntryStatus::Pending,
            TodoState::Doing => PlanEntryStatus::InProgress,
            TodoState::Done => PlanEntryStatus::Completed,
            TodoState::Dropped => return None,
        };
        Some(PlanEntry::new(todo.text.clone(), PlanEntryPriority::Medium, status))
    };
    SessionUpdate::Plan(Plan::new(todos.iter().filter_map(entry).collect()))
}
