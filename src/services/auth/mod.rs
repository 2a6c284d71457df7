//! Credentials: the auth.json store, the three ways to sign in, refresh, sign-out; and the tokens
//! of MCP servers.

#![warn(missing_docs)]

mod auth_json;
mod client_tokens;
mod codex;
mod credentials;
mod error;
mod listing;
mod provider_key;
mod renewal;
mod renewal_memory;
mod shared_state;
mod sign_out;
mod warning;

mod endpoint;
mod servers;

pub mod sign_in;

pub use credentials::{Auth, Revoked};
pub(crate) use endpoint::answer::EndpointError;
pub use endpoint::tokens::AuthContext;
pub(crate) use endpoint::tokens::OAuthTokens;
pub use error::{AuthError, AuthErrorKind};
pub use listing::{AccountListing, look};
pub use servers::{ServerTokens, SignInTarget};
pub use shared_state::CredentialPlace;

#[cfg(test)]
mod tests;
