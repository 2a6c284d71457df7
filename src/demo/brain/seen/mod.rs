//! A request as the rules see it: the conversation, and the outputs of tools taken apart.

pub mod call_fate;
pub mod conversation;
pub mod folder;
pub mod job_answer;
pub mod shell_reading;
pub mod summary;
pub mod tool_sets;
