//! The engine's events, routed to the sessions, the sign-in and the client.

use agent_client_protocol::v1::schema::{NoticeSeverity, SessionUpdate};

use crate::protocol::{Event, EventKind, Notice, SessionId};

use super::agent::AcpAgent;
use super::options;
use super::sent_updates::{self, Notices};

impl AcpAgent {
    pub fn event(&mut self, event: Event) {
        match (event.session, event.kind) {
            (Some(session), EventKind::Snapshot(view)) => {
                if let Some(opening) = self.opened(&session) {
                    return opening.into_iter().for_each(|then| then(self, &view));
                }
                self.session_event(&session, &EventKind::Snapshot(view));
            }
            (Some(session), kind) => self.session_event(&session, &kind),
            (None, EventKind::SignIn { attempt, step }) => self.sign_in_step(&attempt, step),
            (None, EventKind::Accounts(_)) => {
                self.models.forget();
                if !self.sessions.is_empty() {
                    self.when_models_known(|agent| agent.options_changed());
                }
            }
            (None, EventKind::Models(list)) => {
                if self.models.keep(list) {
                    self.options_changed();
                }
            }
            (None, EventKind::Notice(notice)) => self.warn(&notice),
            (None, _) => {}
        }
    }

    /// What the client is told comes first, then what it is asked, then the ends of its prompts.
    fn session_event(&mut self, id: &SessionId, kind: &EventKind) {
        let notices = self.notices();
        let Some(session) = self.sessions.get_mut(id) else { return };
        let mut updates = session.take(kind, notices);
        updates.extend(options::news(kind, &session.view, &self.models));
        self.update(id, updates);
        self.ask_news(id, kind);
        self.prompt_news(id, kind);
    }

    /// News of the program belongs to no session; every one shows it.
    fn warn(&self, notice: &Notice) {
        if self.notices() == Notices::Shown {
            let update: SessionUpdate = sent_updates::notice(notice, NoticeSeverity::Warning);
            for id in self.sessions.keys() {
                self.update(id, [update.clone()]);
            }
        }
    }
}
