//! The fixture: a person at the screen, with a clock that stands until it is moved.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};

use crate::base::{Timestamp, text};
use crate::protocol::{
    Account, AccountKind, AccountList, Agent, ApprovalMode, CallId, CallOutput, Command,
    CredentialSource, CredentialStanding, Effort, Event, EventKind, Item, ItemId, ItemKind, Model,
    ModelList, ModelRef, ModelSource, MouseUse, Patches, PlannedAction, Problem, PromptId,
    PromptTiming, ProviderId, QueuedPrompt, Record, Reply, ReplyResult, Sandbox, SaveState,
    SessionCommand, SessionId, SessionMode, SessionPlace, SessionSelector, SessionSettings,
    SessionView, SettingsCommand, SignInStep, Surroundings, ToolCall, TurnCommand, TurnId,
    UnqueueReason,
};
use crate::tui::app::App;
use crate::tui::messages::{Asked, Cmd, MouseEvent, MouseKind, Msg};
use crate::tui::overlay::Overlay;
use crate::tui::screen::view;
use crate::tui::terminal::Links;
use crate::tui::{Beginning, ColorEnv, CopyEnv, StartInfo};

pub struct Fixture {
    pub app: App,
    now: Timestamp,
    cmds: Vec<Cmd>,
}

/// Noon of a day in 2027.
pub const NOON: Timestamp = Timestamp(1_800_014_400_000);

pub fn start() -> StartInfo {
    StartInfo {
        surroundings: Surroundings { display: true, utf8: true, ..Surroundings::default() },
        folder: PathBuf::from("/home/me/project"),
        home: Some(PathBuf::from("/home/me")),
        version: "0.1.0".into(),
        model: None,
        providers: std::sync::Arc::new([]),
        effort: None,
        begin: Beginning::New,
        prompt: None,
        mode: None,
        banner: None,
        color: ColorEnv { term: Some("dumb".into()), ..ColorEnv::default() },
        copy: CopyEnv::default(),
        telling: crate::tui::Telling {
            kind: crate::base::TerminalKind::default(),
            notify_after: Duration::from_secs(10),
            has_title: true,
        },
        editor: Some("vi".into()),
        mouse: MouseUse::Auto,
        copy_on_select: false,
        status: crate::protocol::StatusChoice::default(),
        paths: vec![
            ("credentials".into(), PathBuf::from("/home/me/.local/share/codling/auth.json")),
            ("config".into(), PathBuf::from("/home/me/.config/codling")),
            ("logs".into(), PathBuf::from("/home/me/.local/state/codling")),
        ],
    }
}

impl Fixture {
    pub fn new(width: u16, height: u16) -> Self {
        Self::with(start(), width, height)
    }

    pub fn with(start: StartInfo, width: u16, height: u16) -> Self {
        let app = App::new(start, (width, height), NOON, || SessionId::from("ses_test"));
        let mut fixture = Self { app, now: NOON, cmds: Vec::new() };
        fixture.settle();
        fixture
    }

    /// A start that resumes the last conversation of its folder, which is not open yet.
    pub fn resuming(width: u16, height: u16) -> Self {
        let which = SessionSelector::Latest("/home/me/project".into());
        let begin = Beginning::Resume { which, model: None, effort: None, takes: false };
        Self::with(StartInfo { begin, ..start() }, width, height)
    }

    /// A screen whose engine reported that nobody is signed in.
    pub fn not_connected(width: u16, height: u16) -> Self {
        let mut fixture = Self::new(width, height);
        fixture.accounts(Vec::new());
        fixture
    }

    /// A screen with a ChatGPT account and an open session.
    pub fn connected(width: u16, height: u16) -> Self {
        Self::connected_with(start(), width, height)
    }

    /// The same for this start.
    pub fn connected_with(start: StartInfo, width: u16, height: u16) -> Self {
        let mut fixture = Self::connecting_with(start, width, height);
        fixture.reply(Reply::Extensions(Default::default()));
        fixture
    }

    /// The same before the commands of files are known.
    pub fn connecting(width: u16, height: u16) -> Self {
        Self::connecting_with(start(), width, height)
    }

    fn connecting_with(start: StartInfo, width: u16, height: u16) -> Self {
        let mut fixture = Self::with(start, width, height);
        fixture.opened("/home/me/project", Some("main"));
        fixture.accounts(vec![plus()]);
        fixture.event(models());
        fixture.event(EventKind::Settings(SessionSettings {
            model: ModelRef::openai("gpt-6.1-sol"),
            effort: Some(Effort("medium".into())),
            tuning: Default::default(),
            context: Some(272_000),
            patches: Patches::AsText,
        }));
        fixture
    }

