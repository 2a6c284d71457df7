//! Accounts, sign-ins and the models that they make available.

pub mod account;
pub mod login;
pub mod models;
pub mod pending_login;
