//! `codling eval`: runs a folder of tasks without a screen, each in fresh copies of its repository,
//! with one model or a grid of them, and reports the results.

#![warn(missing_docs)]

mod attempt;
mod check;
mod fresh_copy;
mod git;
mod grid;
mod hiding;
mod meter;
mod report;
mod run;
mod sandboxed;
mod setup;
mod solutions;
mod task;

pub use grid::Grid;
pub use report::resume::{ResumeError, earlier_attempts};
pub use run::{EvalRequest, run};
pub use solutions::{SolutionRequest, check_tasks};
pub use task::{TaskError, only_named, tasks};
