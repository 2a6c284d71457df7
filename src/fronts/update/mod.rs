//! `codling update`: replaces this program by a newer release, where no package manager installed
//! it. Asks a server only when it is called.

#![warn(missing_docs)]

mod archive;
mod error;
mod install;
mod owner;
mod release;
mod statement;
mod version;

#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::path::PathBuf;

use jiff::civil::Date;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::{Advice, Console};
use crate::net::Net;
use crate::protocol::Exit;

use error::UpdateError;
use release::Downloads;
use version::Version;

pub use owner::{Owner, OwnerFacts, succeeds};

/// The facts that an update starts from.
#[derive(Debug)]
pub struct UpdateRequest {
    /// The clients for the servers.
    pub net: Net,
    /// The address of the downloads and the key they are signed with.
    pub source: UpdateSource,
    /// The program that is replaced, with links resolved.
    pub program: PathBuf,
    /// Who installed it.
    pub owner: Owner,
    /// The version that runs.
    pub here: String,
    /// The day, which tells how old the word is on what the latest version is.
    pub today: Date,
    /// The version that is wanted; the latest one when left out.
    pub to: Option<String>,
    /// Whether it is replaced.
    pub action: UpdateAction,
    /// The system and the processor, as in the archive's name; `None` where none is made for it.
    pub target: Option<&'static str>,
}

/// Whether a newer version is only looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateAction {
    /// Says which version there is.
    Check,
    /// Replaces the program.
    Install,
}

/// Where releases come from, and how they are known to be genuine.
#[derive(Clone, Debug, Default)]
pub struct UpdateSource {
    /// The address under which the folders `v0.1.0`, `v0.2.0`, … lie.
    pub downloads: Option<String>,
    /// The minisign public key in Base64.
    pub public_key: Option<String>,
}

impl UpdateSource {
    /// The source that this program was built with. `mirror` names another place for the same
    /// files, whose signatures are checked with the same key.
    pub fn of_build(mirror: Option<String>) -> Self {
        let built =
            |value: Option<&str>| value.filter(|value| !value.is_empty()).map(str::to_owned);
        Self {
            downloads: mirror.or_else(|| built(option_env!("CODLING_DOWNLOADS"))),
            public_key: built(option_env!("CODLING_PUBLIC_KEY")),
        }
    }
}

/// The system of this program as archives name it.
pub fn archive_target() -> Option<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some("x86_64-unknown-linux-musl"),
        ("linux", "aarch64") => Some("aarch64-unknown-linux-musl"),
        _ => None,
    }
}

/// Updates the program, or says why not and what to do instead.
pub async fn update(
    request: UpdateRequest,
    mut stops: UnboundedReceiver<()>,
    console: &mut Console,
) -> Exit {
    let updated = tokio::select! {
        updated = perform(&request, console) => updated,
        _ = stops.recv() => return Exit::Interrupted,
    };
    updated.unwrap_or_else(|error| {
        console.problem(&error.to_string(), error.next_step().as_deref());
        error.exit()
    })
}

async fn perform(request: &UpdateRequest, console: &mut Console) -> Result<Exit, UpdateError> {
    let here = Version::parse(&request.here)?;
    let to = request.to.as_deref().map(Version::parse).transpose()?;
    if let Some(command) = request.owner.command(to.as_ref()) {
        let error = UpdateError::Managed { owner: request.owner.name(), command };
        if request.action == UpdateAction::Install {
            return Err(error);
        }
        let command = error.next_step().unwrap_or_default();
        console
            .line(&format!("codling {here} was installed by {}. {command}", request.owner.name()));
        return Ok(Exit::Done);
    }
    let downloads = Downloads::new(request)?;
    let (wanted, stated) = match &to {
        Some(to) => (to.clone(), None),
        None => {
            let latest = downloads.latest().await?;
            if let Some(warning) = latest.warning(request.today) {
                console.note(&warning);
            }
            (latest.version, Some(latest.day))
        }
    };
    if wanted == here {
        console.line(&match stated {
            Some(day) => format!("codling {here} is the latest version, as was signed on {day}"),
            None => format!("codling {here} is installed"),
        });
        return Ok(Exit::Done);
    }
    if stated.is_some() && wanted < here {
        return Err(UpdateError::Older { latest: wanted.to_string(), here: here.to_string() });
    }
    if request.action == UpdateAction::Check {
        console.line(&format!("codling {wanted} can be installed; this is {here}"));
        return Ok(Exit::Done);
    }
    console.note(&format!("Downloading codling {wanted} from {}", downloads.address()));
    let program = downloads.program(&wanted).await?;
    let said = install::replace(&request.program, &program, &wanted)?;
    console.line(&format!("{said} has replaced {here} in {}", request.program.display()));
    console.note("Open conversations go on with the version that they began with");
    Ok(Exit::Done)
}
