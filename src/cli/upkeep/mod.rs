//! Commands that look after this installation: `codling doctor` and `codling config`.

mod doctor;
mod settings_file;

pub use doctor::doctor;
pub use settings_file::edit_settings;
