//! Names the process that listens on a port, as far as the system tells.

use crate::protocol::PortHolder;

/// Looks on a thread of the runtime's that may block; where it takes long, nobody is named.
pub(super) async fn of(port: u16) -> PortHolder {
    let looking = tokio::task::spawn_blocking(move || system::process(port));
    let found = match tokio::time::timeout(system::PATIENCE * 2, looking).await {
        Ok(Ok(found)) => found,
        Ok(Err(_)) | Err(_) => None,
    };
    let (pid, name) = found.map_or((None, None), |process| (Some(process.pid), process.name));
    PortHolder { port, pid, name }
}

/// The same at once, on this thread.
pub fn holder(port: u16) -> PortHolder {
    let found = system::process(port);
    let (pid, name) = found.map_or((None, None), |process| (Some(process.pid), process.name));
    PortHolder { port, pid, name }
}

#[derive(Debug, PartialEq, Eq)]
struct Process {
    pid: u32,
    name: Option<String>,
}

/// A program may call itself anything; only this much of it, and no control characters, is passed
/// on.
#[cfg(any(target_os = "linux", target_os = "macos", test))]
fn program_name(name: &str) -> Option<String> {
    let name: String =
        name.trim().chars().filter(|c| !c.is_control() && *c != '`').take(40).collect();
    (!name.is_empty()).then_some(name)
}

/// proc(5): the socket tables name inodes, and the processes' descriptors name them too.
#[cfg(target_os = "linux")]
mod system {
    use std::fs;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::{Process, program_name};

    pub const PATIENCE: Duration = Duration::from_millis(500);

    pub fn process(port: u16) -> Option<Process> {
        let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
            .iter()
            .filter_map(|table| fs::read_to_string(table).ok())
            .flat_map(|table| listening(&table, port))
            .map(|inode| format!("socket:[{inode}]"))
            .collect();
        let end = Instant::now() + PATIENCE;
        let processes = fs::read_dir("/proc")
            .ok()?
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let processes = processes.take_while(|_pid| Instant::now() < end);
        let holders: Vec<u32> = processes.filter(|pid| holds(*pid, &inodes)).collect();
        let pid = server(&holders, parent)?;
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok();
        Some(Process { pid, name: name.and_then(|name| program_name(&name)) })
    }

    /// The process that started the others: a server's workers have its socket too.
    pub fn server(holders: &[u32], parent: impl Fn(u32) -> Option<u32>) -> Option<u32> {
        let is_worker = |pid| parent(pid).is_some_and(|parent| holders.contains(&parent));
        holders.iter().copied().find(|pid| !is_worker(*pid))
    }

    /// The fourth field of proc_pid_stat(5), behind a name that may be anything.
    fn parent(pid: u32) -> Option<u32> {
        let about = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        about.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()
    }

    /// The inodes of the sockets that listen on a port, on whatever address.
    pub fn listening(table: &str, port: u16) -> Vec<u64> {
        const LISTEN: &str = "0A";
        let inode = |line: &str| {
            let columns: Vec<&str> = line.split_ascii_whitespace().collect();
            let (local, state, inode) = (columns.get(1)?, columns.get(3)?, columns.get(9)?);
            let found = u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()?;
            (found == port && *state == LISTEN).then(|| inode.parse().ok())?
        };
        table.lines().filter_map(inode).filter(|inode| *inode != 0).collect()
    }

    /// Other people's processes cannot be looked into; they hold nothing, as far as we see.
    fn holds(pid: u32, sockets: &[String]) -> bool {
        let Ok(descriptors) = fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd"))
        else {
            return false;
        };
        let mut targets =
            descriptors.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
        targets.any(|target| {
            target.to_str().is_some_and(|target| sockets.iter().any(|socket| socket == target))
        })
    }
}

/// `lsof` is part of macOS.
#[cfg(target_os = "macos")]
mod system {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::{Process, fields};
    use crate::base::start;

    pub const PATIENCE: Duration = Duration::from_secs(2);

    pub fn process(port: u16) -> Option<Process> {
        let port = format!("-iTCP:{port}");
        let mut lsof = Command::new("/usr/sbin/lsof");
        lsof.args(["-n", "-P", &port, "-sTCP:LISTEN", "-F", "pc"]);
        let output = start::output(lsof.stdin(Stdio::null()).stderr(Stdio::null())).ok()?;
        fields(&String::from_utf8_lossy(&output.stdout))
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod system {
    use std::time::Duration;

    use super::Process;

    pub const PATIENCE: Duration = Duration::from_millis(10);

    pub fn process(_port: u16) -> Option<Process> {
        None
    }
}

/// The first process of `lsof -F pc`: a line `p<pid>`, a line `c<command>`.
#[cfg(any(target_os = "macos", test))]
fn fields(output: &str) -> Option<Process> {
    let mut lines = output.lines();
    let pid = lines.by_ref().find_map(|line| line.strip_prefix('p')?.parse().ok())?;
    let name = lines
        .take_while(|line| !line.starts_with('p'))
        .find_map(|line| line.strip_prefix('c'))
        .and_then(program_name);
    Some(Process { pid, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_process_that_lsof_lists_is_the_holder() {
        let process = |pid, name: &str| Some(Process { pid, name: Some(name.into()) });
        for (output, expected) in [
            ("p812\ncjava\nf45\n", process(812, "java")),
            ("p812\nf45\ncCode Helper\np9\ncnode\n", process(812, "Code Helper")),
            ("p812\np9\ncnode\n", Some(Process { pid: 812, name: None })),
            ("", None),
        ] {
            assert_eq!(fields(output), expected, "{output}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_a_socket_that_listens_on_the_port_counts() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            \x20  0: 0100007F:05AF 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4411 1 0000 100 0 0 10 0\n\
            \x20  1: 0100007F:05AF 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 4412 1 0000 20 4 30 10 -1\n\
            \x20  2: 00000000000000000000000001000000:05AF 00000000000000000000000000000000:0000 0A 0:0 0:0 0  1000  0 4413 1\n\
            \x20  3: 0100007F:05B1 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4414 1 0000 100 0 0 10 0\n\
            \x20  4: broken\n";
        assert_eq!(system::listening(table, 1455), [4411, 4413]);
        assert_eq!(system::listening(table, 1457), [4414]);
        assert!(system::listening(table, 80).is_empty());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_server_is_named_and_none_of_its_workers() {
        // Numbers begin anew at their end, so that workers may have lower ones.
        let parent = |pid| [(2, 30_000), (3, 2), (30_000, 1)].into_iter().find(|it| it.0 == pid);
        let parent = |pid| parent(pid).map(|it| it.1);
        assert_eq!(system::server(&[2, 3, 30_000], parent), Some(30_000));
        assert_eq!(system::server(&[3], parent), Some(3), "its parent has no socket");
        assert_eq!(system::server(&[], parent), None);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_process_that_holds_a_port_is_named() {
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let holder = of(port).await;
        assert_eq!((holder.port, holder.pid), (port, Some(std::process::id())));
        assert!(holder.name.is_some_and(|name| !name.is_empty()));
    }
}
