//! Running git with a time limit and a limit for its output, so that a hostile repository starts no
//! program.

use std::env;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::git_programs::Programs;
use super::git_settings;
use crate::base::start;

/// The limit in bytes for lists of settings and names; more would not tell more.
pub const LARGEST: u64 = 4 << 20;

/// Git for one folder, until a deadline. The programs that the repository names are turned off.
#[derive(Clone, Debug)]
pub struct GitCommand {
    program: PathBuf,
    folder: PathBuf,
    programs: Programs,
    deadline: Instant,
}

/// The output of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitOutput {
    pub bytes: Vec<u8>,
    /// Whether it ended well.
    pub succeeded: bool,
    /// Whether the output was cut at the limit; then git was ended.
    pub is_cut: bool,
}

/// Why there is no output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitError {
    /// It could not be started, or its output could not be read.
    Broken,
    /// There is no git on this computer.
    Missing,
    /// It took longer than the limit.
    TooSlow,
}

impl GitCommand {
    /// Finds git and turns off the programs that the settings for the folder name.
    ///
    /// # Errors
    ///
    /// Fails if git is missing, cannot list the settings, or takes longer than `limit`.
    pub fn new(folder: &Path, limit: Duration) -> Result<Self, GitError> {
        let plain = Self::with_programs_on(folder, limit)?;
        // Most settings name no program; then git need not be asked for them.
        if git_settings::are_plain(folder, &plain.program) {
            return Ok(plain);
        }
        let listed = plain.run(&["config", "--list", "--name-only", "-z"], LARGEST)?;
        let listed = listed.whole().ok_or(GitError::Broken)?;
        Ok(Self { programs: Programs::of(&listed, false), ..plain })
    }

    /// Git for reading settings, which starts no program. It must be asked nothing else.
    ///
    /// # Errors
    ///
    /// Fails if git is missing.
    pub fn with_programs_on(folder: &Path, limit: Duration) -> Result<Self, GitError> {
        Ok(Self {
            program: program("git").ok_or(GitError::Missing)?,
            folder: folder.to_owned(),
            programs: Programs::default(),
            deadline: Instant::now() + limit,
        })
    }

    /// Runs git in the folder; reads at most `largest` bytes of its output.
    ///
    /// # Errors
    ///
    /// Fails if git cannot be started, or the deadline passes first.
    pub fn run<S: AsRef<OsStr>>(
        &self,
        arguments: &[S],
        largest: u64,
    ) -> Result<GitOutput, GitError> {
        let mut command = Command::new(&self.program);
        command.arg("--no-pager").arg("-C").arg(&self.folder).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let inherited =
            env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_"));
        for (name, _) in inherited {
            command.env_remove(name);
        }
        // Takes no locks, fetches no objects and asks nobody.
        command
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "none")
            .env("GIT_TERMINAL_PROMPT", "0");
        command.envs(self.programs.variables());
        let mut child = start::start(&mut command).map_err(|_not_started| GitError::Broken)?;
        let answer = read(&mut child, largest, self.deadline);
        // After its whole output it ends soon; otherwise it must be killed.
        if !answer.as_ref().is_ok_and(|(_, is_cut)| !is_cut) {
            let _ended_already = child.kill();
        }
        let status = child.wait().map_err(|_unknown| GitError::Broken)?;
        let (bytes, is_cut) = answer?;
        Ok(GitOutput { bytes, succeeded: is_cut || status.success(), is_cut })
    }
}

impl GitOutput {
    /// The output of a run that ended well and was not cut.
    pub fn whole(self) -> Option<Vec<u8>> {
        (self.succeeded && !self.is_cut).then_some(self.bytes)
    }
}

/// Reads the output; also returns whether it was cut.
fn read(child: &mut Child, largest: u64, deadline: Instant) -> Result<(Vec<u8>, bool), GitError> {
    let stream: ChildStdout = child.stdout.take().ok_or(GitError::Broken)?;
    let (done, answer) = mpsc::channel();
    let body = move || {
        let mut bytes = Vec::new();
        let read = stream.take(largest.saturating_add(1)).read_to_end(&mut bytes);
        let _nobody_waits = done.send(read.is_ok().then_some(bytes));
    };
    thread::Builder::new().name("git".into()).spawn(body).map_err(|_full| GitError::Broken)?;
    let left = deadline.saturating_duration_since(Instant::now());
    let read = answer.recv_timeout(left).map_err(|_late| GitError::TooSlow)?;
    let mut bytes = read.ok_or(GitError::Broken)?;
    let is_cut = bytes.len() as u64 > largest;
    if is_cut {
        bytes.pop();
    }
    Ok((bytes, is_cut))
}

/// Finds a program in the absolute folders of `PATH`: the current folder may contain another of
/// that name.
fn program(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}
