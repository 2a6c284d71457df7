//! A server as one session sees it: the tools that it offers to the model, and its state.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::base::phrases;
use crate::protocol::{CallOutput, Confinement, McpServer, McpState, McpStatus, McpTool};
use crate::tools::{SourceAnswer, SourceCall, SourceTool, SourceTools, ToolSource};

use super::connection::{Connection, ConnectionPlan, ConnectionState, McpPool, Phase};
use super::tools::listing::{Listing, summary};
use super::tools::prompts;

/// Whether a server may be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McpAdmission {
    /// It may; a program is kept in this far.
    Admitted(Confinement),
    /// Not before a person said yes to its definition; what they had said yes to before it changed.
    Untrusted(Option<Arc<str>>),
}

/// A server of one session. Clones are the same.
#[derive(Clone)]
pub struct McpSource(Arc<Shared>);

struct Shared {
    server: McpServer,
    folder: PathBuf,
    pool: McpPool,
    tools: watch::Sender<Arc<[SourceTool]>>,
    status: watch::Sender<McpStatus>,
    choices: Mutex<Choices>,
}

/// A person's choices, and the connection that follows from them.
struct Choices {
    admission: McpAdmission,
    is_on: bool,
    /// Tools that were switched in this session.
    switched: BTreeMap<Arc<str>, bool>,
    /// While it is on and admitted.
    link: Option<Link>,
}

struct Link {
    connection: Arc<Connection>,
    follower: AbortHandle,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl McpSource {
    /// The server for a session about `folder`, which is started in the background where it may be.
    /// Needs a runtime.
    pub fn new(server: McpServer, folder: PathBuf, admission: McpAdmission, pool: McpPool) -> Self {
        let status = McpStatus {
            name: server.name.as_str().into(),
            owner: server.owner.clone(),
            summary: server.summary().into(),
            state: McpState::Off,
            takes_sign_in: server.takes_sign_in(),
            tools: Arc::default(),
            prompts: Arc::default(),
            start_time: None,
            errors: Arc::default(),
        };
        let choices =
            Choices { admission, is_on: server.is_enabled, switched: BTreeMap::new(), link: None };
        let source = Self(Arc::new(Shared {
            server,
            folder,
            pool,
            tools: watch::channel(Arc::default()).0,
            status: watch::channel(status).0,
            choices: Mutex::new(choices),
        }));
        source.settle();
        source
    }

    /// How it is, with news of changes.
    pub fn status(&self) -> watch::Receiver<McpStatus> {
        self.0.status.subscribe()
    }

    /// Its definition.
    pub fn server(&self) -> &McpServer {
        &self.0.server
    }

    /// Starts it anew, whatever state it is in.
    pub fn restart(&self) {
        if let Some(link) = &self.choices().link {
            link.connection.restart();
        }
    }

    /// Switches it on or off.
    pub fn switch(&self, is_on: bool) {
        self.choices().is_on = is_on;
        self.settle();
    }

    /// Offers one of its tools, or no longer.
    pub fn switch_tool(&self, tool: Arc<str>, is_on: bool) {
        self.choices().switched.insert(tool, is_on);
        self.settle();
    }

    /// A person said yes to its definition.
    pub fn admit(&self, confinement: Confinement) {
        self.choices().admission = McpAdmission::Admitted(confinement);
        self.settle();
    }

    /// What one of its prompts stands for with the words that were typed behind it.
    ///
    /// # Errors
    ///
    /// Fails with a sentence.
    pub async fn prompt(&self, name: &str, typed: &str) -> Result<String, String> {
        let known = self.0.status.borrow().prompts.iter().find(|it| *it.name == *name).cloned();
        let known = known.ok_or_else(|| {
            format!("The MCP server `{}` has no prompt `{name}` now", self.0.server.name)
        })?;
        let arguments = prompts::arguments(&known, typed)
            .map_err(|missing| format!("It needs {}", phrases::list(&missing)))?;
        let connection = self.choices().link.as_ref().map(|link| Arc::clone(&link.connection));
        match connection {
            Some(connection) => connection.prompt(name, arguments).await,
            None => Err(format!("The MCP server `{}` is switched off", self.0.server.name)),
        }
    }

    fn choices(&self) -> MutexGuard<'_, Choices> {
        self.0.choices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens or closes the connection as the choices want it, and tells what follows.
    fn settle(&self) {
        let mut choices = self.choices();
        let wanted = match choices.admission {
            McpAdmission::Admitted(confinement) if choices.is_on => Some(confinement),
            _ => None,
        };
        let is_as_wanted = choices.link.as_ref().map(|link| link.connection.plan().confinement);
        if is_as_wanted != wanted {
            choices.link = wanted.map(|confinement| self.connect(confinement));
        }
        drop(choices);
        self.0.tell();
    }

    fn connect(&self, confinement: Confinement) -> Link {
        let plan = ConnectionPlan {
            server: self.0.server.clone(),
            folder: self.0.folder.clone(),
            confinement,
        };
        let connection = self.0.pool.connection(plan);
        let mut states = connection.state();
        let source = Arc::downgrade(&self.0);
        let follow = async move {
            while states.changed().await.is_ok() {
                match Weak::upgrade(&source) {
                    Some(source) => source.tell(),
                    None => return,
                }
            }
        };
        Link { connection, follower: tokio::spawn(follow).abort_handle() }
    }
}

impl Shared {
    fn choices(&self) -> MutexGuard<'_, Choices> {
        self.choices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the session what is offered, and fronts how the server is.
    fn tell(&self) {
        let choices = self.choices();
        let state = choices.link.as_ref().map(|link| link.connection.state().borrow().clone());
        let errors = choices.link.as_ref().map(|link| link.connection.lines()).unwrap_or_default();
        let phase = self.phase(&choices, state.as_ref());
        let ConnectionState { listing, start_time, .. } = state.unwrap_or_default();
        let (tools, offered) = self.offered(&choices, &listing, phase == McpState::Ready);
        drop(choices);
        self.status.send_if_modified(|status| {
            let errors = match &listing.left_out {
                Some(sentence) => errors.iter().cloned().chain([sentence.clone()]).collect(),
                None => errors,
            };
            let prompts = match phase {
                McpState::Ready => Arc::clone(&listing.prompts),
                _ => Arc::default(),
            };
            let is =
                McpStatus { state: phase, tools, prompts, start_time, errors, ..status.clone() };
            let is_new = *status != is;
            *status = is;
            is_new
        });
        self.tools.send_if_modified(|tools| {
            let is_new = **tools != *offered;
            *tools = offered;
            is_new
        });
    }

