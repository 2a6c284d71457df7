//! Ids of sessions, which are the same on both sides.

use agent_client_protocol::v1::schema;

use crate::protocol::SessionId;

/// Returns the id as the client knows it.
pub fn shown(id: &SessionId) -> schema::SessionId {
    schema::SessionId::new(id.as_str())
}

/// Returns the id as the engine knows it.
pub fn known(id: &schema::SessionId) -> SessionId {
    SessionId::new(&*id.0)
}
