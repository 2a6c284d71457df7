//! The task of a connection: starts the server, keeps its lists up to date, and starts it again
//! when it ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmcp::service::{QuitReason, RoleClient, RunningService, ServiceExt};
use tokio::sync::{Notify, mpsc};
use tokio::time::{sleep, timeout};

use crate::mcp::error::McpError;
use crate::mcp::tools::listing::{Listing, list};
use crate::protocol::McpTransport;

use super::handler::Handler;
use super::{ConnectionPlan, McpSurroundings, Phase, Shared, http, stdio};

/// Restarts in a row of a server that was ready once; the wait before each is twice as long.
const RESTARTS: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// A server that ran for this long begins to be counted anew.
const STABLE: Duration = Duration::from_secs(60);
/// The least time between two looks at a list that changes all the time.
const LIST_PAUSE: Duration = Duration::from_millis(500);

pub struct Attendant {
    starter: Starter,
    restarts: mpsc::UnboundedReceiver<()>,
}

/// Starts the server.
struct Starter {
    plan: ConnectionPlan,
    surroundings: McpSurroundings,
    shared: Arc<Shared>,
}

/// Why a server is not attended to any more.
enum End {
    /// A person wants it started anew.
    Restart,
    /// It ended by itself.
    Gone,
}

type Running = RunningService<RoleClient, Handler>;

impl Attendant {
    pub fn new(
        plan: ConnectionPlan,
        surroundings: McpSurroundings,
        shared: Arc<Shared>,
        restarts: mpsc::UnboundedReceiver<()>,
    ) -> Self {
        Self { starter: Starter { plan, surroundings, shared }, restarts }
    }

    /// Until it is aborted, or nobody has the connection any more.
    pub async fn run(mut self) {
        let mut ends = 0;
        loop {
            self.starter.shared.set_phase(Phase::Connecting);
            let began = Instant::now();
            let wait = match self.serve(began).await {
                Ok(End::Restart) => {
                    ends = 0;
                    continue;
                }
                Ok(End::Gone) if began.elapsed() > STABLE => {
                    ends = 1;
                    Some(FIRST_WAIT)
                }
                Ok(End::Gone) if ends < RESTARTS => {
                    ends += 1;
                    Some(FIRST_WAIT * 2_u32.pow(ends - 1))
                }
                Ok(End::Gone) => {
                    self.fail("it ended again and again".into());
                    None
                }
                Err(McpError::SignInNeeded) => {
                    self.starter.shared.set_phase(Phase::SignInNeeded);
                    None
                }
                Err(error) => {
                    self.fail(error.to_string());
                    None
                }
            };
            tokio::select! {
                restart = self.restarts.recv() => match restart {
                    Some(()) => ends = 0,
                    None => return,
                },
                () = sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            }
        }
    }

    fn fail(&self, reason: String) {
        tracing::info!(server = self.starter.plan.server.name, reason, "an MCP server has failed");
        self.starter.shared.set_phase(Phase::Failed(reason.into()));
    }

    /// Starts the server and attends to it until it ends.
    async fn serve(&mut self, began: Instant) -> Result<End, McpError> {
        let changed = Arc::new(Notify::new());
        let limit = self.starter.plan.server.start_limit;
        let started = tokio::select! {
            started = timeout(limit, self.starter.start(Arc::clone(&changed))) => {
                started.map_err(|_elapsed| McpError::Late(limit))?
            }
            restart = self.restarts.recv() => {
                return Ok(restart.map_or(End::Gone, |()| End::Restart));
            }
        };
        let (running, listing) = started.map_err(|error| match error {
            McpError::Ended(_) => McpError::Ended(self.starter.shared.lines.last()),
            error => error,
        })?;
        self.starter.shared.set_peer(Some(running.peer().clone()));
        self.starter.shared.set_ready(listing, began);
        let end = self.attend(running, &changed).await;
        self.starter.shared.set_peer(None);
        Ok(end)
    }

    /// Keeps the lists up to date until the server ends or is to be started anew.
    async fn attend(&mut self, running: Running, changed: &Notify) -> End {
        let (peer, ended) = (running.peer().clone(), running.cancellation_token());
        let mut waiting = Box::pin(running.waiting());
        loop {
            tokio::select! {
                quit = &mut waiting => {
                    if let Ok(QuitReason::JoinError(error)) = quit {
                        tracing::warn!(%error, "the task of an MCP server broke");
                    }
                    return End::Gone;
                }
                restart = self.restarts.recv() => {
                    ended.cancel();
                    let _quit = waiting.await;
                    return restart.map_or(End::Gone, |()| End::Restart);
                }
                () = changed.notified() => {
                    match list(&peer).await {
                        Ok(listing) => self.starter.shared.set_listing(listing),
                        Err(error) => tracing::debug!(%error, "a changed list could not be read"),
                    }
                    sleep(LIST_PAUSE).await;
                }
            }
        }
    }
}

impl Starter {
    /// Starts the server, greets it and asks what it offers.
    async fn start(&self, changed: Arc<Notify>) -> Result<(Running, Listing), McpError> {
        let handler = Handler {
            server: self.plan.server.name.clone(),
            folder: self.plan.folder.clone(),
            progresses: self.shared.progresses.clone(),
            changed,
        };
        let running = match &self.plan.server.transport {
            McpTransport::Stdio { .. } => {
                let transport =
                    stdio::start(&self.plan, &self.surroundings.limits, &self.shared.lines)?;
                handler.serve(transport).await
            }
            McpTransport::Http { url, headers, .. } => {
                let place = (url.as_str(), &headers[..]);
                let known = (&self.surroundings.net, &self.surroundings.tokens);
                let transport = http::transport(&self.plan.server, place, known)?;
                handler.serve(transport).await
            }
        };
        let mut running = running.map_err(|error| McpError::of_greeting(&error))?;
        match list(running.peer()).await {
            Ok(listing) => Ok((running, listing)),
            Err(error) => {
                let _ended = running.close().await;
                Err(error)
            }
        }
    }
}
