//! Figures of the screen: how soon it is there, follows keys and text, and rests.

pub mod diff;
pub mod echo;
pub mod idle;
pub mod models;
pub mod start;
pub mod stream;
