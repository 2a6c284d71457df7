//! Connections: transports, the handshake, hostile clients, and codling's own client.

mod handshake;
mod hostile;
mod own_client;
mod transports;