    pub fn accounts(&mut self, accounts: Vec<Account>) {
        let file = PathBuf::from("/home/me/.local/share/codling/auth.json");
        self.event(EventKind::Accounts(AccountList {
            accounts,
            file,
            opencode_offer: false,
            codex_offer: None,
        }));
    }

    /// Sends an event of the session on screen, or of the program if only that can be.
    pub fn event(&mut self, kind: EventKind) {
        let of_program = matches!(
            kind,
            EventKind::Accounts(_)
                | EventKind::Models(_)
                | EventKind::Notice(_)
                | EventKind::Sessions(_)
                | EventKind::SignIn { .. }
                | EventKind::SignedOut(_)
        );
        let session = (!of_program).then(|| self.app.talk.id().clone());
        // Here each call is planned at once.
        let planned = match &kind {
            EventKind::CallStarted(call) => Some(EventKind::CallPlanned {
                call: call.id.clone(),
                action: Arc::new(PlannedAction::of(call)),
            }),
            _ => None,
        };
        for kind in [Some(kind), planned].into_iter().flatten() {
            let session = session.clone();
            self.msg(Msg::Engine(Box::new(Event { session, seq: 0, kind })));
        }
    }

    /// Sends a step of the last sign-in.
    pub fn sign_in(&mut self, step: SignInStep) {
        let attempt = match self.app.dialogs.top() {
            Some(Overlay::Connect(dialog)) => dialog.attempt().clone(),
            _ => "gone".into(),
        };
        self.event(EventKind::SignIn { attempt, step });
    }

    /// Sends a reply that nothing depends on.
    pub fn reply(&mut self, reply: Reply) {
        self.answered(Asked::Other, Ok(reply));
    }

    /// Sends an event of any session.
    pub fn event_of(&mut self, session: &str, kind: EventKind) {
        let event = Event { session: Some(session.into()), seq: 0, kind };
        self.msg(Msg::Engine(Box::new(event)));
    }

    /// Refuses the last command.
    pub fn refuse(&mut self, problem: Problem) {
        self.answered(Asked::Other, Err(problem));
    }

    pub fn answered(&mut self, asked: Asked, result: ReplyResult) {
        self.msg(Msg::Reply(asked, result));
    }

    /// Opens the conversation on screen.
    pub fn opened(&mut self, folder: &str, branch: Option<&str>) {
        self.change(|view| {
            view.place =
                Some(SessionPlace { folder: folder.into(), branch: branch.map(str::to_owned) })
        });
    }

    /// Sends the agent, the mode and the sandbox of the conversation on screen.
    pub fn mode(&mut self, agent: Agent, approval_mode: ApprovalMode, sandbox: Sandbox) {
        self.event(EventKind::SessionMode(session_mode(agent, approval_mode, sandbox)));
    }

    /// Opens an earlier conversation with these records.
    pub fn replayed(&mut self, records: &[Record], saved: SaveState) {
        self.change(|view| view.replay(records, saved));
    }

    /// Sends a changed snapshot.
    pub fn change(&mut self, change: impl FnOnce(&mut SessionView)) {
        let mut view = self.app.talk.session.clone();
        change(&mut view);
        self.event(EventKind::Snapshot(Arc::new(view)));
    }

    pub fn msg(&mut self, msg: Msg) {
        self.app.update(Msg::Tick(self.now));
        self.cmds.extend(self.app.update(msg));
        self.settle();
    }

