//! The words of the answers, and the forms they are put in.

pub mod markdown;
pub mod replies;
pub mod schema_form;
