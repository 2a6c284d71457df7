//! The terminal: frames out in few bytes, keys and replies in, modes set and always restored.

#[cfg(unix)]
mod abort;
mod clipboard;
mod clipboard_programs;
#[cfg(target_os = "linux")]
mod editor;
mod guard;
mod input;
mod link;
mod output;
mod parser;
mod pen;
mod reset;
mod rich_clipboard;
mod screen;
mod scroll;
mod sequence;
mod window;

#[cfg(unix)]
pub use abort::watch as watch_aborts;
pub use clipboard::{Copied, CopyEnv, copy};
pub use clipboard_programs::{NoPicture, read_clipboard};
#[cfg(target_os = "linux")]
pub use editor::edit;
pub use guard::{Mouse, TerminalGuard};
pub use input::{Incoming, TerminalInput, TerminalReply, Waker, size};
pub use link::{LINK, LINK_MORE, Links, is_address};
pub use output::TerminalOutput;
#[cfg(unix)]
pub use output::give_up_stalled;
pub use reset::reset;
pub use rich_clipboard::{ClipboardPart, ClipboardRequest};
pub use screen::TerminalScreen;
pub use window::Window;
