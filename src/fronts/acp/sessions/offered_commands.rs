//! The slash commands that a client offers: codling's own, those of files, and the prompts of MCP
//! servers.

use agent_client_protocol::v1::schema::{
    AvailableCommand, AvailableCommandInput, UnstructuredCommandInput,
};

use crate::protocol::{OfferedCommand, OfferedExtensions};

/// The name of each command, what it does, and what may follow it.
pub const COMMANDS: [(&str, &str, Option<&str>); 7] = [
    ("build", "Lets the model change files and run commands again", None),
    (
        "compact",
        "Has the model summarize the conversation and goes on from there",
        Some("what to keep"),
    ),
    ("plan", "Lets the model plan: it changes nothing", None),
    ("redo", "Makes the changes again that were taken back last", None),
    ("rename", "Gives this conversation a title", Some("title")),
    (
        "review",
        "Reviews changes: those not committed, or others in words",
        Some("--staged, --base BRANCH, --commit SHA, or words"),
    ),
    ("undo", "Takes back what the last turn changed in files", None),
];

/// All commands, for the client's menu.
fn available() -> Vec<AvailableCommand> {
    let command = |(name, about, hint): &(&str, &str, Option<&str>)| {
        let input = hint
            .map(|hint| AvailableCommandInput::Unstructured(UnstructuredCommandInput::new(hint)));
        AvailableCommand::new(*name, *about).input(input)
    };
    COMMANDS.iter().map(command).collect()
}

/// The same, and those that files and MCP servers define; a name of codling's own stays codling's.
pub fn with_others(
    list: &OfferedExtensions,
    of_servers: &[OfferedCommand],
) -> Vec<AvailableCommand> {
    let is_own = |name: &str| COMMANDS.iter().any(|(own, ..)| *own == name);
    let all = list.commands.iter().chain(of_servers);
    let others = all.filter(|command| !is_own(&command.name));
    let others = others.map(|OfferedCommand { name, description, hint, origin }| {
        let about = if description.is_empty() { origin } else { description };
        let input = hint
            .clone()
            .map(|hint| AvailableCommandInput::Unstructured(UnstructuredCommandInput::new(hint)));
        AvailableCommand::new(name.as_str(), about.as_str()).input(input)
    });
    available().into_iter().chain(others).collect()
}
