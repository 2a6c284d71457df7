//! The server: one loop that routes messages of clients and the engine. It never waits for either,
//! except for the only client of a pipe.

use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::engine::{Client, Inbox, Incoming};
use crate::host::{Host, Job, at};

use super::events;
use super::life::{Ends, LAST_ANSWERS, LeftToDo};
use super::machines::Machines;
use super::methods;
use super::outside::Outside;
use super::setup::ServerSetup;
use super::transport::connection::{Asker, Connection, ConnectionId, FromTransport};
use super::transport::wire::Inbound;

/// The router.
pub struct Server {
    pub machines: Machines,
}

impl Server {
    pub fn new(
        setup: ServerSetup,
        engine: Client,
        ends: Ends,
    ) -> (Self, UnboundedReceiver<Job<Machines>>) {
        let (jobs, results) = unbounded_channel();
        let outside = Outside::new(setup, engine, jobs, ends);
        (Self { machines: Machines::new(outside) }, results)
    }

    /// Serves until a signal stops it or its only client hangs up.
    pub async fn run(
        mut self,
        mut inbox: Inbox,
        mut results: UnboundedReceiver<Job<Machines>>,
        mut transports: UnboundedReceiver<FromTransport>,
        mut stops: UnboundedReceiver<()>,
    ) {
        while !self.machines.outside.life.has_ended() {
            let deadline = self.machines.outside.life.deadline();
            tokio::select! {
                biased;
                Some(()) = stops.recv() => {
                    self.stop();
                    continue;
                }
                () = self.machines.outside.room() => {}
            }
            tokio::select! {
                biased;
                Some(()) = stops.recv() => self.stop(),
                Some(job) = results.recv() => job(&mut self.machines),
                incoming = inbox.next() => match incoming {
                    Some(incoming) => self.receive(incoming),
                    None => self.machines.outside.life.end(),
                },
                Some(message) = transports.recv() => self.take(message),
                () = at(deadline) => self.machines.outside.life.end(),
            }
            let Machines { outside, threads, .. } = &mut self.machines;
            let (turns_run, is_answered) = (threads.any_runs(), outside.is_answered());
            outside.life.settle(LeftToDo { turns_run, is_answered });
        }
        self.sent().await;
    }

    fn stop(&mut self) {
        let turns_run = self.machines.threads.any_runs();
        self.machines.outside.life.stop(turns_run);
    }

    /// Gives the last messages a moment to be sent.
    async fn sent(&self) {
        let all = async {
            while !self.machines.outside.is_sent() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let _late = tokio::time::timeout(LAST_ANSWERS, all).await;
    }

    fn take(&mut self, message: FromTransport) {
        let Machines { outside, commands, threads, watches, .. } = &mut self.machines;
        match message {
            FromTransport::Opened(id, outbox) => {
                outside.connections.insert(id, Connection::new(outbox));
            }
            FromTransport::Message(id, message, seat) => self.message(id, message, seat),
            FromTransport::Closed(id) => {
                commands.forget(id);
                if !outside.life.hang_up() {
                    outside.connections.remove(&id);
                    watches.forget(outside, id);
                    threads.forget_subscriber(outside, id);
                }
            }
        }
    }

    fn message(&mut self, from: ConnectionId, message: Inbound, seat: OwnedSemaphorePermit) {
        match message {
            Inbound::Notification => {}
            Inbound::Response { id, result } => {
                events::answered(&mut self.machines, from, id, result);
            }
            Inbound::Request { id, method, params } => {
                let connections = &mut self.machines.outside.connections;
                let Some(connection) = connections.get_mut(&from) else { return };
                connection.unanswered += 1;
                methods::call(&mut self.machines, Asker::new(from, id, seat), &method, params);
            }
        }
    }

    pub fn receive(&mut self, incoming: Incoming) {
        if let Some(event) = Host::receive(&mut self.machines, incoming) {
            events::route(&mut self.machines, event);
        }
    }
}
