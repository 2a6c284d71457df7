//! The terminal UI: a small machine (`Msg` in, `Cmd` out) and a view that is a pure function of its
//! state. No files, no network.

#![warn(missing_docs)]

mod start;

mod messages;

mod app;
mod commands;
mod conversation;
mod fuzzy;
mod guide;
mod program_facts;
mod prompt;
mod requests;

mod ask;
mod overlay;
mod picker;

mod screen;
mod selection;
mod transcript;
mod wording;

mod event_loop;

mod composer;
mod paint;
mod terminal;

#[cfg(test)]
mod tests;

#[cfg(unix)]
pub use event_loop::without_screen;
pub use event_loop::{TuiError, run};
pub use guide::{GuideOutput, PAGES as GUIDE_PAGES, guide};
pub use paint::ColorEnv;
pub use start::{Beginning, Farewell, ScreenEnd, StartInfo, Telling};
pub use terminal::{CopyEnv, reset};
