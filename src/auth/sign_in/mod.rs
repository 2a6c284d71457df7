
mod browser;
mod callback;
mod error;
mod exchange;
mod holder;
mod listener;
mod opener;
mod pace;
mod pages;
mod pkce;
#[cfg(test)]
mod tests;

pub use browser::browser;
pub use error::{PortFault, SignInError};
pub use listener::Ports;
pub use opener::{Opener, open_page};
