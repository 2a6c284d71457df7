//! The engine's script and the recorded run: output, commands and exit.

use tokio::sync::mpsc;

use crate::base::{Console, Reader, recording};
use crate::engine::scripted;
use crate::exec::*;
use crate::protocol::*;

pub const OURS: &str = "ses_1";

/// The output, the commands to the engine, and the exit.
pub struct RunOutput {
    pub out: String,
    pub err: String,
    pub exit: Exit,
    pub commands: Vec<String>,
}

pub fn ask(form: OutputForm) -> RunRequest {
    RunRequest {
        session: OURS.into(),
        folder: "/project".into(),
        model: Some(ModelRef::openai("m")),
        effort: None,
        mode: None,
        prompt: "what is this?".into(),
        review: None,
        findings: None,
        images: Vec::new(),
        schema: None,
        form,
        last_message: None,
        on_usage_limit: OnUsageLimit::End,
        past: None,
    }
}

pub fn account(standing: CredentialStanding) -> Account {
    Account {
        provider: ProviderId::openai(),
        kind: AccountKind::ApiKey,
        expires: None,
        source: CredentialSource::Environment("OPENAI_API_KEY".into()),
        standing,
    }
}

/// The answers of an engine with a sign-in: sessions open and prompts are accepted.
pub fn willing(command: &Command) -> ReplyResult {
    match command {
        Command::Account(_) => Ok(Reply::Accounts(AccountList {
            accounts: vec![account(CredentialStanding::Wins)],
            file: "/auth.json".into(),
            opencode_offer: false,
            codex_offer: None,
        })),
        Command::Session(_) => Ok(Reply::Opened(OURS.into())),
        _ => Ok(Reply::Done),
    }
}

/// The event of an opened session.
pub fn opened(change: impl FnOnce(&mut SessionView)) -> EventKind {
    let mut view = SessionView::new(OURS.into());
    view.place = Some(SessionPlace { folder: "/project".into(), branch: None });
    change(&mut view);
    EventKind::Snapshot(view.into())
}

pub fn started(item: &str) -> EventKind {
    EventKind::ItemStarted { item: item.into(), opening: ItemOpening::Assistant }
}

pub fn delta(item: &str, text: &str) -> EventKind {
    EventKind::TextDelta { item: item.into(), text: text.into() }
}

pub fn message(item: &str, text: &str) -> EventKind {
    EventKind::ItemDone(Item { id: item.into(), kind: ItemKind::assistant(text), wire: None })
}

pub fn ended(outcome: TurnOutcome) -> EventKind {
    EventKind::TurnEnded { turn: TurnId(1), outcome }
}

pub fn problem(kind: ProblemKind) -> Problem {
    Problem::new(kind, "It broke").with_next("Mend it")
}

/// Runs for programs with these events and a sign-in; the engine ends after them.
pub fn play(form: OutputForm, kinds: impl IntoIterator<Item = EventKind>) -> RunOutput {
    play_to((Reader::Program, Reader::Program), form, kinds)
}

/// The same, with these readers of stdout and stderr.
pub fn play_to(
    (out, err): (Reader, Reader),
    form: OutputForm,
    kinds: impl IntoIterator<Item = EventKind>,
) -> RunOutput {
    let (console, first, second) = recording::console(out, err);
    let (exit, commands) = play_on(console, ask(form), kinds);
    RunOutput { out: first.text(), err: second.text(), exit, commands }
}

pub fn play_on(
    console: Console,
    ask: RunRequest,
    kinds: impl IntoIterator<Item = EventKind>,
) -> (Exit, Vec<String>) {
    let (exit, commands) = play_answering(console, ask, kinds, willing);
    (exit, said(commands))
}

/// The same, with other answers of the engine.
pub fn play_answering(
    mut console: Console,
    ask: RunRequest,
    kinds: impl IntoIterator<Item = EventKind>,
    answer: impl Fn(&Command) -> ReplyResult,
) -> (Exit, Vec<Command>) {
    let (client, inbox, mut script) = scripted::engine();
    for kind in kinds {
        script.emit(Some(OURS.into()), kind);
    }
    script.end();
    let (_stop, stops) = mpsc::unbounded_channel();
    let mut commands = Vec::new();
    let exit = block_on(async {
        tokio::select! {
            biased;
            exit = run(&client, inbox, stops, ask, &mut console) => exit,
            () = script.answering(&mut commands, answer) => unreachable!("the client is there"),
        }
    });
    // Commands whose answer nobody awaits.
    while let Some(asked) = script.try_next() {
        commands.push(asked.command);
    }
    (exit, commands)
}

pub fn said(commands: Vec<Command>) -> Vec<String> {
    commands
        .into_iter()
        .map(|command| match command {
            Command::Account(AccountCommand::List) => "list".into(),
            Command::Session(SessionCommand::Open { id, folder, options }) => {
                let model = options.model.map(|model| model.of(&ProviderId::openai()).to_string());
                format!("open {id} {} {}", folder.display(), model.unwrap_or_default())
            }
            Command::Turn(id, TurnCommand::Submit(UserPrompt { text, .. })) => {
                format!("submit {id} {text}")
            }
            Command::Mcp(id, McpCommand::Await) => format!("await servers {id}"),
            Command::Turn(id, TurnCommand::Interrupt) => format!("interrupt {id}"),
            other => format!("{other:?}"),
        })
        .collect()
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// A usual turn: reasoning, a preamble, a call, an answer.
pub fn usual() -> Vec<EventKind> {
    vec![
        EventKind::Notice(Notice {
            message: "auth.json can be read by others".into(),
            next: Some("It is tightened at the next write".into()),
        }),
        opened(|view| {
            view.settings = Some(SessionSettings {
                model: ModelRef::openai("gpt-x"),
                effort: Some(Effort("high".into())),
                tuning: Default::default(),
                context: Some(1000),
                patches: Patches::AsText,
            })
        }),
        EventKind::TurnStarted(TurnId(1)),
        EventKind::ReasoningDelta { item: "r1".into(), text: "**Look".into() },
        EventKind::ItemDone(Item {
            id: "r1".into(),
            kind: ItemKind::Reasoning { summary: "**Looking around**\n\nFirst the readme.".into() },
            wire: None,
        }),
        started("m1"),
        delta("m1", "Let me "),
        delta("m1", "look."),
        message("m1", "Let me look."),
        EventKind::CallStarted(ToolCall {
            id: "c1".into(),
            name: "read".into(),
            arguments: "{\"filePath\":\"a\"}".into(),
        }),
        EventKind::CallEnded { call: "c1".into(), output: CallOutput::text("src/a.rs", "1: fn") },
        EventKind::CallStarted(ToolCall {
            id: "c2".into(),
            name: "grep".into(),
            arguments: "{".into(),
        }),
        EventKind::CallEnded {
            call: "c2".into(),
            output: CallOutput::refusal("broken arguments", "…"),
        },
        EventKind::Usage(Usage { input: 10, cached: 4, output: 3, reasoning: 1, cost: None }),
        started("m2"),
        delta("m2", "It is a "),
        delta("m2", "program."),
        message("m2", "It is a program."),
        ended(TurnOutcome::Done),
    ]
}