    fn phase(&self, choices: &Choices, state: Option<&ConnectionState>) -> McpState {
        match (&choices.admission, state.map(|state| &state.phase)) {
            (McpAdmission::Untrusted(before), _) => McpState::Untrusted {
                definition: self.server.definition.as_str().into(),
                before: before.clone(),
            },
            (_, None) => McpState::Off,
            (_, Some(Phase::Connecting)) => McpState::Connecting,
            (_, Some(Phase::Ready)) => McpState::Ready,
            (_, Some(Phase::SignInNeeded)) => McpState::SignInNeeded,
            (_, Some(Phase::Failed(reason))) => McpState::Failed { reason: Arc::clone(reason) },
        }
    }

    /// The tools as people see them, and those that the model is offered.
    fn offered(
        &self,
        choices: &Choices,
        listing: &Listing,
        is_ready: bool,
    ) -> (Arc<[McpTool]>, Arc<[SourceTool]>) {
        let is_on = |name: &Arc<str>| {
            let chosen = choices.switched.get(name).copied();
            chosen.unwrap_or_else(|| self.server.tools.takes(name))
        };
        // A folder's server is not believed.
        let is_believed = !self.server.owner.is_project();
        let tools = listing.tools.iter().map(|tool| McpTool {
            name: Arc::clone(&tool.name),
            summary: summary(&tool.description).into(),
            is_on: is_on(&tool.name),
            is_read_only: tool.read_only,
        });
        let offered = listing.tools.iter().filter(|tool| is_ready && is_on(&tool.name));
        let offered = offered
            .map(|tool| SourceTool { read_only: tool.read_only && is_believed, ..tool.clone() });
        (tools.collect(), offered.collect())
    }
}

impl ToolSource for McpSource {
    fn name(&self) -> &str {
        &self.0.server.name
    }

    fn tools(&self) -> SourceTools {
        self.0.tools.subscribe()
    }

    fn call<'a>(&'a self, call: SourceCall<'a>) -> SourceAnswer<'a> {
        let connection = self.choices().link.as_ref().map(|link| Arc::clone(&link.connection));
        Box::pin(async move {
            match connection {
                Some(connection) => connection.call(call).await,
                None => {
                    let why = format!("The MCP server `{}` is switched off", self.name());
                    CallOutput::refusal(call.tool, why)
                }
            }
        })
    }
}

impl fmt::Debug for McpSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("McpSource").field(&self.0.server.name).finish()
    }
}
