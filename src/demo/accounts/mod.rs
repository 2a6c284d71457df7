//! The accounts of the stand-in: who may sign in, with which tokens, and which models they have.

pub mod catalogue;
pub mod devices;
pub mod issuer;
pub mod jwt;
