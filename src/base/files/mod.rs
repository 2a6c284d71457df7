//! Private files and folders (0600, 0700 from the moment of creation), atomic replacement (of a person's files too), and a lock the system lets go
//! of when its holder dies.
//!
//! Knows nothing of what the files hold. All of it blocks: an async caller hands it to a thread of its own.

mod append;
mod error;
mod folder;
mod lock;
mod owner;
mod read;
mod replace;
mod resolve;
mod staged;

pub use append::append_to;
pub use error::FileError;
pub use folder::create_private_folder;
pub use lock::Lock;
pub use owner::give_to_folders_owner;
pub use read::{read, read_open, read_private};
pub use replace::{create_private, replace};
pub use resolve::resolve;
pub use staged::{StagedFile, StagingManner};

#[cfg(test)]
mod tests;
