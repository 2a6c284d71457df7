//! Words without a domain: secret text, time, private files, ignore rules, text width.

#![warn(missing_docs)]

mod advice;
mod attributes;
mod console;
mod echo;
mod later;
mod openable;
mod private_network;
mod redact;
mod secret;
mod sensitive;
mod terminal_kind;
mod terminal_name;
mod time;

pub mod files;
#[cfg(unix)]
pub mod folder_handle;
pub mod git;
pub mod ignore_files;
pub mod start;
pub mod text;
pub mod tool_name;

pub use advice::{Advice, cause};
pub use attributes::Attributes;
#[cfg(any(test, debug_assertions))]
pub use console::recording;
pub use console::{Console, Reader, columns};
pub use echo::Hidden;
pub use later::{LaterEffect, later_effect, startup_files};
pub use openable::{
    is_kernels, is_of_the_system, is_offerable, is_openable, is_secret_place, is_showable, resolved,
};
pub use private_network::is_near;
pub use redact::redact;
pub use secret::Secret;
pub use sensitive::{is_secret, secret_patterns, secret_places};
pub use terminal_kind::{Multiplexer, NoticeForm, TerminalKind};
pub use terminal_name::{screen_name, terminal_path};
pub use text::lines::next_line;
pub use text::literal::{closed, code_point, is_blank, literal};
pub use text::lookalike::{domain_as_read, lookalikes};
pub use text::phrases;
pub use text::spelling::nearest;
pub use time::{Clock, Timestamp, system_zone};