    pub fn after(&mut self, time: Duration) {
        self.now = self.now + time;
        self.app.update(Msg::Tick(self.now));
        self.cmds.extend(self.app.update(Msg::Rest));
        self.settle();
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub fn text(&mut self, text: &str) {
        for letter in text.chars() {
            self.press(KeyCode::Char(letter));
        }
    }

    /// Types a text, and enter behind it.
    pub fn enter(&mut self, text: &str) {
        self.text(text);
        self.press(KeyCode::Enter);
    }

    pub fn press(&mut self, code: KeyCode) {
        self.msg(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    pub fn presses(&mut self, codes: impl IntoIterator<Item = KeyCode>) {
        codes.into_iter().for_each(|code| self.press(code));
    }

    pub fn ctrl(&mut self, letter: char) {
        self.msg(Msg::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)));
    }

    /// Types a prompt and sends it; the engine accepts it.
    pub fn ask(&mut self, prompt: &str) {
        self.enter(prompt);
        self.event(EventKind::TurnStarted(TurnId(1)));
        self.event(user(prompt));
    }

    /// Presses the button in the first cell, moves to the others and releases it in the last one.
    pub fn drag(&mut self, cells: &[(u16, u16)]) {
        let (first, last) = (cells[0], cells[cells.len() - 1]);
        self.mouse(MouseKind::Press, first);
        cells[1..].iter().for_each(|cell| self.mouse(MouseKind::Drag, *cell));
        self.mouse(MouseKind::Release, last);
    }

    pub fn mouse(&mut self, kind: MouseKind, (x, y): (u16, u16)) {
        self.msg(Msg::Mouse(MouseEvent { kind, x, y }));
    }

    /// The commands since the last call, without the notice that a prompt is being written.
    pub fn cmds(&mut self) -> Vec<Cmd> {
        let mut cmds = std::mem::take(&mut self.cmds);
        cmds.retain(|cmd| !is_get_ready(cmd) && !is_listing(cmd));
        cmds
    }

    /// How often that notice was sent.
    pub fn got_ready(&mut self) -> usize {
        std::mem::take(&mut self.cmds).iter().filter(|cmd| is_get_ready(cmd)).count()
    }

    /// The engine commands since the last call.
    pub fn sent(&mut self) -> Vec<Command> {
        self.cmds()
            .into_iter()
            .filter_map(|cmd| if let Cmd::Send(command) = cmd { Some(command) } else { None })
            .collect()
    }

    /// The commands to sessions since the last call, without their ids.
    pub fn turns(&mut self) -> Vec<TurnCommand> {
        let turn = |command| if let Command::Turn(_, turn) = command { Some(turn) } else { None };
        self.sent().into_iter().filter_map(turn).collect()
    }

    /// The changed settings of sessions since the last call.
    pub fn settings(&mut self) -> Vec<(SessionId, SettingsCommand)> {
        let settings = |command| match command {
            Command::Settings(id, setting) => Some((id, setting)),
            _ => None,
        };
        self.sent().into_iter().filter_map(settings).collect()
    }

    /// The copied texts since the last call.
    pub fn copied(&mut self) -> Vec<String> {
        let copied = |cmd| if let Cmd::Copy(text) = cmd { Some(text) } else { None };
        self.cmds().into_iter().filter_map(copied).collect()
    }

    /// All cells of the screen, row by row.
    pub fn cells(&mut self) -> impl Iterator<Item = Cell> {
        self.drawn().0.content.into_iter()
    }

    fn drawn(&mut self) -> (Buffer, Links, Option<Position>) {
        let (width, height) = self.app.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let mut links = Links::default();
        let caret = view(&mut self.app, &mut buffer, &mut links);
        (buffer, links, caret)
    }

    /// The address and the visible text of every row of every link.
    pub fn links(&mut self) -> Vec<(String, String)> {
        let (buffer, links, _) = self.drawn();
        let mut found: Vec<(String, String)> = Vec::new();
        for row in buffer.content.chunks(usize::from(self.app.size.0)) {
            for cells in row.chunk_by(|one, next| one.underline_color == next.underline_color) {
                if let Some(address) = links.address(&cells[0]) {
                    let seen = cells.iter().map(Cell::symbol).collect();
                    found.push((address.to_owned(), seen));
                }
            }
        }
        found
    }

    /// The screen as text, with the caret's position.
    pub fn picture(&mut self) -> String {
        let (width, height) = self.app.size;
        let (buffer, _, caret) = self.drawn();
        let rows = (0..height).map(|y| {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..width {
                let symbol = buffer[(x, y)].symbol();
                if skip == 0 {
                    row.push_str(symbol);
                    skip = text::width(symbol).max(1);
                }
                skip -= 1;
            }
            row.trim_end().to_owned()
        });
        let mut picture = rows.collect::<Vec<_>>().join("\n");
        picture.push_str(
            &caret
                .map_or_else(|| "\nno caret\n".into(), |at| format!("\ncaret {},{}\n", at.x, at.y)),
        );
        picture
    }

    /// Whether a row of the screen contains a text.
    pub fn shows(&mut self, text: &str) -> bool {
        self.picture().contains(text)
    }

    /// All of these texts are on the screen.
    #[track_caller]
    pub fn assert_shows<const N: usize>(&mut self, texts: [&str; N]) {
        let picture = self.picture();
        for text in texts {
            assert!(picture.contains(text), "{text:?} is not in\n{picture}");
        }
    }

    /// None of these texts is on the screen.
    #[track_caller]
    pub fn assert_hides<const N: usize>(&mut self, texts: [&str; N]) {
        let picture = self.picture();
        for text in texts {
            assert!(!picture.contains(text), "{text:?} is in\n{picture}");
        }
    }

    fn settle(&mut self) {
        self.app.settle();
    }
}

fn is_get_ready(cmd: &Cmd) -> bool {
    matches!(cmd, Cmd::Send(Command::Turn(_, TurnCommand::GetReady)))
}

/// Whether it asks for the commands of files, as each typed slash does.
fn is_listing(cmd: &Cmd) -> bool {
    matches!(cmd, Cmd::Send(Command::Session(SessionCommand::Extensions(_))))
}

pub fn session_mode(agent: Agent, approval_mode: ApprovalMode, sandbox: Sandbox) -> SessionMode {
    SessionMode { agent, approval_mode, sandbox }
}

pub fn plus() -> Account {
    Account {
        provider: ProviderId::openai(),
        kind: AccountKind::ChatGpt {
            account: Some("acc".into()),
            email: Some("me@example.com".into()),
            plan: Some("plus".into()),
        },
        expires: Some(NOON + Duration::from_secs(9 * 86_400)),
        source: CredentialSource::File("/home/me/.local/share/codling/auth.json".into()),
        standing: CredentialStanding::Wins,
    }
}

pub fn models() -> EventKind {
    let model = |id: &str, name: &str, description: &str| Model {
        name: name.into(),
        description: description.into(),
        context: Some(272_000),
        efforts: ["low", "medium", "high"].map(|word| Effort(word.into())).into(),
        default_effort: Some(Effort("medium".into())),
        patches: Patches::AsText,
        ..Model::unknown(ModelRef::openai(id))
    };
    EventKind::Models(ModelList {
        provider: ProviderId::openai(),
        models: vec![
            model("gpt-6.1-sol", "GPT-6.1 Sol", "For most work"),
            model("gpt-6.1-luna", "GPT-6.1 Luna", "Quick and cheap"),
            Model {
                efforts: Vec::new(),
                default_effort: None,
                context: None,
                ..model("codex-mini-latest", "codex-mini-latest", "")
            },
        ],
        source: ModelSource::Server,
    })
}

/// The event of a queued prompt.
pub fn queued(text: &str) -> EventKind {
    EventKind::Queued(waiting(text))
}

/// The event that prompts left the queue.
pub fn unqueued(texts: &[&str], why: UnqueueReason) -> EventKind {
    EventKind::Unqueued { prompts: texts.iter().map(|text| waiting(text)).collect(), why }
}

/// A queued prompt whose id is its text.
pub fn waiting(text: &str) -> QueuedPrompt {
    let id = text.bytes().fold(7, |id: u64, byte| id.wrapping_mul(31).wrapping_add(byte.into()));
    QueuedPrompt { id: PromptId(id), text: text.into(), timing: PromptTiming::Steer, by: None }
}

pub fn user(text: &str) -> EventKind {
    let item = Item { id: ItemId::from("u"), kind: ItemKind::user(text), wire: None };
    EventKind::PromptShown { item, tag: None }
}

pub fn answer(id: &str, text: &str) -> EventKind {
    EventKind::ItemDone(Item { id: ItemId::from(id), kind: ItemKind::assistant(text), wire: None })
}

pub fn reasoning(id: &str, text: &str) -> EventKind {
    EventKind::ItemDone(Item {
        id: ItemId::from(id),
        kind: ItemKind::Reasoning { summary: text.into() },
        wire: None,
    })
}

pub fn delta(id: &str, text: &str) -> EventKind {
    EventKind::TextDelta { item: ItemId::from(id), text: text.into() }
}

pub fn call(id: &str, name: &str, arguments: &str) -> EventKind {
    EventKind::CallStarted(ToolCall {
        id: CallId::from(id),
        name: name.into(),
        arguments: arguments.into(),
    })
}

pub fn called(id: &str, title: &str, text: &str) -> EventKind {
    EventKind::CallEnded { call: CallId::from(id), output: CallOutput::text(title, text) }
}
