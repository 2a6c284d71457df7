//! Transports: they receive messages of clients, and send those for them.

pub mod connection;
pub mod listen;
pub mod outbox;
pub mod stdio;
pub mod token;
pub mod websocket;
pub mod wire;
