//! The sandbox, as rooms speak of it: how far it keeps a command in, and what is opened.

mod confinement;
mod openings;

pub use confinement::{Confinement, Sandbox, SharedNamespaces};
pub use openings::{AllowedHost, HostName, SandboxOpening, SandboxOpenings, spares};
