//! The one way in which commands are kept in: what each of them may write, read and reach, whoever
//! asked for it. Starts nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::secret_places;
use crate::protocol::{Confinement, Grant, SandboxOpenings};
use crate::sandbox::{self, CommandSpec, HomeAccess, Loopback, NetworkAccess};

use super::environment;
use super::environment::Stage;
use super::neighbour_secrets;
use super::repositories::{KnownRepositories, Repositories};

/// The bounds of a command.
#[derive(Debug)]
pub struct CommandBounds<'a> {
    /// The one that it works on, with every link followed.
    pub folder: &'a Path,
    pub grant: Grant,
    /// The repositories in that folder, which it must leave alone.
    pub repositories: KnownRepositories,
    /// The further openings, as they were asked for.
    pub openings: &'a SandboxOpenings,
    /// Folders that are not opened to it all the same.
    pub closed: &'a [PathBuf],
    /// Files and folders that it cannot read where it is kept in, besides those that no command
    /// can.
    pub hidden: Vec<PathBuf>,
    /// Folders in what is hidden that it can read.
    pub shown: Vec<PathBuf>,
    pub home: Option<&'a Path>,
    /// Where what it writes to caches is kept for the folder's next command.
    pub kept_caches: Option<PathBuf>,
    /// The loopback that it shares with other commands.
    pub loopback: Option<Loopback>,
    /// Variables that no command gets.
    pub withheld: &'a [String],
    /// The program that starts it: this one.
    pub program: &'a Path,
    pub stage: Stage,
}

/// A command as it is started.
#[derive(Clone, Debug)]
pub struct BoundCommand {
    /// The command as the sandbox starts it.
    pub spec: CommandSpec,
    /// There was too much in its folders to find all repositories that are to be kept from it.
    pub is_unsearched: bool,
}

impl CommandBounds<'_> {
    /// A command within these bounds, with the hosts of its openings as its network and without a
    /// trace. Blocks on the disk for a moment.
    pub fn spec(self, command: Vec<OsString>, workdir: PathBuf, limit: Duration) -> BoundCommand {
        let Self { folder, grant, repositories, mut hidden, .. } = self;
        hidden.extend(secret_places(self.home, folder));
        hidden.retain(|place| !folder.starts_with(place));
        let sandbox = sandbox::found(self.program).sandbox;
        // Without mounts, what lies outside can only be hidden with all that is beside it.
        if grant.confinement != Confinement::Free && sandbox.tier() <= 2 {
            hidden.extend(neighbour_secrets::secrets_beside(folder));
        }
        let grants = sandbox::opened(self.openings, self.home, self.closed);
        let found = match grant.confinement {
            Confinement::Folder => repositories.with_those_in(folder, &grants.folders),
            Confinement::Free | Confinement::ReadOnly => Repositories::default(),
        };
        let own = std::env::vars_os();
        let spec = CommandSpec {
            command,
            workdir,
            confinement: grant.confinement,
            sandbox,
            kept: environment::kept(folder, grant.git, &found.places, &grants.folders),
            folder: folder.to_owned(),
            hidden,
            home: HomeAccess { kept_caches: self.kept_caches, ..HomeAccess::of_person(self.home) },
            shown: self.shown,
            grants,
            network: NetworkAccess::Hosts,
            loopback: self.loopback,
            limit,
            trace: None,
            variables: environment::variables(own, grant.confinement, self.withheld, self.stage),
        };
        BoundCommand { spec, is_unsearched: found.is_partial }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_kept_where_nobody_listed_them_and_in_folders_that_are_opened() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for name in ["work/a/.git", "opened/b/.git", "listed/.git"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        let [work, opened, listed] = ["work", "opened", "listed/.git"].map(|name| root.join(name));
        let openings = SandboxOpenings { folders: vec![opened], ..SandboxOpenings::default() };
        let kept = |repositories: KnownRepositories, confinement: Confinement| {
            let bounds = CommandBounds {
                folder: &work,
                grant: Grant::anywhere(confinement),
                repositories,
                openings: &openings,
                closed: &[],
                hidden: Vec::new(),
                shown: Vec::new(),
                home: None,
                kept_caches: None,
                loopback: None,
                withheld: &[],
                program: Path::new("/not/there"),
                stage: Stage::Nowhere,
            };
            let bound = bounds.spec(vec!["true".into()], work.clone(), Duration::from_secs(1));
            assert!(!bound.is_unsearched);
            let places = ["work/a/.git", "opened/b/.git", "listed/.git"];
            places.map(|name| bound.spec.kept.contains(&root.join(name)))
        };
        let known = KnownRepositories::Listed(vec![listed]);
        assert_eq!(kept(KnownRepositories::Unlisted, Confinement::Folder), [true, true, false]);
        assert_eq!(kept(known.clone(), Confinement::Folder), [false, true, true]);
        assert_eq!(kept(KnownRepositories::Unneeded, Confinement::Folder), [false; 3]);
        assert_eq!(kept(known, Confinement::ReadOnly), [false; 3]);
    }
}
