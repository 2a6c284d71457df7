//! Where programs meet over a session: a socket among the program's own files, named after the
//! session. Whoever has the log's lock owns the name, and nobody else unlinks it.

use std::io;
use std::path::{Path, PathBuf};

use crate::protocol::{SessionId, Unjoined};

use super::words::WIRE;

/// Sockets have this behind the session's id.
pub(crate) const SUFFIX: &str = ".sock";

/// Where the sockets are, below the folder for state: not in the runtime folder, which goes with
/// the last login while a conversation goes on.
pub(crate) fn folder(state: &Path) -> PathBuf {
    state.join("live")
}

/// The name of a session's socket.
pub(crate) fn name(id: &SessionId) -> String {
    format!("{id}{SUFFIX}")
}

/// The first line of a program that wants to join; `screen` names it to the others.
pub(super) fn hello(screen: &str) -> String {
    format!("join {WIRE} {screen}\n")
}

/// The first line of a program that wants to know what waits for a person.
pub(super) fn asks_hello() -> String {
    format!("asks {WIRE}\n")
}

/// The first line of a program that gives one order; `name` is its own for the others.
pub(super) fn answer_hello(name: &str) -> String {
    format!("answer {WIRE} {name}\n")
}

/// The holder's answer to it.
pub(super) fn welcome() -> String {
    format!("codling {WIRE} {}\n", env!("CARGO_PKG_VERSION"))
}

/// Why a socket could not be asked.
pub(super) fn unjoined(error: &io::Error) -> Unjoined {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Unjoined::OtherUser,
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Unjoined::Silent,
        _ => Unjoined::Absent,
    }
}

/// Reads the holder's answer to the first line.
pub(super) fn accepted(line: &str) -> Result<(), Unjoined> {
    let mut words = line.split_whitespace();
    match (words.next(), words.next().map(str::parse), words.next()) {
        (Some("codling"), Some(Ok(WIRE)), _) => Ok(()),
        (Some("codling"), _, version) => {
            Err(Unjoined::OtherVersion(version.unwrap_or("unknown").to_owned()))
        }
        // It ended just now, or is too busy: it may be asked again.
        (None, ..) => Err(Unjoined::Absent),
        _ => Err(Unjoined::Silent),
    }
}

#[cfg(unix)]
pub(crate) use unix::{HolderStream, connect, dial, greet, listen};

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::time::Duration;

    use super::*;
    use crate::base::files;

    /// A connection to a holder that has said hello.
    pub(crate) type HolderStream = UnixStream;

    /// The longest path that every system takes for a socket.
    const LONGEST_PATH: usize = 100;

    /// How long a holder may take for its answer.
    const PATIENCE: Option<Duration> = Some(Duration::from_secs(2));

    /// Letters of a first line.
    const LONGEST_LINE: u64 = 256;

    /// Listens under the session's name, in the place of what a program that was killed left there:
    /// a rename, so that the name is never missing. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// Fails where the folder is not this user's alone, or the socket cannot be made.
    pub(crate) fn listen(folder: &Path, id: &SessionId) -> io::Result<UnixListener> {
        files::create_private_folder(folder).map_err(io::Error::other)?;
        let about = fs::symlink_metadata(folder)?;
        let is_private = about.is_dir()
            && about.uid() == rustix::process::geteuid().as_raw()
            && about.mode() & 0o077 == 0;
        if !is_private {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not yours alone"));
        }
        let new = format!("{id}.{}.new", std::process::id());
        let _left_over = fs::remove_file(folder.join(&new));
        let listener = by_short_path(folder, &new, |path| UnixListener::bind(path))?;
        fs::set_permissions(folder.join(&new), fs::Permissions::from_mode(0o600))?;
        fs::rename(folder.join(&new), folder.join(name(id)))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }

    /// Connects to the socket of this name, where a program of this user listens.
    ///
    /// # Errors
    ///
    /// Fails where nobody listens, or another user's program.
    pub(crate) fn dial(folder: &Path, name: &str) -> io::Result<UnixStream> {
        let stream = by_short_path(folder, name, |path| UnixStream::connect(path))?;
        if peer_user(&stream)? != rustix::process::geteuid().as_raw() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        stream.set_read_timeout(PATIENCE)?;
        stream.set_write_timeout(PATIENCE)?;
        Ok(stream)
    }

    /// Connects to the holder of a session and says hello. Blocks, two seconds at the most.
    ///
    /// # Errors
    ///
    /// Why it cannot be joined.
    pub(crate) fn connect(
        folder: &Path,
        id: &SessionId,
        screen: &str,
    ) -> Result<HolderStream, Unjoined> {
        let silent = |_: io::Error| Unjoined::Silent;
        let stream = greet(folder, id, &hello(screen))?;
        stream.set_read_timeout(None).map_err(silent)?;
        stream.set_write_timeout(None).map_err(silent)?;
        stream.set_nonblocking(true).map_err(silent)?;
        Ok(stream)
    }

    /// Connects to the holder of a session and says this line, which it accepts. Blocks, as the
    /// stream does: two seconds at the most.
    ///
    /// # Errors
    ///
    /// Why it cannot be spoken to.
    pub(crate) fn greet(
        folder: &Path,
        id: &SessionId,
        hello: &str,
    ) -> Result<HolderStream, Unjoined> {
        let mut stream = dial(folder, &name(id)).map_err(|error| unjoined(&error))?;
        stream.write_all(hello.as_bytes()).map_err(|error| unjoined(&error))?;
        let mut line = String::new();
        // Byte for byte: whatever follows the line is the first frame's.
        let mut reader = BufReader::with_capacity(1, &stream);
        let read = std::io::Read::take(&mut reader, LONGEST_LINE).read_line(&mut line);
        read.map_err(|error| unjoined(&error))?;
        drop(reader);
        accepted(&line)?;
        Ok(stream)
    }

    #[cfg(target_os = "linux")]
    fn peer_user(stream: &UnixStream) -> io::Result<u32> {
        Ok(rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw())
    }

    /// The folder is this user's alone, so nobody else can have put the socket there.
    #[cfg(not(target_os = "linux"))]
    fn peer_user(_: &UnixStream) -> io::Result<u32> {
        Ok(rustix::process::geteuid().as_raw())
    }

    /// Does something with a name in a folder. Where the path is too long for a socket, it goes by
    /// way of the open folder, if the system has such paths.
    fn by_short_path<T>(
        folder: &Path,
        name: &str,
        make: impl FnOnce(&Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let path = folder.join(name);
        if path.as_os_str().len() <= LONGEST_PATH || !cfg!(target_os = "linux") {
            return make(&path);
        }
        let open = fs::File::open(folder)?;
        let number = std::os::fd::AsRawFd::as_raw_fd(&open);
        make(&Path::new("/proc/self/fd").join(number.to_string()).join(name))
    }
}

#[cfg(not(unix))]
pub(crate) use elsewhere::{HolderStream, connect};

/// Where there are no such sockets, nobody joins.
#[cfg(not(unix))]
mod elsewhere {
    use super::*;

    pub(crate) type HolderStream = std::convert::Infallible;

    pub(crate) fn connect(_: &Path, _: &SessionId, _: &str) -> Result<HolderStream, Unjoined> {
        Err(Unjoined::Absent)
    }
}
