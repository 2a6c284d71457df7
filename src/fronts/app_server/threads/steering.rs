//! Requests that change a running turn, and turns that begin without a prompt.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{Command, SessionId, TurnCommand, UserPrompt};

use super::loaded_threads::Threads;
use super::turn_requests::{UserInput, prompt};
use crate::app_server::outside::Outside;
use crate::app_server::request::params::OneThread;
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Steer {
    thread_id: String,
    input: Vec<UserInput>,
    expected_turn_id: String,
    client_user_message_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Interrupt {
    thread_id: String,
    turn_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shell {
    thread_id: String,
    command: String,
}

/// The session of a loaded thread, if new turns may begin.
///
/// # Errors
///
/// Fails if the thread is not loaded, or if the server is about to end.
pub fn beginning(threads: &Threads, outside: &Outside, thread: &str) -> Result<SessionId, Fault> {
    let session = threads.loaded(thread)?;
    match outside.life.is_serving() {
        true => Ok(session),
        false => Err(Fault::overloaded()),
    }
}

/// Sends a command to the session and answers with an empty object, or with the error in `session`.
fn turn_command(
    outside: &mut Outside,
    asker: Asker,
    session: Result<SessionId, Fault>,
    command: TurnCommand,
) {
    let Some((asker, session)) = outside.accept(asker, session) else { return };
    outside.ask(Command::Turn(session, command), move |outside, reply| {
        let result = reply.map(|_done| json!({})).map_err(Fault::from);
        outside.answer(asker, result);
    });
}

/// Adds the prompt to the running turn at its next step.
pub fn steer(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: Steer) {
    let found = threads.running(&params.thread_id, &params.expected_turn_id, "steer");
    let Some((asker, session)) = outside.accept(asker, found) else { return };
    let Steer { input, expected_turn_id: turn, client_user_message_id: name, .. } = params;
    prompt(threads, outside, input, move |threads, outside, prompt| {
        let prompt = prompt.and_then(|prompt| match threads.runs(&session) {
            true => Ok(prompt),
            false => Err(Fault::invalid("no active turn to steer")),
        });
        let Some((asker, prompt)) = outside.accept(asker, prompt) else { return };
        let prompt = UserPrompt { tag: name.map(Into::into), ..prompt };
        outside.ask(Command::Turn(session, TurnCommand::Submit(prompt)), move |outside, reply| {
            let result = reply.map(|_place| json!({ "turnId": turn })).map_err(Fault::from);
            outside.answer(asker, result);
        });
    });
}

pub fn interrupt(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: Interrupt) {
    let session = threads.running(&params.thread_id, &params.turn_id, "interrupt");
    turn_command(outside, asker, session, TurnCommand::Interrupt);
}

pub fn compact(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: OneThread) {
    let session = beginning(threads, outside, &params.thread_id);
    turn_command(outside, asker, session, TurnCommand::Compact { focus: String::new() });
}

/// Runs a command for the person; its output joins the conversation.
pub fn shell(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: Shell) {
    let session = beginning(threads, outside, &params.thread_id);
    turn_command(outside, asker, session, TurnCommand::Shell { line: params.command });
}
