//! Our side of a connection: what a server may ask of it, and tell it.

#![expect(deprecated, reason = "servers of the version that is spoken here ask for roots")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::ClientHandler;
use rmcp::model::{
    CancelledNotificationParam, ClientCapabilities, ClientConfig, ElicitRequestParams,
    ElicitResult, ElicitationAction, ElicitationCapability, FormElicitationCapability,
    Implementation, ListRootsResult, ProgressNotificationParam, ProgressToken, ProtocolVersion,
    RequestId, Root, RootsCapabilities, UrlElicitationCapability,
};
use rmcp::service::{NotificationContext, Peer, RequestContext, RoleClient};
use tokio::sync::Notify;
use url::Url;

use crate::base::phrases::shorten;
use crate::base::text::clean_line;
use crate::tools::{Elicitor, ProgressSink};

use super::elicitation;

/// Our side of a connection.
#[derive(Clone)]
pub struct Handler {
    /// The server's name, for people.
    pub server: String,
    pub folder: PathBuf,
    pub progresses: Progresses,
    /// Told when the server has other tools.
    pub changed: Arc<Notify>,
}

impl ClientHandler for Handler {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.roots = Some(RootsCapabilities::default());
        capabilities.elicitation = Some(
            ElicitationCapability::new()
                .with_form(FormElicitationCapability::default())
                .with_url(UrlElicitationCapability::default()),
        );
        let name = Implementation::new("codling", env!("CARGO_PKG_VERSION"));
        // The newest version that begins with a greeting.
        ClientConfig::new(capabilities, name)
            .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
    }

    async fn list_roots(
        &self,
        _context: RequestContext<RoleClient>,
    ) -> Result<ListRootsResult, rmcp::ErrorData> {
        let roots = Url::from_directory_path(&self.folder).map(|url| Root::new(url.to_string()));
        Ok(ListRootsResult::new(roots.into_iter().collect()))
    }

    /// A server asks in the middle of a call: the one that began last asks the person.
    async fn create_elicitation(
        &self,
        params: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, rmcp::ErrorData> {
        match self.progresses.elicitor() {
            Some(elicitor) => Ok(elicitation::ask(&self.server, params, &elicitor).await),
            None => Ok(ElicitResult::new(ElicitationAction::Decline)),
        }
    }

    async fn on_progress(
        &self,
        params: ProgressNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        self.progresses.tell(&params);
    }

    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.changed.notify_one();
    }

    async fn on_prompt_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.changed.notify_one();
    }
}

/// The calls that wait, in the order in which they began, by the names under which the server tells
/// their progress.
#[derive(Clone, Default)]
pub struct Progresses(Arc<Mutex<Vec<(ProgressToken, CallEars)>>>);

/// How a call hears of its progress, and asks a person.
pub type CallEars = (ProgressSink, Option<Elicitor>);

/// A call whose progress is heard until this is dropped.
pub struct Listening<'a>(&'a Progresses, ProgressToken);

impl Progresses {
    pub fn listen(&self, token: ProgressToken, ears: CallEars) -> Listening<'_> {
        self.all().push((token.clone(), ears));
        Listening(self, token)
    }

    /// The one of the call that began last.
    fn elicitor(&self) -> Option<Elicitor> {
        self.all().last().and_then(|(_, (_, elicitor))| elicitor.clone())
    }

    fn all(&self) -> MutexGuard<'_, Vec<(ProgressToken, CallEars)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, progress: &ProgressNotificationParam) {
        let calls = self.all();
        let sink = calls.iter().find(|(token, _)| *token == progress.progress_token);
        let sink = sink.map(|(_, (sink, _))| Arc::clone(sink));
        drop(calls);
        if let Some(sink) = sink {
            sink(line(progress));
        }
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.all().retain(|(token, _)| *token != self.1);
    }
}

/// `3 of 10: reading`, as far as it is told.
fn line(progress: &ProgressNotificationParam) -> String {
    let count = match progress.total {
        Some(total) => format!("{} of {total}", progress.progress),
        None => progress.progress.to_string(),
    };
    match &progress.message {
        Some(message) => format!("{count}: {}", shorten(&clean_line(message), 200)),
        None => count,
    }
}

/// A request that the server is told is not waited for any more, unless it settles before this is
/// dropped.
pub struct Abandoned(Option<(Peer<RoleClient>, RequestId)>);

impl Abandoned {
    pub fn new(peer: Peer<RoleClient>, id: RequestId) -> Self {
        Self(Some((peer, id)))
    }

    pub fn settle(&mut self) {
        self.0 = None;
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        let Some((peer, id)) = self.0.take() else { return };
        // A session that is dropped with its runtime has no server to tell.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            let reason = Some("Nobody waits for it any more".to_owned());
            let cancelled = CancelledNotificationParam::new(Some(id), reason);
            if let Err(error) = peer.notify_cancelled(cancelled).await {
                tracing::debug!(%error, "a server could not be told of a call that ended");
            }
        });
    }
}
