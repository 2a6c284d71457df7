//! The app-server: the engine for editors and SDKs, in the protocol of Codex's app-server. Many
//! clients share one engine; nothing is decided here.

pub mod client;

mod setup;

mod schema;

mod server;

mod connection;
mod outbox;
mod wire;

mod methods;
mod paging;

mod handshake;
mod settings;

mod absent;
mod account;
mod login;
mod models;

mod captured;
mod choice;
mod command_exec;
mod command_limits;
mod config_write;
mod dynamic_tools;
mod fork;
mod fs_watch;
mod library;
mod lifecycle;
mod opening;
mod pages;
mod place;
mod review;
mod steering;
mod subscriptions;
mod turn_requests;

mod events;
mod live_turn;
mod thread;
mod thread_news;
mod turns;

mod approvals;
mod failure;
mod items;
mod permissions;
mod server_request;

mod listen;
mod serve;
mod stdio;
mod token;
mod websocket;

pub use listen::{Listen, ServeError, TokenChoice};
pub use schema::{Gated, write as write_schema};
pub use serve::serve;
pub use setup::{ConfigWarning, ServerSetup};

#[cfg(test)]
mod tests;
