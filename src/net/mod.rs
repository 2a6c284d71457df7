//! The one HTTP client: certificates, proxies, time limits, and redirects that stay on their origin. Knows no endpoint and no credential.

mod client;
mod nearby;
mod roots;
mod tls;
mod trouble;
mod visit;

pub use client::{Net, NetError, NetSettings};
pub use nearby::host;
pub use trouble::Trouble;
pub use visit::{Page, Terms, VisitError};

#[cfg(test)]
mod tests;
