//! A front of an engine that a test drives: what it asks is answered, what it hears is kept.

use std::sync::Mutex;
use std::time::Duration;

use codling::engine::{Client, ClientFacts, Engine, Inbox, Incoming};
use codling::protocol::{
    Command, Event, EventKind, Presence, ReplyResult, SessionId, SignInPatience, Surroundings,
};
use tokio::runtime::Runtime;

/// How long anything may take on a busy machine.
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
    /// One whose person sits elsewhere: no browser is opened for it.
    pub fn of(engine: &Engine) -> Self {
        let surroundings = Surroundings { ssh: true, ..Surroundings::default() };
        let facts = ClientFacts {
            presence: Presence::Attended,
            surroundings,
            patience: SignInPatience::Person,
        };
        let (client, inbox) = engine.client(facts, None);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let heard = Mutex::new(Heard { inbox: Some(inbox), seen: Vec::new() });
        Self { client, heard, runtime }
    }

    /// The answer to a command.
    pub fn request(&self, command: Command) -> ReplyResult {
        let answer = self.client.request(command);
        self.runtime.block_on(async { tokio::time::timeout(LIMIT, answer).await }).unwrap()
    }

    /// Waits for an event that the function makes something of.
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

    /// All events so far that the function makes something of.
    pub fn seen<T>(&self, mut pick: impl FnMut(&EventKind) -> Option<T>) -> Vec<T> {
        self.heard.lock().unwrap().seen.iter().filter_map(|event| pick(&event.kind)).collect()
    }

    /// All events of a session so far, in the order they came.
    pub fn events(&self, session: &SessionId) -> Vec<Event> {
        let heard = self.heard.lock().unwrap();
        heard.seen.iter().filter(|event| event.session.as_ref() == Some(session)).cloned().collect()
    }

    /// Hears nothing more: it is gone.
    pub fn leave(&self) {
        drop(self.heard.lock().unwrap().inbox.take());
    }
}
