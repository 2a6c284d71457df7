//! The server between a scripted engine and a client, with a clock that is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::base::{Clock, Timestamp};
use crate::engine::{CommandLimits, Inbox, Incoming, scripted};
use crate::protocol::{
    ApprovalMode, Command, Event, EventKind, GitAccess, Item, ItemKind, OpenTurn, Problem,
    ProblemKind, Record, Reply, SandboxOpenings, SessionCommand, SessionId, SessionPlace,
    SessionSummary, SessionView, TurnCommand, TurnId, TurnOrigin, TurnOutcome,
};

use super::life::Ends;
use super::machines::Machines;
use super::methods;
use super::request::permissions::Permissions;
use super::server::Server;
use super::setup::ServerSetup;
use super::thread::loaded::{Kept, Thread, ThreadMeta};
use super::thread::turns::{self, ItemsView};
use super::transport::connection::{Asker, ClientInfo, Connection, ConnectionId};
use super::transport::outbox::{Outgoing, Slow, outbox};
use super::transport::wire::{self, Inbound};

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
        let Machines { outside, threads, .. } = &mut server.machines;
        outside.clock = clock.clone();
        let (outbox, outgoing) = outbox(Slow::Dropped);
        let info = ClientInfo { experimental: true, opted_out: Default::default() };
        let connection = Connection { client: Some(info), ..Connection::new(outbox) };
        outside.connections.insert(CLIENT, connection);
        let session = SessionId::new("ses_00000000000000000000000000000001");
        let mut thread = Thread::new(&view(&session), &[], meta(clock.now()));
        thread.subscribers.insert(CLIENT);
        threads.all.insert(session.clone(), thread);
        Self { server, script, inbox, outgoing, clock, session }
    }

    /// The messages sent to the client since the last call.
    fn received(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        while let Some(message) = self.outgoing.ready() {
            all.push(serde_json::from_str(&message).unwrap());
        }
        all
    }

    fn methods(&mut self) -> Vec<String> {
        let received = self.received();
        received.iter().map(|message| message["method"].as_str().unwrap().to_owned()).collect()
    }

    fn notify(&mut self, kind: EventKind) {
        let event = Event { session: Some(self.session.clone()), seq: 0, kind };
        self.server.receive(Incoming::Event(event));
    }

    /// Sends a request from the client.
    fn ask(&mut self, method: &str, params: Value) {
        let text = json!({ "id": 1, "method": method, "params": params }).to_string();
        let Some(Inbound::Request { id, method, params }) = wire::read(text.as_bytes()) else {
            panic!("{text}")
        };
        let seat = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        methods::call(&mut self.server.machines, Asker::new(CLIENT, id, seat), &method, params);
    }

    fn summary(&self) -> SessionSummary {
        let now = self.clock.now();
        SessionSummary {
            id: self.session.clone(),
            folder: "/work".into(),
            title: String::new(),
            is_named: false,
            created: now,
            changed: now,
            prompts: 1,
            branches: 0,
            failure: None,
            is_open_elsewhere: false,
            activity: None,
        }
    }

    /// Simulates an overrun inbox: a snapshot replaces the events that were lost, and the log holds
    /// the rest.
    fn overrun(&mut self, running: Option<TurnId>, records: Vec<Record>) {
        let view = SessionView { turn: running, ..view(&self.session) };
        self.notify(EventKind::Snapshot(Arc::new(view)));
        let asked = self.script.try_next().unwrap();
        let Command::Session(SessionCommand::Read(_)) = &asked.command else {
            panic!("{:?}", asked.command)
        };
        asked.answer(Ok(Reply::Read { summary: self.summary(), records }));
        let reply = self.inbox.try_next().unwrap();
        self.server.receive(reply);
    }

    /// Unsubscribes the only client; returns when it left.
    fn leave(&mut self) -> Timestamp {
        let Machines { outside, threads, .. } = &mut self.server.machines;
        threads.forget_subscriber(outside, CLIENT);
        self.clock.now()
    }

    /// Simulates the time at which a thread left at `since` is closed.
    fn unload(&mut self, since: Timestamp) {
        let Machines { outside, threads, .. } = &mut self.server.machines;
        threads.unload(outside, &self.session, since);
    }
}

