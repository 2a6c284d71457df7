//! The MCP servers of a folder without a session: which ones there are, and which may start.

use std::path::{Path, PathBuf};

use crate::base::Advice;
use crate::base::text::sentence;
use crate::engine::work::blocking;
use crate::extensions::TrustStore;
use crate::extensions::mcp::{LoadedServers, load};
use crate::mcp::McpAdmission;
use crate::protocol::{ListedMcpServer, McpListing, McpServer, McpTrustState, Notice, Reply};

use super::super::link::client::Replier;
use super::mcp_servers::admission;
use super::open_session::EngineDefaults;

/// Lists them beside the loop.
pub(crate) fn list(folder: PathBuf, defaults: EngineDefaults, replier: Replier) {
    drop(blocking(move || {
        replier.answer(Ok(Reply::McpServers(listing(&defaults, &folder))));
    }));
}

/// Blocks on the disk.
pub(crate) fn listing(defaults: &EngineDefaults, folder: &Path) -> McpListing {
    let variable = |name: &str| std::env::var(name).ok();
    let LoadedServers { servers, mut notices } = load(&defaults.mcp_files(), folder, &variable);
    let trust = TrustStore::new(&defaults.state());
    let listed = servers.into_iter().map(|server| {
        let trust = trust_state(&trust, folder, &server, &mut notices);
        ListedMcpServer { server, trust }
    });
    let servers = listed.collect();
    McpListing { servers, notices }
}

fn trust_state(
    trust: &TrustStore,
    folder: &Path,
    server: &McpServer,
    notices: &mut Vec<Notice>,
) -> McpTrustState {
    match admission(trust, folder, server) {
        Ok(McpAdmission::Admitted(_)) if server.owner.is_project() => McpTrustState::Trusted,
        Ok(McpAdmission::Admitted(_)) => McpTrustState::Own,
        Ok(McpAdmission::Untrusted(None)) => McpTrustState::New,
        Ok(McpAdmission::Untrusted(Some(_))) => McpTrustState::Changed,
        Err(error) => {
            let message = sentence(&error.to_string()).into_owned();
            notices.push(Notice { message, next: error.next_step() });
            McpTrustState::New
        }
    }
}
