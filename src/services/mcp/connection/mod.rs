//! A server that runs: started, greeted, attended to, started again, ended by letting go.

mod attendant;
mod authorized;
mod elicitation;
mod handler;
mod http;
mod stdio;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use rmcp::model::{CallToolRequest, CallToolRequestParams, ClientRequest, ServerResult};
use rmcp::service::{Peer, PeerRequestOptions, RoleClient, ServiceError};
use serde_json::{Map, Value};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use crate::base::phrases::shorten;
use crate::net::Net;
use crate::protocol::{CallOutput, Confinement, McpServer};
use crate::tools::{CommandLimits, SourceCall};

use super::lines::LastLines;
use super::tools::listing::Listing;
use super::tools::{answer, prompts, resources};

pub use authorized::{McpTokens, TokenAnswer};

use attendant::Attendant;
use handler::Progresses;

/// The longest a call may take, whatever it says of its progress.
const LONGEST_CALL: Duration = Duration::from_secs(60 * 60);

/// The world that servers are started in.
#[derive(Clone, Debug)]
pub struct McpSurroundings {
    /// Hands out HTTP clients.
    pub net: Net,
    /// Knows the tokens of people who signed in.
    pub tokens: Arc<dyn McpTokens>,
    /// The bounds of every command, for servers that are kept in the sandbox.
    pub limits: CommandLimits,
}

/// Clones share the connections.
#[derive(Clone, Debug)]
pub struct McpPool {
    surroundings: McpSurroundings,
    open: Arc<Mutex<Vec<Weak<Connection>>>>,
}

impl McpPool {
    /// A pool without connections.
    pub fn new(surroundings: McpSurroundings) -> Self {
        Self { surroundings, open: Arc::default() }
    }

    /// A person signed in to servers of this name, or out: their connections begin anew.
    pub fn sign_in_changed(&self, server: &str) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let its = open.iter().filter_map(Weak::upgrade).filter(|it| it.plan.server.name == server);
        its.for_each(|connection| connection.restart());
    }

    /// The connection of this plan, which is begun where no session has it.
    pub(in crate::mcp) fn connection(&self, plan: ConnectionPlan) -> Arc<Connection> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|connection| connection.strong_count() > 0);
        let shared = open.iter().filter_map(Weak::upgrade).find(|it| *it.plan() == plan);
        shared.unwrap_or_else(|| {
            let connection = Connection::open(plan, self.surroundings.clone());
            open.push(Arc::downgrade(&connection));
            connection
        })
    }
}

/// The server to start, and where: two sessions that want the same share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionPlan {
    /// The server, as it is described.
    pub server: McpServer,
    /// The folder that the session is about.
    pub folder: PathBuf,
    /// How far a program is kept in.
    pub confinement: Confinement,
}

/// How far a connection has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionState {
    /// Whether it can be used.
    pub phase: Phase,
    /// All that the server offers; empty before it was ready.
    pub listing: Listing,
    /// The time from its last start until it was ready.
    pub start_time: Option<Duration>,
}

/// Whether a connection can be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Connecting,
    Ready,
    SignInNeeded,
    Failed(Arc<str>),
}

/// A connection to one server. Dropping the last handle ends the server.
pub struct Connection {
    plan: ConnectionPlan,
    shared: Arc<Shared>,
    restart: mpsc::UnboundedSender<()>,
    attendant: AbortHandle,
}

/// The state that the connection's own task and its callers share.
#[derive(Default)]
pub(super) struct Shared {
    state: watch::Sender<ConnectionState>,
    peer: Mutex<Option<Peer<RoleClient>>>,
    progresses: Progresses,
    lines: LastLines,
}

impl Connection {
    /// Begins to start the server, in a task of the runtime this is called in.
    pub fn open(plan: ConnectionPlan, surroundings: McpSurroundings) -> Arc<Self> {
        let shared = Arc::new(Shared::default());
        let (restart, restarts) = mpsc::unbounded_channel();
        let attendant = Attendant::new(plan.clone(), surroundings, Arc::clone(&shared), restarts);
        let task = tokio::spawn(attendant.run());
        Arc::new(Self { plan, shared, restart, attendant: task.abort_handle() })
    }

    pub fn plan(&self) -> &ConnectionPlan {
        &self.plan
    }

    /// How far it has come, with news of changes.
    pub fn state(&self) -> watch::Receiver<ConnectionState> {
        self.shared.state.subscribe()
    }

    /// Its last lines on standard error.
    pub fn lines(&self) -> Arc<[String]> {
        self.shared.lines.all()
    }

    /// Starts the server anew, whatever state it is in.
    pub fn restart(&self) {
        // Its task ends with this handle alone.
        let _ended = self.restart.send(());
    }

