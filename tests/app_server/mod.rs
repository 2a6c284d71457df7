//! `codling app-server` as its clients see it: the real program over a pipe and over websockets,
//! with the stand-in behind.

mod accounts;
pub mod client;
mod commands;
mod connections;
pub mod scene;
mod schema;
mod sentences;
mod settings;
mod threads;
mod tools;
mod watching;
