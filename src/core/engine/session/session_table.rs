//! The sessions of an engine: those that are open, those on their way from the disk with the
//! commands that wait for them, and those being closed.

use std::collections::HashMap;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::engine::work::spawn;
use crate::protocol::{ClientId, Command, Requester, SessionId};
use crate::store::SessionLog;

use super::super::link::client::{Replier, Rest, TellRest, WhenToTell};
use super::super::link::engine_message::{EngineMessage, EngineSender};
use super::super::remote::RemoteSession;
use super::super::work::running_work::ended;
use super::active_session::ActiveSession;
use super::held_sessions::{HeldSessions, Hold};

/// Commands for a session that is not open yet, in their order.
pub(crate) type WaitingCommands = Vec<(Requester, Command, Replier)>;

pub(crate) struct SessionTable {
    open: HashMap<SessionId, ActiveSession>,
    /// On their way from the disk, and what waits for them: no more than clients may have open.
    opening: HashMap<SessionId, WaitingCommands>,
    /// Closed for the fronts; what ran in them is still to tell what it had changed.
    closing: HashMap<SessionId, ActiveSession>,
    /// Open in another program, which has let this one join.
    remote: HashMap<SessionId, RemoteSession>,
    held: HeldSessions,
    /// Sessions that let go of their logs.
    leaving: Vec<JoinHandle<()>>,
    /// The owner of the engine waits until nothing runs.
    resting: Option<TellRest>,
    sender: EngineSender,
}

impl SessionTable {
    /// The loop hears through `sender` when all that ran for a session being closed has ended.
    pub(crate) fn new(sender: EngineSender) -> Self {
        Self {
            open: HashMap::new(),
            opening: HashMap::new(),
            closing: HashMap::new(),
            remote: HashMap::new(),
            held: HeldSessions::default(),
            leaving: Vec::new(),
            resting: None,
            sender,
        }
    }

    /// Those whose logs are held, whether they are open, on their way or being closed.
    pub(crate) fn held(&self) -> &HeldSessions {
        &self.held
    }

    pub(crate) fn is_open(&self, id: &SessionId) -> bool {
        self.open.contains_key(id)
    }

    /// Whether another program has it open, and this one has joined.
    pub(crate) fn is_remote(&self, id: &SessionId) -> bool {
        self.remote.contains_key(id)
    }

    pub(crate) fn add_remote(&mut self, id: SessionId, remote: RemoteSession) {
        self.remote.insert(id, remote);
    }

    pub(crate) fn remote_mut(&mut self, id: &SessionId) -> Option<&mut RemoteSession> {
        self.remote.get_mut(id)
    }

    /// The remote session through which this one is reached: itself, or one that it works for.
    pub(crate) fn remote_for(&mut self, id: &SessionId) -> Option<&mut RemoteSession> {
        self.remote.values_mut().find(|remote| remote.has(id))
    }

    /// Leaves it; another program goes on with it, or none does.
    pub(crate) fn remove_remote(&mut self, id: &SessionId) -> Option<RemoteSession> {
        let remote = self.remote.remove(id)?;
        self.held.let_go(id);
        Some(remote)
    }

    /// Ends a client's subscription to remote sessions, to this one or to all, and leaves those
    /// that nobody listens to any more. Whether there were such.
    pub(crate) fn leave_remote(&mut self, client: ClientId, only: Option<&SessionId>) -> bool {
        let is_meant = |id: &SessionId| only.is_none_or(|only| only == id);
        let ids: Vec<SessionId> = self.remote.keys().filter(|id| is_meant(id)).cloned().collect();
        for id in &ids {
            if self.remote.get_mut(id).is_some_and(|remote| !remote.unsubscribe(client)) {
                self.remove_remote(id);
            }
        }
        !ids.is_empty()
    }

    /// An open one.
    pub(crate) fn get_mut(&mut self, id: &SessionId) -> Option<&mut ActiveSession> {
        self.open.get_mut(id)
    }

    pub(crate) fn all_open(&mut self) -> impl Iterator<Item = &mut ActiveSession> {
        self.open.values_mut()
    }

    /// Whatever runs in it still, it is told.
    pub(crate) fn open_or_closing(&mut self, id: &SessionId) -> Option<&mut ActiveSession> {
        self.open.get_mut(id).or_else(|| self.closing.get_mut(id))
    }

    /// It is on its way: what is asked of it waits from now on.
    pub(crate) fn begin_opening(&mut self, id: SessionId) {
        self.opening.entry(id).or_default();
    }

