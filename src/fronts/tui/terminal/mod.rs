//! The terminal: frames out in few bytes, keys and replies in, modes set and always restored.

#[cfg(unix)]
mod abort;
mod clipboard;
#[cfg(target_os = "linux")]
mod editor;
mod guard;
mod input;
mod link;
mod output;
mod parser;
mod pen;
mod reset;
mod screen;
mod scroll;
mod sequence;

#[cfg(unix)]
pub use abort::watch as watch_aborts;
pub use clipboard::{Copied, CopyEnv, copy};
#[cfg(target_os = "linux")]
pub use editor::edit;
pub use guard::{Mouse, TerminalGuard};
pub use input::{Incoming, TerminalInput, TerminalReply, Waker, size};
pub use link::{LINK, LINK_MORE, Links, is_address};
pub use output::{TerminalOutput, give_up_stalled};
pub use reset::reset;
pub use screen::TerminalScreen;
