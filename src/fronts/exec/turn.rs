//! The run of a prompt, to the end of its turn.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::Console;
use crate::engine::{Client, Inbox, Incoming};
use crate::protocol::{
    AccountCommand, ApprovalMode, Command, Effort, Event, EventKind, Exit, McpCommand, ModelName,
    ModelRef, OnUsageLimit, OpenOptions, Picture, Problem, ProblemKind, Reply, ReviewRequest,
    SessionCommand, SessionId, SessionSelector, TurnCommand, TurnOutcome, UserPrompt, WhenHeld,
};

use super::files::MessageFile;
use super::findings::FindingsForm;
use super::run_report::RunReport;

/// The prompt, its folder and the form of the answer.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "their names say it")]
pub struct RunRequest {
    /// An id that no other session has.
    pub session: SessionId,
    /// The folder to work in; a conversation that is continued keeps its own.
    pub folder: PathBuf,
    /// The settings' model; `None` for the account's choice.
    pub model: Option<ModelRef>,
    /// The settings' effort; `None` for the model's own default.
    pub effort: Option<Effort>,
    /// The approval mode; `None` for that of the settings.
    pub mode: Option<ApprovalMode>,
    pub prompt: String,
    /// The review that the prompt asks for.
    pub review: Option<ReviewRequest>,
    /// How the findings of a review are printed; their schema is `FINDINGS_SCHEMA`.
    pub findings: Option<FindingsForm>,
    pub images: Vec<Picture>,
    /// A JSON Schema for the final answer; stdout then gets only this answer.
    pub schema: Option<Arc<str>>,
    pub form: OutputForm,
    /// The file that also gets the last message.
    pub last_message: Option<Arc<MessageFile>>,
    /// The choice for a usage limit; nobody is there to be asked.
    pub on_usage_limit: OnUsageLimit,
    /// The conversation to continue.
    pub past: Option<ResumeFrom>,
}

/// An earlier conversation. It keeps its model and effort unless others are requested.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "their names say it")]
pub struct ResumeFrom {
    pub which: SessionSelector,
    pub model: Option<ModelName>,
    pub effort: Option<Effort>,
}

/// Who the output is for: programs or people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputForm {
    /// One event per line on stdout; stderr gets only the final problem.
    Json,
    /// The answer on stdout, progress on stderr.
    Text,
}

/// How long an interrupted turn may take to end by itself.
const GRACE: Duration = Duration::from_secs(3);

/// How many events are handled before stops are checked again.
const BURST: usize = 512;

/// Sends the prompt, prints the answer as it streams, and returns the exit.
///
/// Each message on `stops` asks to stop: the first interrupts the turn, the second does not wait
/// for its end. If stdout's reader goes away, the turn stops too, and that is no failure.
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
        // A turn that has begun is interrupted, not abandoned.
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
            // Notices that came meanwhile explain the failure.
            while let Some(incoming) = inbox.try_next() {
                if let Incoming::Event(Event { session: None, kind, .. }) = incoming {
                    report.show(&kind);
                }
            }
            TurnEnd::Reported(end)
        }
    };
    match end {
        TurnEnd::Reported(end) => {
            // A session that could not be resumed keeps the id that was asked for.
            report.begin(&ask);
            report.end(end)
        }
        TurnEnd::ReaderGone(exit) => exit,
    }
}

/// The end of a run.
#[derive(Debug, PartialEq)]
pub enum RunEnd {
    Done,
    Failed(Problem),
    Interrupted,
    /// The turn's steps were used up.
    MaxSteps,
}

/// How the turn ended for the reader.
enum TurnEnd {
    Reported(RunEnd),
    /// The reader of the output is gone.
    ReaderGone(Exit),
}

