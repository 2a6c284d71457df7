//! `codling sandbox`: shows which tier keeps commands in here and what it lacks, or runs a command
//! in it. It never asks and never signs in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::Console;
use crate::engine::{
    BoundCommand, CommandLimits, NetworkAccess, StandaloneCommand, StandaloneStage, missed_by_own,
};
use crate::protocol::{self, Exit, GitAccess, SandboxOpenings};
use crate::sandbox::{self, CommandEnd, CommandSpec, ExitKind, ProbeResult};

use super::args::SandboxArgs;

/// The time limit of a command: a person ends it earlier when it takes too long.
const LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The exit code of a command that was not run, the same as that of `env` and `timeout`.
const NOT_BEGUN: Exit = Exit::Command(125);

/// Shows the sandbox, or runs a command in it under the same `limits` as a model's commands.
pub fn show(
    intent: SandboxArgs,
    folder: &Path,
    limits: &CommandLimits,
    console: &mut Console,
) -> Exit {
    let ProbeResult { sandbox, refused } = sandbox::detect();
    let about = format!(
        "Tier {} of 4 ({}). {}",
        sandbox.tier(),
        sandbox.as_str(),
        sandbox.lacks().unwrap_or("It lacks nothing")
    );
    if intent.command.is_empty() {
        console.line(&about);
        refused.iter().for_each(|why| console.line(&format!("Refused here: {why}")));
        describe(&limits.grants, sandbox, console);
        return Exit::Done;
    }
    if !sandbox.is_present() {
        console.problem(&about, Some("Nothing can be run in a sandbox here"));
        return NOT_BEGUN;
    }
    // A script that relies on more has to see this; otherwise all errors are the command's own.
    if sandbox.lacks().is_some() {
        console.note(&about);
    }
    let limits = narrowed(&intent, folder, limits);
    let command = StandaloneCommand {
        words: intent.command,
        folder: folder.to_owned(),
        confinement: intent.mode,
        writable: Vec::new(),
        network: NetworkAccess::Hosts,
        variables: Vec::new(),
        limit: Some(LIMIT),
        stage: StandaloneStage::Heard,
    };
    let BoundCommand { mut spec, is_unsearched } = command.spec(&limits);
    // A person runs this command: variables for unattended commands are not set, but keys are still
    // removed.
    spec.variables.retain(|(_, value)| value.is_none());
    let end = run(&spec).missing(is_unsearched);
    if !end.put_back.is_empty() {
        console.note(&format!(
            "What it changed in the settings and hooks of git was put back: {}",
            end.put_back.join(", ")
        ));
    }
    // Its own words went to the terminal alone.
    if let Some(missed) = missed_by_own(&spec, &end.how, b"") {
        console.note(&missed);
    }
    if let Some(warning) = end.warning() {
        console.note(&warning);
    }
    if !end.unreached.is_empty() {
        console.note(&format!(
            "It asked for hosts that are not in `sandbox_network`: {}",
            end.unreached.join(", ")
        ));
    }
    match end.how {
        ExitKind::Exit(code) => Exit::Command(u8::try_from(code).unwrap_or(u8::MAX)),
        ExitKind::Signal(number) => Exit::Signal(u8::try_from(number).unwrap_or_default()),
        ExitKind::Failed(why) => {
            console.problem(&why, None);
            NOT_BEGUN
        }
        ExitKind::Late | ExitKind::Stopped => NOT_BEGUN,
    }
}

/// The limits with the options that were typed. Nothing opens a place that is to be hidden.
fn narrowed(typed: &SandboxArgs, folder: &Path, limits: &CommandLimits) -> CommandLimits {
    let hide: Vec<PathBuf> = typed.hide.iter().map(|path| folder.join(path)).collect();
    let mut grants = limits.grants.clone().sparing(&hide);
    grants.readable.extend(typed.show.iter().map(|path| folder.join(path)));
    let git = if typed.git { GitAccess::Writable } else { limits.git };
    CommandLimits { hidden: [&limits.hidden[..], &hide].concat(), grants, git, ..limits.clone() }
}

/// Prints one line for each setting that opens hosts, folders or files.
fn describe(grants: &SandboxOpenings, kept_by: protocol::Sandbox, console: &mut Console) {
    if !grants.hosts.is_empty() {
        let hosts: Vec<String> = grants.hosts.iter().map(ToString::to_string).collect();
        let but = if kept_by.has_network() {
            ""
        } else {
            ". They stay closed here: a command has no network of its own"
        };
        console.line(&format!("Hosts open in `auto`: {}{but}", hosts.join(", ")));
    }
    if !grants.folders.is_empty() {
        let folders: Vec<String> =
            grants.folders.iter().map(|folder| folder.display().to_string()).collect();
        console.line(&format!("Folders open in `auto`: {}", folders.join(", ")));
    }
    if !grants.readable.is_empty() {
        let all: Vec<String> =
            grants.readable.iter().map(|path| path.display().to_string()).collect();
        console.line(&format!("Open to be read: {}", all.join(", ")));
    }
}

#[cfg(target_os = "linux")]
fn run(spec: &CommandSpec) -> CommandEnd {
    spec.run_untouched(&sandbox::program())
}

/// Runs the command; its output and its errors come together.
#[cfg(not(target_os = "linux"))]
fn run(spec: &CommandSpec) -> CommandEnd {
    use std::io::Write;

    let Ok((_leash, kill_switch)) = sandbox::kill_switch() else {
        return CommandEnd::new(ExitKind::Failed("The command could not be started".to_owned()), 0);
    };
    let mut out = std::io::stdout();
    // If standard output is closed, the command goes on and its output is dropped.
    spec.run(&sandbox::program(), kill_switch, &mut |bytes| {
        drop(out.write_all(bytes).and_then(|()| out.flush()))
    })
}
