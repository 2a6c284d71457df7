//! Sessions that other programs have open, and that clients here follow: what their logs hold as
//! they grow, and when they are let go of. Looked at again and again, beside the loop; nothing of
//! it is opened or written.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::work::blocking;
use crate::protocol::{
    ClientId, Event, EventKind, FollowedPart, SessionId, SessionPlace, SessionView,
};
use crate::store::{RecordedSession, SessionStore};

use super::link::inbox::{InboxSender, Incoming};
use super::work::owned_work::Work;

/// The time between two looks, at the least.
const PAUSE: Duration = Duration::from_millis(500);
/// A look that takes long is taken less often: one part of the time in so many.
const SHARE: u32 = 20;

/// The sessions that clients follow.
#[derive(Default)]
pub(super) struct FollowedSessions(HashMap<(ClientId, SessionId), Work>);

impl FollowedSessions {
    /// Begins to follow a session for a client, in the place of what it followed of that before.
    pub(super) fn begin(
        &mut self,
        client: ClientId,
        id: SessionId,
        part: FollowedPart,
        sessions: SessionStore,
        inbox: Arc<InboxSender>,
    ) {
        let work = Work::start(follow(id.clone(), part, sessions, inbox));
        self.0.insert((client, id), work);
    }

    /// Ends it; whether the client followed that session.
    pub(super) fn end(&mut self, client: ClientId, id: &SessionId) -> bool {
        self.0.remove(&(client, id.clone())).is_some()
    }

    /// Ends all following of a session.
    pub(super) fn forget(&mut self, id: &SessionId) {
        self.0.retain(|(_, followed), _| followed != id);
    }

    /// A client is gone.
    pub(super) fn leave(&mut self, client: ClientId) {
        self.0.retain(|(of, _), _| *of != client);
    }
}

/// The result of a look at a followed session.
struct Look {
    /// The content of its log, where that is more than before, and at the end.
    view: Option<Box<SessionView>>,
    size: Option<u64>,
    is_held: bool,
}

async fn follow(
    id: SessionId,
    part: FollowedPart,
    sessions: SessionStore,
    inbox: Arc<InboxSender>,
) {
    let (mut known, mut seq) = (None, 0);
    loop {
        let began = Instant::now();
        let (store, session) = (sessions.clone(), id.clone());
        let looked = blocking(move || look(&store, &session, part, known)).await;
        // It broke: whoever waits is not to wait for ever.
        let Ok(Look { view, size, is_held }) = looked else { break };
        known = size;
        if let Some(view) = view {
            seq += 1;
            inbox.resync(&id, seq, Arc::from(view));
        }
        if !is_held {
            break;
        }
        tokio::time::sleep(PAUSE.max(began.elapsed() * SHARE)).await;
    }
    let kind = EventKind::Released;
    // Nothing but this and snapshots comes of it.
    let _short = inbox.push(Incoming::Event(Event { session: Some(id), seq: seq + 1, kind }));
}

/// Who holds it is asked first, so that the last look sees all that was written.
fn look(sessions: &SessionStore, id: &SessionId, part: FollowedPart, known: Option<u64>) -> Look {
    // One that is gone is held by nobody.
    let is_held = sessions.is_held(id).unwrap_or(false);
    let size = match part {
        FollowedPart::End => None,
        FollowedPart::Log => sessions.size(id),
    };
    let grown = size.is_some() && (size != known || !is_held);
    let past = if grown { sessions.read(id).ok() } else { None };
    Look { view: past.map(|(_, past)| Box::new(view_of(id, &past, is_held))), size, is_held }
}

fn view_of(id: &SessionId, past: &RecordedSession, is_held: bool) -> SessionView {
    let mut view = SessionView::new(id.clone());
    let folder = past.header.as_ref().map(|header| header.folder.clone()).unwrap_or_default();
    view.place = Some(SessionPlace { folder, branch: None });
    view.settings = past.settings().cloned();
    if is_held {
        view.replay_running(&past.records);
    } else {
        view.replay(&past.records, crate::protocol::SaveState::OnDisk);
    }
    view
}
