//! Before-images of the files that a session's calls change, and going back and forth over them. Does not know which call changed what, nor any
//! version control.

mod keeper;

mod retrace;

mod replace;

mod compare;
mod glance;
mod images;
mod tree;
mod walk;

mod error;

#[cfg(test)]
mod tests;

pub use error::UndoError;
pub use keeper::{Before, Keeper};
