//! From the prompt to the end of its turn.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::Console;
use crate::engine::Engine;
use crate::protocol::{
    Account, AccountCommand, Approval, ApprovalMode, ApprovalResponse, CallId, Command,
    CredentialStanding, Effort, Event, EventKind, Exit, ModelName, ModelRef, Picture, Problem,
    ProblemKind, RequestId, SessionCommand, SessionId, SessionSelector, SettingsCommand,
    TurnCommand, TurnOutcome, UserPrompt,
};

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
    pub last_message: Option<PathBuf>,
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
    engine: &Engine,
    mut events: UnboundedReceiver<Event>,
    mut stops: UnboundedReceiver<()>,
    ask: RunRequest,
    console: &mut Console,
) -> Exit {
    let mut report = RunReport::new(&ask, console);
    if ask.past.is_none() {
        report.begin(&ask);
    }
    let mut run = Run {
        engine,
        stage: Stage::Listing(engine.send(Command::Account(AccountCommand::List))),
        ask,
    };
    loop {
        let heard = tokio::select! {
            biased;
            Some(()) = stops.recv() => Heard::Stop,
            event = events.recv() => event.map_or(Heard::Silence, |event| Heard::Event(Box::new(event))),
            () = run.out_of_patience() => Heard::Silence,
        };
        let mut ended = match heard {
            Heard::Event(event) => run.take(*event, &mut report),
            Heard::Silence => Some(run.silence()),
            Heard::Stop => run.stop(),
        };
        // Deltas come in bursts: those that are here go out in one write.
        for _ in 0..BURST {
            if ended.is_some() {
                break;
            }
            let Ok(event) = events.try_recv() else { break };
            ended = run.take(event, &mut report);
        }
        report.flush();
        if let Some(exit) = report.lost() {
            engine.send(Command::Turn(run.ask.session.clone(), TurnCommand::Interrupt));
            return exit;
        }
        if let Some(end) = ended {
            // A conversation that could not be resumed has no other name.
            report.begin(&run.ask);
            return report.end(end);
        }
    }
}

enum Heard {
    Event(Box<Event>),
    /// No more events will come, or not in time.
    Silence,
    Stop,
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

struct Run<'a> {
    engine: &'a Engine,
    ask: RunRequest,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SignedIn {
    No,
    Yes,
}

enum Stage {
    /// Who is signed in? Nothing is opened for nobody.
    Listing(RequestId),
    /// An earlier conversation is being read; whether somebody is signed in to OpenAI, for one that needs it.
    Resuming(SignedIn),
    Running {
        open: Option<RequestId>,
        mode: Option<RequestId>,
        submit: RequestId,
    },
    /// Interrupted; the end is awaited until then.
    Stopping {
        until: tokio::time::Instant,
    },
}

impl Run<'_> {
    fn take(&mut self, event: Event, report: &mut RunReport) -> Option<RunEnd> {
        if event.session.as_ref().is_some_and(|session| *session != self.ask.session) {
            return None;
        }
        match event.kind {
            EventKind::Accounts { accounts, .. } if matches!(self.stage, Stage::Listing(_)) => {
                let is_in_use = |account: &Account| {
                    account.provider.is_openai() && account.standing == CredentialStanding::Wins
                };
                let signed_in =
                    if accounts.iter().any(is_in_use) { SignedIn::Yes } else { SignedIn::No };
                self.begin(signed_in)
            }
            EventKind::NotResumed(problem) => Some(RunEnd::Failed(problem)),
            EventKind::SessionResumed(id) => {
                self.ask.session = id;
                None
            }
            EventKind::SessionOpened { folder, .. } if matches!(self.stage, Stage::Resuming(_)) => {
                self.ask.folder = folder;
                report.begin(&self.ask);
                // Without a sign-in it depends on whose model it is.
                if matches!(self.stage, Stage::Resuming(SignedIn::Yes)) {
                    self.submit(None);
                }
                None
            }
            EventKind::Settings(settings) if matches!(self.stage, Stage::Resuming(_)) => {
                report.tell(&EventKind::Settings(settings.clone()));
                if settings.model.provider.is_openai() {
                    return Some(RunEnd::Failed(nobody()));
                }
                self.submit(None);
                None
            }
            EventKind::Failed { request, problem } if self.sent(request) => {
                Some(RunEnd::Failed(problem))
            }
            EventKind::TurnEnded { outcome, .. } => Some(match outcome {
                TurnOutcome::Done => RunEnd::Done,
                TurnOutcome::Failed(problem) => RunEnd::Failed(problem),
                TurnOutcome::Interrupted => RunEnd::Interrupted,
                TurnOutcome::MaxSteps => RunEnd::MaxSteps,
            }),
            kind => {
                match &kind {
                    EventKind::Approval(Approval { call, .. }) | EventKind::Asked { call, .. } => {
                        self.nobody_decides(call)
                    }
                    _ => {}
                }
                report.tell(&kind);
                None
            }
        }
    }

