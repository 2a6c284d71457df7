//! The loop of the screen's thread: waits for messages, updates the state, performs its commands
//! and paints. It sleeps while nothing happens.

mod error;
mod input;
mod pace;
mod perform;
mod pictures;
mod run;
mod signals;

pub use error::TuiError;
pub use run::run;
#[cfg(unix)]
pub use signals::without_screen;
