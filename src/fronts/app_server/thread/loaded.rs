//! A loaded thread: its session's view, its turns, and its subscribers.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::base::Timestamp;
use crate::protocol::{
    Agent, Ask, Effort, EventKind, KeepFrom, ModelRef, OpenTurn, Record, SessionId, SessionPlace,
    SessionView, TurnId, TurnOutcome,
};

use super::live_turn::LiveTurn;
use super::news::News;
use super::turns::{self, Entry, ItemsView, Turn, TurnJson};
use crate::app_server::request::params::{seconds, thread_id};
use crate::app_server::request::permissions::Permissions;
use crate::app_server::transport::connection::ConnectionId;

/// A session that this server has open.
#[derive(Debug)]
pub struct Thread {
    pub session: SessionId,
    pub id: String,
    pub view: SessionView,
    /// The turns that have ended, oldest first.
    pub turns: Vec<Arc<Turn>>,
    pub live: Option<LiveTurn>,
    pub subscribers: BTreeSet<ConnectionId>,
    pub meta: ThreadMeta,
    /// Models and efforts requested from the engine and not confirmed yet, oldest first.
    pub choosing: VecDeque<(ModelRef, Option<Effort>)>,
    /// The client that brought the thread's tools.
    pub tools_of: Option<ConnectionId>,
    /// The last review that was requested: its turn, and the changes it looks at.
    pub review: Option<(TurnId, String)>,
    /// How each MCP server was told last, by name.
    pub told_servers: HashMap<String, Value>,
    /// The last turn failed, and no other has started.
    failed: bool,
    /// When the last subscriber left; `None` while there is one.
    pub left: Option<Timestamp>,
}

/// Whether a thread outlives the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The thread is deleted when it is closed.
    Ephemeral,
    OnDisk,
}

impl Kept {
    /// Returns when the session is first written to disk.
    pub fn from(self) -> KeepFrom {
        match self {
            Self::Ephemeral => KeepFrom::FirstPrompt,
            Self::OnDisk => KeepFrom::Start,
        }
    }
}

/// Facts about a thread that its session does not hold.
#[derive(Debug)]
pub struct ThreadMeta {
    pub permissions: Permissions,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub forked_from: Option<SessionId>,
    pub kept: Kept,
    pub source: &'static str,
}

impl ThreadMeta {
    /// The facts of a thread that a client starts now.
    pub fn new(permissions: Permissions, kept: Kept, created: Timestamp) -> Self {
        let (updated, source) = (created, "vscode");
        Self { permissions, created, updated, forked_from: None, kept, source }
    }
}

impl Thread {
    pub fn new(view: &SessionView, records: &[Record], meta: ThreadMeta) -> Self {
        let folder = folder(view);
        let turns = turns::of_records(&view.id, &folder, records, OpenTurn::CutOff);
        Self {
            id: thread_id(&view.id),
            session: view.id.clone(),
            view: view.clone(),
            turns: turns.into_iter().map(Arc::new).collect(),
            live: None,
            subscribers: BTreeSet::new(),
            meta,
            choosing: VecDeque::new(),
            tools_of: None,
            review: None,
            told_servers: HashMap::new(),
            failed: false,
            left: None,
        }
    }

    pub fn folder(&self) -> PathBuf {
        folder(&self.view)
    }

    pub fn is_running(&self) -> bool {
        self.view.turn.is_some() || self.live.is_some()
    }

    /// The id of the running turn.
    pub fn running_turn(&self) -> Option<String> {
        self.live.as_ref().map(|live| live.turn.id.clone())
    }

    /// Applies one event; returns the news for clients, in order.
    pub fn take(&mut self, event: &EventKind, now: Timestamp) -> Vec<News> {
        let before = self.status();
        self.view.apply(event);
        self.meta.updated = now;
        let mut news = Vec::new();
        match event {
            // Prompts that steered the turn continue it: for clients it has not ended.
            EventKind::TurnEnded { outcome: TurnOutcome::Done | TurnOutcome::MaxSteps, .. }
                if !self.view.queued.is_empty() =>
            {
                return news;
            }
            EventKind::TurnStarted(number) => {
                if let Some(live) = &mut self.live {
                    live.turn.last = *number;
                    return news;
                }
                self.failed = false;
                self.begin(*number, now);
            }
            EventKind::TurnEnded { outcome, .. } => {
                self.failed = matches!(outcome, TurnOutcome::Failed(_));
            }
            EventKind::WentBack(past) => self.went_back(past.before),
            _ => {}
        }
        let status = self.status();
        let is_end = matches!(event, EventKind::TurnEnded { .. });
        let status = if is_end { self.rest_status() } else { status };
        let changed = (status != before).then(|| {
            let params = json!({ "threadId": self.id, "status": status });
            News::Broadcast("thread/status/changed", params)
        });
        // The end of a turn is told before the change of status.
        if !is_end {
            news.extend(changed);
            self.add_news(event, now, &mut news);
        } else {
            self.add_news(event, now, &mut news);
            let at = news.iter().position(|one| matches!(one, News::Notify("turn/completed", _)));
            if let Some(changed) = changed {
                news.insert(at.unwrap_or(news.len()), changed);
            }
        }
        news
    }

