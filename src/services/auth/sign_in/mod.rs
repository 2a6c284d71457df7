//! The three ways to sign in: browser, headless, API key. Each ends in tokens or a checked key;
//! knows nothing of the file they are kept in.

mod api_key;
mod authorization_server;
mod browser;
mod callback;
mod device;
mod error;
mod exchange;
mod headless;
mod holder;
mod listener;
mod opener;
mod pace;
mod pages;
mod pkce;
#[cfg(test)]
mod tests;

pub use super::servers::sign_in as to_server;
pub use api_key::{KeyError, KeyErrorKind, check_key, tidy_key};
pub(in crate::auth) use authorization_server::AuthorizationServer;
pub(in crate::auth) use browser::approve;
pub use browser::browser;
pub use error::SignInError;
pub(in crate::auth) use exchange::StepSink;
pub use headless::headless;
pub use holder::holder;
pub use listener::Ports;
pub use opener::{Opener, open_page};
pub(in crate::auth) use pace::SignInPace;
