//! Signing in and out.

pub mod auth_methods;
pub mod pending_sign_in;
pub mod sign_in;