    fn nobody_decides(&self, call: &CallId) {
        let decide = TurnCommand::Decide { call: call.clone(), decision: ApprovalResponse::Nobody };
        self.engine.send(Command::Turn(self.ask.session.clone(), decide));
    }

    /// Nothing is opened for nobody, except where a provider of one's own may answer.
    fn begin(&mut self, signed_in: SignedIn) -> Option<RunEnd> {
        let RunRequest { session, folder, model, effort, .. } = &self.ask;
        if let Some(ResumeFrom { which, model, effort }) = &self.ask.past {
            let (which, fork) = (which.clone(), session.clone());
            let resume = SessionCommand::Resume {
                which,
                fork,
                model: model.clone(),
                effort: effort.clone(),
            };
            self.engine.send(Command::Session(resume));
            self.stage = Stage::Resuming(signed_in);
            return None;
        }
        let is_openai = model.as_ref().is_none_or(|model| model.provider.is_openai());
        if is_openai && signed_in == SignedIn::No {
            return Some(RunEnd::Failed(nobody()));
        }
        let open = SessionCommand::Open {
            id: session.clone(),
            folder: folder.clone(),
            model: model.clone(),
            effort: effort.clone(),
        };
        let open = self.engine.send(Command::Session(open));
        self.submit(Some(open));
        None
    }

    fn submit(&mut self, open: Option<RequestId>) {
        let RunRequest { session, mode, prompt, images, schema, .. } = &self.ask;
        // Before the prompt: what it leads to is judged by this.
        let mode = mode.map(|mode| {
            self.engine.send(Command::Settings(session.clone(), SettingsCommand::Mode(mode)))
        });
        let draft =
            UserPrompt { text: prompt.clone(), images: images.clone(), schema: schema.clone() };
        let submit = self.engine.send(Command::Turn(session.clone(), TurnCommand::Submit(draft)));
        self.stage = Stage::Running { open, mode, submit };
    }

    fn sent(&self, request: RequestId) -> bool {
        match self.stage {
            Stage::Listing(list) => request == list,
            Stage::Running { open, mode, submit } => {
                request == submit || [open, mode].contains(&Some(request))
            }
            Stage::Resuming(_) | Stage::Stopping { .. } => false,
        }
    }

    fn stop(&mut self) -> Option<RunEnd> {
        match self.stage {
            Stage::Listing(_) | Stage::Resuming(_) | Stage::Stopping { .. } => {
                Some(RunEnd::Interrupted)
            }
            Stage::Running { .. } => {
                self.engine.send(Command::Turn(self.ask.session.clone(), TurnCommand::Interrupt));
                self.stage = Stage::Stopping { until: tokio::time::Instant::now() + GRACE };
                None
            }
        }
    }

    fn silence(&self) -> RunEnd {
        match self.stage {
            Stage::Stopping { .. } => RunEnd::Interrupted,
            Stage::Listing(_) | Stage::Resuming(_) | Stage::Running { .. } => RunEnd::Failed(
                Problem::new(ProblemKind::Internal, "The engine ended before the turn did"),
            ),
        }
    }

    async fn out_of_patience(&self) {
        match self.stage {
            Stage::Stopping { until } => tokio::time::sleep_until(until).await,
            Stage::Listing(_) | Stage::Resuming(_) | Stage::Running { .. } => {
                std::future::pending().await
            }
        }
    }
}

fn nobody() -> Problem {
    Problem::new(ProblemKind::NotSignedIn, "Nobody is signed in to OpenAI")
        .with_next("Sign in with `codling auth login`, or set `OPENAI_API_KEY`; `codling demo run` needs no account")
}
