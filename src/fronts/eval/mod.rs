//! `codling eval`: runs a folder of tasks without a screen, each in a fresh copy of its repository,
//! and reports the results.

#![warn(missing_docs)]

mod attempt;
mod check;
mod fresh_copy;
mod report;
mod run;
mod task;

pub use run::{EvalRequest, run};
pub use task::{TaskError, tasks};
