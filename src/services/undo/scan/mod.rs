//! Scanning: which names stand in a folder, with their file status, and what changed since.

pub mod ignored;
pub mod listing;
pub mod listing_file;
pub mod made_repositories;
pub mod repositories;
pub mod stat;
pub mod walk;
pub mod watch;
