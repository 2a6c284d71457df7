//! The agent: one loop that routes the messages of the client and the engine. It never waits for an
//! answer from the client.

use std::time::Duration;

use agent_client_protocol::Client as AcpClient;
use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::ClientCapabilities;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

use crate::engine::{Client, Inbox, Incoming};
use crate::host::{Host, Job, at};

use super::account::pending_sign_in::SignIns;
use super::events;
use super::machines::Machines;
use super::outside::Outside;
use super::pipe::Room;
use super::sessions::open_sessions::Sessions;
use super::setup::AcpSetup;

/// How long the agent waits for requests that are being answered, once the client has hung up.
const LAST_ANSWERS: Duration = Duration::from_millis(200);

/// Routes messages to the machines.
pub struct AcpAgent(Machines);

impl AcpAgent {
    pub fn new(
        setup: AcpSetup,
        engine: Client,
        connection: ConnectionTo<AcpClient>,
        jobs: UnboundedSender<Job<Machines>>,
    ) -> Self {
        let (host, client) = (Host::new(engine, jobs), ClientCapabilities::default());
        let outside = Outside { host, setup, connection, client };
        Self(Machines { outside, sessions: Sessions::default(), sign_ins: SignIns::default() })
    }

    /// Runs until the client hangs up, or a signal comes.
    pub async fn run(
        mut self,
        mut inbox: Inbox,
        mut jobs: UnboundedReceiver<Job<Machines>>,
        stops: &mut UnboundedReceiver<()>,
        room: &Room,
    ) {
        let connection = self.0.outside.connection.clone();
        let mut hung_up = std::pin::pin!(connection.incoming_closed());
        let mut gone = std::pin::pin!(room.gone());
        let mut deadline = None;
        while deadline.is_none() || !self.is_answered() {
            tokio::select! {
                biased;
                Some(()) = stops.recv() => return,
                Some(job) = jobs.recv() => job(&mut self.0),
                () = &mut hung_up, if deadline.is_none() => {
                    self.stop_all();
                    deadline = Some(Instant::now() + LAST_ANSWERS);
                }
                () = &mut gone => return,
                () = at(deadline) => return,
                incoming = next(&mut inbox, room) => match incoming {
                    Some(incoming) => self.receive(incoming),
                    None => return,
                },
            }
        }
    }

    /// Stops what runs and answers what can be answered, since the client is gone.
    fn stop_all(&mut self) {
        let Machines { outside, sessions, sign_ins } = &mut self.0;
        sign_ins.give_up_sign_in(outside);
        let all: Vec<_> = sessions.all.keys().cloned().collect();
        all.iter().for_each(|session| sessions.interrupt(outside, session));
    }

    fn is_answered(&self) -> bool {
        let Machines { outside, sessions, sign_ins } = &self.0;
        outside.host.is_idle() && sign_ins.under_way.is_none() && sessions.are_answered()
    }

    fn receive(&mut self, incoming: Incoming) {
        if let Some(event) = Host::receive(&mut self.0, incoming) {
            events::route(&mut self.0, event);
        }
    }
}

/// Returns the engine's next message, once the client has read enough of the earlier ones.
async fn next(inbox: &mut Inbox, room: &Room) -> Option<Incoming> {
    room.wait().await;
    inbox.next().await
}
