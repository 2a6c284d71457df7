//! Why a server cannot be used.

use std::time::Duration;

use rmcp::service::ClientInitializeError;

use crate::base::phrases::shorten;

/// Why a server is not ready, or a call of its tool failed: one sentence without a full stop.
#[derive(Debug, thiserror::Error)]
pub enum McpError {
    #[error("its address is neither https nor http on this machine")]
    Address,
    #[error("it ended before it was ready{}", .0.as_ref().map(|line| format!(": {line}")).unwrap_or_default())]
    Ended(Option<String>),
    #[error("its header `{0}` cannot be sent")]
    Header(String),
    #[error("its tools could not be listed: {0}")]
    List(String),
    #[error("it was not ready within {} s", .0.as_secs())]
    Late(Duration),
    #[error("its program `{0}` is not there")]
    Missing(String),
    #[error("{0}")]
    Net(String),
    #[error("it does not speak MCP: {0}")]
    Protocol(String),
    #[error("it wants a token")]
    SignInNeeded,
    #[error("it could not be started: {0}")]
    Start(#[from] std::io::Error),
    #[error("its variable `{0}` has a name that no variable can have")]
    Variable(String),
}

impl McpError {
    /// The reason why a server was not greeted.
    pub fn of_greeting(error: &ClientInitializeError) -> Self {
        if error.is_authorization_required() {
            return Self::SignInNeeded;
        }
        let words = shorten(&error.to_string(), 300);
        match error {
            ClientInitializeError::ConnectionClosed(_) => Self::Ended(None),
            ClientInitializeError::TransportError { .. } => Self::Net(words),
            _ => Self::Protocol(words),
        }
    }
}
