//! A server that is a program: its pipes, and the few variables it gets.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;

use crate::base::Secret;
use crate::mcp::error::McpError;
use crate::mcp::lines::LastLines;
use crate::protocol::McpTransport;
use crate::sandbox::{self, KillSwitch, NetworkAccess, OutputStream};
use crate::tools::{CommandLimits, StandaloneCommand, StandaloneStage};

use super::ConnectionPlan;

/// Variables of ours that a server gets; its definition names others.
const PASSED: [&str; 14] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TERM",
    "TMPDIR",
    "TZ",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];
/// Bytes of a message that are read.
const LONGEST: usize = 64 << 20;
/// Pieces of output that wait to be read.
const WAITING: usize = 16;
/// How long a server may take to end by itself once its input has ended.
const GRACE: Duration = Duration::from_secs(2);
/// Variables in which values reach the program that sets them for the server. The sandbox around the
/// server reads none of them.
const CARRIED: &str = "CODLING_MCP_";

/// The pipes of a server that was started. Dropping both ends it.
pub type Transport = AsyncRwTransport<RoleClient, Output, Input>;

#[cfg(unix)]
type InputPipe = tokio::net::unix::pipe::Sender;
#[cfg(not(unix))]
type InputPipe = tokio::io::Sink;

#[cfg(unix)]
fn input_pipe(pipe: io::PipeWriter) -> io::Result<InputPipe> {
    InputPipe::from_owned_fd(pipe.into())
}

/// Commands cannot be ended with all that they start there, so that no server is started.
#[cfg(not(unix))]
fn input_pipe(_pipe: io::PipeWriter) -> io::Result<InputPipe> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no such servers yet"))
}

/// Starts the server's program; what it writes to its errors goes to `lines`.
///
/// # Errors
///
/// Fails if there is no such transport or program, a variable is malformed, or a pipe or thread
/// cannot be made.
pub fn start(
    plan: &ConnectionPlan,
    limits: &CommandLimits,
    lines: &LastLines,
) -> Result<Transport, McpError> {
    let McpTransport::Stdio { command, variables, workdir } = &plan.server.transport else {
        return Err(McpError::Address);
    };
    let workdir = workdir.as_ref().map(|workdir| plan.folder.join(workdir));
    if let Some(program) = command.first() {
        look_for(program, workdir.as_ref().unwrap_or(&plan.folder), variables)?;
    }
    let command = StandaloneCommand {
        words: carried(command, variables)?,
        folder: plan.folder.clone(),
        confinement: plan.confinement,
        writable: Vec::new(),
        network: NetworkAccess::Hosts,
        variables: Vec::new(),
        limit: None,
        stage: StandaloneStage::Piped,
    };
    let (held, kill_switch) = sandbox::kill_switch()?;
    let (input_end, input) = io::pipe()?;
    let pipe = input_pipe(input)?;
    let (sender, output) = mpsc::channel(WAITING);
    let (limits, lines, program) = (limits.clone(), lines.clone(), limits.program.clone());
    let own: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    let values = variables.iter().enumerate().map(|(at, (_, value))| {
        (OsString::from(format!("{CARRIED}{at}")), Some(OsString::from(value.expose())))
    });
    let values: Vec<_> = values.collect();
    thread::Builder::new().name("mcp server".into()).spawn(move || {
        let mut spec = command.spec(&limits).spec;
        // It may begin elsewhere; where it may write stays the session's folder.
        if let Some(workdir) = workdir {
            spec.workdir = workdir;
        }
        // Pagers and editors are no server's concern.
        spec.variables.retain(|(_, value)| value.is_none());
        let away = own.into_iter().filter(|name| !PASSED.iter().any(|passed| name == passed));
        spec.variables.extend(away.map(|name| (name, None)));
        spec.variables.extend(values);
        let mut sender = Some(sender);
        let end = spec.run_piped(&program, kill_switch, Some(input_end), &mut |stream, bytes| {
            match (stream, &sender) {
                _ if bytes.is_empty() => {}
                (OutputStream::Errors, _) => lines.add(bytes),
                (OutputStream::Output, Some(to)) => {
                    // Nobody reads what comes after the last reader has gone.
                    if to.blocking_send(bytes.to_vec()).is_err() {
                        sender = None;
                    }
                }
                (OutputStream::Output, None) => {}
            }
        });
        if let sandbox::ExitKind::Failed(why) = &end.how {
            lines.add(format!("{why}\n").as_bytes());
        }
    })?;
    let output = Output { pieces: output, rest: Vec::new(), at: 0 };
    let input = Input { pipe: Some(pipe), held: Some(held) };
    Ok(AsyncRwTransport::new(output, input).with_max_line_length(LONGEST))
}

