//! Runs the agent from the pipe to its end, and decides which requests go where.

use std::io;
use std::time::Duration;

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::schema::{
    AgentAuthCapabilities, AgentCapabilities, ClientCapabilities, Implementation,
    InitializeRequest, InitializeResponse, LogoutCapabilities, McpCapabilities, PromptCapabilities,
    SessionCapabilities, SessionCloseCapabilities, SessionDeleteCapabilities,
    SessionForkCapabilities, SessionListCapabilities, SessionResumeCapabilities,
};
use agent_client_protocol::v1::{ConnectionTo, Responder};
use agent_client_protocol::{
    Agent, Client as AcpClient, Error, Handled, JsonRpcRequest, UntypedMessage,
    on_receive_notification, on_receive_request,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::engine::{Client, Inbox};
use crate::host::{Job, Machine};

use super::account::{auth_methods, sign_in};
use super::agent::AcpAgent;
use super::machines::Machines;
use super::outside::Outside;
use super::pipe::Pipe;
use super::sessions::{library, opening, options, prompt};
use super::setup::AcpSetup;

/// How long the client may take to read the last lines.
const LAST_LINES: Duration = Duration::from_millis(200);

/// A request and where it goes. One handler takes all requests: each further handler makes the
/// program some 16 KiB larger.
struct Call {
    request: UntypedMessage,
    responder: Responder,
    jobs: UnboundedSender<Job<Machines>>,
}

impl Call {
    fn route(self) -> Result<Handled<(UntypedMessage, Responder)>, Error> {
        match self.request.method() {
            "authenticate" => self.hand(sign_in::authenticate),
            "logout" => self.hand(sign_in::logout),
            "session/close" => self.hand(library::close),
            "session/delete" => self.hand(library::delete),
            "session/fork" => self.hand(opening::fork),
            "session/list" => self.hand(library::list),
            "session/load" => self.hand(opening::load),
            "session/new" => self.hand(opening::new),
            "session/prompt" => self.hand(prompt::prompt),
            "session/resume" => self.hand(opening::resume),
            "session/set_config_option" => self.hand(options::set_option),
            "session/set_mode" => self.hand(options::set_mode),
            _ => {
                return Ok(Handled::No { message: (self.request, self.responder), retry: false });
            }
        }?;
        Ok(Handled::Yes)
    }

    /// Hands the request to the loop, which answers it in its own time. If the loop has ended,
    /// dropping the responder answers.
    fn hand<M: Machine<Front = Machines>, R: JsonRpcRequest>(
        self,
        act: fn(&mut M, &mut Outside, R, Responder<R::Response>),
    ) -> Result<(), Error> {
        let request = match R::parse_message(self.request.method(), self.request.params()) {
            Ok(request) => request,
            Err(error) => return self.responder.respond_with_error(error),
        };
        let responder = self.responder.cast();
        let _ended = self.jobs.send(Box::new(move |machines| {
            let (machine, outside) = M::of(machines);
            act(machine, outside, request, responder);
        }));
        Ok(())
    }
}

/// Serves the one client on standard input and output, until it hangs up or is told to stop.
///
/// # Errors
///
/// Fails if the threads for input and output cannot be started.
pub async fn serve(
    client: Client,
    inbox: Inbox,
    mut stops: UnboundedReceiver<()>,
    setup: AcpSetup,
) -> io::Result<()> {
    let (transport, room, written) = Pipe::open(io::stdin(), io::stdout())?.split();
    let (jobs, calls) = unbounded_channel::<Job<Machines>>();
    let (cancels, hellos, asked) = (jobs.clone(), jobs.clone(), jobs.clone());
    let known = setup.clone();
    let agent = Agent
        .v1()
        .on_receive_request(
            async move |request: InitializeRequest, responder: Responder<_>, _connection| {
                let client = request.client_capabilities;
                let hello = hello(&known, &client);
                let _ended =
                    hellos.send(Box::new(move |machines| machines.outside.client = client));
                // This is answered at once: nothing else is taken until it is.
                responder.respond(hello)
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: UntypedMessage, responder: Responder, _connection| {
                Call { request, responder, jobs: asked.clone() }.route()
            },
            on_receive_request!(),
        )
        .on_receive_notification(
            async move |notification, _connection: ConnectionTo<AcpClient>| {
                let _ended = cancels.send(Box::new(move |machines| {
                    let (sessions, outside) = Machine::of(machines);
                    prompt::cancel(sessions, outside, notification);
                }));
                Ok(())
            },
            on_receive_notification!(),
        );
    let ended = agent
        .connect_with(transport, async |connection| {
            let agent = AcpAgent::new(setup, client, connection, jobs);
            agent.run(inbox, calls, &mut stops, &room).await;
            Ok(())
        })
        .await;
    if let Err(error) = ended {
        tracing::debug!(code = error.code.value(), "the connection ended early");
    }
    written.wait(LAST_LINES).await;
    Ok(())
}

/// Answers `initialize` with the one version that is spoken, whichever was asked for.
fn hello(setup: &AcpSetup, client: &ClientCapabilities) -> InitializeResponse {
    let about =
        Implementation::new("codling", env!("CARGO_PKG_VERSION")).title("codling".to_owned());
    InitializeResponse::new(ProtocolVersion::V1)
        .agent_capabilities(capabilities())
        .auth_methods(auth_methods::offered(setup, client))
        .agent_info(about)
}

fn capabilities() -> AgentCapabilities {
    let sessions = SessionCapabilities::new()
        .list(SessionListCapabilities::new())
        .delete(SessionDeleteCapabilities::new())
        .fork(SessionForkCapabilities::new())
        .resume(SessionResumeCapabilities::new())
        .close(SessionCloseCapabilities::new());
    AgentCapabilities::new()
        .load_session(true)
        .mcp_capabilities(McpCapabilities::new().http(true))
        .prompt_capabilities(PromptCapabilities::new().image(true).embedded_context(true))
        .session_capabilities(sessions)
        .auth(AgentAuthCapabilities::new().logout(LogoutCapabilities::new()))
}