fn setup() -> ServerSetup {
    let commands = CommandLimits {
        hidden: Vec::new(),
        closed: Vec::new(),
        grants: SandboxOpenings::default(),
        git: GitAccess::ReadOnly,
        withheld: Vec::new(),
        home: None,
        kept_caches: None,
        program: "/not/there".into(),
    };
    ServerSetup {
        home: "/home".into(),
        folder: "/work".into(),
        sessions: "/sessions".into(),
        config_file: "/config.toml".into(),
        model: None,
        mode: ApprovalMode::Ask,
        typed_mode: None,
        warnings: Vec::new(),
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

fn kept(id: &str, text: &str) -> Record {
    Record::Item(Arc::new(said(id, text)))
}

#[tokio::test]
async fn a_thread_that_nobody_listens_to_is_closed_after_half_an_hour() {
    let mut scene = Scene::new();
    let since = scene.leave();
    scene.clock.advance(HALF_AN_HOUR - Duration::from_millis(1));
    scene.unload(since);
    assert!(
        scene.server.machines.threads.all.contains_key(&scene.session)
            && scene.received().is_empty()
    );
    scene.clock.advance(Duration::from_millis(1));
    scene.unload(since);
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
    let thread = scene.server.machines.threads.all.get_mut(&scene.session).unwrap();
    thread.subscribers.insert(CLIENT);
    thread.left = None;
    let second = scene.leave();
    scene.clock.advance(HALF_AN_HOUR / 2);
    scene.unload(first);
    scene.unload(second);
    assert!(scene.server.machines.threads.all.contains_key(&scene.session));
    scene.notify(EventKind::TurnStarted(TurnId(1)));
    scene.clock.advance(HALF_AN_HOUR);
    scene.unload(second);
    assert!(scene.server.machines.threads.all.contains_key(&scene.session), "a turn runs in it");
}

#[tokio::test]
async fn events_that_were_lost_are_told_from_the_log() {
    let mut scene = Scene::new();
    scene.notify(EventKind::TurnStarted(TurnId(1)));
    scene.notify(EventKind::ItemDone(said("a", "the first")));
    assert!(scene.methods().contains(&"item/completed".to_owned()));
    let records = vec![
        Record::TurnStarted(TurnId(1)),
        kept("a", "the first"),
        kept("b", "the second"),
        Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
    ];
    scene.overrun(None, records);
    let received = scene.received();
    let methods: Vec<_> =
        received.iter().map(|message| message["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["item/completed", "thread/status/changed", "turn/completed"]);
    assert_eq!(received[0]["params"]["item"]["text"], "the second");
    assert_eq!(received[1]["params"]["status"], json!({ "type": "idle" }));
    assert_eq!(received[2]["params"]["turn"]["status"], "completed");
    assert!(!scene.server.machines.threads.runs(&scene.session));
}

#[tokio::test]
async fn a_turn_that_was_steered_at_its_end_goes_on_where_events_were_lost() {
    let mut scene = Scene::new();
    scene.notify(EventKind::TurnStarted(TurnId(1)));
    let turn = scene.server.machines.threads.all[&scene.session].running_turn().unwrap();
    scene.received();
    let begun = [
        Record::TurnStarted(TurnId(1)),
        kept("a", "the first"),
        Record::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
        Record::TurnStarted(TurnId(2)),
        Record::TurnOrigin(TurnOrigin::Queued),
        kept("b", "the second"),
    ];
    scene.overrun(Some(TurnId(2)), begun.to_vec());
    assert_eq!(
        scene.server.machines.threads.all[&scene.session].running_turn(),
        Some(turn.clone())
    );
    assert_eq!(scene.methods(), ["item/completed", "item/completed"]);
    let ended = Record::TurnEnded { turn: TurnId(2), outcome: TurnOutcome::Done };
    scene.overrun(None, begun.into_iter().chain([ended]).collect());
    let received = scene.received();
    assert_eq!(received.last().unwrap()["params"]["turn"]["id"], turn);
    assert_eq!(scene.server.machines.threads.all[&scene.session].turns.len(), 1);
}

#[test]
fn a_log_that_does_not_say_what_began_a_turn_is_read_as_before() {
    let session = SessionId::new("ses_00000000000000000000000000000001");
    let ended = |turn| Record::TurnEnded { turn: TurnId(turn), outcome: TurnOutcome::Done };
    let begun = |turn| Record::TurnStarted(TurnId(turn));
    let origin = Record::TurnOrigin(TurnOrigin::Queued);
    for (records, expected) in [
        (vec![begun(1), kept("a", "1"), ended(1), begun(2), kept("b", "2"), ended(2)], vec![1, 1]),
        (vec![begun(1), ended(1), begun(2), origin.clone(), kept("b", "2"), ended(2)], vec![1]),
        // The log lacks the turn that this one continues, or that turn never ended.
        (vec![begun(2), origin.clone(), kept("b", "2"), ended(2)], vec![1]),
        (vec![begun(1), kept("a", "1"), ended(1), begun(2), origin], vec![1]),
    ] {
        let turns = turns::of_records(&session, "/work".as_ref(), &records, OpenTurn::CutOff);
        let found: Vec<usize> = turns.iter().map(|turn| turn.items.len()).collect();
        assert_eq!(found, expected, "{records:?}");
    }
}

#[test]
fn a_turn_that_goes_on_in_another_program_is_in_progress() {
    let session = SessionId::new("ses_00000000000000000000000000000001");
    let records = [Record::TurnStarted(TurnId(1)), kept("a", "1")];
    for (last, status) in [(OpenTurn::CutOff, "interrupted"), (OpenTurn::Running, "inProgress")] {
        let turns = turns::of_records(&session, "/work".as_ref(), &records, last);
        assert_eq!(json!(turns[0].json(ItemsView::Full))["status"], status);
    }
}

#[tokio::test]
async fn a_turn_that_begins_before_a_review_is_refused_is_not_told_as_one() {
    let mut scene = Scene::new();
    let thread = scene.server.machines.threads.all[&scene.session].id.clone();
    let target = json!({ "type": "uncommittedChanges" });
    scene.ask("review/start", json!({ "threadId": thread, "target": target }));
    let asked = scene.script.try_next().unwrap();
    assert!(
        matches!(&asked.command, Command::Turn(_, TurnCommand::Submit(it)) if it.review.is_some())
    );
    scene.notify(EventKind::TurnStarted(TurnId(1)));
    let prompt = ItemKind::User { text: "go".into(), images: Vec::new() };
    let prompt = Item { id: "p".into(), kind: prompt, wire: None };
    scene.notify(EventKind::PromptShown { item: prompt, tag: None });
    let received = Value::from(scene.received());
    assert!(!received.to_string().contains("enteredReviewMode"), "{received}");
    asked.answer(Err(Problem::new(ProblemKind::NotNow, "A review cannot start now")));
    let reply = scene.inbox.try_next().unwrap();
    scene.server.receive(reply);
    assert_eq!(scene.received()[0]["error"]["message"], "A review cannot start now");
    assert!(scene.script.try_next().is_none(), "nothing is left to be taken back");
}

#[test]
fn a_prompt_has_the_name_that_its_sender_gave_it() {
    let mut scene = Scene::new();
    let params = |name: &str| {
        let input = json!([{ "type": "text", "text": "go" }]);
        json!({ "threadId": scene.session.as_str(), "input": input, "clientUserMessageId": name })
    };
    let (one, other) = (params("one"), params("other"));
    scene.notify(EventKind::TurnStarted(TurnId(1)));
    scene.ask("turn/start", one);
    scene.ask("turn/start", other);
    let mut sent = || {
        let asked = scene.script.try_next().unwrap();
        let Command::Turn(_, TurnCommand::Submit(prompt)) = asked.command else { panic!() };
        prompt
    };
    let (one, other) = (sent(), sent());
    scene.received();
    // The same words as another client's prompt, and as the first one, which stays queued.
    for (id, tag) in [("theirs", None), ("ours", other.tag)] {
        let item = Item { id: id.into(), kind: ItemKind::user(one.text.as_str()), wire: None };
        scene.notify(EventKind::PromptShown { item, tag });
    }
    let received = scene.received();
    let completed = received.iter().filter(|it| it["method"] == "item/completed");
    let named: Vec<_> = completed.map(|it| it["params"]["item"]["clientId"].clone()).collect();
    assert_eq!(named, [json!(null), json!("other")]);
}
