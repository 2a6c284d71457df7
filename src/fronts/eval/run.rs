//! Runs the attempts of an evaluation, several at a time, prints each result, and keeps the report.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::base::{Console, files};
use crate::engine::{Client, Inbox, Incoming};
use crate::protocol::{
    AccountCommand, Command, Event, EventKind, Exit, ModelName, OpenOptions, Problem, ProblemKind,
    Reply, SessionId,
};

use super::attempt::{Begun, Bench, wind_up};
use super::fresh_copy::WorkPlaces;
use super::grid::{AttemptKey, Grid};
use super::hiding::{check_hiding, hidden_places};
use super::report::Report;
use super::report::record::{AttemptRecord, Verdict};
use super::task::Task;

/// The attempts to make, and how.
#[derive(Debug)]
#[allow(missing_docs, reason = "their names say it")]
pub struct EvalRequest {
    /// The folder of tasks, which is hidden from the model.
    pub folder: PathBuf,
    pub tasks: Vec<Task>,
    pub grid: Grid,
    /// How many attempts run at a time.
    pub jobs: usize,
    /// Options for all attempts.
    pub options: OpenOptions,
    /// The codling binary, which sandboxes the checks.
    pub program: PathBuf,
    /// The file that also gets the report as JSON, after every attempt.
    pub json: Option<PathBuf>,
    /// The earlier report that this evaluation goes on with, and its attempts.
    pub resumed: Option<(PathBuf, Vec<AttemptRecord>)>,
    /// Makes a session id that no other session has.
    pub name: fn() -> SessionId,
}

/// The report as it grows.
struct Results {
    attempts: Vec<AttemptRecord>,
    planned: usize,
    json: Option<PathBuf>,
    /// Why the file could not be written the last time.
    unwritten: Option<String>,
}

/// Makes all attempts; the exit is 0 if every one passed, else 1.
///
/// Prints the tables to stdout and progress to stderr. A message on `stops` ends the running
/// attempts; the finished ones are reported.
pub async fn run(
    client: &Client,
    mut inbox: Inbox,
    mut stops: UnboundedReceiver<()>,
    request: EvalRequest,
    console: &mut Console,
) -> Exit {
    let EvalRequest { folder, tasks, grid, jobs, options, program, json, resumed, name } = request;
    let (from, earlier) = resumed.unzip();
    let earlier = earlier.unwrap_or_default();
    let done: BTreeSet<AttemptKey> = earlier.iter().map(|attempt| attempt.key.clone()).collect();
    let mut plan = grid.attempts(&tasks);
    plan.retain(|(_, key)| !done.contains(key));
    let hidden = hidden_places(&folder, json.iter().chain(&from));
    let ready = ready(client, &plan, &folder, (&options, jobs), &program, &hidden).await;
    let places = match ready {
        Ok(places) => places,
        Err(problem) => {
            console.problem(&problem.message, problem.next.as_deref());
            return Exit::after(&problem.kind);
        }
    };
    let mut results =
        Results { planned: earlier.len() + plan.len(), attempts: earlier, json, unwritten: None };
    // A report that cannot be written is told before anything is paid for.
    results.keep();
    if let Some(error) = &results.unwritten {
        console.problem(&format!("The report cannot be written: {error}"), None);
        return Exit::Failed;
    }
    let bench = Bench { client, program: &program, options };
    let mut listening: HashMap<SessionId, UnboundedSender<EventKind>> = HashMap::new();
    let mut running = FuturesUnordered::new();
    let mut free: Vec<usize> = (0..jobs).rev().collect();
    let mut waiting = plan.iter();
    let mut exit = None;
    loop {
        while exit.is_none() && !free.is_empty() {
            let Some((at, key)) = waiting.next() else { break };
            let Some(number) = free.pop() else { break };
            let (session, (sender, events)) = (name(), unbounded_channel());
            listening.insert(session.clone(), sender);
            let hidden: Vec<_> = hidden.iter().cloned().chain(places.others(number)).collect();
            let hidden = Arc::new(hidden);
            let (task, key, place) = (&tasks[*at], key.clone(), places.place(number));
            let begun = Begun { task, key, session, place, hidden, events };
            let attempt = bench.attempt(begun);
            running.push(async move { (number, attempt.await) });
        }
        tokio::select! {
            biased;
            Some(()) = stops.recv() => {
                console.interrupted();
                // Closing the channels of their sessions ends the attempts.
                listening.clear();
                exit = Some(Exit::Interrupted);
                break;
            }
            ended = running.next() => match ended {
                Some((number, attempt)) => {
                    free.push(number);
                    listening.retain(|session, _| session.as_str() != attempt.session);
                    results.add(attempt, console);
                }
                None => break,
            },
            incoming = inbox.next() => match incoming {
                Some(Incoming::Event(Event { session: Some(session), kind, .. })) => {
                    if let Some(sender) = listening.get(&session) {
                        // An attempt that has ended receives nothing.
                        let _ended = sender.send(kind);
                    }
                }
                Some(_) => {}
                None => {
                    console.problem("The engine ended before the tasks did", None);
                    exit = Some(Exit::Failed);
                    break;
                }
            },
        }
    }
    wind_up(async { while running.next().await.is_some() {} }).await;
    let success = results.close(console);
    exit.unwrap_or(if success { Exit::Done } else { Exit::Failed })
}

