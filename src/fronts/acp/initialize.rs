//! `initialize`: what this agent can do, and how one signs in.

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    AgentAuthCapabilities, AgentCapabilities, Implementation, InitializeRequest,
    InitializeResponse, LogoutCapabilities, PromptCapabilities, SessionCapabilities,
    SessionCloseCapabilities, SessionDeleteCapabilities, SessionForkCapabilities,
    SessionListCapabilities, SessionResumeCapabilities,
};

use super::agent::AcpAgent;

/// The one version that is spoken is the answer to every version that is asked for.
pub fn initialize(
    agent: &mut AcpAgent,
    request: InitializeRequest,
    responder: Responder<InitializeResponse>,
) {
    agent.client = request.client_capabilities;
    let about =
        Implementation::new("codling", env!("CARGO_PKG_VERSION")).title("codling".to_owned());
    let response = InitializeResponse::new(ProtocolVersion::V1)
        .agent_capabilities(capabilities())
        .auth_methods(agent.auth_methods())
        .agent_info(about);
    agent.answer(responder, Ok(response));
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
