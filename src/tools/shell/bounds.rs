//! The one way in which commands are kept in: what each of them may write, read and reach, whoever asked for it. Starts nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::secret_places;
use crate::protocol::{Confinement, Grant, SandboxOpenings};
use crate::sandbox::{self, CommandSpec, HomeAccess, NetworkAccess};

use super::beside;
use super::setting::{self, Stage};

/// What bounds a command.
#[derive(Debug)]
pub struct CommandBounds<'a> {
    /// The one that it works on, with every link followed.
    pub folder: &'a Path,
    pub grant: Grant,
    /// What stands at `.git` in that folder and below.
    pub repositories: &'a [PathBuf],
    /// What is open to it besides, as it was asked for.
    pub openings: &'a SandboxOpenings,
    /// Folders that are not opened to it all the same.
    pub closed: &'a [PathBuf],
    /// Files and folders that it cannot read where it is kept in, besides those that no command can.
    pub hidden: Vec<PathBuf>,
    /// Folders in what is hidden that it can read.
    pub shown: Vec<PathBuf>,
    pub home: Option<&'a Path>,
    /// Where what it writes to caches is kept for the folder's next command.
    pub kept_caches: Option<PathBuf>,
    /// Variables that no command gets.
    pub withheld: &'a [String],
    /// What starts it: this program itself.
    pub program: &'a Path,
    pub stage: Stage,
}

impl CommandBounds<'_> {
    /// A command within these bounds, with the hosts of its openings as its network and without a trace. Blocks on the disk for a moment.
    pub fn spec(self, command: Vec<OsString>, workdir: PathBuf, limit: Duration) -> CommandSpec {
        let Self { folder, grant, mut hidden, .. } = self;
        hidden.extend(secret_places(self.home, folder));
        hidden.retain(|place| !folder.starts_with(place));
        let sandbox = sandbox::found(self.program).sandbox;
        // Without mounts, what lies outside can only be hidden with all that is beside it.
        if grant.confinement != Confinement::Free && sandbox.tier() <= 2 {
            hidden.extend(beside::secrets_beside(folder));
        }
        let grants = sandbox::opened(self.openings, self.home, self.closed);
        let own = std::env::vars_os();
        CommandSpec {
            command,
            workdir,
            confinement: grant.confinement,
            sandbox,
            kept: setting::kept(folder, grant.git, self.repositories, &grants.folders),
            folder: folder.to_owned(),
            hidden,
            home: HomeAccess { kept_caches: self.kept_caches, ..HomeAccess::of_person(self.home) },
            shown: self.shown,
            grants,
            network: NetworkAccess::Hosts,
            limit,
            trace: None,
            variables: setting::variables(own, grant.confinement, self.withheld, self.stage),
        }
    }
}
