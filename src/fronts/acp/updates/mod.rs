//! Updates that the client is sent when something happens in a session.

pub mod content;
pub mod sent_updates;
pub mod tool_call;

#[cfg(test)]
mod tests;
