//! A server in the background: started apart from the terminal, and ended by its process.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::base::Console;
use crate::base::files::{append_to, create_private_folder, replace};
use crate::protocol::Exit;

use super::link::{ClientError, Link, Server};
use super::pid_file::PidFile;

/// Holds the address that was served last, among what is kept of the state.
const LAST: &str = "app-server.address";
/// How long a new server may take until it answers.
const START: Duration = Duration::from_secs(10);
/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// A token, which `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientToken(pub String);

impl fmt::Debug for ClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientToken")
    }
}

/// The server that is to be in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// Where it listens.
    pub listen: String,
    /// What its clients have to bring: the file, and what it holds.
    pub token: Option<(PathBuf, ClientToken)>,
    /// Where its log and the file with its process are.
    pub state: PathBuf,
    /// This program.
    pub program: PathBuf,
    pub kill: Kill,
}

/// What becomes of a server that runs already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// It goes on, and no other is started.
    No,
    /// It is ended first.
    First,
}

/// Starts a server, unless one runs, and waits until it can be reached.
pub fn serve(serving: &Serving, console: &mut Console) -> Result<Exit, ClientError> {
    let failed = |error: io::Error| ClientError::Background { why: error.to_string() };
    let server = Server::at(&serving.listen)?;
    create_private_folder(&serving.state)
        .map_err(|error| ClientError::Background { why: error.to_string() })?;
    let log = serving.state.join("app-server.log");
    let pid = PidFile::of(&serving.state, &server);
    let token = serving.token.as_ref().map(|(_, token)| token.0.as_str());
    match (Link::open(&server, token), serving.kill) {
        (Ok(_), Kill::No) if token.is_some() && Link::open(&server, None).is_ok() => {
            let why = "the server that runs there asks for no token; `--kill` replaces it";
            return Err(ClientError::Background { why: why.into() });
        }
        (Ok(_), Kill::No) => {
            remember(serving)?;
            console.note(&format!(
                "A server runs at {} already; `--kill` replaces it",
                serving.listen
            ));
            return Ok(Exit::Done);
        }
        (Ok(link), Kill::First) => {
            drop(link);
            end(&pid, &server, token)?;
        }
        (Err(_), _) => {}
    }
    let file =
        append_to(&log).map_err(|error| ClientError::Background { why: error.to_string() })?;
    let said = file.metadata().map_err(failed)?.len();
    let mut command = Command::new(&serving.program);
    command.args(["app-server", "--listen", &serving.listen]);
    if let Some((file, _)) = &serving.token {
        command.args(["--ws-auth", "capability-token", "--ws-token-file"]).arg(file);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
    // A signal of this terminal's is not for the server.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(failed)?;
    let limit = Instant::now() + START;
    // One that cannot be named cannot be ended later, and one that cannot be reached is of no use.
    let kept = pid.write(child.id());
    while kept.is_err() || Link::open(&server, token).is_err() {
        let is_over = child.try_wait().map_err(failed)?.is_some();
        if is_over || kept.is_err() || Instant::now() > limit {
            // It may have ended by itself.
            let _ended = child.kill();
            let _status = child.wait();
            pid.remove();
            kept?;
            let why = since(&log, said).unwrap_or_default();
            return Err(ClientError::Background { why: why.trim().replace('\n', "; ") });
        }
        std::thread::sleep(PAUSE);
    }
    remember(serving)?;
    console.line(&format!(
        "{} (process {}), logging to {}",
        serving.listen,
        child.id(),
        log.display()
    ));
    Ok(Exit::Done)
}

/// Clients that name no server speak to this one from now on.
fn remember(serving: &Serving) -> Result<(), ClientError> {
    replace(&serving.state.join(LAST), format!("{}\n", serving.listen).as_bytes())
        .map_err(|error| ClientError::Background { why: error.to_string() })
}

/// The server in the background that was named last, where it still runs.
pub fn in_background(state: &Path) -> Option<Server> {
    let address = std::fs::read_to_string(state.join(LAST)).ok()?;
    let server = Server::at(address.trim()).ok()?;
    let runs = PidFile::of(state, &server).runs()
        // One that wants a token answers, too.
        && !matches!(Link::open(&server, None), Err(ClientError::Connect { .. }));
    runs.then_some(server)
}

/// What was written behind a byte of the log.
fn since(log: &Path, byte: u64) -> io::Result<String> {
    let mut file = File::open(log)?;
    io::Seek::seek(&mut file, io::SeekFrom::Start(byte))?;
    let mut text = String::new();
    file.take(4 << 10).read_to_string(&mut text)?;
    Ok(text)
}

/// Ends the server that was started before, and waits until its address is free.
fn end(pid: &PidFile, server: &Server, token: Option<&str>) -> Result<(), ClientError> {
    pid.end_process()?;
    let limit = Instant::now() + START;
    while Link::open(server, token).is_ok() {
        if Instant::now() > limit {
            return Err(ClientError::Background { why: "the server does not end".into() });
        }
        std::thread::sleep(PAUSE);
    }
    pid.remove();
    Ok(())
}
