//! Stories at the screen: the real program in a terminal, against the stand-in, each in its own
//! home. They use only the screen, keys and files.
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
mod offline;
mod providers;
mod reading;
mod sharing;
mod start;
mod writing;