    /// The server, where it is ready.
    pub fn peer(&self) -> Option<Peer<RoleClient>> {
        self.shared.peer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Calls a tool. Dropping the future tells the server that nobody waits for it any more.
    pub async fn call(&self, call: SourceCall<'_>) -> CallOutput {
        let (tool, name) = (call.tool.to_owned(), &self.plan.server.name);
        let Some(peer) = self.peer() else {
            let why =
                format!("The MCP server `{name}` is not ready; its tool cannot be called now");
            return CallOutput::refusal(tool, why);
        };
        let arguments = serde_json::from_str(call.arguments).unwrap_or_default();
        let reads_resources =
            self.shared.state.borrow().listing.resource_tools.iter().any(|it| **it == *tool);
        if reads_resources
            && let Some(answer) = self.within(resources::call(&peer, &tool, &arguments)).await
        {
            return answer.unwrap_or_else(|error| CallOutput::refusal(tool, refusal(name, &error)));
        }
        match self.ask(&peer, call).await {
            Ok(result) => {
                let title = tool.clone();
                let decode = move || answer::output(&title, result);
                tokio::task::spawn_blocking(decode).await.unwrap_or_else(|_broken| {
                    CallOutput::refusal(tool, "The answer of the tool could not be read")
                })
            }
            Err(error) => {
                if error.is_authorization_required() {
                    // A new greeting finds out whether a person has to sign in.
                    self.restart();
                }
                CallOutput::refusal(tool, refusal(name, &error))
            }
        }
    }

    /// What a prompt of the server stands for with these arguments.
    ///
    /// # Errors
    ///
    /// Fails with a sentence.
    pub async fn prompt(
        &self,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<String, String> {
        let server = &self.plan.server.name;
        let Some(peer) = self.peer() else {
            return Err(format!("The MCP server `{server}` is not ready"));
        };
        let answer = self.within(async { Some(prompts::get(&peer, name, arguments).await) }).await;
        answer
            .unwrap_or(Err(ServiceError::TransportClosed))
            .map_err(|error| refusal(server, &error))
    }

    /// An answer within the time that a call may take; `None` stays as it is.
    async fn within<T>(
        &self,
        answer: impl Future<Output = Option<Result<T, ServiceError>>>,
    ) -> Option<Result<T, ServiceError>> {
        let limit = self.plan.server.call_limit;
        let late = Some(Err(ServiceError::Timeout { timeout: limit }));
        tokio::time::timeout(limit, answer).await.unwrap_or(late)
    }

    async fn ask(
        &self,
        peer: &Peer<RoleClient>,
        call: SourceCall<'_>,
    ) -> Result<rmcp::model::CallToolResult, ServiceError> {
        let arguments: Map<String, Value> = serde_json::from_str(call.arguments)
            .map_err(|_unusable| ServiceError::UnexpectedResponse)?;
        let params = CallToolRequestParams::new(call.tool.to_owned()).with_arguments(arguments);
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        let options = PeerRequestOptions::with_timeout(self.plan.server.call_limit)
            .reset_timeout_on_progress()
            .with_max_total_timeout(LONGEST_CALL);
        let handle = peer.send_cancellable_request(request, options).await?;
        let progress = self
            .shared
            .progresses
            .listen(handle.progress_token.clone(), (call.progress, call.elicitor));
        let mut abandoned = handler::Abandoned::new(peer.clone(), handle.id.clone());
        let answer = handle.await_response().await;
        abandoned.settle();
        drop(progress);
        match answer? {
            ServerResult::CallToolResult(result) => Ok(result),
            _ => Err(ServiceError::UnexpectedResponse),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.attendant.abort();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.plan.server.name).finish()
    }
}

/// The answer to a model whose call came to nothing.
fn refusal(server: &str, error: &ServiceError) -> String {
    match error {
        ServiceError::McpError(error) => {
            format!("The MCP server `{server}` refused the call: {}", shorten(&error.message, 2000))
        }
        ServiceError::Timeout { timeout } => format!(
            "The MCP server `{server}` did not answer within {} s; the call was cancelled",
            timeout.as_secs()
        ),
        ServiceError::TransportClosed => {
            format!("The MCP server `{server}` ended before it answered")
        }
        error if error.is_authorization_required() => format!(
            "The MCP server `{server}` wants the person to sign in: `/mcp` or `codling mcp login`"
        ),
        error => format!("The MCP server `{server}` could not be asked: {error}"),
    }
}

impl Shared {
    fn set_peer(&self, peer: Option<Peer<RoleClient>>) {
        *self.peer.lock().unwrap_or_else(PoisonError::into_inner) = peer;
    }

    fn set_phase(&self, phase: Phase) {
        self.state.send_modify(|state| state.phase = phase);
    }

    fn set_ready(&self, listing: Listing, began: Instant) {
        let start_time = Some(began.elapsed());
        self.state.send_replace(ConnectionState { phase: Phase::Ready, listing, start_time });
    }

    fn set_listing(&self, listing: Listing) {
        self.state.send_if_modified(|state| {
            let is_new = state.listing != listing;
            state.listing = listing;
            is_new
        });
    }
}
