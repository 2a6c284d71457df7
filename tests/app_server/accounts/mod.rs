//! Accounts, sign-ins and models.

mod account;
mod login;
mod models;
mod tokens;
