//! Codling's own slash commands, and how each runs in the place of a prompt.

use agent_client_protocol::v1::schema::SessionUpdate;

use crate::engine::review::{ReviewAnswer, ReviewTarget};
use crate::protocol::{
    Agent, ChosenStep, Command, Direction, Reply, ReviewedState, SessionCommand, SessionId,
    SettingsCommand, TurnCommand, UndoPreview,
};

use super::open_sessions::Sessions;
use super::prompts::PromptNumber;
use crate::acp::outside::Outside;
use crate::acp::updates::content;
use crate::host::Machine;

/// A prompt that is one of the commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlashCommand {
    Agent(Agent),
    /// With what the summary must keep.
    Compact(String),
    Rename(String),
    /// With what to look at.
    Review(String),
    Undo(Direction),
}

/// Returns the command that a prompt stands for; `None` if the prompt is for the model.
pub fn parse(text: &str) -> Option<SlashCommand> {
    let line = text.trim().strip_prefix('/')?;
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match (name, rest.trim()) {
        ("build", "") => Some(SlashCommand::Agent(Agent::Build)),
        ("plan", "") => Some(SlashCommand::Agent(Agent::Plan)),
        ("compact", focus) => Some(SlashCommand::Compact(focus.to_owned())),
        ("review", words) => Some(SlashCommand::Review(words.to_owned())),
        ("undo", "") => Some(SlashCommand::Undo(Direction::Undo)),
        ("redo", "") => Some(SlashCommand::Undo(Direction::Redo)),
        ("rename", title) if !title.is_empty() => Some(SlashCommand::Rename(title.to_owned())),
        _ => None,
    }
}

/// Runs the command instead of a turn; answers the prompt when it is done.
pub fn run_command(
    sessions: &mut Sessions,
    outside: &mut Outside,
    id: &SessionId,
    number: PromptNumber,
    command: SlashCommand,
) {
    match command {
        SlashCommand::Compact(focus) => {
            sessions.run_turn(outside, id, number, TurnCommand::Compact { focus })
        }
        SlashCommand::Review(words) => {
            match ReviewTarget::parse(&words).prompt(ReviewAnswer::Words) {
                Ok(prompt) => sessions.run_turn(outside, id, number, TurnCommand::Submit(prompt)),
                Err(problem) => {
                    sessions.refuse_prompt(outside, id, number, outside.error(&problem))
                }
            }
        }
        SlashCommand::Agent(agent) => {
            let words = match agent {
                Agent::Build => "From here on the model changes files and runs commands again",
                Agent::Plan => "From here on the model plans, and changes nothing",
            };
            let command = Command::Settings(id.clone(), SettingsCommand::Agent(agent));
            say_when_done(outside, id, number, command, words.to_owned());
        }
        SlashCommand::Rename(title) => {
            let words = format!("This conversation is called {title}");
            let rename = SessionCommand::Rename { id: id.clone(), title };
            say_when_done(outside, id, number, Command::Session(rename), words);
        }
        SlashCommand::Undo(direction) => undo(outside, id, number, direction),
    }
}

fn say_when_done(
    outside: &mut Outside,
    id: &SessionId,
    number: PromptNumber,
    command: Command,
    words: String,
) {
    let session = id.clone();
    Sessions::ask(outside, command, move |sessions, outside, reply| match reply {
        Ok(_) => say(sessions, outside, &session, number, &words),
        Err(problem) => sessions.refuse_prompt(outside, &session, number, outside.error(&problem)),
    });
}

/// Answers the prompt with a text of codling's own.
fn say(
    sessions: &mut Sessions,
    outside: &Outside,
    id: &SessionId,
    number: PromptNumber,
    words: &str,
) {
    let chunk = content::chunk(words, "codling");
    outside.update(id, [SessionUpdate::AgentMessageChunk(chunk)]);
    sessions.finish_prompt(outside, id, number);
}

/// Takes back, or makes again, only files that are still as the turn left them: a client has no way
/// to show the rest.
fn undo(outside: &mut Outside, id: &SessionId, number: PromptNumber, direction: Direction) {
    let session = id.clone();
    let preview = TurnCommand::PreviewUndo { direction, turn: None };
    Sessions::ask(outside, Command::Turn(id.clone(), preview), move |sessions, outside, reply| {
        match reply {
            Ok(Reply::UndoPreview(Some(preview))) => {
                undo_safe(sessions, outside, &session, number, preview)
            }
            Ok(_) => {
                let words = match direction {
                    Direction::Undo => "No turn has changed files that could be taken back",
                    Direction::Redo => "Nothing was taken back that could be made again",
                };
                say(sessions, outside, &session, number, words);
            }
            Err(problem) => {
                sessions.refuse_prompt(outside, &session, number, outside.error(&problem))
            }
        }
    });
}

fn undo_safe(
    sessions: &mut Sessions,
    outside: &mut Outside,
    id: &SessionId,
    number: PromptNumber,
    preview: UndoPreview,
) {
    let UndoPreview { direction, turn, steps, .. } = preview;
    let (safe, others): (Vec<_>, Vec<_>) = steps
        .into_iter()
        .filter(|step| step.state != ReviewedState::Already)
        .partition(|step| step.state == ReviewedState::AsLeft);
    if !others.is_empty() {
        let names: Vec<String> = others.iter().map(|step| format!("`{}`", step.shown)).collect();
        let words = format!(
            "Left as they are, since they may hold changes of your own: {}\n\n",
            names.join(", ")
        );
        let chunk = content::chunk(&words, "undo");
        outside.update(id, [SessionUpdate::AgentMessageChunk(chunk)]);
    }
    if safe.is_empty() {
        return say(sessions, outside, id, number, "There is nothing that could be done safely");
    }
    let steps =
        safe.into_iter().map(|step| ChosenStep { path: step.path, seen: step.seen }).collect();
    let session = id.clone();
    let undo = Command::Turn(id.clone(), TurnCommand::Undo { direction, turn, steps });
    Sessions::ask(outside, undo, move |sessions, outside, reply| match reply {
        // The outcome comes as an event.
        Ok(_) => {
            if let Some(session) = sessions.all.get_mut(&session) {
                session.undoing = Some(number);
            }
        }
        Err(problem) => sessions.refuse_prompt(outside, &session, number, outside.error(&problem)),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_a_command_only_where_it_is_nothing_else() {
        assert_eq!(parse("/compact"), Some(SlashCommand::Compact(String::new())));
        let focus = Some(SlashCommand::Compact("keep the tests".to_owned()));
        assert_eq!(parse("/compact keep the tests"), focus);
        assert_eq!(parse(" /undo\n"), Some(SlashCommand::Undo(Direction::Undo)));
        assert_eq!(parse("/rename a b"), Some(SlashCommand::Rename("a b".into())));
        for prompt in ["compact", "/rename", "/usr/bin is what?", "/", ""] {
            assert_eq!(parse(prompt), None, "{prompt}");
        }
        for (name, ..) in super::super::offered_commands::COMMANDS {
            assert!(parse(&format!("/{name}")).is_some() || name == "rename", "{name}");
        }
    }
}
