//! Credentials: the auth.json store, the three ways to sign in, refresh, sign-out.

mod answer;
mod auth_file;
mod client_tokens;
mod codex;
mod credential;
mod credentials;
mod damage;
mod error;
mod inner;
mod json_layout;
mod json_object;
mod jwt;
mod listing;
mod oauth_grant;
mod provider_key;
mod renewal;
mod renewal_memory;
mod sign_out;
mod tokens;
mod warning;

mod endpoint;
mod wire;

pub mod sign_in;

pub use answer::EndpointError;
pub use credentials::{Auth, CredentialPlace, Revoked};
pub use error::{AuthError, AuthErrorKind};
pub use listing::AccountListing;
pub use tokens::{AuthContext, OAuthTokens};

#[cfg(test)]
mod tests;
