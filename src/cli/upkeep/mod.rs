//! Commands that look after this installation: `codling doctor`, `codling config` and
//! `codling update`.

mod doctor;
mod settings_file;
mod update;

pub use doctor::doctor;
pub use settings_file::edit_settings;
pub use update::update;