/// Opens the session and sends the prompt. Opens nothing if a sign-in is needed and missing.
///
/// The model of an earlier conversation is known only once it is open; without a sign-in its turn
/// then fails and says so.
async fn begin(client: &Client, ask: &mut RunRequest) -> Result<(), RunEnd> {
    let needs_openai = match &ask.past {
        Some(_) => false,
        None => ask.model.as_ref().is_none_or(|model| model.provider.is_openai()),
    };
    match client.request(Command::Account(AccountCommand::List)).await {
        Ok(Reply::Accounts(list)) if !needs_openai || list.in_use().is_some() => {}
        Ok(_) => return Err(RunEnd::Failed(nobody())),
        Err(problem) => return Err(RunEnd::Failed(problem)),
    }
    let shared = OpenOptions {
        mode: ask.mode,
        on_usage_limit: ask.on_usage_limit,
        ..OpenOptions::default()
    };
    let open = match ask.past.clone() {
        Some(ResumeFrom { which, model, effort }) => SessionCommand::Resume {
            which,
            when_held: WhenHeld::Copy(ask.session.clone()),
            options: OpenOptions { model, effort, ..shared },
        },
        None => SessionCommand::Open {
            id: ask.session.clone(),
            folder: ask.folder.clone(),
            options: OpenOptions {
                model: ask.model.clone().map(ModelName::from),
                effort: ask.effort.clone(),
                ..shared
            },
        },
    };
    match client.request(Command::Session(open)).await {
        Ok(Reply::Opened(id)) => ask.session = id,
        Ok(_) => {}
        Err(problem) => return Err(RunEnd::Failed(problem)),
    }
    let ready = Command::Mcp(ask.session.clone(), McpCommand::Await);
    client.request(ready).await.map_err(RunEnd::Failed)?;
    let RunRequest { prompt, review, images, schema, .. } = ask;
    let prompt = UserPrompt {
        text: prompt.clone(),
        review: review.clone(),
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
    /// The deadline for the end of an interrupted turn.
    stopping: Option<tokio::time::Instant>,
}

enum TurnInput {
    Incoming(Box<Incoming>),
    /// No event came in time, or the channel closed.
    TimedOut,
    Stop,
}

impl Turn<'_> {
    /// Follows the events to the end of the turn.
    async fn follow(
        &mut self,
        inbox: &mut Inbox,
        stops: &mut UnboundedReceiver<()>,
        report: &mut RunReport<'_>,
    ) -> TurnEnd {
        loop {
            let input = tokio::select! {
                biased;
                Some(()) = stops.recv() => TurnInput::Stop,
                incoming = inbox.next() => incoming.map_or(TurnInput::TimedOut, |one| TurnInput::Incoming(Box::new(one))),
                () = deadline_passed(self.stopping) => TurnInput::TimedOut,
            };
            let mut ended = match input {
                TurnInput::Incoming(incoming) => self.take(*incoming, report),
                TurnInput::TimedOut => Some(self.timed_out()),
                TurnInput::Stop => self.stop(),
            };
            // Deltas come in bursts; all that have arrived go out in one write.
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
                return TurnEnd::ReaderGone(exit);
            }
            if let Some(end) = ended {
                return TurnEnd::Reported(end);
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
                report.show(&EventKind::Snapshot(view));
                None
            }
            EventKind::TurnEnded { outcome, .. } => Some(match outcome {
                TurnOutcome::Done => RunEnd::Done,
                TurnOutcome::Failed(problem) => RunEnd::Failed(problem),
                TurnOutcome::Interrupted => RunEnd::Interrupted,
                TurnOutcome::MaxSteps => RunEnd::MaxSteps,
            }),
            kind => {
                report.show(&kind);
                None
            }
        }
    }

    fn interrupt(&self) {
        self.client.send(Command::Turn(self.ask.session.clone(), TurnCommand::Interrupt));
    }

    fn stop(&mut self) -> Option<RunEnd> {
        if self.stopping.is_some() {
            return Some(RunEnd::Interrupted);
        }
        self.interrupt();
        self.stopping = Some(tokio::time::Instant::now() + GRACE);
        None
    }

    fn timed_out(&self) -> RunEnd {
        match self.stopping {
            Some(_) => RunEnd::Interrupted,
            None => RunEnd::Failed(Problem::new(
                ProblemKind::Internal,
                "The engine ended before the turn did",
            )),
        }
    }
}

async fn deadline_passed(until: Option<tokio::time::Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

fn nobody() -> Problem {
    Problem::new(ProblemKind::NotSignedIn, "Nobody is signed in to OpenAI")
        .with_next("Sign in with `codling auth login`, or set `OPENAI_API_KEY`; `codling demo run` needs no account")
}
