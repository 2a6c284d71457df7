//! Conversations that two programs have open: the holder, which has the log's lock, lets others
//! join through a socket; in a program that joined, the session is a remote one.

pub(crate) mod rendezvous;

pub mod live;

mod connection;
mod frames;
mod live_socket;
mod live_text;
mod remote_session;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use live_socket::LiveSocket;
pub(crate) use remote_session::{RemoteSession, of_holder_alone};
pub(crate) use words::{ConnectionId, HeldAsks, LiveQuestion, RemoteCommand, RemoteNews};
