//! Stories of the agent: a person lets the model change a folder, decides, undoes, loses the
//! program and continues. The real program in a terminal, against the stand-in. The stories use
//! only the screen, keys, files and requests.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by panicking, wherever it goes wrong"
)]

pub mod fixture;

mod conversation;
mod faults;
mod shell;

mod attachments;
mod changes;
mod demo;
mod diff;
mod extensions;
mod mcp;
mod mcp_commands;
mod mcp_faults;
mod mcp_sign_in;
mod recording;
mod reviews;
mod rewind;
mod runs;
mod undo;
