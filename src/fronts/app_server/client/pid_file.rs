//! The PID file of a background server, one for each address: the number of its process, and its
//! start time. The system reuses numbers, and a process that got one later must not be ended.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::base::files::replace;

use super::link::{ClientError, Server};

/// The file of the server behind one address.
#[derive(Debug)]
pub struct PidFile(PathBuf);

impl PidFile {
    pub fn of(state: &Path, server: &Server) -> Self {
        let address = match server {
            Server::Unix(path) => std::path::absolute(path).unwrap_or_else(|_| path.clone()),
            Server::WebSocket(host) => host.trim_end_matches('/').into(),
            Server::Started(words) => words.join(" ").into(),
        };
        let hash = Sha256::digest(address.as_os_str().as_encoded_bytes());
        let name: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self(state.join(format!("app-server-{name}.pid")))
    }

    /// Records a process that has just been started.
    ///
    /// # Errors
    ///
    /// Fails if the process is gone already or the file cannot be written.
    pub fn write(&self, process: u32) -> Result<(), ClientError> {
        let failed = |why: String| ClientError::Background { why };
        let began = began(process).ok_or_else(|| failed("its process is not found".into()))?;
        replace(&self.0, format!("{process} {began}\n").as_bytes())
            .map_err(|error| failed(error.to_string()))
    }

    /// Whether its server runs.
    pub fn runs(&self) -> bool {
        self.process().is_some()
    }

    pub fn remove(&self) {
        // The file may not exist.
        let _gone = fs::remove_file(&self.0);
    }

    /// The recorded process, if it is still the same one.
    fn process(&self) -> Option<u32> {
        let text = fs::read_to_string(&self.0).ok()?;
        let (process, then) = text.trim_end().split_once(' ')?;
        let process = process.parse().ok()?;
        (began(process)? == then).then_some(process)
    }

    /// Asks the server to end.
    ///
    /// # Errors
    ///
    /// Fails if its process is unknown or gone; on other systems than Unix always.
    #[cfg(unix)]
    pub fn end_process(&self) -> Result<(), ClientError> {
        let unknown = || ClientError::Background {
            why: "the server that runs there was not started with `serve`: end it yourself".into(),
        };
        let process = self.process().and_then(|number| i32::try_from(number).ok());
        let process = process.and_then(rustix::process::Pid::from_raw).ok_or_else(unknown)?;
        rustix::process::kill_process(process, rustix::process::Signal::TERM)
            .map_err(|_gone| unknown())
    }

    /// # Errors
    ///
    /// Fails if its process is unknown or gone; on other systems than Unix always.
    #[cfg(not(unix))]
    pub fn end_process(&self) -> Result<(), ClientError> {
        Err(ClientError::Background { why: "end the server that runs there yourself".into() })
    }
}

/// The start time of a process, in the system's own format; `None` if there is no such process.
#[cfg(target_os = "linux")]
fn began(process: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before it is chosen by the program, and may hold spaces and brackets. The state
    // follows, and 19 fields later the start time (proc_pid_stat(5)), in ticks since boot.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().nth(19)?;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Some(format!("{ticks} {}", boot.trim()).trim_end().to_owned())
}

#[cfg(not(target_os = "linux"))]
fn began(process: u32) -> Option<String> {
    let mut ps = std::process::Command::new("ps");
    ps.args(["-o", "lstart=", "-p", &process.to_string()]);
    let output = crate::base::start::output(&mut ps).ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_got_the_number_later_is_not_the_server() {
        let state = tempfile::tempdir().unwrap();
        let address = Server::WebSocket("127.0.0.1:1".into());
        let file = PidFile::of(state.path(), &address);
        assert_eq!(file.process(), None);
        let own = std::process::id();
        file.write(own).unwrap();
        assert_eq!(file.process(), Some(own));
        let other = PidFile::of(state.path(), &Server::WebSocket("127.0.0.1:2".into()));
        assert_eq!(other.process(), None, "each address has a file of its own");
        for stale in [format!("{own}"), format!("{own} 1"), "no number".to_owned()] {
            fs::write(&file.0, stale).unwrap();
            assert_eq!(file.process(), None);
            assert!(file.end_process().is_err());
        }
        file.remove();
        assert!(!file.0.exists());
    }
}
