//! Standalone commands, which a client runs outside of every conversation, under the limits that
//! hold for all commands.

use std::path::PathBuf;

use crate::config::Settings;
use crate::protocol::GitAccess;

use super::super::services::{config_holding_secrets, key_variables};
use super::super::session::open_session::EngineDefaults;

pub use crate::sandbox::{NetworkAccess, OutputStream};
pub use crate::tools::{
    BoundCommand, CommandLimits, RunningCommand, StandaloneCommand, StandaloneEnd,
    StandaloneReport, StandaloneStage, WriteRefusal, missed_by_own,
};

/// The settings for all commands: what they may not read, and what is open to them.
///
/// `program` is this program itself, as `Setup::program` has it.
pub fn command_limits(settings: &Settings, program: PathBuf) -> CommandLimits {
    let defaults = EngineDefaults::of(settings);
    let credentials = [settings.auth_file.clone(), settings.opencode_file.clone()];
    let config = config_holding_secrets(&settings.providers, &defaults.config_file());
    let private: Vec<_> = credentials.into_iter().chain(config).collect();
    CommandLimits {
        closed: [&private[..], &defaults.closed()].concat(),
        hidden: [private, defaults.hidden()].concat(),
        grants: settings.grants.clone(),
        git: GitAccess::ReadOnly,
        withheld: key_variables(&settings.providers),
        home: settings.home.clone(),
        kept_caches: Some(defaults.kept_caches()),
        program,
    }
}
