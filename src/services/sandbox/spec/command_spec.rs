//! A command to run in the sandbox, and what keeps it in, as callers ask for it. Starts nothing.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::protocol::{Confinement, Sandbox, SandboxOpenings};

use crate::sandbox::loopback::Loopback;
use crate::sandbox::trace::TraceSpec;
use crate::sandbox::walls::home::HomeAccess;

/// A command, and what keeps it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandSpec {
    /// A program and its arguments.
    pub command: Vec<OsString>,
    /// Where it begins.
    pub workdir: PathBuf,
    /// How far it is kept in.
    pub confinement: Confinement,
    /// The sandbox that keeps it in, as [`crate::sandbox::detect()`] says. Where that does
    /// not work this time, the command is not run.
    pub sandbox: Sandbox,
    /// Places in the folder that it cannot write to all the same, where namespaces keep it in.
    pub kept: Vec<PathBuf>,
    /// The one folder that [`Confinement::Folder`] lets it write in.
    pub folder: PathBuf,
    /// Files that it cannot read where it is kept in, together with what stands beside them under
    /// their names.
    pub hidden: Vec<PathBuf>,
    /// The person's homes, which it sees as far as tools need them where it is kept in.
    pub home: HomeAccess,
    /// Folders in what is hidden that it can read all the same.
    pub shown: Vec<PathBuf>,
    /// Openings besides the folder, for [`Confinement::Folder`]: folders that exist, and hosts,
    /// which stay closed where its network is not its own.
    pub grants: SandboxOpenings,
    /// The network that is open to it where it is kept in.
    pub network: NetworkAccess,
    /// The loopback that it shares with other commands, for [`Confinement::Folder`] without the
    /// whole network; `None` for one of its own, in which no port of the machine can be opened.
    pub loopback: Option<Loopback>,
    /// It is ended after that.
    pub limit: Duration,
    /// The trace that is wanted of it; `None` for none.
    pub trace: Option<TraceSpec>,
    /// Variables that it gets besides those of the program; `None` takes one away.
    pub variables: Vec<(OsString, Option<OsString>)>,
}

impl CommandSpec {
    /// A command that begins in the folder it may write in, with nothing opened, hidden or kept in
    /// particular, without a home and without a trace.
    pub fn bare(
        command: Vec<OsString>,
        folder: PathBuf,
        (sandbox, confinement): (Sandbox, Confinement),
        limit: Duration,
    ) -> Self {
        Self {
            command,
            workdir: folder.clone(),
            confinement,
            sandbox,
            kept: Vec::new(),
            folder,
            hidden: Vec::new(),
            home: HomeAccess::default(),
            shown: Vec::new(),
            grants: SandboxOpenings::default(),
            network: NetworkAccess::default(),
            loopback: None,
            limit,
            trace: None,
            variables: Vec::new(),
        }
    }
}

/// The network that a command reaches that is kept in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkAccess {
    /// The whole of the internet, and what listens on ports of this machine; no local sockets. On
    /// Linux alone.
    Everything,
    /// The hosts that are open to it.
    #[default]
    Hosts,
}
