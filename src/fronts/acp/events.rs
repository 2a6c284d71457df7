//! The engine's events, routed to the sessions, the sign-in and the client.

use agent_client_protocol::v1::schema::{NoticeSeverity, SessionUpdate};

use crate::protocol::{Event, EventKind, Notice, SessionId};

use super::asks::permission;
use super::machines::Machines;
use super::outside::Outside;
use super::sessions::open_sessions::Sessions;
use super::sessions::{offered_options, options};
use super::updates::sent_updates::{self, Notices};

/// Passes on one event from the engine.
pub fn route(machines: &mut Machines, event: Event) {
    let Machines { outside, sessions, sign_ins } = machines;
    match (event.session, event.kind) {
        (Some(session), kind) => session_event(sessions, outside, &session, &kind),
        (None, EventKind::SignIn { attempt, step }) => {
            sign_ins.sign_in_step(outside, &attempt, step);
        }
        (None, EventKind::Accounts(_)) => {
            outside.host.models.forget();
            if !sessions.all.is_empty() {
                sessions.when_models_known(outside, |sessions, outside| {
                    options::changed(sessions, outside);
                });
            }
        }
        (None, EventKind::Models(list)) => {
            if outside.host.models.keep(list) {
                options::changed(sessions, outside);
            }
        }
        (None, EventKind::Providers(providers)) => outside.setup.providers = providers,
        (None, EventKind::Notice(notice)) => warn(sessions, outside, &notice),
        (None, _) => {}
    }
}

/// Tells the client about an event first, then asks what it has to ask, then answers prompts.
fn session_event(sessions: &mut Sessions, outside: &mut Outside, id: &SessionId, kind: &EventKind) {
    let Some(session) = sessions.all.get_mut(id) else { return };
    let mut updates = session.take(kind, outside.notices());
    updates.extend(offered_options::news(kind, &session.view, &outside.host.models));
    outside.update(id, updates);
    permission::news(sessions, outside, id, kind);
    sessions.prompt_news(outside, id, kind);
}

/// Shows a notice about the whole program in every session.
fn warn(sessions: &Sessions, outside: &Outside, notice: &Notice) {
    if outside.notices() == Notices::Shown {
        let update: SessionUpdate = sent_updates::notice(notice, NoticeSeverity::Warning);
        for id in sessions.all.keys() {
            outside.update(id, [update.clone()]);
        }
    }
}
