//! The one HTTP client: certificates, proxies, time limits, and redirects that stay on their
//! origin.

mod client;
mod private_address;
mod roots;
mod tls;
mod trouble;
mod visit;

pub use client::{Net, NetError, NetSettings};
pub use private_address::host;
pub use trouble::NetTrouble;
pub use visit::{VisitError, VisitTerms, WebPage};

#[cfg(test)]
mod tests;
