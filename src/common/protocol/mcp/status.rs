//! The state of MCP servers: in a session, and in lists without one.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::{Notice, OfferedCommand};

use super::{McpOwner, McpServer};

/// A server of a session as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpStatus {
    /// Its name in the settings.
    pub name: Arc<str>,
    /// Who described it.
    pub owner: McpOwner,
    /// Its command or address, without secrets.
    pub summary: Arc<str>,
    /// How far it has come.
    pub state: McpState,
    /// Whether a person may sign in to it.
    pub takes_sign_in: bool,
    /// All of its tools, also those that are switched off.
    pub tools: Arc<[McpTool]>,
    /// Its prompts, while it is ready.
    pub prompts: Arc<[McpPrompt]>,
    /// The time from its start until it was ready.
    pub start_time: Option<Duration>,
    /// Its last lines on standard error.
    pub errors: Arc<[String]>,
}

/// How far a server has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum McpState {
    /// It is switched off.
    Off,
    /// The folder brought it, and no person has said yes to it as it is.
    Untrusted {
        /// The definition as it would run.
        definition: Arc<str>,
        /// The one that a person said yes to, where it has changed.
        before: Option<Arc<str>>,
    },
    /// It is being started, for the first time or again.
    Connecting,
    /// Its tools can be called.
    Ready,
    /// It wants a person to sign in.
    SignInNeeded,
    /// It does not run, and is not tried again by itself.
    Failed {
        /// One sentence without a full stop.
        reason: Arc<str>,
    },
}

/// A tool of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpTool {
    /// The server's own name for it.
    pub name: Arc<str>,
    /// The first line of its description.
    pub summary: Arc<str>,
    /// Whether the model is offered it.
    pub is_on: bool,
    /// Whether the server says that it only reads.
    pub is_read_only: bool,
}

/// A prompt of a server, which a person uses as the slash command `/mcp:server:prompt`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpPrompt {
    /// The server's own name for it.
    pub name: Arc<str>,
    /// The first line of its description.
    pub description: Arc<str>,
    /// Its arguments, in the order in which they stand behind the command.
    pub arguments: Arc<[McpArgument]>,
}

/// An argument of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpArgument {
    /// Its name.
    pub name: Arc<str>,
    /// Whether the prompt is nothing without it.
    pub is_required: bool,
}

impl McpStatus {
    /// The slash commands that its prompts are.
    pub fn commands(&self) -> impl Iterator<Item = OfferedCommand> {
        self.prompts.iter().map(|prompt| {
            let arguments = prompt.arguments.iter();
            let hint: Vec<String> =
                arguments
                    .map(|it| {
                        if it.is_required { it.name.to_string() } else { format!("[{}]", it.name) }
                    })
                    .collect();
            OfferedCommand {
                name: format!("mcp:{}:{}", self.name, prompt.name),
                description: prompt.description.to_string(),
                hint: (!hint.is_empty()).then(|| hint.join(" ")),
                origin: format!("MCP server {}", self.name),
            }
        })
    }
}

/// A request to a server of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum McpRequest {
    /// Starts it anew, whatever state it is in.
    Restart,
    /// Switches it on or off for this session.
    Switch(bool),
    /// Offers one of its tools to the model in this session, or no longer.
    SwitchTool(Arc<str>, bool),
    /// Says yes to its definition as it is, in this folder from now on.
    Trust(McpTrust),
}

/// How far a project's server is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum McpTrust {
    /// It runs in the sandbox.
    Sandboxed,
    /// It runs as the person's own programs do.
    Outside,
}

/// The servers that a session about a folder would have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpListing {
    /// By name.
    pub servers: Vec<ListedMcpServer>,
    /// Faults of the files that describe them, one sentence each.
    pub notices: Vec<Notice>,
}

/// A server, and whether it would start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedMcpServer {
    /// The server as it is described.
    pub server: McpServer,
    /// Whether it may start.
    pub trust: McpTrustState,
}

/// Whether a server may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum McpTrustState {
    /// A person said yes to it, and it has changed since.
    Changed,
    /// The folder brought it, and nobody has said yes to it.
    New,
    /// It is the person's own.
    Own,
    /// The folder brought it, and a person said yes to it.
    Trusted,
}
