//! Arguments as typed, then as meant; picks a front.

#![warn(missing_docs)]

mod args;
mod error;
mod front_runtime;
mod help;
#[cfg(unix)]
mod hold;
mod input;
mod intent;
mod join;
mod kept_in;
mod log;
mod record;
mod servers;
mod stage;
mod start;
mod stops;
mod upkeep;

#[cfg(test)]
mod tests;

pub use start::main;
