//! From the pipe to the end of the agent: which requests go where.

use std::io;
use std::time::Duration;

use agent_client_protocol::v1::schema::InitializeRequest;
use agent_client_protocol::v1::{ConnectionTo, Responder};
use agent_client_protocol::{
    Agent, Client as AcpClient, on_receive_notification, on_receive_request,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::engine::{Client, Inbox};

use super::agent::{AcpAgent, Job, Jobs};
use super::pipe::Pipe;
use super::setup::AcpSetup;
use super::{initialize, library, options, prompt, sessions, sign_in};

/// How long the last lines may take to be read.
const LAST_LINES: Duration = Duration::from_millis(200);

/// Hands requests of one kind to the loop, which answers them in its own time. Where the loop has
/// ended, letting go of the responder answers.
macro_rules! to_loop {
    ($jobs:expr, $act:path) => {{
        let jobs: Jobs = $jobs.clone();
        async move |request, responder: Responder<_>, _connection: ConnectionTo<AcpClient>| {
            let _ended = jobs.send(Box::new(move |agent| $act(agent, request, responder)));
            Ok(())
        }
    }};
}

/// Serves the one client on standard input and output, until it hangs up or is told to stop.
pub async fn serve(
    client: Client,
    inbox: Inbox,
    mut stops: UnboundedReceiver<()>,
    setup: AcpSetup,
) -> io::Result<()> {
    let (transport, room, written) = Pipe::open(io::stdin(), io::stdout())?.split();
    let (jobs, calls) = unbounded_channel::<Job>();
    let (cancels, hellos, known) = (jobs.clone(), jobs.clone(), setup.clone());
    let agent = Agent
        .v1()
        .on_receive_request(
            async move |request: InitializeRequest, responder: Responder<_>, _connection| {
                let client = request.client_capabilities;
                let hello = initialize::hello(&known, &client);
                let _ended = hellos.send(Box::new(move |agent| agent.client = client));
                // At once: nothing else is taken until it is answered.
                responder.respond(hello)
            },
            on_receive_request!(),
        )
        .on_receive_request(to_loop!(jobs, sign_in::authenticate), on_receive_request!())
        .on_receive_request(to_loop!(jobs, sign_in::logout), on_receive_request!())
        .on_receive_request(to_loop!(jobs, sessions::new), on_receive_request!())
        .on_receive_request(to_loop!(jobs, sessions::load), on_receive_request!())
        .on_receive_request(to_loop!(jobs, sessions::resume), on_receive_request!())
        .on_receive_request(to_loop!(jobs, sessions::fork), on_receive_request!())
        .on_receive_request(to_loop!(jobs, library::list), on_receive_request!())
        .on_receive_request(to_loop!(jobs, library::close), on_receive_request!())
        .on_receive_request(to_loop!(jobs, library::delete), on_receive_request!())
        .on_receive_request(to_loop!(jobs, options::set_mode), on_receive_request!())
        .on_receive_request(to_loop!(jobs, options::set_option), on_receive_request!())
        .on_receive_request(to_loop!(jobs, prompt::prompt), on_receive_request!())
        .on_receive_notification(
            async move |notification, _connection: ConnectionTo<AcpClient>| {
                let _ended =
                    cancels.send(Box::new(move |agent| prompt::cancel(agent, notification)));
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
