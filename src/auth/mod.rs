//! Credentials: the auth.json store, the three ways to sign in, refresh, sign-out. Knows no screen and no model.

mod answer;
mod credential;
mod damage;
mod error;
mod grant;
mod hand;
mod inner;
mod jwt;
mod layout;
mod listing;
mod memory;
mod object;
mod renewal;
mod signing;
mod store;
mod tokens;
mod warning;

pub mod endpoint;
pub mod sign_in;
pub mod wire;

pub use answer::EndpointError;
pub use credential::Credential;
pub use error::{AuthError, AuthErrorKind};
pub use grant::Grant;
pub use hand::{API_KEY_VARIABLE, Auth, Place, Revoked, SignedOut};
pub use jwt::Claims;
pub use listing::Listing;
pub use store::{Change, Contents, Damaged, Store};
pub use tokens::{Ground, Tokens};
pub use warning::Warning;

#[cfg(test)]
mod tests;
