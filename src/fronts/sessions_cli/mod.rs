//! `codling sessions`: earlier conversations on a plain terminal. Decides nothing, and opens none
//! of them.

#![warn(missing_docs)]

mod sessions_client;

mod commands;
mod jobs;

#[cfg(test)]
mod tests;

pub use commands::{Consent, ListScope, delete, export, list, show};
pub use jobs::{list_jobs, stop_job};
pub use sessions_client::SessionsClient;
