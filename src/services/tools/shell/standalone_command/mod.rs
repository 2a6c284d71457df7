//! Standalone commands: a program and its arguments, run for a client outside of every
//! conversation. Who may run what is decided before.

mod folders;
mod running;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
#[cfg(unix)]
use std::sync::Arc;
use std::thread;
use std::time::Duration;
#[cfg(unix)]
use std::time::Instant;

use crate::protocol::{Confinement, GitAccess, Grant, SandboxOpenings};
#[cfg(unix)]
use crate::sandbox::Terminal;
use crate::sandbox::{
    self, CommandEnd, CommandSpec, ExitKind, Loopback, NetworkAccess, OutputStream,
};

use super::Stage;
use super::answer::changes;
use super::blocked::missed_by_own;
use super::bounds::CommandBounds;
use super::repositories::KnownRepositories;

use running::into_pipe;
#[cfg(unix)]
use running::writer;

pub use super::bounds::BoundCommand;
pub use running::{RunningCommand, WriteRefusal};

/// A command without a limit does not run for ever.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Bytes of what a command says that are looked at when it failed.
const SAID: usize = 16 << 10;

/// The limits of every command.
#[derive(Clone, Debug, Default)]
pub struct CommandLimits {
    /// Files and folders that commands which are kept in cannot read: credentials, conversations,
    /// logs.
    pub hidden: Vec<PathBuf>,
    /// Folders that are not opened to them for writing, whatever is asked for.
    pub closed: Vec<PathBuf>,
    /// The openings that the person granted to all of them.
    pub grants: SandboxOpenings,
    /// Whether they may write to git's own folder, but for its settings and hooks.
    pub git: GitAccess,
    /// Variables that no command gets.
    pub withheld: Vec<String>,
    /// The person's home folder.
    pub home: Option<PathBuf>,
    /// Where what commands write to caches is kept.
    pub kept_caches: Option<PathBuf>,
    /// The program that starts commands: this one.
    pub program: PathBuf,
}

/// The command to run.
#[derive(Clone, Debug)]
pub struct StandaloneCommand {
    /// A program and its arguments.
    pub words: Vec<OsString>,
    /// Where it begins; the folder it may write in where it is kept in one.
    pub folder: PathBuf,
    /// How far it is kept in.
    pub confinement: Confinement,
    /// Folders besides that one.
    pub writable: Vec<PathBuf>,
    /// The hosts it reaches when it runs in the sandbox.
    pub network: NetworkAccess,
    /// Variables that it gets besides the program's; `None` takes one away.
    pub variables: Vec<(String, Option<String>)>,
    /// It is ended after that.
    pub limit: Option<Duration>,
    /// Its input and output.
    pub stage: StandaloneStage,
}

/// The input and output of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandaloneStage {
    /// Nothing, and two pipes.
    Heard,
    /// Three pipes.
    Piped,
    /// A terminal of this size.
    #[allow(missing_docs, reason = "their names say it")]
    Terminal { rows: u16, columns: u16 },
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StandaloneEnd {
    /// As a shell counts: 128 and the number of the signal that ended it, 124 where its time was
    /// over.
    Exit(i32),
    /// It never ran, or nobody knows what became of it: one sentence without a full stop.
    Failed(String),
}

/// The report on a command that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandaloneReport {
    /// How it ended.
    pub end: StandaloneEnd,
    /// Changes that were put back, files that were left, requests that were refused: sentences
    /// without a full stop.
    pub news: Vec<String>,
}

