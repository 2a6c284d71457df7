//! Keys, the composer and its commands.

mod keys;
mod mentions;
mod modes;
mod queue;
mod slash;
