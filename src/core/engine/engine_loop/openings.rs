//! Sessions on their way from the disk to the loop: opened beside it, joined where they are open,
//! and what is asked of them meanwhile.

use std::sync::Arc;

use super::{EngineLoop, unknown_session};
use crate::engine::link::engine_message::Asker;
use crate::engine::session::active_session::ActiveSession;
use crate::engine::session::held_sessions::{Hold, Holds};
use crate::engine::session::open_session::EngineDefaults;
use crate::engine::session::preparation::{FetchedSession, OpenRequest, OpeningNews, Preparation};
use crate::engine::work::owned_work::{blocking, defect, spawn};
use crate::protocol::{
    Command, EventKind, OpenOptions, Presence, Reply, Requester, SessionCommand, SessionId,
    SessionSelector,
};

impl EngineLoop {
    /// Opens a session beside the loop, once what was said in the open ones is on the disk and
    /// `closing` has been let go of.
    pub(super) fn fetch(
        &mut self,
        request: OpenRequest,
        options: OpenOptions,
        asker: Asker,
        closing: Option<(SessionId, Hold)>,
    ) {
        let settled = match request {
            OpenRequest::New { .. } => Vec::new(),
            OpenRequest::Fork { .. } | OpenRequest::Resume { .. } | OpenRequest::TakeUp(_) => {
                self.sessions.settled()
            }
        };
        let preparation = self.preparation(&asker, options);
        if let OpenRequest::New { id, .. } = &request {
            preparation.holds.add(id);
        }
        let held = self.sessions.held().clone();
        let ready = async move {
            for one in settled {
                one.await;
            }
            if let Some((id, hold)) = closing {
                held.released(&id, hold).await;
            }
        };
        self.prepare(preparation, asker, ready, move |preparation, ()| preparation.open(request));
    }

    fn preparation(&self, asker: &Asker, options: OpenOptions) -> Preparation {
        let facts = self.clients.facts(asker.client);
        let presence = facts.map_or(Presence::Unattended, |facts| facts.presence);
        let screen = facts.map(|facts| Arc::clone(&facts.name)).unwrap_or_default();
        Preparation {
            services: self.services.clone(),
            held: self.sessions.held().clone(),
            defaults: EngineDefaults::of(&self.settings),
            options,
            presence,
            screen,
            holds: Holds::default(),
            sender: self.sender.clone(),
            news: self.opening_news.clone(),
        }
    }

    /// Makes a session ready beside the loop, once what that needs is there.
    fn prepare<T: Send + 'static>(
        &mut self,
        preparation: Preparation,
        asker: Asker,
        ready: impl Future<Output = T> + Send + 'static,
        open: impl FnOnce(Preparation, T) -> FetchedSession + Send + 'static,
    ) {
        let (news, holds) = (self.opening_news.clone(), preparation.holds.clone());
        self.unfinished.retain(|work| !work.is_finished());
        self.unfinished.push(spawn(async move {
            let ready = ready.await;
            let fetched = blocking(move || open(preparation, ready))
                .await
                .unwrap_or_else(|_panic| FetchedSession::Failed(holds.take(), defect()));
            let _loop_ended = news.send(OpeningNews::Fetched(Box::new(fetched), asker));
        }));
    }

    /// Takes news of a session on its way from the disk.
    pub(super) fn opening(&mut self, news: OpeningNews) {
        match news {
            OpeningNews::Begun(id) => self.sessions.begin_opening(id),
            OpeningNews::Fetched(fetched, asker) => self.fetched(*fetched, asker),
            OpeningNews::Waits(notice) => self.clients.notify(EventKind::Notice(notice)),
        }
    }

    /// Takes a session that came from the disk, or did not.
    pub(super) fn fetched(&mut self, fetched: FetchedSession, asker: Asker) {
        match fetched {
            FetchedSession::AlreadyOpen { id, hold, when_held, options } => {
                if self.sessions.is_open(&id) || self.sessions.is_remote(&id) {
                    return self.join(&id, asker);
                }
                let which = SessionSelector::Named(id.as_str().to_owned());
                match self.sessions.waiting_for(&id) {
                    Some(waiting) => {
                        let resume = SessionCommand::Resume { which, when_held, options };
                        let Asker { client, replier } = asker;
                        let requester = Requester { client, request: replier.request() };
                        waiting.push((requester, Command::Session(resume), replier));
                    }
                    // It is being closed.
                    None => {
                        let request = OpenRequest::Resume { which, when_held };
                        self.fetch(request, options, asker, Some((id, hold)));
                    }
                }
            }
            FetchedSession::Failed(ids, problem) => {
                asker.replier.refuse(problem.clone());
                for id in ids {
                    self.sessions.held().let_go(&id);
                    for (_, _, replier) in self.sessions.take_waiting(&id) {
                        replier.refuse(problem.clone());
                    }
                }
            }
            FetchedSession::Remote { id, stream, holder, wished } => {
                self.joined(id, stream, (holder, *wished), asker)
            }
            FetchedSession::Prepared(prepared) => {
                let (id, copy_of) = (prepared.id.clone(), prepared.copy_of.clone());
                // It is open here now.
                self.followed.forget(&id);
                // Another program has that one.
                if let Some(original) = &copy_of {
                    self.sessions.held().let_go(original);
                }
                // The answer comes first, then the snapshot.
                asker.replier.answer(Ok(Reply::Opened(id.clone())));
                let first = self.clients.inbox(asker.client).map(|inbox| (asker.client, inbox));
                let (services, sender) = (self.services.clone(), self.sender.clone());
                let active = ActiveSession::begin(*prepared, services, sender, first);
                self.sessions.add(id.clone(), active);
                if self.has_read_models {
                    self.read_models();
                }
                let waited = [Some(id), copy_of].into_iter().flatten();
                let waiting: Vec<_> =
                    waited.flat_map(|id| self.sessions.take_waiting(&id)).collect();
                for (asker, command, replier) in waiting {
                    self.command(asker, command, replier);
                }
            }
        }
    }

    /// One more listens to a session that is open.
    pub(super) fn join(&mut self, id: &SessionId, asker: Asker) {
        let Some(inbox) = self.clients.inbox(asker.client) else {
            return asker.replier.refuse(unknown_session());
        };
        if let Some(active) = self.sessions.get_mut(id) {
            asker.replier.answer(Ok(Reply::Opened(id.clone())));
            active.subscribe(asker.client, inbox);
        } else if let Some(remote) = self.sessions.remote_mut(id) {
            asker.replier.answer(Ok(Reply::Opened(id.clone())));
            remote.subscribe(asker.client, inbox);
        } else {
            asker.replier.refuse(unknown_session());
        }
    }
}