    /// The commands that wait for it, where it is on its way.
    pub(crate) fn waiting_for(&mut self, id: &SessionId) -> Option<&mut WaitingCommands> {
        self.opening.get_mut(id)
    }

    /// The commands that waited for it; it is not on its way any more.
    pub(crate) fn take_waiting(&mut self, id: &SessionId) -> WaitingCommands {
        self.opening.remove(id).unwrap_or_default()
    }

    /// It is open; where the one that it was to work for was closed meanwhile, it is closed at
    /// once.
    pub(crate) fn add(&mut self, id: SessionId, active: ActiveSession) {
        if active.parent().is_some_and(|parent| !self.is_open(parent)) {
            self.let_go(id, active);
        } else {
            self.open.insert(id, active);
        }
    }

    /// Closes it, where it is open.
    pub(crate) fn close(&mut self, id: &SessionId) {
        if let Some(active) = self.open.remove(id) {
            self.let_go(id.clone(), active);
        }
    }

    pub(crate) fn close_all(&mut self) {
        for (id, active) in std::mem::take(&mut self.open) {
            self.let_go(id, active);
        }
    }

    /// Has the engine's owner told what runs: now, or when nothing does.
    pub(crate) fn await_rest(&mut self, when: WhenToTell, tell: TellRest) {
        match when {
            WhenToTell::AtRest => self.resting = Some(tell),
            WhenToTell::Now => tell(self.rest()),
        }
    }

    /// Tells the engine's owner that nothing runs, where it waits for that.
    pub(crate) fn tell_rest(&mut self) {
        if self.resting.is_none() {
            return;
        }
        let rest = self.rest();
        let is_moving = !self.opening.is_empty() || !self.closing.is_empty();
        if let Some(tell) = self.resting.take_if(|_| !rest.is_busy && !is_moving) {
            tell(rest);
        }
    }

    fn rest(&self) -> Rest {
        Rest {
            is_busy: self.open.values().any(ActiveSession::is_busy),
            is_joined: self.open.values().any(ActiveSession::is_listened_to),
            events: self.open.values().map(ActiveSession::events).sum(),
        }
    }

    pub(crate) fn are_closing(&self) -> bool {
        !self.closing.is_empty()
    }

    /// How it is held, where it is being closed.
    pub(crate) fn hold_of_closing(&self, id: &SessionId) -> Option<Hold> {
        if self.closing.contains_key(id) { self.held.hold(id, || {}).err() } else { None }
    }

    /// Closes a session whose work has ended. The handle ends with its log, when all is in it.
    pub(crate) fn stopped(&mut self, id: &SessionId) -> Option<JoinHandle<Option<SessionLog>>> {
        self.closing.remove(id).map(ActiveSession::close)
    }

    /// For each session that is open or being closed, resolves when everything that happened in it
    /// is on the disk.
    pub(crate) fn settled(&self) -> Vec<impl Future<Output = ()> + Send + 'static + use<>> {
        let all = self.open.values().chain(self.closing.values());
        all.map(ActiveSession::settled).collect()
    }

    /// Resolves when those that were closed have let go of their logs.
    pub(crate) async fn left(self) {
        ended(self.leaving).await;
    }

    /// Ends it, and lets go of its log.
    fn let_go(&mut self, id: SessionId, active: ActiveSession) {
        let (log, held) = (self.end(id.clone(), active), self.held.clone());
        self.leaving.retain(|work| !work.is_finished());
        self.leaving.push(spawn(async move {
            drop(log.await);
            held.let_go(&id);
        }));
    }

    /// Ends what runs in it, and in those that work for it; it goes once it has taken in what that
    /// had changed. Comes to its log, which is held until that is dropped.
    fn end(
        &mut self,
        id: SessionId,
        mut active: ActiveSession,
    ) -> impl Future<Output = Option<SessionLog>> + Send + 'static + use<> {
        let works_for = |(child, active): (&SessionId, &ActiveSession)| {
            (active.parent() == Some(&id)).then(|| child.clone())
        };
        let children: Vec<SessionId> = self.open.iter().filter_map(works_for).collect();
        for child in children {
            self.close(&child);
        }
        let (stopped, sender) = (active.stop(), self.sender.clone());
        self.closing.insert(id.clone(), active);
        async move {
            stopped.await;
            let (written, writing) = oneshot::channel();
            let _loop_ended = sender.send(EngineMessage::Stopped(id, written));
            writing.await.ok()?.await.ok()?
        }
    }
}
