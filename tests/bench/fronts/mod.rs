//! The cost of several fronts on one engine in this process: a snapshot, a second subscriber, idle
//! sessions.

pub mod acp;
pub mod app_server;
pub mod headless;

use std::sync::Arc;
use std::time::{Duration, Instant};

use codling::config::{Env, Flags, load};
use codling::demo::{Home, Options, ScriptedAnswer, Stand};
use codling::engine::{Client, ClientFacts, Engine, Inbox, Incoming, Setup, dialects};
use codling::protocol::{
    CallOutput, Command, EventKind, Item, ItemKind, OpenOptions, Presence, Reply, SessionCommand,
    SessionId, SessionView, SignInPatience, Surroundings, ToolCall, TurnCommand, WhenHeld,
};

use crate::ask::Ask;
use crate::table::{Table, Target};
use crate::usage::{live_cpu_seconds, resident};

const ITEMS: usize = 5_000;
const DELTAS: usize = 20_000;
const SESSIONS: usize = 100;
const LIMIT: Duration = Duration::from_secs(60);

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["fronts", "snapshot", "subscribers"]) {
        return;
    }
    let view = conversation();
    let snapshots: Vec<f64> = (0..ask.runs)
        .map(|_| {
            let began = Instant::now();
            let snapshot = Arc::new(view.clone());
            let took = began.elapsed().as_secs_f64() * 1e3;
            drop(snapshot);
            took
        })
        .collect();
    table.add("snapshot of 5,000 items", "ms", Target::AtMost(1.0), &snapshots);

    let (mut more, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..ask.runs {
        let (one, two) = (answer(1), answer(2));
        more.extend(one.zip(two).map(|(one, two)| (two - one) / one * 100.0));
        memory.extend(idle_sessions());
    }
    table.add("second subscriber to 20,000 deltas, CPU", "%", Target::AtMost(10.0), &more);
    table.add("100 idle sessions in one engine", "MiB", Target::AtMost(40.0), &memory);
}

/// Prompts, answers and calls in turn.
fn conversation() -> SessionView {
    let mut view = SessionView::new("ses_bench".into());
    let text = "A sentence of an answer that is neither short nor long. ".repeat(20);
    for at in 0..ITEMS {
        let id = format!("item{at}");
        let event = match at % 3 {
            0 => {
                let kind = ItemKind::user("Go on");
                let item = Item { id: id.as_str().into(), kind, wire: None };
                EventKind::PromptShown { item, tag: None }
            }
            1 => EventKind::ItemDone(Item {
                id: id.as_str().into(),
                kind: ItemKind::assistant(text.clone()),
                wire: None,
            }),
            _ => {
                let call = ToolCall {
                    id: id.as_str().into(),
                    name: "read".into(),
                    arguments: "{\"filePath\":\"src/main.rs\"}".into(),
                };
                view.apply(&EventKind::CallStarted(call));
                let output = CallOutput::text("src/main.rs", text.clone());
                EventKind::CallEnded { call: id.as_str().into(), output }
            }
        };
        view.apply(&event);
    }
    view
}

/// An engine with a stand-in and a fresh home.
struct Fixture {
    engine: Option<Engine>,
    ending: Option<codling::engine::EngineEnd>,
    _home: Home,
    stand: Stand,
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let (home, stand) = (Home::create().unwrap(), Stand::start(Options::default()).unwrap());
        home.sign_in(&stand.issue()).unwrap();
        let env = home
            .environment(&stand)
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .fold(Env::default(), |env, (name, value)| env.with(name, value));
        let settings = load(&env, None, &Flags::default(), &dialects()).unwrap().settings;
        let (engine, ending) = Engine::start_on_thread(Setup {
            settings,
            source: None,
            notices: Vec::new(),
            tool_sources: [].into(),
            program: env!("CARGO_BIN_EXE_codling").into(),
        })
        .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { engine: Some(engine), ending: Some(ending), _home: home, stand, runtime, folder }
    }

    fn client(&self) -> (Client, Inbox) {
        let facts = ClientFacts {
            presence: Presence::Attended,
            surroundings: Surroundings::default(),
            patience: SignInPatience::Person,
            name: "bench".into(),
        };
        self.engine.as_ref().unwrap().client(facts, None)
    }

    fn open(&self, client: &Client, id: &str) {
        let open = SessionCommand::Open {
            id: id.into(),
            folder: self.folder.path().to_owned(),
            options: OpenOptions::default(),
        };
        let opened = self.runtime.block_on(client.request(Command::Session(open)));
        assert_eq!(opened, Ok(Reply::Opened(id.into())));
    }

    fn end(mut self) {
        drop(self.engine.take());
        self.ending.take().unwrap().wait(LIMIT);
    }
}

/// Processor seconds of this process for one long answer with this many clients.
fn answer(clients: usize) -> Option<f64> {
    let fixture = Fixture::new();
    let (client, first) = fixture.client();
    fixture.open(&client, "ses_bench");
    let mut inboxes = vec![first];
    let mut others = Vec::new();
    for _ in 1..clients {
        let (other, inbox) = fixture.client();
        let which = codling::protocol::SessionSelector::Named("ses_bench".into());
        let options = OpenOptions::default();
        let join =
            SessionCommand::Resume { which, when_held: WhenHeld::Copy("ses_fork".into()), options };
        fixture.runtime.block_on(other.request(Command::Session(join))).unwrap();
        inboxes.push(inbox);
        others.push(other);
    }
    fixture.stand.script([ScriptedAnswer::load(DELTAS, Some(10_000))]);
    let before = live_cpu_seconds(std::process::id());
    let session: SessionId = "ses_bench".into();
    let submit = Command::Turn(session, TurnCommand::Submit("Go".into()));
    fixture.runtime.block_on(client.request(submit)).unwrap();
    for inbox in &mut inboxes {
        fixture.runtime.block_on(async {
            loop {
                match inbox.next().await {
                    Some(Incoming::Event(event))
                        if matches!(event.kind, EventKind::TurnEnded { .. }) =>
                    {
                        return;
                    }
                    Some(_) => {}
                    None => panic!("the engine has ended"),
                }
            }
        });
    }
    let spent =
        live_cpu_seconds(std::process::id()).zip(before).map(|(after, before)| after - before);
    fixture.end();
    spent
}

/// The memory of this many idle sessions beside the first one.
fn idle_sessions() -> Option<f64> {
    let fixture = Fixture::new();
    let (client, _inbox) = fixture.client();
    fixture.open(&client, "ses_first");
    let before = resident(std::process::id())?;
    for at in 0..SESSIONS {
        fixture.open(&client, &format!("ses_{at}"));
    }
    let after = resident(std::process::id())?;
    fixture.end();
    Some(after - before)
}
