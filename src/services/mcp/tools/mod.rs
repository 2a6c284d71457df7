//! Tools, prompts and resources of a server: as they are listed, and what calls are answered with.

pub mod answer;
pub mod listing;
pub mod prompts;
pub mod resources;
mod schema;
