//! Runs the server: opens the address, serves clients and shuts down at the end.

use std::io;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::base::Console;
use crate::engine::{Client, Inbox};

use super::life::Ends;
use super::server::Server;
use super::setup::ServerSetup;
use super::transport::listen::{self, Listen, ServeError};
use super::transport::stdio;

/// Serves clients until a signal stops it or the client of a pipe hangs up.
///
/// # Errors
///
/// Fails if the address cannot be listened on, or if a thread cannot be started.
pub async fn serve(
    client: Client,
    inbox: Inbox,
    stops: UnboundedReceiver<()>,
    setup: ServerSetup,
    listen: Listen,
    console: &mut Console,
) -> Result<(), ServeError> {
    let (door, transports) = unbounded_channel();
    let (ends, listening) = match listen {
        Listen::Stdio => {
            stdio::serve(door, io::stdin(), io::stdout())
                .map_err(|source| ServeError::Threads { source })?;
            (Ends::WithItsClient, None)
        }
        #[cfg(unix)]
        Listen::Unix(path) => (Ends::WhenTold, Some(listen::on_socket(path, door, console).await?)),
        #[cfg(not(unix))]
        Listen::Unix(path) => {
            return Err(ServeError::Address { text: format!("unix://{}", path.display()) });
        }
        Listen::WebSocket(address, token) => {
            (Ends::WhenTold, Some(listen::on_port(address, token, door, console).await?))
        }
    };
    let (server, results) = Server::new(setup, client, ends);
    server.run(inbox, results, transports, stops).await;
    drop(listening);
    Ok(())
}
