//! An engine in a fresh home, a folder to talk about, and a stand-in to talk to.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codling::config::{Env, Flags, load};
use codling::demo::{Home, Options, Stand};
use codling::engine::{Engine, EngineEnd, Setup};
use codling::protocol::{
    AccountCommand, ApprovalResponse, CallId, Command, Event, EventKind, KeyCheck, Presence,
    ProviderId, SessionCommand, SessionId, SignInStep, SignInWay, TurnCommand, TurnOutcome,
};
use codling::tools::ToolSource;
use tempfile::TempDir;

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

pub struct Scene {
    pub stand: Arc<Stand>,
    pub home: Arc<Home>,
    pub folder: TempDir,
    engine: Option<Engine>,
    ending: Option<EngineEnd>,
    events: Receiver<Event>,
    seen: Mutex<Vec<EventKind>>,
    session: SessionId,
}

impl Scene {
    pub fn new(options: Options) -> Self {
        Self::beside(Arc::new(Stand::start(options).unwrap()), Arc::new(Home::create().unwrap()))
    }

    /// The same with two ports of its own for the browser's way back.
    pub fn on_ports(options: Options, ports: [u16; 2]) -> Self {
        Self::begin(
            Arc::new(Stand::start(options).unwrap()),
            Arc::new(Home::create().unwrap()),
            ports,
            Vec::new(),
        )
    }

    /// With tools from elsewhere.
    pub fn with_tools(options: Options, tool_sources: Vec<Arc<dyn ToolSource>>) -> Self {
        Self::begin(
            Arc::new(Stand::start(options).unwrap()),
            Arc::new(Home::create().unwrap()),
            [0, 0],
            tool_sources,
        )
    }

    /// A second program in the same home.
    pub fn beside(stand: Arc<Stand>, home: Arc<Home>) -> Self {
        Self::begin(stand, home, [0, 0], Vec::new())
    }

    fn begin(
        stand: Arc<Stand>,
        home: Arc<Home>,
        ports: [u16; 2],
        tool_sources: Vec<Arc<dyn ToolSource>>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("README.md"), "# Orchard\n\nApples and pears.\n")
            .unwrap();
        let mut variables: Vec<(String, String)> = home
            .environment(&stand)
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        variables.push(("CODLING_CALLBACK_PORTS".into(), format!("{},{}", ports[0], ports[1])));
        variables.push(("SSH_CONNECTION".into(), "192.0.2.1 1 192.0.2.2 22".into()));
        let env =
            variables.into_iter().fold(Env::default(), |env, (name, value)| env.with(&name, value));
        let settings =
            load(&env, None, &Flags::default(), &codling::engine::dialects()).unwrap().settings;
        let (send, events) = channel();
        let tell = Arc::new(move |event| drop(send.send(event)));
        let (engine, ending) = Engine::start_on_thread(
            Setup { settings, notices: Vec::new(), presence: Presence::Attended, tool_sources },
            tell,
        )
        .unwrap();
        let session = SessionId::new("ses_test");
        engine.send(Command::Session(SessionCommand::Open {
            id: session.clone(),
            folder: folder.path().to_owned(),
            model: None,
            effort: None,
        }));
        Self {
            stand,
            home,
            folder,
            engine: Some(engine),
            ending: Some(ending),
            events,
            seen: Mutex::default(),
            session,
        }
    }

    /// The same, signed in with a ChatGPT account.
    pub fn signed_in(options: Options) -> Self {
        let scene = Self::new(options);
        scene.home.sign_in(&scene.stand.issue()).unwrap();
        scene
    }

    pub fn send(&self, command: Command) {
        self.engine.as_ref().unwrap().send(command);
    }

    pub fn session(&self) -> SessionId {
        self.session.clone()
    }

    pub fn submit(&self, text: &str) {
        self.send(Command::Turn(self.session.clone(), TurnCommand::Submit(text.into())));
    }

    pub fn decide(&self, call: CallId, decision: ApprovalResponse) {
        self.send(Command::Turn(self.session.clone(), TurnCommand::Decide { call, decision }));
    }

    pub fn interrupt(&self) {
        self.send(Command::Turn(self.session.clone(), TurnCommand::Interrupt));
    }

    pub fn sign_in(&self, way: SignInWay) {
        self.send(Command::Account(AccountCommand::SignIn {
            provider: ProviderId::openai(),
            way,
            check: KeyCheck::First,
        }));
    }

    /// Waits for an event that the function makes something of.
    pub fn wait<T>(&self, what: &str, mut pick: impl FnMut(&EventKind) -> Option<T>) -> T {
        let mut seen = self.seen.lock().unwrap();
        loop {
            match self.events.recv_timeout(LIMIT) {
                Ok(event) => {
                    seen.push(event.kind);
                    if let Some(found) = seen.last().and_then(&mut pick) {
                        return found;
                    }
                }
                Err(_timeout) => panic!("{what} never came; seen: {seen:#?}"),
            }
        }
    }

    /// Waits for the turn to end.
    pub fn outcome(&self) -> TurnOutcome {
        self.wait("the end of the turn", |event| match event {
            EventKind::TurnEnded { outcome, .. } => Some(outcome.clone()),
            _ => None,
        })
    }

    /// A prompt whose turn must come to its end.
    pub fn ask(&self, text: &str) {
        self.submit(text);
        assert_eq!(self.outcome(), TurnOutcome::Done);
    }

    pub fn step(&self, what: &str, mut pick: impl FnMut(&SignInStep) -> bool) -> SignInStep {
        self.wait(what, |event| match event {
            EventKind::SignIn(step) if pick(step) => Some(step.clone()),
            _ => None,
        })
    }

    /// All events so far that the function makes something of.
    pub fn seen<T>(&self, pick: impl FnMut(&EventKind) -> Option<T>) -> Vec<T> {
        self.seen.lock().unwrap().iter().filter_map(pick).collect()
    }

    pub fn auth_file(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.home.auth_file()).unwrap()).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(Path::new(self.folder.path()).join(name), text).unwrap();
    }

    /// Ends the engine and checks the laws over all requests.
    pub fn end(self) {
        let stand = self.stand.clone();
        self.end_quietly();
        stand.check().unwrap();
    }

    /// Ends the engine, where one of the laws was broken on purpose.
    pub fn end_quietly(mut self) {
        drop(self.engine.take());
        self.ending.take().unwrap().wait(LIMIT);
    }
}
