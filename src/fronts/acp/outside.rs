//! Everything outside of the machines: the engine, the client, and what is known of both.

use agent_client_protocol::v1::schema::{ClientCapabilities, SessionNotification, SessionUpdate};
use agent_client_protocol::v1::{ConnectionTo, Responder};
use agent_client_protocol::{
    Client as AcpClient, Error, JsonRpcNotification, JsonRpcRequest, JsonRpcResponse,
    RequestCancellation, RequestCancellationHandle,
};

use crate::host::{Host, Machine, Watch};
use crate::protocol::{Problem, SessionId};

use super::machines::Machines;
use super::setup::AcpSetup;
use super::updates::sent_updates::Notices;
use super::{failure, ids};

/// The engine and the client, as all machines use them.
pub struct Outside {
    pub host: Host<Machines>,
    pub setup: AcpSetup,
    pub connection: ConnectionTo<AcpClient>,
    /// The capabilities that the client declared; none until it has introduced itself.
    pub client: ClientCapabilities,
}

impl Outside {
    /// Asks the client. Its answer comes to the loop as a message, and may never come.
    pub fn ask_client<M: Machine<Front = Machines>, R: JsonRpcRequest>(
        &mut self,
        request: R,
        then: impl FnOnce(&mut M, &mut Self, Result<R::Response, Error>) + Send + 'static,
    ) -> RequestCancellationHandle
    where
        R::Response: Send,
    {
        let sent = self.connection.send_request(request);
        let handle = sent.cancellation_handle();
        M::beside(self, sent.block_task(), then);
        handle
    }

    /// Calls `then` when the client gives up a request of its own.
    pub fn when_cancelled<M: Machine<Front = Machines>>(
        &mut self,
        cancellation: RequestCancellation,
        then: impl FnOnce(&mut M, &mut Self) + Send + 'static,
    ) -> Watch {
        let cancelled = async move { cancellation.cancelled().await };
        Watch::new(M::beside(self, cancelled, |machine, outside, ()| then(machine, outside)))
    }

    /// Answers a request from the client; does nothing if the client is gone.
    pub fn answer<T: JsonRpcResponse>(&self, responder: Responder<T>, result: Result<T, Error>) {
        let _client_gone = responder.respond_with_result(result);
    }

    /// Answers with the error if there is one; otherwise returns the responder and the value.
    pub fn accept<T: JsonRpcResponse, V>(
        &self,
        responder: Responder<T>,
        result: Result<V, Error>,
    ) -> Option<(Responder<T>, V)> {
        match result {
            Ok(value) => Some((responder, value)),
            Err(error) => {
                self.answer(responder, Err(error));
                None
            }
        }
    }

    /// Tells the client something.
    pub fn notify(&self, notification: impl JsonRpcNotification) {
        let _client_gone = self.connection.send_notification(notification);
    }

    /// Tells the client what is new in a session.
    pub fn update(&self, session: &SessionId, updates: impl IntoIterator<Item = SessionUpdate>) {
        for update in updates {
            self.notify(SessionNotification::new(ids::shown(session), update));
        }
    }

    /// Whether the client shows notices.
    pub fn notices(&self) -> Notices {
        let session = self.client.session.as_ref();
        match session.is_some_and(|session| session.notices.is_some()) {
            true => Notices::Shown,
            false => Notices::Hidden,
        }
    }

    /// Returns the error for a problem of the engine's, with the ways to sign in.
    pub fn error(&self, problem: &Problem) -> Error {
        failure::error(problem, &self.auth_methods())
    }
}
