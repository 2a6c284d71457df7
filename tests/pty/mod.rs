//! The real program in a pseudo-terminal: keys in, screen out.
//!
//! ```ignore
//! let origin = "http://127.0.0.1:9";
//! let mut terminal = Setup::codling().env("CODLING_API_ORIGIN", origin).size(80, 24).start();
//! terminal.wait_for("Ask anything");
//! terminal.type_text("/connect").press("enter");
//! terminal.wait_until("the dialog is up", |screen| screen.shows("Connect a provider"));
//! terminal.press("ctrl+c").press("ctrl+c");
//! assert_eq!(terminal.wait_exit().code, 0);
//! assert_eq!(terminal.leftovers(), Vec::<String>::new());
//! ```
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by panicking, wherever it goes wrong"
)]
#![allow(
    dead_code,
    unused_imports,
    reason = "shared by the stories and the bench, which use different parts"
)]

mod setup;
mod terminal;

mod hang_up;
mod keys;
mod look;
mod modes;
mod replies;
mod sequences;

pub use look::Look;
pub use replies::Replies;
pub use setup::Setup;
pub use terminal::{Exit, Terminal};

#[cfg(test)]
mod tests;
