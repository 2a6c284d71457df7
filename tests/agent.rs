//! What issue 3 wants seen working: a person lets the model change a folder, decides, takes back, loses the program and goes on. The real program in
//! a terminal, against the stand-in. Knows only what can be seen, typed, and found in files and requests afterwards.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by panicking, wherever it goes wrong"
)]

mod scene;

mod answering;
mod asked_for;
mod changes;
mod commands;
mod confined;
mod crash;
mod demo;
mod floods;
mod guidance;
mod interrupts;
mod jobs;
#[cfg(target_os = "linux")]
mod losses;
mod order;
mod pictures;
mod questions;
mod queue;
mod recording;
mod refused_items;
#[cfg(target_os = "linux")]
mod remembered;
mod runs;
mod secrets;
mod summing;
mod undo;
