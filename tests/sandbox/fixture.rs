//! The fixture: a folder to work in, a place outside it, and commands in each kind of sandbox that
//! works here.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use codling::protocol::SharedNamespaces::{Both, Network, Processes};
use codling::protocol::{Confinement, Sandbox, SandboxOpenings};
use codling::sandbox::{CommandEnd, CommandSpec, ExitKind, NetworkAccess, attempt, kill_switch};
use tempfile::TempDir;

use crate::stage::needs::{demand, is_whole};
use crate::stage::of_nobody;

const NO_WAY: &str = "a sandbox for this: see which were skipped, with `--nocapture`";

/// A folder to work in, and a place outside it with one file of each kind.
pub struct Fixture {
    _dir: TempDir,
    pub folder: PathBuf,
    pub outside: PathBuf,
    pub sandbox: Sandbox,
    pub program: PathBuf,
}

/// The output and the end of a command.
pub struct Seen {
    pub how: ExitKind,
    pub text: String,
}

impl Fixture {
    /// Tells the story in each sandbox that works here. Root tells it as an unprivileged user too:
    /// both where the whole table is asked for, else as itself where its walls are others, and as
    /// that user where namespaces keep it in.
    pub fn each(story: impl Fn(&Self)) {
        Self::each_that(|_| true, story);
    }

    /// The same for those sandboxes that fit. Fails where none of them works.
    pub fn each_that(fits: impl Fn(Sandbox) -> bool, story: impl Fn(&Self)) {
        let own = PathBuf::from(env!("CARGO_BIN_EXE_codling"));
        let ways: Vec<_> = Self::ways().into_iter().filter(|sandbox| fits(*sandbox)).collect();
        demand(!ways.is_empty(), NO_WAY);
        for sandbox in ways {
            let unprivileged = Self::of_nobody(sandbox);
            let has_own_walls = [Sandbox::Namespaces, Sandbox::Landlock].contains(&sandbox);
            if is_whole() || has_own_walls || unprivileged.is_none() {
                story(&Self::new(sandbox, own.clone()));
            }
            if let Some(fixture) = unprivileged.filter(|_| is_whole() || sandbox.has_mounts()) {
                story(&fixture);
            }
        }
    }

    /// One sandbox of each tier, best first; of tier 1 in part the one that lacks most, and the
    /// others of it too where the whole table is asked for. Those that cannot be tried here are
    /// printed past the captured output, which is hidden when a test succeeds.
    pub fn ways() -> Vec<Sandbox> {
        static WAYS: LazyLock<Vec<Sandbox>> = LazyLock::new(Fixture::found_ways);
        WAYS.clone()
    }

    /// The kinds of sandbox that the system has, as far as they are to be tried.
    pub fn kinds() -> impl Iterator<Item = Sandbox> {
        let [both, network, processes] = [Both, Network, Processes].map(Sandbox::NamespacesBut);
        [Sandbox::Namespaces, processes, network, both, Sandbox::Bubblewrap, Sandbox::Landlock]
            .into_iter()
            .filter(move |sandbox| is_whole() || ![processes, network].contains(sandbox))
    }

    fn found_ways() -> Vec<Sandbox> {
        let works = |sandbox: &Sandbox| {
            let tried = attempt(Path::new(env!("CARGO_BIN_EXE_codling")), *sandbox);
            let _told = tried.as_ref().map_err(|refused| {
                writeln!(std::io::stderr(), "skipped: {}: {}", sandbox.as_str(), refused.why)
            });
            tried.is_ok()
        };
        Self::kinds().filter(works).collect()
    }

    pub fn new(sandbox: Sandbox, program: PathBuf) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (folder, outside) = (root.join("work"), root.join("outside"));
        for path in [&folder, &outside] {
            fs::create_dir_all(path.join("sub")).unwrap();
            fs::write(path.join("file"), "kept").unwrap();
        }
        Self { _dir: dir, folder, outside, sandbox, program }
    }

    pub fn is_of_nobody(&self) -> bool {
        self.program != Path::new(env!("CARGO_BIN_EXE_codling"))
    }

    /// An unprivileged user; only if this user is root.
    pub fn of_nobody(sandbox: Sandbox) -> Option<Self> {
        const NOBODY: Option<u32> = Some(65534);
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let fixture = Self::new(sandbox, PathBuf::new());
        let root = fixture.folder.parent().unwrap().to_owned();
        for path in [&root, &fixture.folder, &fixture.outside] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
            for name in [".", "sub", "file"] {
                let _root_has_none = std::os::unix::fs::lchown(path.join(name), NOBODY, NOBODY);
            }
        }
        let program = of_nobody(&root);
        demand(program.is_some() || !is_whole(), "`setpriv`: install util-linux");
        program.map(|program| Self { program, ..fixture })
    }

    /// Gives files that a test made to the user of the commands.
    pub fn give_away(&self) {
        if self.is_of_nobody() {
            let mut all = Command::new("chown");
            all.args(["-hR", "65534:65534"]).args([&self.folder, &self.outside]);
            assert!(all.status().unwrap().success());
        }
    }

    pub fn order(&self, confinement: Confinement, line: &str) -> CommandSpec {
        CommandSpec {
            command: ["/bin/sh", "-c", line].map(Into::into).into(),
            workdir: self.folder.clone(),
            confinement,
            sandbox: self.sandbox,
            kept: Vec::new(),
            folder: self.folder.clone(),
            hidden: Vec::new(),
            home: Default::default(),
            shown: Vec::new(),
            grants: SandboxOpenings::default(),
            network: NetworkAccess::Hosts,
            loopback: None,
            limit: Duration::from_secs(60),
            trace: None,
            variables: vec![("OUT".into(), Some(self.outside.clone().into()))],
        }
    }

    pub fn run(&self, confinement: Confinement, line: &str) -> Seen {
        self.run_order(&self.order(confinement, line))
    }

    pub fn run_order(&self, order: &CommandSpec) -> Seen {
        let (end, text) = self.run_to_end(order);
        Seen { how: end.how, text }
    }

    /// The description of its end, and its output.
    pub fn run_to_end(&self, order: &CommandSpec) -> (CommandEnd, String) {
        let (_held, switch) = kill_switch().unwrap();
        let mut bytes = Vec::new();
        let end = order.run(&self.program, switch, &mut |heard| bytes.extend_from_slice(heard));
        (end, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Restores the initial state.
    pub fn assert_outside_untouched(&self, after: &str) {
        let mut names: Vec<_> =
            fs::read_dir(&self.outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["file", "sub"], "{after}");
        assert_eq!(fs::read_to_string(self.outside.join("file")).unwrap(), "kept", "{after}");
        assert_eq!(fs::read_dir(self.outside.join("sub")).unwrap().count(), 0, "{after}");
    }
}
