//! A stand-in for OpenAI on loopback, for `codling demo` and for every test that needs a server. No
//! request leaves the machine, and no credential of a user's is known here.
//!
//! One [`Stand`] plays all three origins. What it answers to the next requests for a response is
//! told in a script of [`ScriptedAnswer`]s, made of [`ScriptPiece`]s; where there is no script, a
//! small rule-driven model answers. It remembers every request, and [`Stand::check`] tells which of
//! the laws of a conversation were broken.
//!
//! ```no_run
//! use codling::demo::{Options, ScriptedAnswer, Stand, completed, created, function_call, gate, text};
//! use codling::protocol::Usage;
//!
//! # fn main() -> std::io::Result<()> {
//! let stand = Stand::start(Options::default())?;
//! stand.script([
//!     ScriptedAnswer::sse([created(), text("Let me "), gate("half"), text("look"), function_call("call_1", "list", "{}"), completed(Usage::default())]),
//!     ScriptedAnswer::status(503).header("retry-after", "1"),
//!     ScriptedAnswer::says("An empty folder").split_every(3),
//! ]);
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod accounts;
mod options;

mod home;

mod answer;

mod brain;

mod mcp;

mod server;
mod watched;

pub use accounts::catalogue::{Catalogue, DEMO_MODEL};
pub use accounts::devices::DeviceDecision;
pub use accounts::issuer::Tokens;
pub use accounts::jwt::Person;
pub use answer::ScriptedAnswer;
pub use answer::recording::Scrubber;
pub use answer::script::{Script, ScriptAnswer, ScriptError, ScriptItem};
pub use answer::script_piece::{
    ScriptPiece, cite, completed, completed_to_go_on, completed_without_usage, created,
    custom_call, cut, event, failed, forever, function_call, gate, incomplete, item, item_done,
    namespaced_call, raw, reasoning, stall, text, tool_search, typed, wait, web_search,
};
pub use home::Home;
pub use mcp::serve as serve_mcp;
pub use options::{DeviceCodes, Options};
pub use server::misbehave::Fault;
pub use server::record::{KeepRequests, SeenRequest};
pub use server::stand::Stand;

/// The client id the stand knows, as OpenAI's server does.
const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";

#[cfg(test)]
mod tests;
