//! `codling demo --record`: an earlier conversation as a script for the stand-in, without what
//! belongs to the person.

use crate::base::{Console, files};
use crate::config::{Env, Flags, load};
use crate::demo::{Script, Scrubber};
use crate::engine::{self, Client};
use crate::protocol::{
    AccountCommand, AccountKind, Command, Exit, Problem, ProblemKind, Reply, SessionCommand,
    SessionSelector,
};

use super::error::CliError;
use super::front_runtime::{LAST_WORK, with_engine};
use super::intent::RecordIntent;

/// Writes the answers that a kept session got from its model into a script for `codling demo`.
///
/// # Errors
///
/// Fails if the settings cannot be used or the engine cannot be started. What goes wrong later is
/// printed, and returned as the exit.
pub fn record(intent: RecordIntent, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    let loaded = load(env, None, &Flags::default(), &engine::dialects())?;
    let RecordIntent { which, file } = intent;
    with_engine(loaded, LAST_WORK, console, async |client, _inbox, mut stops, console| {
        let script = tokio::select! {
            biased;
            Some(()) = stops.recv() => return Exit::Interrupted,
            script = script(client, which, env) => script,
        };
        let written = script.and_then(|script| {
            let text = script.write().map_err(|error| failed(&error.to_string()))?;
            files::replace(&file, text.as_bytes()).map_err(|error| failed(&error.to_string()))?;
            Ok(script)
        });
        match written {
            Ok(script) => {
                console.note(&format!(
                    "{} answers were written to `{}`. Read it before you give it away; `codling demo --script` plays it",
                    script.answers.len(),
                    file.display()
                ));
                Exit::Done
            }
            Err(problem) => {
                console.problem(&problem.message, problem.next.as_deref());
                Exit::after(&problem.kind)
            }
        }
    })
}

async fn script(client: &Client, which: SessionSelector, env: &Env) -> Result<Script, Problem> {
    let read = Command::Session(SessionCommand::Read(which));
    let Reply::Read { summary, records } = client.request(read).await? else {
        return Err(failed("The engine ended before it answered"));
    };
    // The accounts' names are needed to take them out of the script.
    let Reply::Accounts(list) = client.request(Command::Account(AccountCommand::List)).await?
    else {
        return Err(failed("The engine ended before it answered"));
    };
    let ids: Vec<String> = list
        .accounts
        .into_iter()
        .flat_map(|account| match account.kind {
            AccountKind::ChatGpt { account, email, .. } => [account, email],
            _ => [None, None],
        })
        .flatten()
        .collect();
    let followed =
        std::fs::canonicalize(&summary.folder).unwrap_or_else(|_gone| summary.folder.clone());
    let folders = [summary.folder.to_string_lossy(), followed.to_string_lossy()];
    let (home, user) = (env.home(), env.text("USER"));
    let scrubber = Scrubber::new(
        &[&folders[0], &folders[1]],
        home.as_deref().and_then(std::path::Path::to_str),
        user.as_deref(),
        &ids,
    );
    let script = Script::of_records(&records, &scrubber);
    match script.answers.is_empty() {
        true => {
            Err(Problem::new(ProblemKind::Config, "The conversation holds no answer of a model's"))
        }
        false => Ok(script),
    }
}

fn failed(message: &str) -> Problem {
    Problem::new(ProblemKind::Internal, message)
}
