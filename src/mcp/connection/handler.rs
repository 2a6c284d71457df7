//! Our side of a connection: what a server may ask of it, and tell it.

#![expect(deprecated, reason = "servers of the version that is spoken here ask for roots")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::ClientHandler;
use rmcp::model::{
    CancelledNotificationParam, ClientCapabilities, ClientConfig, Implementation, ListRootsResult,
    ProgressNotificationParam, ProgressToken, ProtocolVersion, RequestId, Root, RootsCapabilities,
};
use rmcp::service::{NotificationContext, Peer, RequestContext, RoleClient};
use tokio::sync::Notify;
use url::Url;

use crate::base::phrases::shorten;
use crate::base::text::clean_line;
use crate::tools::ProgressSink;

/// Our side of a connection.
#[derive(Clone)]
pub struct Handler {
    pub folder: PathBuf,
    pub progresses: Progresses,
    /// Told when the server has other tools or prompts.
    pub changed: Arc<Notify>,
}

impl ClientHandler for Handler {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        capabilities.roots = Some(RootsCapabilities::default());
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

/// The calls that wait, by the names under which the server tells their progress.
#[derive(Clone, Default)]
pub struct Progresses(Arc<Mutex<HashMap<ProgressToken, ProgressSink>>>);

/// A call whose progress is heard until this is dropped.
pub struct Listening<'a>(&'a Progresses, ProgressToken);

impl Progresses {
    pub fn listen(&self, token: ProgressToken, sink: ProgressSink) -> Listening<'_> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), sink);
        Listening(self, token)
    }

    fn tell(&self, progress: &ProgressNotificationParam) {
        let sinks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sink) = sinks.get(&progress.progress_token).cloned() {
            drop(sinks);
            sink(line(progress));
        }
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
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
