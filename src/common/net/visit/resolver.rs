//! Looks the name of a visited host up, and gives out no near address where none may be reached.
//! Judges no name but that one's.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::base::is_near;
use crate::protocol::PathScope;

/// Why a name was not given an address: found again in the causes of the request's failure.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address")]
pub struct Near;

/// Asked at the moment of connecting: what a name meant a second ago proves nothing.
#[derive(Clone, Debug)]
pub struct Resolver {
    host: Arc<str>,
    reach: PathScope,
    book: Book,
}

/// Where addresses come from.
#[derive(Clone, Debug)]
pub enum Book {
    #[cfg(test)]
    Fixed(Vec<std::net::IpAddr>),
    System,
}

impl Resolver {
    pub fn new(host: &str, reach: PathScope, book: Book) -> Self {
        Self { host: plain(host).into(), reach, book }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { host, reach, book } = self.clone();
        Box::pin(async move {
            let found = book.look_up(name.as_str()).await?;
            // Another name than the visited one is a proxy's, and those may well be near.
            let judged = *host == *plain(name.as_str()) && reach == PathScope::Folder;
            if judged && found.iter().any(|address| is_near(address.ip())) {
                return Err(Near.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

impl Book {
    async fn look_up(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        match self {
            #[cfg(test)]
            Self::Fixed(addresses) => {
                Ok(addresses.iter().map(|ip| SocketAddr::new(*ip, 0)).collect())
            }
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    #[tokio::test]
    async fn only_the_visited_name_is_judged_since_a_proxy_may_be_near() {
        let near = Book::Fixed(vec![IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))]);
        for (name, reach, goes) in [
            ("page.dev", PathScope::Folder, false),
            ("PAGE.dev.", PathScope::Folder, false),
            ("page.dev", PathScope::Anywhere, true),
            ("proxy.corp", PathScope::Folder, true),
        ] {
            let resolver = Resolver::new("page.dev.", reach, near.clone());
            assert_eq!(
                resolver.resolve(name.parse().unwrap()).await.is_ok(),
                goes,
                "{name} {reach:?}"
            );
        }
    }
}
