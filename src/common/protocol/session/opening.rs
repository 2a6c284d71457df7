//! How a session is opened, and what a client brings to it.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{
    ApprovalMode, Effort, McpServer, ModelName, Parent, Picture, Presence, SessionEditor,
    SessionId, ToolFace,
};

/// Options for opening a session. `None` means the settings' choice, or for a resumed one what it
/// was left with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// A bare id means the provider of the settings' model, or for a resumed session the one it was
    /// left with.
    pub model: Option<ModelName>,
    /// How long the model may think.
    pub effort: Option<Effort>,
    /// The approval mode; the settings' choice where it is `None`, also for a resumed
    /// session.
    pub mode: Option<ApprovalMode>,
    /// Whether somebody answers what it asks; `None` means as the client that opens it says. The
    /// tools that ask a person are offered as that client says in any case.
    pub presence: Option<Presence>,
    /// The open session that this one works for, which is told what this one asks, and with which
    /// it is closed.
    pub parent: Option<Parent>,
    /// A system prompt that replaces codling's own.
    pub instructions: Option<Arc<str>>,
    /// Guidance that follows the system prompt.
    pub guidance: Option<Arc<str>>,
    /// Tools that the client runs itself: each call is told by `EventKind::ToolWanted`.
    pub tools: Vec<ClientTool>,
    /// MCP servers besides those of the settings and the folder.
    pub mcp_servers: Arc<[McpServer]>,
    /// The editor whose open files the built-in tools read and change.
    pub editor: Option<SessionEditor>,
    /// The choice for a turn that a usage limit stops, unless the settings say that it waits.
    pub on_usage_limit: OnUsageLimit,
    /// When it begins to be kept on the disk.
    pub keep_from: KeepFrom,
    /// The tools that the model is offered; the settings' choice where it is `None`.
    pub tool_face: Option<ToolFace>,
    /// Files and folders that neither tools nor commands of the session may read, whatever rules
    /// and openings say. With any, nothing that is not kept in runs without a person's yes.
    pub hidden: Arc<Vec<PathBuf>>,
}

/// The choice for a turn that a usage limit stops, where the server says when it resets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnUsageLimit {
    /// The turn ends with the problem.
    #[default]
    End,
    /// A person is asked whether to wait, as long as somebody is there.
    Offer,
    /// The turn waits for the reset without a question.
    Wait,
}

/// When a session begins to be kept on the disk. A resumed one is kept already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepFrom {
    /// A conversation in which nothing is ever said leaves nothing behind.
    #[default]
    FirstPrompt,
    /// It is listed, and can be taken up again, as soon as it is open.
    Start,
}

/// The choice for a session that another program has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhenHeld {
    /// A copy is opened instead, under this id that the client makes up.
    Copy(SessionId),
    /// It is joined there. Where that cannot be done, nothing is opened, and the problem says why.
    Join,
    /// Nothing is opened; the problem, `ProblemKind::OpenElsewhere`, says who has it.
    Refuse,
}

/// A tool that a client brings to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientTool {
    /// The client's name for it; the model knows it by another.
    pub name: Arc<str>,
    /// The description that the model reads.
    pub description: Arc<str>,
    /// A JSON Schema of an object, as text.
    pub parameters: Arc<str>,
}

/// The server that tools of clients are known to be of, in planned actions and to permission rules.
/// No server of the settings has a name with such a letter.
pub const CLIENT_TOOLS: &str = "@client";

/// The answer of a client to a call of its tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolAnswer {
    /// The text that the model reads.
    pub text: String,
    /// Pictures that the model looks at, beside the text.
    pub images: Vec<Picture>,
    /// Whether the tool did what was asked.
    pub ok: bool,
}
