//! Signing in to MCP servers (the authorization part of MCP 2025-11-25): where one signs in is
//! found out, the browser way is that of every sign-in, and the tokens are kept in `mcp-auth.json`,
//! each for one server at one address.

mod address;
mod discovery;
mod error;
mod grant;
mod sign_in;
mod token_file;
mod tokens;

use crate::protocol::{McpServer, McpSignIn, McpTransport, Origin, Origins};

use super::AuthContext;

pub use error::ServerFault;
pub use sign_in::sign_in;
pub use tokens::ServerTokens;

/// A server that one may sign in to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInTarget {
    /// Its name in the settings.
    pub name: String,
    /// Its address: tokens for it are sent nowhere else.
    url: String,
    sign_in: McpSignIn,
}

impl SignInTarget {
    /// The server as a target; `None` for programs, and where the settings have a header for it.
    pub fn of(server: &McpServer) -> Option<Self> {
        let McpTransport::Http { url, sign_in, .. } = &server.transport else { return None };
        server.takes_sign_in().then(|| Self {
            name: server.name.clone(),
            url: url.clone(),
            sign_in: sign_in.clone(),
        })
    }

    /// The same, with other scopes where there are any.
    pub fn asking(mut self, scopes: Vec<String>) -> Self {
        if !scopes.is_empty() {
            self.sign_in.scopes = scopes;
        }
        self
    }

    /// Its key in the file. No name has a space in it.
    fn key(&self) -> String {
        format!("{} {}", self.name, self.url)
    }
}

/// The context of requests to another sign-in server.
fn at(context: &AuthContext, origin: &Origin) -> AuthContext {
    let origins = Origins { auth: origin.clone(), ..context.origins.clone() };
    AuthContext { origins, ..context.clone() }
}
