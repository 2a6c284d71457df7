//! A client of an app-server, codling's or Codex's: to try out the protocol, and to watch a
//! server's messages.

mod answering;
mod background;
mod commands;
mod link;
mod pid_file;
mod session;

pub use answering::Answering;
pub use background::{ClientToken, Kill, Serving, in_background, serve};
pub use commands::{ClientCommand, ClientPrompt, LoginKind, run};
pub use link::{ClientError, Server};
