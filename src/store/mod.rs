//! What is kept between starts besides credentials and settings: the prompt history. Decides nothing.

mod history;

mod error;

pub use error::StoreError;
pub use history::History;
