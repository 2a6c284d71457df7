//! The person's homes as a command that is kept in sees them: without what begins with a dot, and
//! without the settings and the data of programs, but for what tools and builds need to run.

mod access;
#[cfg(unix)]
mod caches;
#[cfg(unix)]
mod found;
#[cfg(unix)]
mod git_settings;
#[cfg(target_os = "linux")]
mod kept;
#[cfg(unix)]
mod look;
#[cfg(target_os = "linux")]
mod missed;
#[cfg(target_os = "linux")]
mod mount;
#[cfg(target_os = "linux")]
mod overlays;
#[cfg(unix)]
mod programs;
#[cfg(unix)]
mod real_paths;
#[cfg(unix)]
mod repository;
#[cfg(unix)]
mod secret_places;
#[cfg(unix)]
mod settings;
#[cfg(unix)]
mod table;
#[cfg(unix)]
mod view;

pub use access::HomeAccess;
#[cfg(target_os = "linux")]
pub use caches::is_needed;
#[cfg(unix)]
pub use caches::{OwnCaches, variables};
#[cfg(unix)]
pub use found::SettingsMode;
#[cfg(unix)]
pub use git_settings::{VARIABLE as GIT_SETTINGS, git_settings};
#[cfg(target_os = "linux")]
pub use kept::KeptCaches;
#[cfg(unix)]
pub use look::{Homes, Surroundings, is_hidden, look};
#[cfg(target_os = "linux")]
pub use missed::missed;
#[cfg(target_os = "linux")]
pub use mount::{arrange, close_options, in_memory, options};
#[cfg(target_os = "linux")]
pub use overlays::Overlays;
#[cfg(any(test, target_os = "macos"))]
pub use view::HomeEntry;
#[cfg(target_os = "linux")]
pub use view::hides;
#[cfg(target_os = "linux")]
pub use view::{CacheFolder, ways_to};
#[cfg(unix)]
pub use view::{HomeSource, HomeView};
