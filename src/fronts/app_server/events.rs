//! The engine's events, routed to the threads and to all clients.

use serde_json::{Value, json};

use crate::protocol::{
    ApprovalResponse, Ask, Command, Event, EventKind, Limit, Limits, Notice, SessionId,
    SessionView, TurnCommand,
};

use super::failure;
use super::server::Server;
use super::thread::{News, Thread};
use super::turns::seconds;

impl Server {
    pub(super) fn event(&mut self, event: Event) {
        match (event.session, event.kind) {
            (Some(session), EventKind::Snapshot(view)) => self.snapshot(&session, &view),
            (Some(session), kind) => self.thread_event(&session, &kind),
            (None, EventKind::SignIn { attempt, step }) => self.sign_in_step(&attempt, step),
            (None, EventKind::TokensWanted { request, account }) => {
                self.tokens_wanted(request, account.as_deref())
            }
            (None, EventKind::Limits(limits)) => {
                self.accounts.limits = Some(limits.clone());
                let params = json!({ "rateLimits": rate_limits(&limits) });
                self.broadcast("account/rateLimits/updated", params);
            }
            (None, EventKind::Models(list)) => self.models.keep(list),
            (None, EventKind::Notice(notice)) => self.warn(&notice),
            (None, _) => {}
        }
    }

    fn warn(&self, notice: &Notice) {
        let problem = crate::protocol::Problem {
            kind: crate::protocol::ProblemKind::Config,
            message: notice.message.clone(),
            next: notice.next.clone(),
        };
        let message = failure::sentence(&problem);
        self.broadcast("warning", json!({ "threadId": null, "message": message }));
    }

    fn thread_event(&mut self, session: &SessionId, kind: &EventKind) {
        let now = self.clock.now();
        let Some(thread) = self.threads.get_mut(session) else { return };
        let news = thread.take(kind, now);
        let unheard = thread.meta.permissions.never_asks();
        self.spread(session, news);
        if unheard && let EventKind::Approval(_) | EventKind::Asked { .. } = kind {
            self.nobody(session);
        }
        if let EventKind::TurnEnded { .. } = kind {
            self.rest(session);
        }
    }

    /// Nobody wants to be asked in this thread.
    fn nobody(&mut self, session: &SessionId) {
        let Some(thread) = self.threads.get(session) else { return };
        let asks: Vec<_> = thread.view.asks.iter().map(Ask::id).collect();
        for ask in asks {
            let decide = TurnCommand::Decide { ask, decision: ApprovalResponse::Nobody };
            self.engine.send(Command::Turn(session.clone(), decide));
        }
    }

    /// Tells what follows from an event.
    pub fn spread(&mut self, session: &SessionId, news: Vec<News>) {
        for one in news {
            match one {
                News::Tell(method, params) => self.tell_thread(session, method, params),
                News::Broadcast(method, params) => self.broadcast(method, params),
                News::Request(about, method, params) => {
                    let unheard = self
                        .threads
                        .get(session)
                        .is_some_and(|thread| thread.meta.permissions.never_asks());
                    if !unheard {
                        self.request(about, method, params);
                    }
                }
                News::Resolved(about) => {
                    if let Some(id) = self.resolve(&about) {
                        let thread = super::turns::thread_id(session);
                        let params = json!({ "threadId": thread, "requestId": id });
                        self.tell_thread(session, "serverRequest/resolved", params);
                    }
                }
            }
        }
    }

    /// The first word of a session that was opened, or one in the place of events that were lost.
    fn snapshot(&mut self, session: &SessionId, view: &SessionView) {
        if let Some(opening) = self.opening.remove(session) {
            return opening.into_iter().for_each(|then| then(self, view));
        }
        if self.threads.contains_key(session) {
            self.resync(session, view.clone());
        }
    }

    /// Whether a thread has a turn that runs.
    pub fn runs(&self, session: &SessionId) -> bool {
        self.threads.get(session).is_some_and(Thread::is_running)
    }
}

/// What is left of a plan.
pub fn rate_limits(limits: &Limits) -> Value {
    json!({
        "limitId": "codex", "limitName": null, "primary": limits.primary.map(window),
        "secondary": limits.secondary.map(window), "credits": null, "planType": null,
    })
}

fn window(limit: Limit) -> Value {
    json!({
        "usedPercent": limit.used_percent.round() as i64,
        "windowDurationMins": limit.window_minutes, "resetsAt": limit.resets.map(seconds),
    })
}
