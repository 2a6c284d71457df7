//! `initialize`: what this agent can do, and how one signs in.

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::schema::{
    AgentAuthCapabilities, AgentCapabilities, ClientCapabilities, Implementation,
    InitializeResponse, LogoutCapabilities, PromptCapabilities, SessionCapabilities,
    SessionCloseCapabilities, SessionDeleteCapabilities, SessionForkCapabilities,
    SessionListCapabilities, SessionResumeCapabilities,
};

use super::account::auth_methods;
use super::setup::AcpSetup;

/// Answers `initialize` with the one version that is spoken, whichever was asked for.
pub fn hello(setup: &AcpSetup, client: &ClientCapabilities) -> InitializeResponse {
    let about =
        Implementation::new("codling", env!("CARGO_PKG_VERSION")).title("codling".to_owned());
    InitializeResponse::new(ProtocolVersion::V1)
        .agent_capabilities(capabilities())
        .auth_methods(auth_methods::offered(setup, client))
        .agent_info(about)
}

fn capabilities() -> AgentCapabilities {
    let sessions = SessionCapabilities::new()
        .list(SessionListCapabilities::new())
        .delete(SessionDeleteCapabilities::new())
        .fork(SessionForkCapabilities::new())
        .resume(SessionResumeCapabilities::new())
        .close(SessionCloseCapabilities::new());
    AgentCapabilities::new()
        .load_session(true)
        .prompt_capabilities(PromptCapabilities::new().image(true).embedded_context(true))
        .session_capabilities(sessions)
        .auth(AgentAuthCapabilities::new().logout(LogoutCapabilities::new()))
}
