//! Extensions of a session: slash commands and skills that files define, as fronts list them and as
//! the engine puts them before a prompt.

use serde::{Deserialize, Serialize};

use crate::protocol::ToolCall;

/// The slash commands and skills of a session's folder and of the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferedExtensions {
    /// Slash commands; skills can be called by their names as well.
    pub commands: Vec<OfferedCommand>,
    /// Skills, and files that hold none.
    pub skills: Vec<OfferedSkill>,
    /// Sentences without a full stop about files that hold no command.
    pub problems: Vec<String>,
}

/// A slash command that a file defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedCommand {
    /// The name without the slash.
    pub name: String,
    /// One line; may be empty.
    pub description: String,
    /// The arguments that it takes, in its own words.
    pub hint: Option<String>,
    /// The file that it comes from.
    pub origin: String,
}

/// A skill, or a file that was to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedSkill {
    /// The name; `None` for a file that cannot be used.
    pub name: Option<String>,
    /// When to use it; may be empty.
    pub description: String,
    /// The file that it comes from.
    pub origin: String,
    /// Sentences without a full stop about what is wrong.
    pub problems: Vec<String>,
}

/// The words that stand for a prompt which names a slash command or a skill. The engine adds them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptExpansion {
    /// A note for the model before the prompt, without the outputs of its commands.
    pub note: String,
    /// The commands that run before the model is asked, in the order of their places.
    pub shell: Vec<PromptShell>,
}

/// A command that a prompt runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptShell {
    /// The call, as if the model made it.
    pub call: ToolCall,
    /// The command, in one line or more.
    pub line: String,
    /// The byte of the note at which its output goes in.
    pub at: usize,
    /// Set where a person has to say yes to it first, in every mode.
    pub untrusted: Option<UntrustedCommand>,
}

/// A command that a project brings, and to which nobody has said yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UntrustedCommand {
    /// Its name in the project.
    pub name: String,
    /// The text that a yes is about.
    pub text: String,
    /// The reason for the question: one sentence without a full stop.
    pub why: String,
}
