//! From the prompt to the end of its turn.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::Console;
use crate::engine::{Client, Inbox, Incoming};
use crate::protocol::{
    AccountCommand, Approval, ApprovalMode, ApprovalResponse, Command, CredentialStanding, Effort,
    Event, EventKind, Exit, ModelName, ModelRef, OpenOptions, Picture, Problem, ProblemKind, Reply,
    SessionCommand, SessionId, SessionSelector, TurnCommand, TurnOutcome, UserPrompt, WhenHeld,
};

use super::files::MessageFile;
use super::run_report::RunReport;

/// What is asked, about which folder, and how the answer is to look.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// A name no other session has.
    pub session: SessionId,
    pub folder: PathBuf,
    pub model: Option<ModelRef>,
    pub effort: Option<Effort>,
    /// What may happen without asking; the settings' choice where it is `None`.
    pub mode: Option<ApprovalMode>,
    pub prompt: String,
    pub images: Vec<Picture>,
    /// A JSON Schema: the final answer is JSON that fits it, and only that goes to stdout.
    pub schema: Option<Arc<str>>,
    pub form: OutputForm,
    /// Where the last message goes as well.
    pub last_message: Option<Arc<MessageFile>>,
    /// The conversation to go on with.
    pub past: Option<ResumeFrom>,
}

/// An earlier conversation; its own model and effort unless others are asked for.
#[derive(Clone, Debug)]
pub struct ResumeFrom {
    pub which: SessionSelector,
    pub model: Option<ModelName>,
    pub effort: Option<Effort>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputForm {
    /// One event per line on stdout, and nothing but the last problem on stderr.
    Json,
    /// The answer on stdout, progress on stderr.
    Text,
}

/// How long an interrupted turn gets to end by itself.
const GRACE: Duration = Duration::from_secs(3);

/// Most events between two looks at whether to stop.
const BURST: usize = 512;

/// Asks, shows the answer as it comes, and says how to exit.
///
/// Each message on `stops` is a wish to stop: the first interrupts the turn, the second does not wait for its end. A reader of stdout that
/// has gone stops the turn too, and that is no failure.
pub async fn run(
    client: &Client,
    mut inbox: Inbox,
    mut stops: UnboundedReceiver<()>,
    mut ask: RunRequest,
    console: &mut Console,
) -> Exit {
    let mut report = RunReport::new(&ask, console);
    if ask.past.is_none() {
        report.begin(&ask);
    }
    let began = tokio::select! {
        biased;
        // A turn that has begun is interrupted, not left.
        began = begin(client, &mut ask) => began,
        Some(()) = stops.recv() => Err(RunEnd::Interrupted),
    };
    let end = match began {
        Ok(()) => {
            Turn { client, ask: &mut ask, stopping: None }
                .follow(&mut inbox, &mut stops, &mut report)
                .await
        }
        Err(end) => {
            // What was told by then says more of the reason.
            while let Some(incoming) = inbox.try_next() {
                if let Incoming::Event(Event { session: None, kind, .. }) = incoming {
                    report.tell(&kind);
                }
            }
            TurnEnd::Told(end)
        }
    };
    match end {
        TurnEnd::Told(end) => {
            // A conversation that could not be resumed has no other name.
            report.begin(&ask);
            report.end(end)
        }
        TurnEnd::Unheard(exit) => exit,
    }
}

/// How it all ended.
#[derive(Debug, PartialEq)]
pub enum RunEnd {
    Done,
    Failed(Problem),
    Interrupted,
    /// Done as far as the steps of the turn went.
    MaxSteps,
}

/// How the turn ended, for whoever reads.
enum TurnEnd {
    Told(RunEnd),
    /// Nobody reads any more.
    Unheard(Exit),
}

/// Opens the conversation and sends the prompt, where somebody is signed in or another than OpenAI answers: nothing is opened for nobody.
///
/// Whose model an earlier conversation has is known once it is open; without a sign-in its turn says what is missing.
async fn begin(client: &Client, ask: &mut RunRequest) -> Result<(), RunEnd> {
    let needs_openai = match &ask.past {
        Some(_) => false,
        None => ask.model.as_ref().is_none_or(|model| model.provider.is_openai()),
    };
    match client.request(Command::Account(AccountCommand::List)).await {
        Ok(Reply::Accounts(list))
            if !needs_openai
                || list.accounts.iter().any(|account| {
                    account.provider.is_openai() && account.standing == CredentialStanding::Wins
                }) => {}
        Ok(_) => return Err(RunEnd::Failed(nobody())),
        Err(problem) => return Err(RunEnd::Failed(problem)),
    }
    let mode = ask.mode;
    let open = match ask.past.clone() {
        Some(ResumeFrom { which, model, effort }) => SessionCommand::Resume {
            which,
            when_held: WhenHeld::Copy(ask.session.clone()),
            options: OpenOptions { model, effort, mode, ..OpenOptions::default() },
        },
        None => SessionCommand::Open {
            id: ask.session.clone(),
            folder: ask.folder.clone(),
            options: OpenOptions {
                model: ask.model.clone().map(ModelName::from),
                effort: ask.effort.clone(),
                mode,
                ..OpenOptions::default()
            },
        },
    };
    match client.request(Command::Session(open)).await {
        Ok(Reply::Opened(id)) => ask.session = id,
        Ok(_) => {}
        Err(problem) => return Err(RunEnd::Failed(problem)),
    }
    let RunRequest { prompt, images, schema, .. } = ask;
    let prompt = UserPrompt {
        text: prompt.clone(),
        images: images.clone(),
        schema: schema.clone(),
        ..UserPrompt::default()
    };
    let submit = Command::Turn(ask.session.clone(), TurnCommand::Submit(prompt));
    client.request(submit).await.map(drop).map_err(RunEnd::Failed)
}

struct Turn<'a> {
    client: &'a Client,
    ask: &'a mut RunRequest,
    /// Interrupted; the end is awaited until then.
    stopping: Option<tokio::time::Instant>,
}

