//! `codling sessions`: earlier conversations on a plain terminal. Decides nothing, and opens none of them.

mod desk;

mod commands;

#[cfg(test)]
mod tests;

pub use commands::{Consent, Scope, delete, export, list, show};
pub use desk::Desk;
