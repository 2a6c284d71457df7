//! Requests, in both directions: parameters, ids, pages, and how a refusal is worded.

pub mod failure;
pub mod paging;
pub mod params;
pub mod permissions;
pub mod server_request;
