//! The sessions that the client has open, by their ids.

use std::collections::HashMap;

use agent_client_protocol::Error;
use agent_client_protocol::v1::schema::{self, SessionConfigOption, SessionModeState};

use crate::acp::{failure, ids};
use crate::host::ModelCatalog;
use crate::protocol::SessionId;

use super::offered_options::{modes, options};
use super::session::AcpSession;

/// The open sessions.
#[derive(Default)]
pub struct Sessions {
    pub all: HashMap<SessionId, AcpSession>,
}

impl Sessions {
    /// Returns a session that the client has open.
    ///
    /// # Errors
    ///
    /// Fails if the client has no session of this id open.
    pub fn find(&self, id: &schema::SessionId) -> Result<&AcpSession, Error> {
        let id = ids::known(id);
        self.all.get(&id).ok_or_else(|| failure::no_session(&id))
    }

    /// Whether no prompt waits for an answer.
    pub fn are_answered(&self) -> bool {
        self.all.values().all(|session| session.prompts.is_empty())
    }

    /// Returns the modes and the options that can be chosen for a session.
    pub fn choices(
        &self,
        models: &ModelCatalog,
        id: &SessionId,
    ) -> (Option<SessionModeState>, Option<Vec<SessionConfigOption>>) {
        let view = self.all.get(id).map(|session| &session.view);
        (view.map(modes), view.map(|view| options(view, models)))
    }
}