enum Heard {
    Incoming(Box<Incoming>),
    /// No more events will come, or not in time.
    Silence,
    Stop,
}

impl Turn<'_> {
    /// To the end of the turn.
    async fn follow(
        &mut self,
        inbox: &mut Inbox,
        stops: &mut UnboundedReceiver<()>,
        report: &mut RunReport<'_>,
    ) -> TurnEnd {
        loop {
            let heard = tokio::select! {
                biased;
                Some(()) = stops.recv() => Heard::Stop,
                incoming = inbox.next() => incoming.map_or(Heard::Silence, |one| Heard::Incoming(Box::new(one))),
                () = out_of_patience(self.stopping) => Heard::Silence,
            };
            let mut ended = match heard {
                Heard::Incoming(incoming) => self.take(*incoming, report),
                Heard::Silence => Some(self.silence()),
                Heard::Stop => self.stop(),
            };
            // Deltas come in bursts: those that are here go out in one write.
            for _ in 0..BURST {
                if ended.is_some() {
                    break;
                }
                let Some(incoming) = inbox.try_next() else { break };
                ended = self.take(incoming, report);
            }
            report.flush();
            if let Some(exit) = report.lost() {
                self.interrupt();
                return TurnEnd::Unheard(exit);
            }
            if let Some(end) = ended {
                return TurnEnd::Told(end);
            }
        }
    }

    fn take(&mut self, incoming: Incoming, report: &mut RunReport<'_>) -> Option<RunEnd> {
        let Incoming::Event(Event { session, kind, .. }) = incoming else { return None };
        if session.is_some_and(|session| session != self.ask.session) {
            return None;
        }
        match kind {
            EventKind::Snapshot(view) => {
                if let (Some(place), Some(_)) = (&view.place, &self.ask.past) {
                    self.ask.folder.clone_from(&place.folder);
                }
                report.begin(self.ask);
                report.tell(&EventKind::Snapshot(view));
                None
            }
            EventKind::TurnEnded { outcome, .. } => Some(match outcome {
                TurnOutcome::Done => RunEnd::Done,
                TurnOutcome::Failed(problem) => RunEnd::Failed(problem),
                TurnOutcome::Interrupted => RunEnd::Interrupted,
                TurnOutcome::MaxSteps => RunEnd::MaxSteps,
            }),
            kind => {
                if let EventKind::Approval(Approval { id, .. }) | EventKind::Asked { id, .. } =
                    &kind
                {
                    self.send(TurnCommand::Decide { ask: *id, decision: ApprovalResponse::Nobody });
                }
                report.tell(&kind);
                None
            }
        }
    }

    fn send(&self, command: TurnCommand) {
        self.client.send(Command::Turn(self.ask.session.clone(), command));
    }

    fn interrupt(&self) {
        self.send(TurnCommand::Interrupt);
    }

    fn stop(&mut self) -> Option<RunEnd> {
        if self.stopping.is_some() {
            return Some(RunEnd::Interrupted);
        }
        self.interrupt();
        self.stopping = Some(tokio::time::Instant::now() + GRACE);
        None
    }

    fn silence(&self) -> RunEnd {
        match self.stopping {
            Some(_) => RunEnd::Interrupted,
            None => RunEnd::Failed(Problem::new(
                ProblemKind::Internal,
                "The engine ended before the turn did",
            )),
        }
    }
}

async fn out_of_patience(until: Option<tokio::time::Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

fn nobody() -> Problem {
    Problem::new(ProblemKind::NotSignedIn, "Nobody is signed in to OpenAI")
        .with_next("Sign in with `codling auth login`, or set `OPENAI_API_KEY`; `codling demo run` needs no account")
}
