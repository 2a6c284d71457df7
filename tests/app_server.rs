//! `codling app-server` as its clients see it: the real program over a pipe and over websockets, with
//! the stand-in behind.

mod account;
pub mod client;
mod commands;
mod forks;
mod handshake;
mod hostile;
mod login;
mod models;
mod own_client;
mod read_back;
mod rejoin;
mod reviews;
pub mod scene;
mod schema;
mod settings;
mod threads;
mod tokens;
mod tools;
mod transports;
mod watching;
