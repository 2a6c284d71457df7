//! The server between a scripted engine and a client, with a clock that is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::base::{Clock, Timestamp};
use crate::engine::{CommandLimits, Inbox, scripted};
use crate::protocol::{
    ApprovalMode, Command, Event, EventKind, Item, ItemKind, OpenOptions, Record, Reply,
    SandboxOpenings, SessionCommand, SessionId, SessionPlace, SessionSummary, SessionView, TurnId,
    TurnOutcome,
};

use super::connection::{ClientInfo, Connection, ConnectionId, Outgoing, Slow, outbox};
use super::permissions::Permissions;
use super::server::{Ends, Server};
use super::setup::ServerSetup;
use super::thread::{Kept, Thread, ThreadMeta};

const CLIENT: ConnectionId = ConnectionId(1);
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

struct Scene {
    server: Server,
    script: scripted::Script,
    inbox: Inbox,
    outgoing: Outgoing,
    clock: Clock,
    session: SessionId,
}

impl Scene {
    /// A client that listens to a thread.
    fn new() -> Self {
        let (client, inbox, script) = scripted::engine();
        let (mut server, _results) = Server::new(setup(), client, Ends::WhenTold);
        let clock = Clock::standing(Timestamp(1_000));
        server.clock = clock.clone();
        let (outbox, outgoing) = outbox(Slow::Dropped);
        let info = ClientInfo { experimental: true, opted_out: Default::default() };
        let connection = Connection { client: Some(info), ..Connection::new(outbox) };
        server.connections.insert(CLIENT, connection);
        let session = SessionId::new("ses_00000000000000000000000000000001");
        let mut thread = Thread::new(&view(&session), &[], meta(clock.now()));
        thread.subscribers.insert(CLIENT);
        server.threads.insert(session.clone(), thread);
        Self { server, script, inbox, outgoing, clock, session }
    }

    /// What the client was told since the last look.
    fn told(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        while let Some(message) = self.outgoing.ready() {
            all.push(serde_json::from_str(&message).unwrap());
        }
        all
    }

    fn methods(&mut self) -> Vec<String> {
        let told = self.told();
        told.iter().map(|message| message["method"].as_str().unwrap().to_owned()).collect()
    }

    fn tell(&mut self, kind: EventKind) {
        let event = Event { session: Some(self.session.clone()), seq: 0, kind };
        self.server.event(event);
    }

    /// Nobody listens any more, from now on; since when.
    fn leave(&mut self) -> Timestamp {
        self.server.forget_subscriber(CLIENT);
        self.clock.now()
    }
}

fn setup() -> ServerSetup {
    let commands = CommandLimits {
        hidden: Vec::new(),
        closed: Vec::new(),
        grants: SandboxOpenings::default(),
        withheld: Vec::new(),
        home: None,
        program: "/not/there".into(),
    };
    ServerSetup {
        home: "/home".into(),
        folder: "/work".into(),
        sessions: "/sessions".into(),
        config_file: "/config.toml".into(),
        model: None,
        effort: None,
        mode: ApprovalMode::Ask,
        typed_mode: None,
        providers: [].into(),
        commands: Arc::new(commands),
    }
}

fn view(session: &SessionId) -> SessionView {
    let mut view = SessionView::new(session.clone());
    view.place = Some(SessionPlace { folder: "/work".into(), branch: None });
    view
}

fn meta(now: Timestamp) -> ThreadMeta {
    ThreadMeta {
        permissions: Permissions::of(ApprovalMode::Ask),
        options: OpenOptions::default(),
        created: now,
        updated: now,
        forked_from: None,
        kept: Kept::OnDisk,
        source: "vscode",
    }
}

fn said(id: &str, text: &str) -> Item {
    Item { id: id.into(), kind: ItemKind::assistant(text), wire: None }
}

#[tokio::test]
async fn a_thread_that_nobody_listens_to_is_closed_after_half_an_hour() {
    let mut scene = Scene::new();
    let since = scene.leave();
    scene.clock.advance(HALF_AN_HOUR - Duration::from_millis(1));
    scene.server.unload(&scene.session, since);
    assert!(scene.server.threads.contains_key(&scene.session) && scene.told().is_empty());
    scene.clock.advance(Duration::from_millis(1));
    scene.server.unload(&scene.session, since);
    assert_eq!(scene.methods(), ["thread/status/changed", "thread/closed"]);
    let asked = scene.script.try_next().unwrap().command;
    let Command::Session(SessionCommand::Close(closed)) = asked else { panic!("{asked:?}") };
    assert_eq!(closed, scene.session);
    assert!(scene.script.try_next().is_none(), "its log stays");
}

#[tokio::test]
async fn whoever_comes_back_begins_the_half_hour_anew_and_a_running_turn_ends_first() {
    let mut scene = Scene::new();
    let first = scene.leave();
    scene.clock.advance(HALF_AN_HOUR / 2);
    let thread = scene.server.threads.get_mut(&scene.session).unwrap();
    thread.subscribers.insert(CLIENT);
    thread.left = None;
    let second = scene.leave();
    scene.clock.advance(HALF_AN_HOUR / 2);
    scene.server.unload(&scene.session, first);
    scene.server.unload(&scene.session, second);
    assert!(scene.server.threads.contains_key(&scene.session));
    scene.tell(EventKind::TurnStarted(TurnId(1)));
    scene.clock.advance(HALF_AN_HOUR);
    scene.server.unload(&scene.session, second);
    assert!(scene.server.threads.contains_key(&scene.session), "a turn runs in it");
}

#[tokio::test]
async fn events_that_were_lost_are_told_from_the_log() {
    let mut scene = Scene::new();
    scene.tell(EventKind::TurnStarted(TurnId(1)));
    scene.tell(EventKind::ItemDone(said("a", "the first")));
    assert!(scene.methods().contains(&"item/completed".to_owned()));
    // The inbox was overrun: a snapshot stands for all that waited in it.
    let view = view(&scene.session);
    scene.tell(EventKind::Snapshot(Arc::new(view)));
    let asked = scene.script.try_next().unwrap();
    let Command::Session(SessionCommand::Read(_)) = &asked.command else {
        panic!("{:?}", asked.command)
    };
    let item = |id, text| Record::Item(Arc::new(said(id, text)));
    let records = vec![
        Record::TurnStarted(TurnId(1)),
        item("a", "the first"),
        item("b", "the second"),
        Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
    ];
    let now = scene.clock.now();
    let summary = SessionSummary {
        id: scene.session.clone(),
        folder: "/work".into(),
        title: String::new(),
        is_named: false,
        created: now,
        changed: now,
        prompts: 1,
    };
    asked.answer(Ok(Reply::Read { summary, records }));
    let reply = scene.inbox.try_next().unwrap();
    scene.server.hear(reply);
    let told = scene.told();
    let methods: Vec<_> = told.iter().map(|message| message["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["item/completed", "thread/status/changed", "turn/completed"]);
    assert_eq!(told[0]["params"]["item"]["text"], "the second");
    assert_eq!(told[1]["params"]["status"], json!({ "type": "idle" }));
    assert_eq!(told[2]["params"]["turn"]["status"], "completed");
    assert!(!scene.server.runs(&scene.session));
}
