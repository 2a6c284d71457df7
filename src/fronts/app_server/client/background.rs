//! A server in the background: started apart from the terminal, and stopped by its process id.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::base::Console;
use crate::base::files::{append_to, create_private_folder, replace};
use crate::base::start;
use crate::protocol::Exit;

use super::link::{ClientError, Link, Server};
use super::pid_file::PidFile;

/// The state file that holds the address served last.
const LAST: &str = "app-server.address";
/// How long a new server may take to answer.
const START: Duration = Duration::from_secs(10);
/// The time between two checks.
const PAUSE: Duration = Duration::from_millis(20);

/// A token, which `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientToken(pub String);

impl fmt::Debug for ClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientToken")
    }
}

/// The server to run in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// Where it listens.
    pub listen: String,
    /// The token that clients must send: its file, and the token itself.
    pub token: Option<(PathBuf, ClientToken)>,
    /// The folder of its log and its PID file.
    pub state: PathBuf,
    /// This program.
    pub program: PathBuf,
    /// Whether a server that listens there already is stopped first.
    pub kill: Kill,
}

/// The treatment of a server that already runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// The old server continues, and no other is started.
    No,
    /// The old server is stopped first.
    First,
}

/// Starts a server unless one is running, and waits until it can be reached.
///
/// # Errors
///
/// Fails if the address or the folder for its files cannot be used, if the old server cannot be
/// ended, or if the new one cannot be reached in time.
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
    // Signals of this terminal must not reach the server.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = start::start(&mut command).map_err(failed)?;
    let limit = Instant::now() + START;
    // Without a PID file the server cannot be stopped later, and an unreachable one is of no use.
    let kept = pid.write(child.id());
    while kept.is_err() || Link::open(&server, token).is_err() {
        let is_over = child.try_wait().map_err(failed)?.is_some();
        if is_over || kept.is_err() || Instant::now() > limit {
            // The server may have ended by itself.
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

/// Makes this the server for clients that name none.
fn remember(serving: &Serving) -> Result<(), ClientError> {
    replace(&serving.state.join(LAST), format!("{}\n", serving.listen).as_bytes())
        .map_err(|error| ClientError::Background { why: error.to_string() })
}

/// The last server started in the background, if it still runs.
pub fn in_background(state: &Path) -> Option<Server> {
    let address = std::fs::read_to_string(state.join(LAST)).ok()?;
    let server = Server::at(address.trim()).ok()?;
    let runs = PidFile::of(state, &server).runs()
        // A server that requires a token also answers.
        && !matches!(Link::open(&server, None), Err(ClientError::Connect { .. }));
    runs.then_some(server)
}

/// The text in the log after this byte.
fn since(log: &Path, byte: u64) -> io::Result<String> {
    let mut file = File::open(log)?;
    io::Seek::seek(&mut file, io::SeekFrom::Start(byte))?;
    let mut text = String::new();
    file.take(4 << 10).read_to_string(&mut text)?;
    Ok(text)
}

/// Stops the server that was started before, and waits until its address is free.
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
