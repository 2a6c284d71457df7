//! The services as `codling doctor` finds them: files, ports and servers as they are. Changes
//! nothing, renews nothing, and starts no engine.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};

use crate::auth::{self, CredentialPlace};
use crate::base::Timestamp;
use crate::config::Settings;
use crate::net::{Net, NetSettings, server_time};
use crate::protocol::{AccountList, Origin, PortHolder, Problem};

use super::problem;

/// The content of the auth.json in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAccounts {
    /// The credentials, without any secret.
    pub list: AccountList,
    /// The mode of the file, where others than the owner may read or write it.
    pub exposed: Option<u32>,
}

/// Reads the credentials.
///
/// # Errors
///
/// The file cannot be read, or is damaged.
pub fn accounts(settings: &Settings) -> Result<FoundAccounts, Problem> {
    let place = CredentialPlace {
        file: settings.auth_file.clone(),
        opencode_file: settings.opencode_file.clone(),
        codex_file: settings.codex_file.clone(),
        api_key: settings.api_key.clone(),
        providers: settings.providers.clone(),
    };
    let (listing, exposed) = auth::look(&place).map_err(|error| problem::of_auth(&error))?;
    let list = AccountList {
        accounts: listing.accounts,
        file: place.file,
        opencode_offer: listing.opencode_offer,
        codex_offer: listing.codex_offer,
    };
    Ok(FoundAccounts { list, exposed })
}

/// The process that holds a loopback port, as far as the system tells; `None` where it is free.
/// Blocks for a moment.
pub fn port_holder(port: u16) -> Option<PortHolder> {
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port));
    let is_v6_held = v6.is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse);
    (v4.is_err() || is_v6_held).then(|| auth::sign_in::holder(port))
}

/// The time on the clock of each configured server that requests with a sign-in go to, by host; a
/// host is asked once.
pub async fn server_times(
    settings: &Settings,
) -> Vec<(String, Result<Option<Timestamp>, Problem>)> {
    let net = Net::new(NetSettings {
        ca_file: settings.ca_file.clone(),
        node_ca_file: settings.node_ca_file.clone(),
    });
    let user_agent = format!("codling/{}", env!("CARGO_PKG_VERSION"));
    let mut told: Vec<(String, Result<Option<Timestamp>, Problem>)> = Vec::new();
    let origins = &settings.origins;
    let mut asked: Vec<&Origin> = Vec::new();
    for origin in [&origins.auth, &origins.chatgpt, &origins.api] {
        if asked.contains(&origin) {
            continue;
        }
        asked.push(origin);
        let time = server_time(&net, origin, &user_agent).await;
        told.push((origin.host().to_owned(), time.map_err(|error| problem::of_network(&error))));
    }
    told
}
