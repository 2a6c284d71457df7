//! Tools that the client of a session brings: it is asked to run them, and answers when it has.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};

use crate::protocol::{CLIENT_TOOLS, CallId, CallOutput, ClientTool, EventKind, ToolAnswer};
use crate::tools::{SourceAnswer, SourceCall, SourceTool, SourceTools, ToolSource};

use super::super::link::session_handle::SessionHandle;

/// The tools, and the calls that wait for the client.
#[derive(Clone)]
pub(crate) struct ClientTools(Arc<Shared>);

struct Shared {
    link: SessionHandle,
    tools: watch::Sender<Arc<[SourceTool]>>,
    waiting: Mutex<HashMap<CallId, oneshot::Sender<ToolAnswer>>>,
}

impl ClientTools {
    pub(crate) fn new(tools: &[ClientTool], link: SessionHandle) -> Self {
        let tools = tools.iter().map(|tool| SourceTool {
            name: Arc::clone(&tool.name),
            description: Arc::clone(&tool.description),
            parameters: Arc::clone(&tool.parameters),
            read_only: false,
        });
        let (tools, _) = watch::channel(tools.collect());
        Self(Arc::new(Shared { link, tools, waiting: Mutex::default() }))
    }

    /// Hands a call its result. `false` if none of this name waited.
    pub(crate) fn answer(&self, call: &CallId, answer: ToolAnswer) -> bool {
        let waiting = self.waiting().remove(call);
        waiting.is_some_and(|waiting| waiting.send(answer).is_ok())
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<CallId, oneshot::Sender<ToolAnswer>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ClientTools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientTools").field(&self.waiting().len()).finish()
    }
}

/// Takes a call back that nobody waits for any more.
struct Waits<'a>(&'a ClientTools, &'a CallId);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting().remove(self.1);
    }
}

impl ToolSource for ClientTools {
    fn name(&self) -> &str {
        CLIENT_TOOLS
    }

    fn tools(&self) -> SourceTools {
        self.0.tools.subscribe()
    }

    fn call<'a>(&'a self, call: SourceCall<'a>) -> SourceAnswer<'a> {
        let SourceCall { id, tool, arguments, .. } = call;
        Box::pin(async move {
            let (sender, answer) = oneshot::channel();
            self.waiting().insert(id.clone(), sender);
            let _waits = Waits(self, id);
            let (call, tool_name, arguments) = (id.clone(), tool.to_owned(), arguments.to_owned());
            self.0.link.emit(EventKind::ToolWanted { call, tool: tool_name, arguments });
            match answer.await {
                Ok(ToolAnswer { text, images, ok }) => {
                    CallOutput { images, ok, ..CallOutput::text(tool, text) }
                }
                Err(_ended) => CallOutput::refusal(tool, "The tool's client did not answer"),
            }
        })
    }
}
