//! Keys, the composer and its commands.

mod arguments;
mod keys;
mod mentions;
mod modes;
mod pictures;
mod queue;
mod search;
mod slash;
