//! The MCP servers that a client brings to a session, in our words.

use std::time::Duration;

use agent_client_protocol::v1::schema::McpServer as Brought;

use crate::base::Secret;
use crate::protocol::{
    McpApprovals, McpOwner, McpServer, McpSignIn, McpToolChoice, McpTransport, Notice,
};

/// A client says nothing of limits.
const START_LIMIT: Duration = Duration::from_secs(30);
const CALL_LIMIT: Duration = Duration::from_secs(300);

/// The servers that can be used, and a notice about those that cannot.
#[derive(Debug, Default)]
pub struct BroughtServers {
    pub servers: Vec<McpServer>,
    pub left_out: Option<Notice>,
}

impl BroughtServers {
    pub fn of(brought: Vec<Brought>) -> Self {
        let mut all = Self::default();
        let mut unusable = Vec::new();
        for server in brought {
            match server {
                Brought::Stdio(server) => {
                    let program = server.command.to_string_lossy().into_owned();
                    let command = std::iter::once(program).chain(server.args).collect();
                    let variables = server.env.into_iter();
                    let variables = variables.map(|it| (it.name, Secret::new(it.value))).collect();
                    let transport = McpTransport::Stdio { command, variables, workdir: None };
                    all.servers.push(described(server.name, transport));
                }
                Brought::Http(server) => {
                    let headers = server.headers.into_iter();
                    let headers = headers.map(|it| (it.name, Secret::new(it.value))).collect();
                    let sign_in = McpSignIn::default();
                    let transport = McpTransport::Http { url: server.url, headers, sign_in };
                    all.servers.push(described(server.name, transport));
                }
                Brought::Sse(server) => unusable.push(format!("`{}`", server.name)),
                _ => unusable.push("a server of an unknown kind".into()),
            }
        }
        all.left_out = (!unusable.is_empty()).then(|| Notice {
            message: format!(
                "{} cannot be used: codling speaks to MCP servers over stdio and HTTP, not over SSE",
                crate::base::phrases::list(&unusable)
            ),
            next: None,
        });
        all
    }
}

fn described(name: String, transport: McpTransport) -> McpServer {
    McpServer {
        name,
        transport,
        owner: McpOwner::Client,
        is_enabled: true,
        is_required: false,
        start_limit: START_LIMIT,
        call_limit: CALL_LIMIT,
        tools: McpToolChoice::default(),
        approvals: McpApprovals::default(),
        definition: String::new(),
    }
}
