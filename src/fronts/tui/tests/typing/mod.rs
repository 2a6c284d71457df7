//! Keys, the composer and its commands.

mod arguments;
mod copying;
mod keys;
mod mentions;
mod modes;
mod pictures;
mod queue;
mod search;
mod slash;
mod status_line;
