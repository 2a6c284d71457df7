//! Settings in layers: built-in < user file < project file < environment < flags. Never touches the
//! network.

#![warn(missing_docs)]

mod allowed;
mod auth_file_choice;
mod edit;
mod environment;
mod error;
mod load;
mod opencode;
mod parse;
mod paths;
mod permission;
mod provider;
mod setting;
mod settings;
mod settings_source;
mod surroundings;

#[cfg(test)]
mod tests;

pub use allowed::AllowedRules;
pub use auth_file_choice::remember_auth_file;
pub use environment::{Env, SystemFolders};
pub use error::{ConfigError, ConfigWarning, Whence};
pub use load::{Flags, LoadedSettings, load, load_or_default};
pub use paths::Paths;
pub use provider::key_variables;
pub use setting::layer::{KeepRunning, WebSearchSetting};
pub use settings::Settings;
pub use settings_source::{ReadSettings, SettingsSource};
pub use surroundings::{Desktop, detect};
