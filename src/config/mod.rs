//! Settings in layers: built-in < user file < project file < environment < flags. Never touches the network.

mod settings;

pub use settings::{Paths, Settings};
