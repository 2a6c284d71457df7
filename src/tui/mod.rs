//! The terminal UI: a small machine (`Msg` in, `Cmd` out) and a view that is a pure function of its state. No files, no network.

mod start;

mod msg;

mod action;
mod app;
mod conversation;
mod facts;
mod fuzzy;
mod keys;
mod mention;
mod prompt;
mod settings;
mod slash;
mod stack;
mod toast;
mod told;
mod update;

mod ask;
mod overlay;
mod picker;

mod panel;
mod screen;
mod spinner;
mod transcript;
mod words;

mod event_loop;

mod composer;
mod paint;
mod terminal;

#[cfg(test)]
mod tests;

pub use event_loop::{TuiError, run};
pub use paint::ColorEnv;
pub use start::{Begin, Ending, Farewell, Start};
pub use terminal::{CopyEnv, reset};
