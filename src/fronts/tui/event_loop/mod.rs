//! The loop of the screen's thread: waits for what happens, has the state updated, performs what it
//! asks for, and paints. It sleeps while nothing happens.

mod error;
mod input;
mod pace;
mod perform;
mod run;
mod signals;

pub use error::TuiError;
pub use run::run;