impl StandaloneCommand {
    /// Runs it on a thread of its own, on which `hear` hears what it writes and may block, and at
    /// last `ended`. A terminal's output is heard as such.
    ///
    /// # Errors
    ///
    /// Fails if the command is malformed, or if a pipe, a terminal or a thread cannot be made.
    pub fn start(
        self,
        limits: &CommandLimits,
        mut receive: impl FnMut(OutputStream, &[u8]) + Send + 'static,
        ended: impl FnOnce(StandaloneReport) + Send + 'static,
    ) -> io::Result<RunningCommand> {
        self.check()?;
        let (held, kill_switch) = sandbox::kill_switch()?;
        let stage = self.stage;
        let program = limits.program.clone();
        let limits = limits.clone();
        let name = "command".to_owned();
        let thread = thread::Builder::new().name(name);
        #[cfg(unix)]
        if let StandaloneStage::Terminal { rows, columns } = stage {
            let (terminal, end) = Terminal::open(rows, columns)?;
            let terminal = Arc::new(terminal);
            let typed = Arc::clone(&terminal);
            let input = writer(move |bytes| {
                // A reader that never reads is ended with its terminal.
                typed.write(bytes, Instant::now() + LONGEST).map(drop)
            })?;
            let shown = Arc::clone(&terminal);
            thread.spawn(move || {
                let BoundCommand { spec, is_unsearched } = self.spec(&limits);
                let mut said = Vec::new();
                let mut receive = |bytes: &[u8]| {
                    remember(&mut said, bytes);
                    receive(OutputStream::Output, bytes);
                };
                let end = spec.run_in_terminal(&program, kill_switch, (&shown, end), &mut receive);
                ended(StandaloneReport::of(&spec, end.missing(is_unsearched), &said));
            })?;
            let (input, terminal) = (Some(input), Some(terminal));
            return Ok(RunningCommand { held: Some(held), input, stage, terminal });
        }
        let (read, input) = match stage {
            StandaloneStage::Piped => {
                let (read, write) = io::pipe()?;
                (Some(read), Some(into_pipe(write)?))
            }
            StandaloneStage::Heard | StandaloneStage::Terminal { .. } => (None, None),
        };
        thread.spawn(move || {
            let BoundCommand { spec, is_unsearched } = self.spec(&limits);
            let mut said = Vec::new();
            let mut receive = |stream: OutputStream, bytes: &[u8]| {
                if stream == OutputStream::Errors {
                    remember(&mut said, bytes);
                }
                receive(stream, bytes);
            };
            let end = spec.run_piped(&program, kill_switch, read, &mut receive);
            ended(StandaloneReport::of(&spec, end.missing(is_unsearched), &said));
        })?;
        Ok(RunningCommand {
            held: Some(held),
            input,
            stage,
            #[cfg(unix)]
            terminal: None,
        })
    }

    /// The processes that start it receive their words separated by a NUL, so that no word may hold
    /// one.
    fn check(&self) -> io::Result<()> {
        let paths = std::iter::once(&self.folder).chain(&self.writable);
        let mut words =
            self.words.iter().map(OsString::as_os_str).chain(paths.map(|path| path.as_os_str()));
        let has_nul = words.any(|word| word.as_encoded_bytes().contains(&0));
        let is_variable = |(name, value): &(String, Option<String>)| {
            let is_name = !name.is_empty() && !name.contains(['=', '\0']);
            is_name && !value.as_ref().is_some_and(|value| value.contains('\0'))
        };
        let refused = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        if has_nul || !self.variables.iter().all(is_variable) {
            return refused("an argument, a path or a variable has letters that none can have");
        }
        if self.words.is_empty() || !self.folder.is_dir() {
            return refused("there is no such folder to run it in");
        }
        if cfg!(not(target_os = "linux"))
            && self.confinement != Confinement::Free
            && self.network == NetworkAccess::Everything
        {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "commands that are kept in can have the whole network on Linux alone",
            ));
        }
        if cfg!(not(target_os = "linux")) && matches!(self.stage, StandaloneStage::Piped) {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "commands that read from a pipe can be run on Linux only",
            ));
        }
        Ok(())
    }

    /// Its program and arguments. The variables that it is given are set where it is kept in
    /// already: they are not for the processes that keep it in.
    fn command(&self) -> Vec<OsString> {
        let words = self.words.iter().cloned();
        if self.variables.is_empty() {
            return words.collect();
        }
        let away = self.variables.iter().filter(|(_, value)| value.is_none());
        let away = away.flat_map(|(name, _)| ["-u".into(), OsString::from(name)]);
        let set = self.variables.iter().filter_map(|(name, value)| {
            value.as_ref().map(|value| OsString::from(format!("{name}={value}")))
        });
        // `env` would take a program with an equals sign in its name for one more variable.
        let run = ["/bin/sh", "-c", "exec \"$@\"", "sh"].map(OsString::from);
        let env = std::iter::once(OsString::from("/usr/bin/env"));
        env.chain(away).chain(set).chain(run).chain(words).collect()
    }

    /// The command and its bounds under these limits: the same as for a model's command that a
    /// person allowed. Blocks on the disk for a moment.
    pub fn spec(&self, limits: &CommandLimits) -> BoundCommand {
        let Self { folder, confinement, writable, limit, stage, .. } = self;
        // As every check of paths sees it; where there is none, the command is not started.
        let folder = std::fs::canonicalize(folder).unwrap_or_else(|_missing| folder.clone());
        let mut openings = limits.grants.clone();
        openings.folders.extend(writable.iter().cloned());
        // Only in a loopback that can be shared are ports of the machine reached.
        let has_ports = openings.hosts.iter().any(|host| host.on_loopback().is_some());
        let bounds = CommandBounds {
            folder: &folder,
            grant: Grant { git: limits.git, ..Grant::anywhere(*confinement) },
            repositories: KnownRepositories::Unlisted,
            openings: &openings,
            closed: &limits.closed,
            hidden: limits.hidden.clone(),
            shown: Vec::new(),
            home: limits.home.as_deref(),
            kept_caches: limits.kept_caches.clone(),
            loopback: has_ports.then(Loopback::default),
            withheld: &limits.withheld,
            program: &limits.program,
            stage: match stage {
                StandaloneStage::Heard | StandaloneStage::Piped => Stage::Nowhere,
                StandaloneStage::Terminal { .. } => Stage::Terminal,
            },
        };
        let limit = limit.unwrap_or(LONGEST).min(LONGEST);
        let bound = bounds.spec(self.command(), folder.clone(), limit);
        let spec = CommandSpec { network: self.network, ..bound.spec };
        BoundCommand { spec, ..bound }
    }
}

