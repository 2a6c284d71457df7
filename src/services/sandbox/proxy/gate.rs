//! Who is let through: one connection after the other, each to a host that is open, at addresses
//! that were looked at. Carries nothing itself.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::base::is_near;
use crate::protocol::AllowedHost;

use super::callers::Callers;
use super::request::{self, LONGEST, ProxyRefusal, ProxyRequest};
use super::tunnel;
use super::upstream_proxy::UpstreamProxy;

const LET_THROUGH: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// Addresses of one name that are tried.
const ADDRESSES: usize = 8;
/// Hosts that are remembered for having been asked for in vain.
const REMEMBERED: usize = 16;

/// How long it waits for what.
#[derive(Clone, Copy, Debug)]
pub struct ProxyTimeouts {
    /// For the whole head of a request.
    pub head: Duration,
    /// For one address.
    pub dial: Duration,
    /// For either side of a tunnel to say something.
    pub idle: Duration,
}

const PATIENCE: ProxyTimeouts = ProxyTimeouts {
    head: Duration::from_secs(10),
    dial: Duration::from_secs(10),
    idle: Duration::from_secs(300),
};

/// The addresses of a name.
type Resolve = fn(&str, u16) -> io::Result<Vec<SocketAddr>>;

/// A connection outside, what came for it already, and what came from it.
struct Way {
    outside: TcpStream,
    early: Vec<u8>,
    answered: Vec<u8>,
}

#[derive(Debug)]
pub struct ProxyGate {
    hosts: Vec<AllowedHost>,
    patience: ProxyTimeouts,
    resolve: Resolve,
    upstream: Option<UpstreamProxy>,
    unreached: Arc<Mutex<Vec<String>>>,
}

impl ProxyGate {
    /// `upstream` is the person's own proxy, where this machine has one.
    pub fn to(hosts: Vec<AllowedHost>, upstream: Option<UpstreamProxy>) -> Self {
        Self::with(hosts, PATIENCE, upstream, |host, port| {
            Ok((host, port).to_socket_addrs()?.collect())
        })
    }

    pub fn with(
        hosts: Vec<AllowedHost>,
        patience: ProxyTimeouts,
        upstream: Option<UpstreamProxy>,
        resolve: Resolve,
    ) -> Self {
        Self { hosts, patience, resolve, upstream, unreached: Arc::default() }
    }

    /// The list of hosts that were asked for in vain; it grows.
    pub fn unreached(&self) -> Arc<Mutex<Vec<String>>> {
        Arc::clone(&self.unreached)
    }

    /// Lets a client through, or says why not, and comes back when all is said. It is among the
    /// `callers` until its request has come.
    pub fn answer(&self, client: &Arc<TcpStream>, callers: &Callers) {
        let head = self.read_head(client);
        callers.leave(client);
        let way = head.and_then(|(head, early)| self.open(&head, early));
        let ended = way.map(|way| self.pass(client, &way));
        if let Err(refusal) = ended {
            refuse(client, &refusal, self.patience.head);
        }
    }

    fn pass(&self, client: &TcpStream, Way { outside, early, answered }: &Way) -> io::Result<()> {
        let (mut inside, mut beyond) = (client, outside);
        inside.write_all(LET_THROUGH)?;
        inside.write_all(answered)?;
        beyond.write_all(early)?;
        tunnel::carry(client, outside, self.patience.idle)
    }

    fn open(&self, head: &[u8], early: Vec<u8>) -> Result<Way, ProxyRefusal> {
        let (host, port) = match request::read(head) {
            ProxyRequest::Connect { host, port } => (host, port),
            ProxyRequest::NoHost => return Err(ProxyRefusal::NoHost),
            ProxyRequest::Plain => return Err(ProxyRefusal::Plain),
            ProxyRequest::Unclear => return Err(ProxyRefusal::Unclear),
        };
        let open: Vec<&AllowedHost> =
            self.hosts.iter().filter(|open| open.fits(&host, port)).collect();
        if open.is_empty() {
            self.remember(&host, port);
            return Err(ProxyRefusal::NotOpen { host, port });
        }
        let written = open.iter().find_map(|open| open.address());
        let addresses = self.addresses(&host, port, written)?;
        if let Some(upstream) =
            self.upstream.as_ref().filter(|upstream| upstream.leads_to(&host, port))
        {
            // Names that only it can look up are its own to judge.
            let (outside, answered) =
                upstream.open(&host, port, self.patience.dial, self.resolve)?;
            return Ok(Way { outside, early, answered });
        }
        let reached = addresses
            .iter()
            .take(ADDRESSES)
            .find_map(|at| TcpStream::connect_timeout(at, self.patience.dial).ok());
        Ok(Way {
            outside: reached.ok_or(ProxyRefusal::Unreachable { host })?,
            early,
            answered: Vec::new(),
        })
    }

    /// Where a name leads: if only one of its addresses is near, whoever answers for the name is
    /// not to be believed.
    fn addresses(
        &self,
        host: &str,
        port: u16,
        written: Option<IpAddr>,
    ) -> Result<Vec<SocketAddr>, ProxyRefusal> {
        if let Some(address) = written {
            return Ok(vec![(address, port).into()]);
        }
        let found = (self.resolve)(host, port).unwrap_or_default();
        match found.iter().any(|at| is_near(at.ip())) {
            true => Err(ProxyRefusal::Near { host: host.to_owned() }),
            false => Ok(found),
        }
    }

    fn read_head(&self, mut client: &TcpStream) -> Result<(Vec<u8>, Vec<u8>), ProxyRefusal> {
        let until = Instant::now() + self.patience.head;
        let (mut bytes, mut buffer) = (Vec::new(), [0; 1024]);
        loop {
            if let Some(end) = request::end(&bytes) {
                let early = bytes.split_off(end);
                return Ok((bytes, early));
            }
            if bytes.len() > LONGEST {
                return Err(ProxyRefusal::TooLong);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || client.set_read_timeout(Some(left)).is_err() {
                return Err(ProxyRefusal::TooSlow);
            }
            match client.read(&mut buffer) {
                Ok(0) => return Err(ProxyRefusal::Unclear),
                Ok(length) => bytes.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(ProxyRefusal::TooSlow),
            }
        }
    }

    /// A name is of use to a person only where it could be opened.
    fn remember(&self, host: &str, port: u16) {
        let Some(wanted) = AllowedHost::parse(&format!("{host}:{port}")) else { return };
        let mut all = self.unreached.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = wanted.to_string();
        if all.len() < REMEMBERED && !all.contains(&wanted) {
            all.push(wanted);
        }
    }
}

/// A client that stops listening needs no more of it.
fn refuse(mut client: &TcpStream, refusal: &ProxyRefusal, patience: Duration) {
    let _unheard = client
        .set_write_timeout(Some(patience))
        .and_then(|()| client.write_all(refusal.response().as_bytes()));
    let _unheard = client.shutdown(std::net::Shutdown::Write);
    // Unread input would make the system discard the answer.
    let mut rest = [0; 1024];
    let until = Instant::now() + Duration::from_secs(1);
    let mut left = LONGEST;
    while left > 0
        && Instant::now() < until
        && client.set_read_timeout(Some(Duration::from_millis(200))).is_ok()
    {
        match client.read(&mut rest) {
            Ok(length) if length > 0 => left = left.saturating_sub(length),
            _ => return,
        }
    }
}
