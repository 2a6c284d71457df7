//! Sockets that a command kept in can make: local ones, or those of the internet, and never both.

use seccompiler::{BackendError, SeccompCmpOp};

use super::{Rules, rule, word};

/// The sockets that a command may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowedSockets {
    /// Streams and datagrams of the internet, and no local ones, for the same reason as with
    /// [`Self::Streams`]. How far they lead depends on the network that the command is in.
    Internet,
    /// Local streams can be made, and nothing connects.
    Local,
    /// Streams of the internet, and no local ones: only in a network namespace, where nothing but
    /// the proxy listens. A filter cannot read where a local socket would connect to, and services
    /// of others listen on local ones.
    Streams,
}

impl AllowedSockets {
    /// Refuses all others. Local ones are streams alone: a datagram could be sent to any name
    /// without connecting.
    pub(super) fn refuse_others(self, rules: &mut Rules) -> Result<(), BackendError> {
        let kinds = 0xf;
        let foreign = rule(vec![word(0, SeccompCmpOp::Ne, libc::AF_UNIX as u64)?])?;
        let datagram =
            |kind: libc::c_int| rule(vec![word(1, SeccompCmpOp::MaskedEq(kinds), kind as u64)?]);
        let refused = vec![foreign, datagram(libc::SOCK_DGRAM)?, datagram(libc::SOCK_RAW)?];
        match self {
            Self::Local => {
                rules.insert(libc::SYS_socket, refused.clone());
                rules.insert(libc::SYS_connect, Vec::new());
            }
            Self::Internet | Self::Streams => {
                let is_not = |argument: u8, value: libc::c_int| {
                    word(argument, SeccompCmpOp::Ne, value as u64)
                };
                let (protocols, own): (&[libc::c_int], &[libc::c_int]) = match self {
                    Self::Internet => (
                        &[0, libc::IPPROTO_TCP, libc::IPPROTO_UDP],
                        &[libc::SOCK_STREAM, libc::SOCK_DGRAM],
                    ),
                    _ => (&[0, libc::IPPROTO_TCP], &[libc::SOCK_STREAM]),
                };
                let family = rule(vec![is_not(0, libc::AF_INET)?, is_not(0, libc::AF_INET6)?])?;
                let protocol = protocols.iter().map(|one| is_not(2, *one));
                let protocol = rule(protocol.collect::<Result<Vec<_>, _>>()?)?;
                let others = (0..=kinds).filter(|kind| !own.iter().any(|one| *one as u64 == *kind));
                let kind =
                    others.map(|kind| rule(vec![word(1, SeccompCmpOp::MaskedEq(kinds), kind)?]));
                let kinds = kind.collect::<Result<Vec<_>, _>>()?;
                rules.insert(
                    libc::SYS_socket,
                    [family, protocol].into_iter().chain(kinds).collect(),
                );
            }
        }
        rules.insert(libc::SYS_socketpair, refused);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::walls::seccomp::{
        Attributes, OtherWalls, Others, Shared, Truncation, forbid,
    };

    fn walls(shared: Shared, sockets: AllowedSockets) -> OtherWalls {
        let (truncation, attributes) = (Truncation::ByLandlock, Attributes::ByMounts);
        OtherWalls { truncation, attributes, shared, others: Others::ByNamespace, sockets }
    }

    #[test]
    fn a_thread_with_the_internet_has_datagrams_and_no_local_sockets() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, folder) = (listener.local_addr().unwrap(), tempfile::tempdir().unwrap());
        let path = folder.path().join("service");
        let _service = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let thread = std::thread::spawn(move || {
            use rustix::net::{AddressFamily, SocketType, socket};
            forbid(&walls(Shared::ByFilter, AllowedSockets::Internet)).unwrap();
            std::net::TcpStream::connect(address).unwrap();
            let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            datagrams.send_to(b"x", address).unwrap();
            assert!(std::os::unix::net::UnixStream::pair().is_ok());
            assert!(std::os::unix::net::UnixDatagram::pair().is_err());
            for (family, kind) in [
                (AddressFamily::UNIX, SocketType::STREAM),
                (AddressFamily::UNIX, SocketType::DGRAM),
                (AddressFamily::UNIX, SocketType::SEQPACKET),
                (AddressFamily::INET, SocketType::RAW),
                (AddressFamily::INET6, SocketType::RAW),
                (AddressFamily::NETLINK, SocketType::RAW),
                (AddressFamily::NETLINK, SocketType::DGRAM),
                (AddressFamily::PACKET, SocketType::DGRAM),
                (AddressFamily::VSOCK, SocketType::STREAM),
            ] {
                let refused = socket(family, kind, None).err();
                assert_eq!(refused, Some(rustix::io::Errno::PERM), "{family:?} {kind:?}");
            }
        });
        thread.join().unwrap();
    }

    #[test]
    fn a_thread_with_streams_of_the_internet_has_no_local_ones_and_no_datagrams() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, folder) = (listener.local_addr().unwrap(), tempfile::tempdir().unwrap());
        let path = folder.path().join("service");
        let _service = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let thread = std::thread::spawn(move || {
            use rustix::net::{AddressFamily, SocketType, socket};
            forbid(&walls(Shared::ByNamespace, AllowedSockets::Streams)).unwrap();
            std::net::TcpStream::connect(address).unwrap();
            assert!(std::os::unix::net::UnixStream::connect(&path).is_err());
            assert!(std::os::unix::net::UnixStream::pair().is_ok());
            assert!(std::net::UdpSocket::bind("127.0.0.1:0").is_err());
            let kinds = [SocketType::DGRAM, SocketType::RAW, SocketType::SEQPACKET];
            for (family, kind) in kinds
                .map(|kind| (AddressFamily::INET, kind))
                .into_iter()
                .chain([(AddressFamily::NETLINK, SocketType::RAW)])
            {
                assert_eq!(
                    socket(family, kind, None).err(),
                    Some(rustix::io::Errno::PERM),
                    "{family:?} {kind:?}"
                );
            }
            let sctp =
                socket(AddressFamily::INET, SocketType::STREAM, Some(rustix::net::ipproto::SCTP));
            assert_eq!(sctp.err(), Some(rustix::io::Errno::PERM));
        });
        thread.join().unwrap();
    }
}
