//! The report on a model's context: how large it is, and what fills it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A report on the context of the model in use. Parts are estimated by their bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextReport {
    /// The tokens that the model takes; `None` if that is not known.
    pub size: Option<u64>,
    /// The tokens in use: as the server counted them, and an estimate of what came since.
    pub used: u64,
    /// The percentage of `size` at which the past is summed up.
    pub compacted_at: u8,
    /// The parts that are not empty, each with its tokens, in the order of the request.
    pub parts: Vec<(ContextPart, u64)>,
}

/// A part of a request to the model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ContextPart {
    /// Codling's own instructions, or those that a client brought.
    Instructions,
    /// The built-in tools.
    Tools,
    /// The tools of an MCP server, by its name in theirs.
    Server(Arc<str>),
    /// The instructions of AGENTS.md files, and where the conversation takes place.
    Folder,
    /// The summary that stands for what came before.
    Summary,
    /// The person's prompts.
    Prompts,
    /// Other notes for the model, commands and skills among them.
    Notes,
    /// The model's answers and thoughts.
    Answers,
    /// Calls of tools, and what they put out.
    Calls,
    /// Pictures, of prompts and of outputs.
    Pictures,
}
