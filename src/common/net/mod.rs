//! The one HTTP client: certificates, proxies, time limits, and redirects that stay on their
//! origin.

#![warn(missing_docs)]

mod client;
mod clock;
mod error;
mod private_address;
mod tls;
mod visit;

pub use client::{Net, NetSettings};
pub use clock::{ServerTimeError, server_time};
pub use error::{NetError, NetFailure};
pub use private_address::host;
pub use visit::{VisitError, VisitTerms, WebPage};

#[cfg(test)]
mod tests;
