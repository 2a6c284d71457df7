//! auth.json: the file on disk and the entries in it.

pub mod auth_file;
pub mod credential;
pub mod damage;
pub mod json_layout;
pub mod json_object;
pub mod oauth_grant;