    /// Recovers after lost events from the resulting state and the log; returns the news for
    /// clients.
    pub fn resync(&mut self, view: SessionView, records: &[Record], now: Timestamp) -> Vec<News> {
        let before = self.live.take();
        let running = view.turn;
        self.view = view;
        let folder = self.folder();
        let mut turns = turns::of_records(&self.session, &folder, records, OpenTurn::CutOff);
        let mut news = Vec::new();
        if let Some(number) = running {
            let known = turns.iter().position(|turn| turn.last == number);
            let mut turn = match known {
                Some(at) => turns.remove(at),
                None => Turn::new(&self.session, number, Some(now)),
            };
            turn.reopen();
            let live = LiveTurn::new(turn, &self.id, self.folder());
            self.live = Some(live);
        }
        if let Some(before) = before {
            let shown = before.turn.items.len();
            let after = self.live.as_ref().map(|live| &live.turn);
            let after = after
                .filter(|turn| turn.id == before.turn.id)
                .or_else(|| turns.iter().find(|turn| turn.id == before.turn.id));
            let missed = after.into_iter().flat_map(|turn| turn.items.iter().skip(shown));
            for entry in missed {
                let params = json!({ "item": entry.item, "completedAtMs": now.0 });
                news.push(News::Notify("item/completed", before.about(params)));
            }
            if let Some(ended) = after.filter(|turn| turn.outcome.is_some()) {
                let status = json!({ "threadId": self.id, "status": self.status() });
                news.push(News::Broadcast("thread/status/changed", status));
                let params = json!({ "threadId": self.id, "turn": ended.json(ItemsView::Summary) });
                news.push(News::Notify("turn/completed", params));
            }
        }
        self.turns = turns.into_iter().map(Arc::new).collect();
        news
    }

    /// Removes a turn and all later ones, which the session has left.
    fn went_back(&mut self, before: TurnId) {
        self.turns.retain(|turn| turn.number < before);
        self.failed = false;
    }

    fn begin(&mut self, number: TurnId, now: Timestamp) {
        let review = self.review.take_if(|(turn, _)| *turn == number).map(|(_, what)| what);
        let turn = Turn { review, ..Turn::new(&self.session, number, Some(now)) };
        self.live = Some(LiveTurn::new(turn, &self.id, self.folder()));
    }

    /// The thread's status in the protocol's words.
    pub fn status(&self) -> Value {
        if self.is_running() {
            let approval = self.view.asks.iter().any(|ask| matches!(ask, Ask::Approval(_)));
            let question = self.view.asks.iter().any(|ask| matches!(ask, Ask::Question { .. }));
            let flags = [(approval, "waitingOnApproval"), (question, "waitingOnUserInput")];
            let flags: Vec<&str> =
                flags.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
            return json!({ "type": "active", "activeFlags": flags });
        }
        self.rest_status()
    }

    fn rest_status(&self) -> Value {
        json!({ "type": if self.failed { "systemError" } else { "idle" } })
    }

    /// Every turn, the running one last.
    pub fn all_turns(&self) -> Vec<&Turn> {
        let live = self.live.as_ref().map(|live| &live.turn);
        self.turns.iter().map(Arc::as_ref).chain(live).collect()
    }

