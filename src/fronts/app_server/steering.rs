//! What is done to a turn that runs, and the turns that no prompt begins.

use serde::Deserialize;
use serde_json::json;

use crate::protocol::{Command, SessionId, TurnCommand, UserPrompt};

use super::connection::Asker;
use super::failure;
use super::lifecycle::OneThread;
use super::methods::Params;
use super::server::Server;
use super::turn_requests::UserInput;
use super::turns::session_id;
use super::wire::Fault;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Steer {
    thread_id: String,
    input: Vec<UserInput>,
    expected_turn_id: String,
    client_user_message_id: Option<String>,
}

impl Params for Steer {}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Interrupt {
    thread_id: String,
    turn_id: String,
}

impl Params for Interrupt {}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shell {
    thread_id: String,
    command: String,
}

impl Params for Shell {}

impl Server {
    /// The session of a thread that is loaded.
    pub(super) fn loaded(&self, thread: &str) -> Result<SessionId, Fault> {
        let session = session_id(thread).map_err(Fault::invalid)?;
        match self.threads.contains_key(&session) {
            true => Ok(session),
            false => Err(Fault::invalid(format!("thread not found: {thread}"))),
        }
    }

    /// The same, where the turn of that id runs in it.
    fn running(&self, thread: &str, turn: &str, verb: &str) -> Result<SessionId, Fault> {
        let session = self.loaded(thread)?;
        let running = self.threads.get(&session).and_then(|thread| thread.running_turn());
        match running {
            None => Err(Fault::invalid(format!("no active turn to {verb}"))),
            Some(found) if found != turn && !turn.is_empty() => {
                Err(Fault::invalid(format!("expected active turn id `{turn}` but found `{found}`")))
            }
            Some(_) => Ok(session),
        }
    }

    /// The session of a loaded thread in which something may be begun.
    pub(super) fn beginning(&self, thread: &str) -> Result<SessionId, Fault> {
        let session = self.loaded(thread)?;
        match self.is_serving() {
            true => Ok(session),
            false => Err(Fault::overloaded()),
        }
    }

    /// Asks the session for something that answers with nothing.
    fn turn_command(&mut self, asker: Asker, session: SessionId, command: TurnCommand) {
        self.ask(Command::Turn(session, command), move |server, reply| {
            let result = reply.map(|_done| json!({})).map_err(|problem| failure::fault(&problem));
            server.answer(asker, result);
        });
    }
}

/// The prompt joins the running turn at its next step.
pub fn steer(server: &mut Server, asker: Asker, params: Steer) {
    let session = match server.running(&params.thread_id, &params.expected_turn_id, "steer") {
        Ok(session) => session,
        Err(fault) => return server.answer(asker, Err(fault)),
    };
    let Steer { input, expected_turn_id: turn, client_user_message_id: name, .. } = params;
    server.prompt(input, move |server, prompt| {
        let prompt: UserPrompt = match prompt {
            Ok(prompt) => prompt,
            Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
        };
        if !server.runs(&session) {
            return server.answer(asker, Err(Fault::invalid("no active turn to steer")));
        }
        let named = server.name_prompt(&session, &prompt, name);
        let command = Command::Turn(session.clone(), TurnCommand::Submit(prompt));
        server.ask(command, move |server, reply| {
            if reply.is_err() {
                server.forget_name(&session, named);
            }
            let result = reply
                .map(|_place| json!({ "turnId": turn }))
                .map_err(|problem| failure::fault(&problem));
            server.answer(asker, result);
        });
    });
}

pub fn interrupt(server: &mut Server, asker: Asker, params: Interrupt) {
    match server.running(&params.thread_id, &params.turn_id, "interrupt") {
        Ok(session) => server.turn_command(asker, session, TurnCommand::Interrupt),
        Err(fault) => server.answer(asker, Err(fault)),
    }
}

pub fn compact(server: &mut Server, asker: Asker, params: OneThread) {
    match server.beginning(&params.thread_id) {
        Ok(session) => server.turn_command(asker, session, TurnCommand::Compact),
        Err(fault) => server.answer(asker, Err(fault)),
    }
}

/// A command of the person's own, which joins the conversation.
pub fn shell(server: &mut Server, asker: Asker, params: Shell) {
    match server.beginning(&params.thread_id) {
        Ok(session) => {
            let command = TurnCommand::Shell { line: params.command };
            server.turn_command(asker, session, command);
        }
        Err(fault) => server.answer(asker, Err(fault)),
    }
}