/// Keeps the beginning of what a command says, which is enough to see why it failed.
fn remember(said: &mut Vec<u8>, bytes: &[u8]) {
    let room = SAID.saturating_sub(said.len());
    said.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

impl StandaloneReport {
    fn of(spec: &CommandSpec, end: CommandEnd, said: &[u8]) -> Self {
        let missed = missed_by_own(spec, &end.how, said);
        let news = changes(&end).chain(end.warning()).chain(missed).collect();
        Self { news, end: StandaloneEnd::of(end.how) }
    }
}

impl StandaloneEnd {
    fn of(how: ExitKind) -> Self {
        match how {
            ExitKind::Exit(code) => Self::Exit(code),
            ExitKind::Failed(why) => Self::Failed(why),
            ExitKind::Late => Self::Exit(124),
            ExitKind::Signal(number) => Self::Exit(128 + number),
            ExitKind::Stopped => Self::Exit(130),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn command(words: &[&str], variables: &[(&str, Option<&str>)]) -> StandaloneCommand {
        let owned = |text: &&str| (*text).to_owned();
        StandaloneCommand {
            words: words.iter().map(OsString::from).collect(),
            folder: "/".into(),
            confinement: Confinement::ReadOnly,
            writable: Vec::new(),
            network: NetworkAccess::Hosts,
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.as_ref().map(owned)))
                .collect(),
            limit: None,
            stage: StandaloneStage::Heard,
        }
    }

    #[test]
    fn what_would_be_read_as_other_words_is_not_started() {
        for bad in [
            command(&["echo", "a\0b"], &[]),
            command(&["echo"], &[("A=B", Some("c"))]),
            command(&["echo"], &[("", None)]),
            command(&["echo"], &[("A", Some("b\0c"))]),
            command(&[], &[]),
            StandaloneCommand { folder: "/not/there".into(), ..command(&["echo"], &[]) },
            StandaloneCommand { writable: vec!["/a\0/b".into()], ..command(&["echo"], &[]) },
        ] {
            assert_eq!(bad.check().unwrap_err().kind(), io::ErrorKind::InvalidInput, "{bad:?}");
        }
        command(&["echo", "a=b\n"], &[("A", Some("b=c")), ("B", None)]).check().unwrap();
    }

    #[test]
    fn variables_reach_the_command_and_nothing_that_keeps_it_in() {
        let command = command(&["a=b"], &[("LD_PRELOAD", Some("x")), ("B", None)]);
        let words = [
            "/usr/bin/env",
            "-u",
            "B",
            "LD_PRELOAD=x",
            "/bin/sh",
            "-c",
            "exec \"$@\"",
            "sh",
            "a=b",
        ];
        assert_eq!(command.command(), words.map(OsString::from));
        let limits = CommandLimits { program: "/not/there".into(), ..CommandLimits::default() };
        let given = command.spec(&limits).spec.variables;
        assert!(!given.iter().any(|(name, value)| name == "LD_PRELOAD" && value.is_some()));
    }
}
