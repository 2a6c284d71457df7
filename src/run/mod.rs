//! One prompt without a screen: the answer on stdout as it streams, progress on stderr, or one JSON line per event. Decides nothing.

mod answer;
mod lines;
mod progress;
mod turn;

#[cfg(test)]
mod tests;

pub use turn::{Ask, Form, run};
