//! Private files and folders (modes 0600 and 0700 from their creation), atomic replacement, and
//! locks that the system releases when their holder dies.
//!
//! All functions block: async callers run them on a thread.

mod append;
mod birth;
mod error;
mod folder;
mod lock;
mod owner;
mod read;
mod replace;
mod staged;

pub use append::append_to;
pub use birth::{born, link_born};
pub use error::FileError;
pub use folder::{create_private_folder, resolve};
pub use lock::Lock;
pub use owner::give_to_folders_owner;
pub use read::{read, read_open, read_private};
pub use replace::{create_private, replace};
pub use staged::{StagedFile, StagingManner};

#[cfg(test)]
mod tests;
