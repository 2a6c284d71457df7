//! `codling auth`: sign-in, sign-out and the list of accounts on a plain terminal. Decides nothing.

#![warn(missing_docs)]

mod account_words;
mod engine_question;
mod list;
mod login;
mod logout;
mod qr;
mod steps;

#[cfg(test)]
mod tests;

pub use engine_question::{CredentialFile, EngineQuestion};
pub use list::{list, status, table};
pub use login::{Login, LoginInput, LoginWay, login, login_to_server};
pub use logout::logout;
