//! Approvals and questions that the client puts to its person.

pub mod permission;
pub mod question;
