//! The tool calls of a step: their order, their permission, and the answers of a person.

mod call_order;

mod approval;
mod elicitation;
mod losses;
mod permission;

mod called;
mod question;

pub(super) use approval::resolved;
pub(super) use call_order::Calls;
