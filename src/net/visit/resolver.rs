//! Looks the name of a visited host up, and gives out no near address where none may be reached. Judges no name but that one's.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::net::nearby;
use crate::protocol::Reach;

/// Why a name was not given an address: found again in the causes of the request's failure.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address")]
pub struct Near;

/// Asked at the moment of connecting: what a name meant a second ago proves nothing.
#[derive(Clone, Debug)]
pub struct Resolver {
    host: Arc<str>,
    reach: Reach,
    book: Book,
}

/// Where addresses come from.
#[derive(Clone, Debug)]
pub enum Book {
    #[cfg(test)]
    Fixed(Vec<IpAddr>),
    System,
}

impl Resolver {
    pub fn new(host: &str, reach: Reach, book: Book) -> Self {
        Self { host: host.into(), reach, book }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { host, reach, book } = self.clone();
        Box::pin(async move {
            let found = book.look_up(name.as_str()).await?;
            // Another name than the visited one is a proxy's, and those may well be near.
            let judged = *host == *name.as_str() && reach == Reach::Folder;
            if judged && found.iter().any(|address| nearby::is_near(address.ip())) {
                return Err(Near.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

impl Book {
    async fn look_up(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        match self {
            #[cfg(test)]
            Self::Fixed(addresses) => Ok(addresses.iter().map(|ip| SocketAddr::new(*ip, 0)).collect()),
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.collect()),
        }
    }
}
