//! What is kept between starts besides credentials and settings: conversations, and the prompt history. Decides nothing.

mod belongings;
mod sessions;

mod index;
mod line;
mod listing;
mod log;
mod past;

mod history;

mod error;

#[cfg(test)]
mod tests;

pub use error::StoreError;
pub use history::History;
pub use listing::{Checked, Listing};
pub use log::Log;
pub use past::Past;
pub use sessions::{Opened, Origin, Sessions};
