//! Whether a way to keep commands in works on this system, found by going through all of it but the
//! command. Chooses none.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use crate::base::start;
use crate::protocol::Sandbox;

use crate::sandbox::process::sandboxed_child::{ChildPaths, NotSetUp, keep_in};
use crate::sandbox::program::{EMPTIES, PROBE, program};
use crate::sandbox::spec::child_spec::Network;
use crate::sandbox::walls::bubblewrap;
use crate::sandbox::walls::hidden::Hidden;
use crate::sandbox::walls::mounts::MountView;
use crate::sandbox::walls::namespaces;
use crate::sandbox::walls::namespaces::NamespaceStage;

const WORKS: &str = "works";
/// Before what failed where there is no stage to it.
const FAILED: &str = "failed";
/// The argument of a probe that stands where a child would.
const INSIDE: &str = "inside";

/// Why a way does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRefusal {
    /// The stage of the namespaces that failed.
    pub stage: Option<NamespaceStage>,
    /// One sentence without a full stop.
    pub why: String,
}

/// Tries a way that `program`, which is this one, has to keep a command in; in other processes, so
/// that this one keeps its rights.
///
/// # Errors
///
/// Why the sandbox does not work here, and at which stage it failed.
pub fn attempt(program: &Path, sandbox: Sandbox) -> Result<(), ProbeRefusal> {
    let mut probe = Command::new(program);
    probe.args([PROBE, sandbox.as_str()]).stdin(Stdio::null()).stderr(Stdio::piped());
    let started = start::output(&mut probe);
    let output = started.map_err(|error| ProbeRefusal { stage: None, why: error.to_string() })?;
    let answer = String::from_utf8_lossy(&output.stdout);
    let (word, why) = answer.trim_end().split_once(' ').unwrap_or((answer.trim_end(), ""));
    if word == WORKS {
        return Ok(());
    }
    let stage = NamespaceStage::ALL.into_iter().find(|stage| stage.as_str() == word);
    let complained = String::from_utf8_lossy(&output.stderr);
    let why = if why.is_empty() {
        complained.lines().next_back().unwrap_or("it says nothing")
    } else {
        why
    };
    Err(ProbeRefusal { stage, why: why.to_owned() })
}

/// Tells on standard output how it went. Tried with a door for the proxy, as it is where hosts are
/// open: what cannot be had then is not promised.
pub fn serve(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(word) = arguments.next() else { return ExitCode::FAILURE };
    if word == EMPTIES {
        let emptied = arguments.next().map(|file| std::fs::write(file, ""));
        return if let Some(Ok(())) = emptied { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let Some(sandbox) = word.to_str().and_then(Sandbox::named) else { return ExitCode::FAILURE };
    let tried = if arguments.next().is_some_and(|word| word == INSIDE) {
        keep_in_alone(sandbox)
    } else {
        begin(sandbox)
    };
    let answer = match tried {
        Ok(false) => Ok(()),
        Ok(true) => writeln!(io::stdout(), "{WORKS}"),
        Err(Failure::NotSetUp(NotSetUp::Namespaces { source })) => {
            writeln!(io::stdout(), "{} {source}", source.stage().as_str())
        }
        Err(Failure::NotSetUp(NotSetUp::Door { source } | NotSetUp::Hidden { source })) => {
            writeln!(io::stdout(), "{FAILED} {source}")
        }
        Err(Failure::NotSetUp(NotSetUp::Fence { source })) => {
            writeln!(io::stdout(), "{FAILED} {source}")
        }
        Err(Failure::NotStarted(error)) => writeln!(io::stdout(), "{FAILED} {error}"),
    };
    if answer.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// As a child does, with nothing to hide.
fn keep_in_alone(sandbox: Sandbox) -> Result<bool, Failure> {
    keep_in(sandbox, ChildPaths::default(), || Ok(Hidden::default()), Network::Proxied)
        .map(|_door| true)
        .map_err(Failure::NotSetUp)
}

enum Failure {
    NotSetUp(NotSetUp),
    NotStarted(io::Error),
}

/// As a supervisor does. Whether nobody has answered for it yet.
fn begin(sandbox: Sandbox) -> Result<bool, Failure> {
    let inside = || [PROBE, sandbox.as_str(), INSIDE].map(OsString::from);
    if sandbox == Sandbox::Bubblewrap {
        let view = MountView {
            writable: &[],
            kept: &[],
            hidden: &Hidden::default(),
            shown: &[],
            // Older ones cannot bound it.
            temporary: Some(Path::new("/dev/shm")),
        };
        let (mut command, _told) = bubblewrap::command(&view, Network::Closed, inside().into())
            .map_err(Failure::NotStarted)?;
        return start::run(&mut command).map(|_| false).map_err(Failure::NotStarted);
    }
    let namespaces = |error: namespaces::NamespaceError| Failure::NotSetUp(error.into());
    if sandbox.has_mounts() {
        namespaces::prepare().map_err(namespaces)?;
    }
    if sandbox.has_processes() {
        namespaces::begin_processes().map_err(namespaces)?;
        return start::run(Command::new(program()).args(inside()))
            .map(|_| false)
            .map_err(Failure::NotStarted);
    }
    keep_in_alone(sandbox)
}
