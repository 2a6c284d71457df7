//! The one HTTP client: certificates, proxies, time limits, and redirects that stay on their origin. Knows no endpoint and no credential.

mod client;
mod trouble;

pub use client::{Net, NetError};
pub use trouble::Trouble;
