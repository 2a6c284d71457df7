//! Credentials: the auth.json store, the three ways to sign in, refresh, sign-out. Knows no screen and no model.

mod answer;
mod tokens;

pub mod endpoint;
pub mod wire;

pub use answer::EndpointError;
pub use tokens::{Ground, Tokens};
