//! Credentials: the auth.json store, the three ways to sign in, refresh, sign-out. Knows no screen and no model.

mod tokens;

pub use tokens::{Ground, Tokens};