    /// The thread in the protocol's form, with all its turns or with none.
    pub fn json(&self, sessions: &Path, turns: Option<ItemsView>) -> ThreadJson<'_> {
        let turns = match turns {
            Some(view) => self.all_turns().into_iter().map(|turn| turn.json(view)).collect(),
            None => Vec::new(),
        };
        let settings = self.view.settings.as_ref();
        let provider = settings.map_or("openai", |settings| settings.model.provider.as_str());
        let branch = self.view.place.as_ref().and_then(|place| place.branch.as_ref());
        let facts = ThreadFacts {
            session: &self.session,
            folder: &self.folder(),
            preview: &self.preview(),
            name: self.name(),
            provider,
            created: self.meta.created,
            updated: self.meta.updated,
            forked_from: self.meta.forked_from.as_ref(),
            kept: self.meta.kept,
            source: self.meta.source,
            status: self.status(),
            branch: branch.map(String::as_str),
        };
        facts.json(sessions, turns)
    }

    /// The provider of its model.
    pub fn provider(&self) -> String {
        let settings = self.view.settings.as_ref();
        settings.map_or_else(|| "openai".to_owned(), |it| it.model.provider.as_str().to_owned())
    }

    /// The name that a person gave; other titles are the beginning of the first prompt.
    fn name(&self) -> Option<&str> {
        let title = self.view.title.as_str();
        let is_given = !title.is_empty()
            && !self.preview().trim_start().starts_with(title.trim_end_matches('…'));
        is_given.then_some(title)
    }

    /// The first prompt.
    fn preview(&self) -> String {
        let turns = self.turns.iter().map(Arc::as_ref);
        let mut items = turns
            .chain(self.live.as_ref().map(|live| &live.turn))
            .flat_map(|turn| turn.items.iter());
        let first = items.find(|entry| entry.is("userMessage")).map(Entry::read);
        let text = first.as_ref().and_then(|item| item["content"][0]["text"].as_str());
        text.unwrap_or_default().to_owned()
    }

    /// Whether the planning agent is at work, which changes nothing.
    pub fn plans(&self) -> bool {
        self.view.session_mode.is_some_and(|mode| mode.agent == Agent::Plan)
    }

    pub fn settings_json(&self) -> Value {
        let settings = self.view.settings.as_ref();
        let model = settings.map_or("", |settings| settings.model.id.as_str());
        let effort = settings.and_then(|settings| settings.effort.as_ref()).map(|it| it.0.as_str());
        json!({
            "model": model, "effort": effort, "cwd": self.folder(),
            "modelProvider": settings.map_or("openai", |settings| settings.model.provider.as_str()),
            "approvalPolicy": self.meta.permissions.ask_json(), "approvalsReviewer": self.meta.permissions.reviewer_name(),
            "sandboxPolicy": self.meta.permissions.sandbox_json(), "serviceTier": null,
            "activePermissionProfile": self.meta.permissions.profile_json(),
            "collaborationMode": {
                "mode": if self.plans() { "plan" } else { "default" },
                "settings": {
                    "model": model, "reasoning_effort": effort, "developer_instructions": null,
                },
            },
        })
    }
}

/// The folder as text: JSON cannot represent a name that is not UTF-8.
fn folder(view: &SessionView) -> PathBuf {
    let shown = |place: &SessionPlace| PathBuf::from(&*place.folder.to_string_lossy());
    view.place.as_ref().map(shown).unwrap_or_default()
}

/// Facts sent about every thread, loaded or not.
pub struct ThreadFacts<'a> {
    pub session: &'a SessionId,
    pub folder: &'a Path,
    pub preview: &'a str,
    /// The name that a person gave.
    pub name: Option<&'a str>,
    pub provider: &'a str,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub forked_from: Option<&'a SessionId>,
    pub kept: Kept,
    pub source: &'static str,
    pub status: Value,
    pub branch: Option<&'a str>,
}

/// A thread as it is sent to clients.
#[derive(Serialize)]
pub struct ThreadJson<'a> {
    #[serde(flatten)]
    facts: Value,
    turns: Vec<TurnJson<'a>>,
}

impl ThreadFacts<'_> {
    pub fn json<'t>(self, sessions: &Path, turns: Vec<TurnJson<'t>>) -> ThreadJson<'t> {
        let id = thread_id(self.session);
        let ephemeral = self.kept == Kept::Ephemeral;
        let file = || sessions.join(format!("{}.jsonl", self.session));
        let path = (!ephemeral).then(|| file().to_string_lossy().into_owned());
        let facts = json!({
            "id": id, "sessionId": id, "preview": self.preview, "ephemeral": ephemeral,
            "modelProvider": self.provider, "createdAt": seconds(self.created),
            "updatedAt": seconds(self.updated), "recencyAt": seconds(self.updated),
            "status": self.status, "path": path, "cwd": self.folder.to_string_lossy(),
            "cliVersion": env!("CARGO_PKG_VERSION"), "source": self.source, "threadSource": "user",
            "forkedFromId": self.forked_from.map(thread_id), "projectId": null,
            "name": self.name,
            "gitInfo": self.branch.map(|branch| json!({ "branch": branch, "sha": null, "originUrl": null })),
        });
        ThreadJson { facts, turns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_whose_name_is_no_text_can_be_told() {
        use std::os::unix::ffi::OsStrExt;

        let odd = Path::new(std::ffi::OsStr::from_bytes(b"/srv/\xFF"));
        let facts = ThreadFacts {
            session: &SessionId::new("ses_1"),
            folder: odd,
            preview: "",
            name: None,
            provider: "openai",
            created: Timestamp(0),
            updated: Timestamp(0),
            forked_from: None,
            kept: Kept::OnDisk,
            source: "cli",
            status: Value::Null,
            branch: None,
        };
        let shown = json!(facts.json(odd, Vec::new()));
        assert_eq!(shown["cwd"], "/srv/\u{fffd}");
        assert_eq!(shown["path"], "/srv/\u{fffd}/ses_1.jsonl");
    }
}
