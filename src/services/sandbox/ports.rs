//! The TCP ports on which the processes of a command listen, whichever network they are in.
//!
//! All is read from `/proc`, and where that does not tell, no port is named: a port that is missing
//! does less harm than one that belongs to somebody else.

#[cfg(target_os = "linux")]
pub use linux::{MachineListeners, PortSearch};

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{MachineListeners, PortSearch};

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::{BTreeSet, HashMap, HashSet};
    use std::fs::{self, File};
    use std::io::{BufRead, BufReader, Read};
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    use std::path::{Path, PathBuf};
    use std::time::{Duration, Instant};

    use crate::sandbox::process::process_tree::parent;

    /// How long a search may take, for all commands together.
    const TIME: Duration = Duration::from_millis(50);
    /// Processes of a command that are looked at.
    const PROCESSES: usize = 256;
    /// Descriptors of a command's processes that are looked at.
    const DESCRIPTORS: usize = 4_096;
    /// Ports of a command that are told.
    const PORTS: usize = 64;
    /// Bytes of a table of sockets. A busy machine has a row for each of its connections.
    const LONGEST: u64 = 1 << 20;

    /// One look at the ports of some commands. Its time begins to run when it is made.
    #[derive(Debug)]
    pub struct PortSearch {
        until: Instant,
        /// The addresses of the sockets that listen in each network, by the inodes of the sockets.
        networks: HashMap<PathBuf, HashMap<u64, SocketAddr>>,
    }

    impl PortSearch {
        /// Begins to look.
        pub fn begin() -> Self {
            Self { until: Instant::now() + TIME, networks: HashMap::new() }
        }

        /// The ports of the command that this supervisor watches over, the lowest first. Blocks,
        /// 50 ms or so for all commands together; what is not found by then is left out.
        pub fn of(&mut self, supervisor: u32) -> Vec<u16> {
            if !is_our_child(supervisor) {
                return Vec::new();
            }
            let mut ports = BTreeSet::new();
            let mut descriptors = DESCRIPTORS;
            for process in self.below(supervisor) {
                let at = PathBuf::from(format!("/proc/{process}"));
                ports.extend(self.in_process(&at, &mut descriptors));
            }
            ports.into_iter().take(PORTS).collect()
        }

        /// All processes below this one, which have numbers of our own namespace in our `/proc`,
        /// whatever they are called in theirs. The supervisor itself is left out: it listens as
        /// the proxy. It is a subreaper, so what loses its parent stays below it.
        fn below(&self, supervisor: u32) -> Vec<u32> {
            let mut found = vec![supervisor];
            let mut at = 0;
            while let Some(process) = found.get(at).copied()
                && found.len() <= PROCESSES
            {
                found.extend(self.children(process));
                at += 1;
            }
            found.truncate(PROCESSES + 1);
            found.split_off(1)
        }

        /// Each thread has the children that it started itself.
        fn children(&self, process: u32) -> Vec<u32> {
            let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
                return Vec::new();
            };
            let threads = threads.flatten().take_while(|_| !self.is_late());
            let told = threads
                .map(|thread| fs::read_to_string(thread.path().join("children")))
                .map(Result::unwrap_or_default);
            let numbers = |told: String| -> Vec<u32> {
                told.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect()
            };
            told.flat_map(numbers).collect()
        }

        /// The ports of a process, whose folder in `/proc` this is.
        fn in_process(&mut self, at: &Path, descriptors: &mut usize) -> Vec<u16> {
            let sockets = self.sockets(at, descriptors);
            if sockets.is_empty() {
                return Vec::new();
            }
            let Ok(network) = fs::read_link(at.join("ns/net")) else { return Vec::new() };
            let until = self.until;
            let listening =
                self.networks.entry(network).or_insert_with(|| all_listening(at, until));
            sockets.iter().filter_map(|inode| listening.get(inode)).map(SocketAddr::port).collect()
        }

        /// The inodes of the sockets that a process has open; none where it may not be looked at.
        fn sockets(&self, at: &Path, left: &mut usize) -> HashSet<u64> {
            let Ok(all) = fs::read_dir(at.join("fd")) else { return HashSet::new() };
            let seen = all.flatten().map_while(|descriptor| {
                *left = left.checked_sub(1)?;
                (!self.is_late()).then_some(descriptor)
            });
            let inode = |leads: PathBuf| {
                leads.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
            };
            seen.filter_map(|descriptor| inode(fs::read_link(descriptor.path()).ok()?)).collect()
        }

        fn is_late(&self) -> bool {
            Instant::now() >= self.until
        }
    }

    /// The addresses at which programs of the machine listen, as they were at one moment.
    #[derive(Debug)]
    pub struct MachineListeners(HashSet<SocketAddr>);

    impl MachineListeners {
        /// Looks at them. Blocks, half a second at the most: a busy machine with many connections
        /// takes more than a moment, and nobody asks a second time.
        pub fn look() -> Self {
            let until = Instant::now() + Duration::from_millis(500);
            let all = all_listening(Path::new("/proc/self"), until);
            Self(all.into_values().collect())
        }

        /// The address on the loopback device at which a program answers on that port; the one of
        /// the first family where there are two.
        pub fn on_loopback(&self, port: u16, families: [IpAddr; 2]) -> Option<SocketAddr> {
            let answers = |wanted: &IpAddr| {
                let own = self.0.iter().filter(|at| at.port() == port);
                own.into_iter().any(|at| match at.ip().to_canonical() {
                    // One of IPv6 takes those of IPv4, too, unless it was made not to.
                    IpAddr::V6(Ipv6Addr::UNSPECIFIED) => true,
                    IpAddr::V4(Ipv4Addr::UNSPECIFIED) => wanted.is_ipv4(),
                    own => own == *wanted,
                })
            };
            families.into_iter().find(answers).map(|address| (address, port).into())
        }
    }

    /// Whether a number still names a child of this process, in a `/proc` that counts as we do. It
    /// may not: the supervisor has ended, or the folder is that of another namespace of processes.
    fn is_our_child(process: u32) -> bool {
        let own = std::process::id();
        let is_our_count = fs::read_link("/proc/self")
            .is_ok_and(|leads| leads.as_os_str() == own.to_string().as_str());
        let stat = fs::read(format!("/proc/{process}/stat")).unwrap_or_default();
        is_our_count && parent(&stat).is_some_and(|parent| u32::try_from(parent) == Ok(own))
    }

    /// The addresses of all sockets that listen in the network of a process, by their inodes.
    fn all_listening(at: &Path, until: Instant) -> HashMap<u64, SocketAddr> {
        let mut found = HashMap::new();
        for table in ["net/tcp", "net/tcp6"] {
            // A machine without IPv6 has no table of it.
            let Ok(table) = File::open(at.join(table)) else { continue };
            let rows = BufReader::new(table.take(LONGEST)).lines().map_while(Result::ok);
            found.extend(
                rows.take_while(|_| Instant::now() < until).filter_map(|row| listening(&row)),
            );
        }
        found
    }

    /// The inode and the address of a socket that listens, out of its row in `/proc/net/tcp`:
    /// `0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 4242 …`.
    fn listening(row: &str) -> Option<(u64, SocketAddr)> {
        let mut words = row.split_ascii_whitespace();
        let (address, port) = words.nth(1)?.rsplit_once(':')?;
        let at = SocketAddr::new(address_in(address)?, u16::from_str_radix(port, 16).ok()?);
        let is_listening = words.nth(1)? == "0A";
        let inode = words.nth(5)?.parse().ok()?;
        is_listening.then_some((inode, at))
    }

    /// An address as words of 32 bits, each in the order of this machine: `0100007F`.
    fn address_in(digits: &str) -> Option<IpAddr> {
        let word = |at: usize| {
            let digits = digits.get(at * 8..(at + 1) * 8)?;
            u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
        };
        match digits.len() {
            8 => Some(Ipv4Addr::from(word(0)?).into()),
            32 => {
                let words = [word(0)?, word(1)?, word(2)?, word(3)?];
                <[u8; 16]>::try_from(words.concat()).ok().map(|bytes| Ipv6Addr::from(bytes).into())
            }
            _ => None,
        }
    }

    #[cfg(test)]
    mod tests {
        use std::net::{TcpListener, TcpStream};

        use super::*;

        fn own_ports(search: &mut PortSearch, mut descriptors: usize) -> Vec<u16> {
            search.in_process(Path::new("/proc/self"), &mut descriptors)
        }

        #[test]
        fn a_process_has_the_ports_that_it_listens_on_and_not_those_it_speaks_from() {
            let all = ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0"].map(TcpListener::bind);
            let all: Vec<TcpListener> = all.into_iter().flatten().collect();
            let ports: Vec<u16> = all.iter().map(|it| it.local_addr().unwrap().port()).collect();
            let visitor = TcpStream::connect(all[0].local_addr().unwrap()).unwrap();
            let until = Instant::now() + Duration::from_secs(30);
            let found = own_ports(&mut PortSearch { until, ..PortSearch::begin() }, usize::MAX);
            assert!(ports.iter().all(|port| found.contains(port)), "{ports:?} {found:?}");
            assert!(!found.contains(&visitor.local_addr().unwrap().port()), "{found:?}");
        }

        #[test]
        fn a_search_without_time_or_room_finds_nothing() {
            let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let mut late = PortSearch { until: Instant::now(), networks: HashMap::new() };
            assert!(own_ports(&mut late, usize::MAX).is_empty());
            assert!(own_ports(&mut PortSearch::begin(), 0).is_empty());
        }

        #[test]
        fn a_number_that_names_no_child_has_no_ports() {
            let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
            for stranger in [std::process::id(), 1, u32::MAX] {
                assert!(PortSearch::begin().of(stranger).is_empty(), "{stranger}");
            }
        }

        #[test]
        fn rows_are_read_of_both_tables_and_of_no_others() {
            let rest = "00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100 0";
            let word = |bytes: [u8; 4]| format!("{:08X}", u32::from_ne_bytes(bytes));
            let four = format!("{}:1F90", word([127, 0, 0, 1]));
            let six = format!("{}{}:0050", "0".repeat(24), word([0, 0, 0, 1]));
            for (row, wanted) in [
                (
                    format!("   0: {four} 00000000:0000 0A {rest}"),
                    Some((4242, "127.0.0.1:8080".parse().unwrap())),
                ),
                (format!("  12: {six} {six} 0A {rest}"), Some((4242, "[::1]:80".parse().unwrap()))),
                (format!("   0: 0100007:1F90 00000000:0000 0A {rest}"), None),
                (format!("   1: 0100007F:1F90 0100007F:B1A0 01 {rest}"), None),
                ("  sl  local_address rem_address   st tx_queue rx_queue".to_owned(), None),
                ("   0: 0100007F:1F90 00000000:0000 0A".to_owned(), None),
                (String::new(), None),
            ] {
                assert_eq!(listening(&row), wanted, "{row}");
            }
        }
    }
}

/// Where there is no `/proc`, no ports are told.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::net::{IpAddr, SocketAddr};

    /// None: commands have no network of their own.
    #[derive(Debug)]
    pub struct MachineListeners;

    impl MachineListeners {
        /// Looks at nothing.
        pub fn look() -> Self {
            Self
        }

        /// None.
        pub fn on_loopback(&self, _port: u16, _families: [IpAddr; 2]) -> Option<SocketAddr> {
            None
        }
    }

    /// Looks at nothing.
    #[derive(Debug)]
    pub struct PortSearch;

    impl PortSearch {
        /// Begins to look.
        pub fn begin() -> Self {
            Self
        }

        /// No ports.
        pub fn of(&mut self, _supervisor: u32) -> Vec<u16> {
            Vec::new()
        }
    }
}
