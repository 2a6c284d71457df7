//! The terminal UI: a small machine (`Msg` in, `Cmd` out) and a view that is a pure function of its state. No files, no network.

pub mod composer;
pub mod paint;
pub mod terminal;
