//! The host: how a front that serves other programs lives with an engine. It asks and goes on with
//! the answer, opens sessions, works beside its loop and keeps the lists of models.

#![warn(missing_docs)]

mod continuations;
mod model_catalog;
mod wording;

pub use continuations::{Front, Host, Job, Machine, Watch, at, new_session};
pub use model_catalog::ModelCatalog;
pub use wording::{limit_hold, sentence, why};

#[cfg(test)]
mod tests;
