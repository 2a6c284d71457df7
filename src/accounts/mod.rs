//! `codling auth`: signing in and out, and who is signed in, on a plain terminal. Decides nothing.

mod desk;
mod list;
mod login;
mod logout;
mod qr;
mod steps;
mod words;

#[cfg(test)]
mod tests;

pub use desk::{Desk, Place};
pub use list::{list, status};
pub use login::{Input, Login, Way, login};
pub use logout::logout;
