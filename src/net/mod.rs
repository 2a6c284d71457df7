//! The one HTTP client: certificates, proxies, time limits, and redirects that stay on their origin. Knows no endpoint and no credential.

mod client;
mod roots;
mod tls;
mod trouble;

pub use client::{Net, NetError, NetSettings};
pub use trouble::Trouble;

#[cfg(test)]
mod tests;
