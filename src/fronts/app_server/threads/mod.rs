//! Methods about threads: those that open, list and close them, and those that begin turns.

pub mod approvals;
pub mod choice;
pub mod dynamic_tools;
pub mod events;
pub mod fork;
pub mod library;
pub mod lifecycle;
pub mod loaded_threads;
pub mod opening;
pub mod pages;
pub mod picture;
pub mod review;
pub mod steering;
pub mod subscriptions;
pub mod turn_requests;
