//! A server in the background: started apart from the terminal, and ended by the number of its process.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::base::Console;
use crate::base::files::{append_to, create_private_folder, replace};
use crate::protocol::Exit;

use super::link::{ClientError, Link, Server};

/// How long a new server may take until it answers.
const START: Duration = Duration::from_secs(10);
/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// The server that is to be in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// Where it listens.
    pub listen: String,
    /// Where its log and the number of its process are.
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
    let (log, pid) = (serving.state.join("app-server.log"), serving.state.join("app-server.pid"));
    match (Link::open(&server, None), serving.kill) {
        (Ok(_), Kill::No) => {
            console.note(&format!(
                "A server runs at {} already; `--kill` replaces it",
                serving.listen
            ));
            return Ok(Exit::Done);
        }
        (Ok(link), Kill::First) => {
            drop(link);
            end(&pid, &server)?;
        }
        (Err(_), _) => {}
    }
    let file =
        append_to(&log).map_err(|error| ClientError::Background { why: error.to_string() })?;
    let said = file.metadata().map_err(failed)?.len();
    let mut command = Command::new(&serving.program);
    command
        .args(["app-server", "--listen", &serving.listen])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file);
    // A signal of this terminal's is not for the server.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(failed)?;
    replace(&pid, child.id().to_string().as_bytes())
        .map_err(|error| ClientError::Background { why: error.to_string() })?;
    let limit = Instant::now() + START;
    while Link::open(&server, None).is_err() {
        let is_over = child.try_wait().map_err(failed)?.is_some();
        if is_over || Instant::now() > limit {
            let why = since(&log, said).unwrap_or_default();
            return Err(ClientError::Background { why: why.trim().replace('\n', "; ") });
        }
        std::thread::sleep(PAUSE);
    }
    console.line(&format!(
        "{} (process {}), logging to {}",
        serving.listen,
        child.id(),
        log.display()
    ));
    Ok(Exit::Done)
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
#[cfg(unix)]
fn end(pid: &Path, server: &Server) -> Result<(), ClientError> {
    let unknown = || ClientError::Background {
        why: "the server that runs there was not started with `serve`".into(),
    };
    let number = fs::read_to_string(pid).ok().and_then(|text| text.trim().parse().ok());
    let process = number.and_then(rustix::process::Pid::from_raw).ok_or_else(unknown)?;
    rustix::process::kill_process(process, rustix::process::Signal::TERM)
        .map_err(|_gone| unknown())?;
    let limit = Instant::now() + START;
    while Link::open(server, None).is_ok() {
        if Instant::now() > limit {
            return Err(ClientError::Background { why: "the server does not end".into() });
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

#[cfg(not(unix))]
fn end(_pid: &Path, _server: &Server) -> Result<(), ClientError> {
    Err(ClientError::Background { why: "end the server that runs there yourself".into() })
}
