//! The sign-in that is under way.

use agent_client_protocol::RequestCancellationHandle;
use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::AuthenticateResponse;

use crate::host::Watch;
use crate::protocol::SignInId;

/// The one sign-in that may be under way.
#[derive(Default)]
pub struct SignIns {
    pub under_way: Option<SignIn>,
}

impl SignIns {
    /// Whether the sign-in of this id is under way.
    pub fn is_under_way(&self, attempt: &SignInId) -> bool {
        self.under_way.as_ref().is_some_and(|sign_in| sign_in.attempt == *attempt)
    }
}

/// A sign-in that is under way, and the request that waits for it.
pub struct SignIn {
    pub attempt: SignInId,
    pub method: &'static str,
    pub responder: Responder<AuthenticateResponse>,
    pub shown: Option<ShownAddress>,
    pub _watch: Watch,
}

/// An address that the client was asked to show.
pub struct ShownAddress {
    pub id: String,
    pub request: RequestCancellationHandle,
    pub state: ShownState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownState {
    Asked,
    /// The person agreed to open it, but may not have signed in yet.
    Accepted,
    /// The person or the client refused.
    Refused,
}
