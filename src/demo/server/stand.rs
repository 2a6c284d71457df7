//! The stand itself: started, told what to answer, asked what came. Runs on a thread of its own, so
//! that its holder may block or not.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::check;
use super::record::SeenRequest;
use super::shared::Shared;
use super::{backend, sign_in};
use crate::demo::accounts::devices::DeviceDecision;
use crate::demo::accounts::issuer::Tokens;
use crate::demo::answer::ScriptedAnswer;
use crate::demo::options::Options;
use crate::demo::server;
use crate::protocol::{Origin, Origins};

/// How long a test waits for what must come, unless it says so itself.
const LIMIT: Duration = Duration::from_secs(20);

/// A stand-in for OpenAI on a free port of 127.0.0.1. Dropping it closes every connection and ends
/// its thread.
#[derive(Debug)]
pub struct Stand {
    origin: Origin,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Stand {
    /// Starts a stand on a free port of loopback.
    ///
    /// # Errors
    ///
    /// Fails if no port is free, or if the runtime or its thread cannot be started.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let origin = Origin::parse(&format!("http://{}", listener.local_addr()?))
            .map_err(io::Error::other)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let shared = Arc::new(Shared::new(options, origin.to_string()));
        let served = server::serve(listener, shared.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("stand-in".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _end = served => {}
                    _told = stopped => {}
                }
            });
        })?;
        Ok(Self { origin, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The address of the stand, which plays all origins.
    pub fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// The stand in all three parts.
    pub fn origins(&self) -> Origins {
        Origins { auth: self.origin(), chatgpt: self.origin(), api: self.origin(), models: None }
    }

    /// Scripts the answers to the next requests for a response, in order; after them the
    /// rule-driven model answers again.
    pub fn script(&self, answers: impl IntoIterator<Item = ScriptedAnswer>) {
        let written: Vec<ScriptedAnswer> =
            answers.into_iter().map(|answer| self.shared.write(answer)).collect();
        self.shared.state().script.extend(written);
    }

    /// The same for one conversation of several at once: that in which a prompt with this text
    /// stands.
    pub fn script_for(&self, prompt: &str, answers: impl IntoIterator<Item = ScriptedAnswer>) {
        let written = answers.into_iter().map(|answer| self.shared.write(answer)).collect();
        self.shared.state().scripts.push((prompt.to_owned(), written));
    }

    /// How many scripted answers have not been asked for.
    pub fn script_left(&self) -> usize {
        self.shared.state().script.len()
    }

    /// Answers the next request to a path, whatever it is and whoever sends it; several are
    /// answered in order.
    pub fn fault(&self, path: &str, answer: ScriptedAnswer) {
        let answer = self.shared.write(answer);
        self.shared.state().faults.entry(path.to_owned()).or_default().push_back(answer);
    }

    /// Opens a gate for good.
    pub fn open(&self, gate: &str) {
        self.shared.gates.open(gate);
    }

    /// Blocks until an answer stands at the gate; false when none came there within 20 s.
    #[must_use]
    pub fn wait_reached(&self, gate: &str) -> bool {
        self.shared.gates.wait_reached(gate, LIMIT)
    }

    /// The same for a task.
    pub async fn reached(&self, gate: &str) {
        self.shared.gates.reached(gate).await;
    }

    /// Every request so far, oldest first.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.record.all()
    }

    /// Those to one path.
    pub fn requests_to(&self, path: &str) -> Vec<SeenRequest> {
        self.requests().into_iter().filter(|request| request.path == path).collect()
    }

    /// Those that asked for a response of the model's.
    pub fn responses(&self) -> Vec<SeenRequest> {
        self.requests().into_iter().filter(SeenRequest::is_responses).collect()
    }

    /// Blocks until a request is as wanted, at most for `limit`; it may have come before. Also
    /// woken when an answer begins and ends.
    pub fn wait_for(
        &self,
        wanted: impl Fn(&SeenRequest) -> bool,
        limit: Duration,
    ) -> Option<SeenRequest> {
        self.shared.record.wait(wanted, limit)
    }

    /// The same for a task, without a limit.
    pub async fn seen(&self, wanted: impl Fn(&SeenRequest) -> bool) -> SeenRequest {
        self.shared.record.until(wanted).await
    }

    /// Checks the laws over all requests: every call has its output in its own order, tools fit the
    /// model, no secret is where it must not be, each credential goes to its own origin, no refresh
    /// without need and none twice, one session id per conversation, a turn's state repeated in it.
    /// The error lists what was broken, a line each.
    ///
    /// # Errors
    ///
    /// Fails with all that was broken, a line each.
    pub fn check(&self) -> Result<(), String> {
        let requests = self.requests();
        let state = self.shared.state();
        let mut found = state.violations.clone();
        found.extend(check::violations(&requests, &state.issuer, &self.shared.options));
        if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
    }

    /// A finished sign-in, without the way there.
    pub fn issue(&self) -> Tokens {
        self.shared.state().issuer.issue(self.shared.now())
    }

    /// An API key the stand accepts.
    pub fn key(&self) -> String {
        backend::key()
    }

    /// Sets the lifetime of tokens issued after this call.
    pub fn set_access_lifetime(&self, lifetime: Duration) {
        self.shared.state().issuer.set_lifetime(lifetime);
    }

    /// Every access token given out so far is answered 401 from now on, whatever its `exp` says.
    pub fn revoke_access_tokens(&self) {
        self.shared.state().issuer.revoke_all_access();
    }

    /// Every unused refresh token is answered `refresh_token_expired` from now on.
    pub fn expire_refresh_tokens(&self) {
        self.shared.state().issuer.expire_all_refresh();
    }

    /// How many times a refresh token was traded for new tokens.
    pub fn refreshes(&self) -> usize {
        self.shared.state().issuer.rotations()
    }

    /// Every access token for the MCP server given out so far is answered 401 from now on.
    pub fn revoke_mcp_tokens(&self) {
        self.shared.state().mcp_issuer.revoke_access();
    }

    /// How many times a refresh token for the MCP server was traded for new tokens.
    pub fn mcp_renewals(&self) -> usize {
        self.shared.state().mcp_issuer.renewals()
    }

    /// Whether this refresh token was revoked.
    pub fn is_revoked(&self, refresh: &str) -> bool {
        self.shared.state().issuer.is_revoked(refresh)
    }

    /// Presses a button of the authorize page at this address, without a browser. Gives the address
    /// the browser would be sent to, or what the page says is wrong with the request.
    ///
    /// # Errors
    ///
    /// Fails with what the page says is wrong with the request.
    pub fn authorize(&self, address: &str, decision: DeviceDecision) -> Result<String, String> {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        sign_in::decide(&self.shared, query, decision).map(String::from)
    }

    /// Types a user code on the device page; false when it is not known or no longer waits.
    #[must_use]
    pub fn decide_device(&self, code: &str, decision: DeviceDecision) -> bool {
        self.shared.state().devices.decide(code, decision, self.shared.now())
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A thread that is gone already needs no telling.
            let _gone = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}
