//! The person's home and secrets in the sandbox.

mod caches;
mod hiding;
mod home;
pub mod sign_ins;
