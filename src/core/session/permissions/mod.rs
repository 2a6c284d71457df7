//! Permissions: the mode, the rules that a person allowed, and what is open to the sandbox.

mod mode;
mod rules;

pub(super) use mode::Permissions;
