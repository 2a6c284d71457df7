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

mod endpoint;
mod wire;

pub mod sign_in;

pub use answer::EndpointError;
pub use error::{AuthError, AuthErrorKind};
pub use hand::{Auth, Place, Revoked};
pub use tokens::{Ground, Tokens};

#[cfg(test)]
mod tests;
