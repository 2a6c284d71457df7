//! The fixture: an engine in a fresh home, a folder, and a stand-in.

use std::cell::Cell;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codling::config::{Env, Flags, load};
use codling::demo::{Home, Options, Stand};
use codling::engine::{Engine, EngineEnd, Setup};
use codling::protocol::{
    AccountCommand, ApprovalResponse, AskId, Command, EventKind, KeyCheck, OpenOptions, ProviderId,
    Reply, SessionCommand, SessionId, SignInId, SignInLifetime, SignInStep, SignInWay, TurnCommand,
    TurnOutcome,
};
use codling::tools::ToolSource;
use tempfile::TempDir;

use super::front::Front;
use crate::stage::until;

/// The limit for any wait on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

pub struct Scene {
    pub stand: Arc<Stand>,
    pub home: Arc<Home>,
    pub folder: TempDir,
    engine: Option<Engine>,
    ending: Option<EngineEnd>,
    front: Front,
    session: SessionId,
    /// Counts sign-ins.
    attempts: Cell<u32>,
}

/// The commands and events of the first front.
impl Deref for Scene {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.front
    }
}

impl Scene {
    pub fn new(options: Options) -> Self {
        Self::beside(Arc::new(Stand::start(options).unwrap()), Arc::new(Home::create().unwrap()))
    }

    /// The same with two ports of its own for the browser's redirect.
    pub fn on_ports(options: Options, ports: [u16; 2]) -> Self {
        Self::begin(
            Arc::new(Stand::start(options).unwrap()),
            Arc::new(Home::create().unwrap()),
            ports,
            Vec::new(),
        )
    }

    /// The same with tools of other sources.
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
        let program = env!("CARGO_BIN_EXE_codling").into();
        let setup = Setup { settings, source: None, notices: Vec::new(), tool_sources, program };
        let (engine, ending) = Engine::start_on_thread(setup).unwrap();
        let front = Front::of(&engine);
        let session = SessionId::new("ses_test");
        let open = SessionCommand::Open {
            id: session.clone(),
            folder: folder.path().to_owned(),
            options: OpenOptions::default(),
        };
        assert_eq!(front.request(Command::Session(open)), Ok(Reply::Opened(session.clone())));
        Self {
            stand,
            home,
            folder,
            engine: Some(engine),
            ending: Some(ending),
            front,
            session,
            attempts: Cell::new(0),
        }
    }

    /// The same, signed in with a ChatGPT account.
    pub fn signed_in(options: Options) -> Self {
        let scene = Self::new(options);
        scene.home.sign_in(&scene.stand.issue()).unwrap();
        scene
    }

    pub fn send(&self, command: Command) {
        self.request(command).unwrap();
    }

    /// Another front of the same engine.
    pub fn another(&self) -> Front {
        Front::of(self.engine.as_ref().unwrap())
    }

    /// Whether its owner is to wait for it.
    pub fn is_busy(&self) -> bool {
        self.engine.as_ref().unwrap().rest().unwrap().is_busy
    }

    pub fn session(&self) -> SessionId {
        self.session.clone()
    }

    pub fn submit(&self, text: &str) {
        self.send(Command::Turn(self.session.clone(), TurnCommand::Submit(text.into())));
    }

    pub fn decide(&self, ask: AskId, decision: ApprovalResponse) {
        self.send(Command::Turn(self.session.clone(), TurnCommand::Decide { ask, decision }));
    }

    pub fn interrupt(&self) {
        self.send(Command::Turn(self.session.clone(), TurnCommand::Interrupt));
    }

    pub fn sign_in(&self, way: SignInWay) -> SignInId {
        self.sign_in_checking(way, KeyCheck::First)
    }

    pub fn sign_in_checking(&self, way: SignInWay, check: KeyCheck) -> SignInId {
        self.attempts.set(self.attempts.get() + 1);
        let attempt = SignInId::new(format!("attempt {}", self.attempts.get()));
        self.send(Command::Account(AccountCommand::SignIn {
            attempt: attempt.clone(),
            provider: ProviderId::openai(),
            way,
            check,
            lifetime: SignInLifetime::Client,
        }));
        attempt
    }

    /// Waits for the turn to end.
    pub fn outcome(&self) -> TurnOutcome {
        self.wait("the end of the turn", |event| match event {
            EventKind::TurnEnded { outcome, .. } => Some(outcome.clone()),
            _ => None,
        })
    }

    /// Sends a prompt and waits for its turn to end well.
    pub fn ask(&self, text: &str) {
        self.submit(text);
        assert_eq!(self.outcome(), TurnOutcome::Done);
    }

    pub fn step(&self, what: &str, mut pick: impl FnMut(&SignInStep) -> bool) -> SignInStep {
        self.wait(what, |event| match event {
            EventKind::SignIn { step, .. } if pick(step) => Some(step.clone()),
            _ => None,
        })
    }

    pub fn auth_file(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.home.auth_file()).unwrap()).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(Path::new(self.folder.path()).join(name), text).unwrap();
    }

    /// Ends the engine and checks the laws of all requests.
    pub fn end(self) {
        let stand = self.stand.clone();
        self.end_quietly();
        stand.check().unwrap();
    }

    /// Ends the engine after a law was broken on purpose.
    pub fn end_quietly(self) {}
}

impl Drop for Scene {
    /// Ends the engine before its home is removed, and waits for the thread that keeps contents,
    /// which goes on for a moment.
    fn drop(&mut self) {
        drop(self.engine.take());
        if let Some(ending) = self.ending.take() {
            ending.wait(LIMIT);
        }
        until(LIMIT, "contents are kept", || !is_keeping_contents());
    }
}

/// Whether a thread of this process keeps contents for undo; `false` where threads have no names.
fn is_keeping_contents() -> bool {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let mut names = threads.filter_map(|it| std::fs::read_to_string(it.path().join("comm")).ok());
    names.any(|name| name.trim_end() == "snapshot")
}
