//! The rules: for each intention the next step.

pub mod change;
pub mod hunks;
pub mod job;
pub mod next_step;
pub mod plan;
pub mod single_tool;
pub mod small_fixes;