/// Looks for the program where the system will, before a sandbox is set up around it in vain.
fn look_for(program: &str, workdir: &Path, variables: &[(String, Secret)]) -> Result<(), McpError> {
    let found = if program.contains(std::path::is_separator) {
        workdir.join(program).exists()
    } else {
        let own = variables.iter().rev().find(|(name, _)| name == "PATH");
        let path = own.map(|(_, path)| path.expose().into()).or_else(|| std::env::var_os("PATH"));
        // Without a path the system has places of its own.
        path.is_none_or(|path| {
            std::env::split_paths(&path).any(|folder| workdir.join(folder).join(program).exists())
        })
    };
    if found { Ok(()) } else { Err(McpError::Missing(program.to_owned())) }
}

/// The command with its variables, which it gets from others that are only there for this: what
/// keeps it in is not to be told by a server's definition what to load.
fn carried(command: &[String], variables: &[(String, Secret)]) -> Result<Vec<OsString>, McpError> {
    let words = command.iter().map(OsString::from);
    if variables.is_empty() {
        return Ok(words.collect());
    }
    let mut script = String::new();
    for (at, (name, value)) in variables.iter().enumerate() {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_name =
            name.chars().all(is_letter) && !name.starts_with(|c: char| c.is_ascii_digit());
        if name.is_empty() || !is_name || value.expose().contains('\0') {
            return Err(McpError::Variable(name.clone()));
        }
        script += &format!("{name}=${CARRIED}{at}; export {name}; unset {CARRIED}{at}; ");
    }
    script += r#"exec "$@""#;
    let shell = ["/bin/sh", "-c", &script, "sh"].map(OsString::from);
    Ok(shell.into_iter().chain(words).collect())
}

/// The server's standard output.
pub struct Output {
    pieces: mpsc::Receiver<Vec<u8>>,
    rest: Vec<u8>,
    at: usize,
}

impl AsyncRead for Output {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.at == self.rest.len() {
            match ready!(self.pieces.poll_recv(cx)) {
                Some(piece) => (self.rest, self.at) = (piece, 0),
                None => return Poll::Ready(Ok(())),
            }
        }
        let end = self.rest.len().min(self.at + buf.remaining());
        buf.put_slice(&self.rest[self.at..end]);
        self.at = end;
        Poll::Ready(Ok(()))
    }
}

/// The server's standard input. When it is dropped, the server's input ends, and after a while the server
/// itself is ended.
pub struct Input {
    pipe: Option<InputPipe>,
    held: Option<KillSwitch>,
}

impl AsyncWrite for Input {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.pipe {
            Some(pipe) => Pin::new(pipe).poll_write(cx, bytes),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe = None;
        Poll::Ready(Ok(()))
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.pipe = None;
        let held = self.held.take();
        // Where the runtime ends as well, the server is ended at once.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(GRACE).await;
                drop(held);
            });
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_looked_for_as_the_system_does() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        std::fs::write(folder.path().join("bin/server"), "").unwrap();
        let path = |path: &str| [("PATH".to_owned(), Secret::new(path))];
        for (program, variables, is_there) in [
            ("sh", &[][..], true),
            ("/bin/sh", &[], true),
            ("bin/server", &[], true),
            ("./server", &[], false),
            ("server", &[], false),
            ("server", &path("/not/there:bin"), true),
            ("sh", &path("/not/there"), false),
        ] {
            let found = look_for(program, folder.path(), variables);
            assert_eq!(found.is_ok(), is_there, "{program}: {found:?}");
        }
    }
}
