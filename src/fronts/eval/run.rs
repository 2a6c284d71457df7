//! Runs the tasks, several at a time, and prints each result.

use std::collections::HashMap;
use std::path::PathBuf;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::base::{Console, files};
use crate::engine::{Client, Inbox, Incoming};
use crate::protocol::{
    AccountCommand, Command, Event, EventKind, Exit, ModelName, OpenOptions, Problem, ProblemKind,
    Reply, SessionId,
};

use super::attempt::{Attempt, AttemptOutcome, Bench, wind_up};
use super::report::Report;
use super::task::Task;

/// The tasks to run, and how.
#[derive(Debug)]
pub struct EvalRequest {
    pub tasks: Vec<Task>,
    /// How many tasks run at a time.
    pub jobs: usize,
    /// Options for tasks that do not name a model.
    pub options: OpenOptions,
    /// The codling binary, which sandboxes the checks.
    pub program: PathBuf,
    /// The file that also gets the report as JSON.
    pub json: Option<PathBuf>,
    /// Makes a session id that no other session has.
    pub name: fn() -> SessionId,
}

/// Runs all tasks; the exit is 0 if every one passed, else 1.
///
/// Prints the table to stdout and progress to stderr. A message on `stops` ends the running tasks;
/// the finished ones are reported.
pub async fn run(
    client: &Client,
    mut inbox: Inbox,
    mut stops: UnboundedReceiver<()>,
    request: EvalRequest,
    console: &mut Console,
) -> Exit {
    if let Err(problem) = signed_in(client, &request).await {
        console.problem(&problem.message, problem.next.as_deref());
        return Exit::after(&problem.kind);
    }
    let EvalRequest { tasks, jobs, options, program, json, name } = request;
    let bench = Bench { client, program: &program, options };
    let mut listening: HashMap<SessionId, UnboundedSender<EventKind>> = HashMap::new();
    let mut running = FuturesUnordered::new();
    let mut waiting = tasks.iter().enumerate();
    let mut done: Vec<Attempt> = Vec::new();
    let mut exit = None;
    loop {
        while exit.is_none() && running.len() < jobs {
            let Some((at, task)) = waiting.next() else { break };
            let (session, (sender, events)) = (name(), unbounded_channel());
            listening.insert(session.clone(), sender);
            running.push(bench.attempt(at, task, session, events));
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
                Some(attempt) => {
                    listening.remove(&attempt.session);
                    console.note(&progress_line(&attempt, &tasks[attempt.task], done.len() + 1, tasks.len()));
                    done.push(attempt);
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
    done.sort_by_key(|attempt| attempt.task);
    let report = Report { tasks: &tasks, attempts: &done };
    console.print(&report.table());
    console.flush();
    if let Some(path) = json {
        let kept = report.json().map_err(|error| error.to_string()).and_then(|text| {
            files::replace(&path, text.as_bytes()).map_err(|error| error.to_string())
        });
        if let Err(error) = kept {
            console.problem(&format!("The report was not written: {error}"), None);
            return Exit::Failed;
        }
    }
    let all = done.len() == tasks.len();
    let passed = all && done.iter().all(|attempt| attempt.outcome == AttemptOutcome::Passed);
    exit.unwrap_or(if passed { Exit::Done } else { Exit::Failed })
}

/// Checks the sign-in first, so that nothing is copied in vain.
async fn signed_in(client: &Client, request: &EvalRequest) -> Result<(), Problem> {
    let is_openai = |model: Option<&ModelName>| {
        model.and_then(|model| model.provider.as_ref()).is_none_or(|own| own.is_openai())
    };
    let model = request.options.model.as_ref();
    if !request.tasks.iter().any(|task| is_openai(task.model.as_ref().or(model))) {
        return Ok(());
    }
    match client.request(Command::Account(AccountCommand::List)).await? {
        Reply::Accounts(list) if list.in_use().is_some() => Ok(()),
        _ => Err(Problem::new(ProblemKind::NotSignedIn, "Nobody is signed in to OpenAI")
            .with_next("Sign in with `codling auth login`, or set `OPENAI_API_KEY`")),
    }
}

fn progress_line(attempt: &Attempt, task: &Task, number: usize, of: usize) -> String {
    let why = match &attempt.outcome {
        AttemptOutcome::Broken(problem) => format!(": {}", problem.message),
        _ => String::new(),
    };
    format!("{number}/{of} {} {}{why}", task.name, attempt.outcome.word())
}
