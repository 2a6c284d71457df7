//! A client of an app-server, codling's or Codex's: to try the protocol out, and to watch what a
//! server says.

mod background;
mod commands;
mod link;
mod pid_file;
mod session;

pub use background::{ClientToken, Kill, Serving, serve};
pub use commands::{ClientCommand, LoginKind, run};
pub use link::{ClientError, Server};
