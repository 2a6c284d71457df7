//! An MCP server as settings, a project or a client describe it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::path_bytes;

use crate::base::Secret;

/// Letters of a name: a tool's name holds it, and may have 64 in all.
const LONGEST_NAME: usize = 40;

/// A server, how it is reached and what of it may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpServer {
    /// Its name in the settings; tools are known to the model as `mcp__name__tool`.
    pub name: String,
    /// How it is reached.
    pub transport: McpTransport,
    /// Who described it.
    pub owner: McpOwner,
    /// Whether it is started at all.
    pub is_enabled: bool,
    /// Whether a `run` fails where it does not start.
    pub is_required: bool,
    /// The longest wait for it to become ready.
    pub start_limit: Duration,
    /// The longest silence in a call.
    pub call_limit: Duration,
    /// Which of its tools are offered.
    pub tools: McpToolChoice,
    /// Whether its calls ask.
    pub approvals: McpApprovals,
    /// Its entry as it stands in the file, as JSON: what a person says yes to. Empty where a client
    /// brought it.
    pub definition: String,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McpTransport {
    /// A program that speaks over its standard input and output.
    Stdio {
        /// The program and its arguments.
        command: Vec<String>,
        /// Variables it gets besides the few that every server gets.
        variables: Vec<(String, Secret)>,
        /// Where it begins; the session's folder where it is `None`.
        workdir: Option<PathBuf>,
    },
    /// A server that is reached over HTTP.
    Http {
        /// Its address: https, or http on this machine.
        url: String,
        /// Headers that every request carries.
        headers: Vec<(String, Secret)>,
        /// How one signs in to it.
        sign_in: McpSignIn,
    },
}

/// The settings for signing in to a server with OAuth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpSignIn {
    /// The client id, where the server has registered one by hand.
    pub client_id: Option<String>,
    /// The scopes to ask for; empty for those that the server names.
    pub scopes: Vec<String>,
    /// The resource to ask for, where it is not the server's address.
    pub resource: Option<String>,
}

/// Who described a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum McpOwner {
    /// The client that opened the session.
    Client,
    /// A file in the folder: it runs only after a person said yes to exactly this.
    Project(#[serde(with = "path_bytes::one")] PathBuf),
    /// A file of the person's own.
    Settings(#[serde(with = "path_bytes::one")] PathBuf),
}

/// Which tools of a server are offered, by the server's own names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpToolChoice {
    /// Only these; `None` for all.
    pub enabled: Option<Vec<String>>,
    /// All but these.
    pub disabled: Vec<String>,
}

/// Whether calls of a server's tools ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpApprovals {
    /// For tools that are not named.
    pub default: McpApproval,
    /// By the server's own name for the tool.
    pub tools: BTreeMap<String, McpApproval>,
}

/// Whether a call asks, in the words of Codex's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum McpApproval {
    /// As the approval mode and the rules say; in `auto`, a tool that only reads does not ask.
    #[default]
    Auto,
    /// Every call asks.
    Prompt,
    /// A tool that only reads does not ask; any other does.
    Writes,
    /// No call asks.
    Approve,
}

impl McpServer {
    /// Whether a person may sign in to it: it has an address, and no token in the settings.
    pub fn takes_sign_in(&self) -> bool {
        match &self.transport {
            McpTransport::Http { headers, .. } => {
                !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            }
            McpTransport::Stdio { .. } => false,
        }
    }

    /// Whether a server can have this name.
    ///
    /// # Errors
    ///
    /// Fails with the reason, without a full stop.
    pub fn check_name(name: &str) -> Result<(), String> {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        match name {
            "" => Err("it has no name".into()),
            _ if name.len() > LONGEST_NAME => {
                Err(format!("its name is longer than {LONGEST_NAME} letters"))
            }
            _ if name.contains("__") => {
                Err("its name has `__` in it, which parts a server from its tool".into())
            }
            _ if !name.chars().all(is_letter) => {
                Err("its name may have letters, digits, `-`, `_` and `.` only".into())
            }
            _ => Ok(()),
        }
    }

    /// Its command or address in a line, for lists.
    pub fn summary(&self) -> String {
        match &self.transport {
            McpTransport::Stdio { command, .. } => quoted(command),
            McpTransport::Http { url, .. } => url.clone(),
        }
    }
}

impl McpToolChoice {
    /// Whether a tool of this name is offered.
    pub fn takes(&self, tool: &str) -> bool {
        let is_enabled =
            self.enabled.as_ref().is_none_or(|enabled| enabled.iter().any(|name| name == tool));
        is_enabled && !self.disabled.iter().any(|name| name == tool)
    }
}

impl McpApprovals {
    /// The mode for a tool of this name.
    pub fn of(&self, tool: &str) -> McpApproval {
        self.tools.get(tool).copied().unwrap_or(self.default)
    }
}

impl McpOwner {
    /// Whether the folder brought it.
    pub fn is_project(&self) -> bool {
        matches!(self, Self::Project(_))
    }
}

/// The words as a shell would read them.
fn quoted(words: &[String]) -> String {
    let quote = |word: &String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
        match !word.is_empty() && word.chars().all(is_plain) {
            true => word.clone(),
            false => format!("'{}'", word.replace('\'', r"'\''")),
        }
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_as_a_shell_would_read_it() {
        let words = ["npx", "a b", "it's", ""].map(str::to_owned);
        assert_eq!(quoted(&words), r"npx 'a b' 'it'\''s' ''");
    }

    #[test]
    fn a_tool_that_is_enabled_and_disabled_is_not_offered() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let choice = McpToolChoice { enabled: Some(names(&["a", "b"])), disabled: names(&["b"]) };
        assert!(choice.takes("a") && !choice.takes("b") && !choice.takes("c"));
    }
}
