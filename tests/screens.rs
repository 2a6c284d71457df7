//! What a person lives through at the screen: the real program in a terminal, against the stand-in, each story in a home of its own. Knows only
//! what can be seen, typed, and found in files afterwards.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by panicking, wherever it goes wrong"
)]

mod scene;

mod answers;
mod api_key;
mod browser;
mod crashes;
mod damage;
mod flow;
mod headless;
mod leaving;
mod memory;
mod offline;
mod providers;
mod sharing;
mod start;
mod writing;
