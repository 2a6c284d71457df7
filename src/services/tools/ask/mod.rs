//! The tools that show a person something: a question, and the plan.

pub mod question;
pub mod todo;
