//! `codling update`: gathers what an update starts from.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::base::Console;
use crate::cli::args::UpdateArgs;
use crate::cli::error::CliError;
use crate::cli::front_runtime::without_engine;
use crate::config::{Env, Flags, load_or_default};
use crate::engine;
use crate::net::{Net, NetSettings};
use crate::protocol::Exit;
use crate::update::{
    self, Owner, OwnerFacts, UpdateAction, UpdateRequest, UpdateSource, archive_target, succeeds,
};

/// Updates this program, or names the package manager that does.
///
/// # Errors
///
/// Fails if there is no place for codling's files, the program's own path is unknown, or there can
/// be no runtime.
pub fn update(args: UpdateArgs, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    // Mistakes in the settings file keep nobody from a version that mends them.
    let (loaded, _mistake) = load_or_default(env, &Flags::default(), &engine::dialects())?;
    let settings = NetSettings {
        ca_file: loaded.settings.ca_file.clone(),
        node_ca_file: loaded.settings.node_ca_file.clone(),
    };
    let program = std::env::current_exe()
        .and_then(std::fs::canonicalize)
        .map_err(|source| CliError::OwnPath { source })?;
    let owner = Owner::of(&OwnerFacts {
        program: program.clone(),
        installed_by: env.text("CODLING_INSTALLED_BY"),
        succeeds: &succeeds,
    });
    let request = UpdateRequest {
        net: Net::new(settings),
        source: UpdateSource::of_build(env.text("CODLING_DOWNLOADS")),
        program,
        owner,
        here: env!("CARGO_PKG_VERSION").into(),
        today: Timestamp::now().to_zoned(TimeZone::UTC).date(),
        to: args.to,
        action: if args.check { UpdateAction::Check } else { UpdateAction::Install },
        target: archive_target(),
    };
    without_engine(async |stops| update::update(request, stops, console).await)
}
