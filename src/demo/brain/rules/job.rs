//! Commands that stay: starting one, typing into it, and hearing what it says. Knows of one at a
//! time, the last.

use serde_json::{Value, json};

use super::next_step::{Next, answer, call};
use crate::demo::brain::seen::call_fate::Fate;
use crate::demo::brain::seen::conversation::{PastOutput, SeenConversation};
use crate::demo::brain::words::markdown::code;
use crate::demo::brain::words::replies;

/// The purpose of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit<'a> {
    /// To hear what it has said.
    Listen,
    /// To type a line.
    Type(&'a str),
    /// To stay until it ends, for a while.
    Wait,
}

/// Milliseconds until a call is answered: of one that starts, types, listens and waits. The last
/// ones are answered sooner where the command ends.
const STARTED: u64 = 2_000;
const TYPED: u64 = 1_000;
const LISTENED: u64 = 5_000;
const WAITED: u64 = 30_000;

pub fn start(conversation: &SeenConversation, command: &str) -> Next {
    if let Some(ran) = conversation.last("exec_command") {
        return reply(command, ran);
    }
    let say = format!("I will start {}.", code(command));
    let arguments = json!({
        "cmd": command, "tty": true, "yield_time_ms": STARTED, "justification": replies::ASKED_FOR,
    });
    let thought = "**Starting a command**\n\nIt is to stay, with a terminal to type into.";
    ask(conversation, thought, &say, "exec_command", arguments)
}

/// A visit to the command that stays, and what it says then.
pub fn visit(conversation: &SeenConversation, visit: Visit<'_>) -> Next {
    let job = conversation.job.as_ref();
    if let (Some(job), Some(ran)) = (job, conversation.last("write_stdin")) {
        return reply(&job.command, ran);
    }
    let Some(job) = job.filter(|job| !job.is_over) else {
        let thought = "**Finding nothing that runs**\n\nIt was never started, or has ended.";
        return answer(thought, replies::nothing_runs());
    };
    let command = code(&job.command);
    let waited = |time: u64| {
        let arguments = json!({ "session_id": job.session, "yield_time_ms": time });
        (format!("I will wait for {command}."), arguments)
    };
    let (say, arguments) = match visit {
        Visit::Listen => waited(LISTENED),
        Visit::Type(text) => (
            format!("I will type {} into {command}.", code(text)),
            json!({ "session_id": job.session, "chars": format!("{text}\n"), "yield_time_ms": TYPED }),
        ),
        Visit::Wait => waited(WAITED),
    };
    let thought = "**Visiting a command**\n\nIt was started before.";
    ask(conversation, thought, &say, "write_stdin", arguments)
}

fn ask(
    conversation: &SeenConversation,
    thought: &'static str,
    say: &str,
    tool: &'static str,
    arguments: Value,
) -> Next {
    match conversation.offers(tool) {
        true => call(conversation, thought, say, tool, [arguments]),
        false => answer(
            "**Going without commands that stay**\n\nThe tool for them is not on offer.",
            replies::no_jobs(),
        ),
    }
}

fn reply(command: &str, ran: &PastOutput) -> Next {
    match Fate::of(&ran.output) {
        Fate::Refused { .. } => {
            answer("**Stopping there**\n\nIt was refused.", replies::refused(&[ran]))
        }
        Fate::Done | Fate::Stale if !ran.output.starts_with("Process ") => {
            let thought = "**Hearing why not**\n\nThe tool ran nothing.";
            answer(thought, replies::nothing_came(command, ran))
        }
        Fate::Done | Fate::Stale => {
            answer("**Reading the output**\n\nIts end says most.", replies::command(command, ran))
        }
    }
}
