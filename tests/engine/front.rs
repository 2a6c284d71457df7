//! A front driven by a test: it keeps the replies and events that it gets.

use std::sync::Mutex;
use std::time::Duration;

use codling::engine::{Client, ClientFacts, Engine, Inbox, Incoming};
use codling::protocol::{
    Command, Event, EventKind, Presence, ReplyResult, SessionId, SignInPatience, Surroundings,
};
use tokio::runtime::Runtime;

/// The limit for any wait on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

pub struct Front {
    pub client: Client,
    heard: Mutex<Heard>,
    runtime: Runtime,
}

struct Heard {
    inbox: Option<Inbox>,
    seen: Vec<Event>,
}

impl Front {
    /// A front whose person is elsewhere: no browser is opened for it.
    pub fn of(engine: &Engine) -> Self {
        let surroundings = Surroundings { ssh: true, ..Surroundings::default() };
        let facts = ClientFacts {
            presence: Presence::Attended,
            surroundings,
            patience: SignInPatience::Person,
            name: "test".into(),
        };
        let (client, inbox) = engine.client(facts, None);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let heard = Mutex::new(Heard { inbox: Some(inbox), seen: Vec::new() });
        Self { client, heard, runtime }
    }

    /// Sends a command; returns the reply.
    pub fn request(&self, command: Command) -> ReplyResult {
        let answer = self.client.request(command);
        self.runtime.block_on(async { tokio::time::timeout(LIMIT, answer).await }).unwrap()
    }

    /// Waits for an event for which the function returns a value.
    pub fn wait<T>(&self, what: &str, mut pick: impl FnMut(&EventKind) -> Option<T>) -> T {
        let mut heard = self.heard.lock().unwrap();
        loop {
            let Heard { inbox, seen } = &mut *heard;
            let next = inbox.as_mut().unwrap().next();
            let next = self.runtime.block_on(async { tokio::time::timeout(LIMIT, next).await });
            let Ok(Some(Incoming::Event(event))) = next else {
                panic!("{what} never came; seen: {seen:#?}")
            };
            let found = pick(&event.kind);
            seen.push(event);
            if let Some(found) = found {
                return found;
            }
        }
    }

    /// The values that the function returns for the events so far.
    pub fn seen<T>(&self, mut pick: impl FnMut(&EventKind) -> Option<T>) -> Vec<T> {
        self.heard.lock().unwrap().seen.iter().filter_map(|event| pick(&event.kind)).collect()
    }

    /// All events of a session so far, in order.
    pub fn events(&self, session: &SessionId) -> Vec<Event> {
        let heard = self.heard.lock().unwrap();
        heard.seen.iter().filter(|event| event.session.as_ref() == Some(session)).cloned().collect()
    }

    /// Closes the front.
    pub fn leave(&self) {
        drop(self.heard.lock().unwrap().inbox.take());
    }
}