impl Results {
    fn report(&self) -> Report<'_> {
        Report { attempts: &self.attempts, planned: self.planned }
    }

    /// Adds an attempt, tells of it, and writes the file anew.
    fn add(&mut self, attempt: AttemptRecord, console: &mut Console) {
        self.attempts.push(attempt);
        if let Some(attempt) = self.attempts.last() {
            console.note(&progress_line(attempt, self.attempts.len(), self.planned));
        }
        self.keep();
    }

    /// Writes the file, whole or not at all, so that an evaluation that is cut off can be resumed.
    fn keep(&mut self) {
        self.attempts.sort_by(|one, other| one.key.cmp(&other.key));
        let Some(path) = &self.json else { return };
        let kept = self.report().json().map_err(|error| error.to_string()).and_then(|text| {
            files::replace(path, text.as_bytes()).map_err(|error| error.to_string())
        });
        self.unwritten = kept.err();
    }

    /// Prints the tables; returns whether the evaluation is a success.
    fn close(self, console: &mut Console) -> bool {
        console.print(&self.report().table());
        console.flush();
        if let Some(error) = &self.unwritten {
            console.problem(&format!("The report was not written: {error}"), None);
        }
        self.unwritten.is_none() && self.report().is_success()
    }
}

/// Makes sure, before anything is copied or asked, that everything can be done, and makes the
/// places for the copies.
async fn ready(
    client: &Client,
    plan: &[(usize, AttemptKey)],
    folder: &Path,
    (options, jobs): (&OpenOptions, usize),
    program: &Path,
    hidden: &[PathBuf],
) -> Result<WorkPlaces, Problem> {
    signed_in(client, plan).await?;
    let places = WorkPlaces::new(jobs).map_err(|error| {
        let message = format!("There is no room for copies of the tasks: {error}");
        Problem::new(ProblemKind::Internal, message)
    })?;
    check_hiding(folder, options.mode, &places, program, hidden).await?;
    Ok(places)
}

async fn signed_in(client: &Client, plan: &[(usize, AttemptKey)]) -> Result<(), Problem> {
    let is_openai = |key: &AttemptKey| {
        let model = key.combination.model.as_deref().map(ModelName::parse);
        model.and_then(|model| model.provider).is_none_or(|own| own.is_openai())
    };
    if !plan.iter().any(|(_, key)| is_openai(key)) {
        return Ok(());
    }
    match client.request(Command::Account(AccountCommand::List)).await? {
        Reply::Accounts(list) if list.in_use().is_some() => Ok(()),
        _ => Err(Problem::new(ProblemKind::NotSignedIn, "Nobody is signed in to OpenAI")
            .with_next("Sign in with `codling auth login`, or set `OPENAI_API_KEY`")),
    }
}

fn progress_line(attempt: &AttemptRecord, number: usize, of: usize) -> String {
    let AttemptKey { task, combination, repeat } = &attempt.key;
    let with = if *combination == Default::default() {
        String::new()
    } else {
        format!(" ({})", combination.name())
    };
    let again = if *repeat > 1 { format!(" try {repeat}") } else { String::new() };
    let told = matches!(attempt.result, Verdict::Broken | Verdict::Skipped);
    let why = attempt.why.as_ref().filter(|_| told);
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    // A model that lacks an effort is asked with another one.
    let asked = attempt.sent.as_ref().and_then(|sent| sent.effort.as_ref());
    let other = match (&combination.effort, asked) {
        (Some(wanted), Some(asked)) if wanted != asked => format!(" (asked with effort {asked})"),
        _ => String::new(),
    };
    format!("{number}/{of} {task}{with}{again} {}{other}{why}", attempt.result.word())
}
