//! The sign-in that is under way: it belongs to the server, not to a connection.

use crate::app_server::transport::connection::Asker;
use crate::protocol::SignInId;

/// The server's state about accounts.
#[derive(Debug, Default)]
pub struct Accounts {
    /// The sign-in that is under way.
    pub pending: Option<PendingLogin>,
}

/// A sign-in that is under way.
#[derive(Debug)]
pub struct PendingLogin {
    pub id: SignInId,
    pub kind: LoginKind,
    /// The request that awaits the address or the code; for a key, the end of the sign-in.
    pub asker: Option<Asker>,
}

/// How a client signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginKind {
    ApiKey,
    Browser,
    DeviceCode,
}

impl Accounts {
    /// Whether the sign-in of this id is under way.
    pub fn is_under_way(&self, id: &SignInId) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.id == *id)
    }

    /// Removes and returns the sign-in under way if it has this id.
    pub fn take(&mut self, id: &str) -> Option<PendingLogin> {
        self.pending.take_if(|pending| pending.id.as_str() == id)
    }
}
