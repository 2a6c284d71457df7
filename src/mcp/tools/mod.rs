//! Tools of a server: as they are listed, and what their calls are answered with.

pub mod answer;
pub mod listing;
mod schema;
