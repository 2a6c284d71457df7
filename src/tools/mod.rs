//! What the model may do in the folder, one file or folder per tool. Knows neither the model nor the screen, nor what is allowed.

mod toolbox;

mod edit;
mod glob;
mod grep;
mod list;
mod patch;
mod read;
mod write;

mod arguments;
mod branch;
mod change;
mod diff;
mod document;
mod folder;
mod hits;
mod image;
mod lines;
mod matching;
mod near;
mod refusal;
mod rules;
mod seen;
mod shape;
mod stop;
mod survey;
mod walk;
mod words;

pub use branch::branch;
pub use survey::survey;
pub use toolbox::{Ground, Progress, Toolbox};

/// Stand-in.
pub fn shell_call(id: crate::protocol::CallId, line: &str) -> crate::protocol::ToolCall {
    crate::protocol::ToolCall { id, name: "shell".into(), arguments: line.into() }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod workbench;
