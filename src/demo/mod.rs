//! A stand-in for OpenAI on loopback, for `codling demo` and for every test that needs a server. No request leaves the machine, and no credential of a user's is known here.
//!
//! One [`Stand`] plays all three origins. What it answers to the next requests for a response is told in a script of [`ScriptedAnswer`]s, made of
//! [`ScriptPiece`]s; where there is no script, a small rule-driven model answers. It remembers every request, and [`Stand::check`] tells which
//! of the laws of a conversation were broken.
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

mod options;
mod stand;

mod home;

mod answer;
mod load;
mod piece;
mod writer;

mod record;
mod recording;
mod script;

mod backend;
mod brain;
mod catalogue;
mod devices;
mod issuer;
mod jwt;
mod pages;
mod sign_in;

mod check;
mod gates;
mod misbehave;
mod offer;
mod play;
mod server;
mod shared;
mod watched;

pub use answer::ScriptedAnswer;
pub use catalogue::{Catalogue, DEMO_MODEL};
pub use devices::DeviceDecision;
pub use home::Home;
pub use issuer::Tokens;
pub use jwt::Person;
pub use misbehave::Fault;
pub use options::{DeviceCodes, Options};
pub use piece::{
    ScriptPiece, cite, completed, completed_to_go_on, completed_without_usage, created,
    custom_call, cut, event, failed, forever, function_call, gate, incomplete, item, item_done,
    raw, reasoning, stall, text, typed, wait, web_search,
};
pub use record::{KeepRequests, SeenRequest};
pub use recording::Scrubber;
pub use script::{Script, ScriptAnswer, ScriptError, ScriptItem};
pub use stand::Stand;

/// The client id the stand knows, as OpenAI's server does.
const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";

#[cfg(test)]
mod tests;
