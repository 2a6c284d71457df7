//! Slash commands typed into the composer: parsing them, their arguments, and the message for an
//! unknown one.

use std::path::Path;

use crate::base::nearest;
use crate::protocol::{ApprovalMode, DiffBase, ExportTo, ModelRef};
use crate::tui::commands::arguments::{self, ArgumentValue, CODE, EFFORT};
use crate::tui::commands::{ACTIONS, ActionEntry, KeyAction};
use crate::tui::program_facts::Facts;

/// A text that begins like a command.
#[derive(Clone, Copy, Debug)]
pub enum SlashCommand<'a> {
    /// A command, as it was named, with its arguments.
    Known(&'static ActionEntry, &'a str, &'a str),
    /// The name of an unknown command.
    Unknown(&'a str),
}

impl<'a> SlashCommand<'a> {
    /// Parses a text; `None` for a prompt, such as one that begins with a blank or with a path
    /// (`/usr/bin`).
    pub fn parse(text: &'a str) -> Option<Self> {
        let typed = text.strip_prefix('/')?;
        let (name, rest) = typed.split_at(typed.find(char::is_whitespace).unwrap_or(typed.len()));
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        if !is_name {
            return None;
        }
        let lower = name.to_ascii_lowercase();
        let is_meant =
            |entry: &&ActionEntry| entry.slash == lower || entry.aliases.contains(&lower.as_str());
        let known = ACTIONS.iter().filter(|entry| !entry.slash.is_empty()).find(is_meant);
        Some(known.map_or(Self::Unknown(name), |entry| Self::Known(entry, name, rest.trim())))
    }
}

/// The message for an unknown command, with a suggestion.
pub fn unknown(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if let Some(entry) = ACTIONS
        .iter()
        .find(|entry| entry.slash.is_empty() && entry.aliases.contains(&lower.as_str()))
    {
        return format!("There is no command `/{name}`: `{}` does that", entry.label());
    }
    let words = |entry: &'static ActionEntry| {
        entry.aliases.iter().copied().chain([entry.slash]).map(move |word| (word, entry.slash))
    };
    let known: Vec<_> =
        ACTIONS.iter().filter(|entry| !entry.slash.is_empty()).flat_map(words).collect();
    let near = nearest(name, known.iter().map(|(word, _)| *word));
    let meant =
        near.and_then(|near| known.iter().find(|(word, _)| *word == near)).map(|(_, slash)| slash);
    match meant {
        Some(slash) => format!(
            "There is no command `/{name}`. Did you mean `/{slash}`? A space in front sends it as text"
        ),
        None => format!(
            "There is no command `/{name}`: `/help` lists them. A space in front sends it as text"
        ),
    }
}

/// A command with its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypedAction<'a> {
    /// The action, as its key does it.
    Act(KeyAction),
    Compact {
        focus: &'a str,
    },
    /// Copy a code block: the one with this number, or the one that is chosen.
    CopyCode(Option<usize>),
    Diff(DiffBase),
    /// An effort for the model in use.
    Effort(&'a str),
    Export {
        path: &'a str,
    },
    /// The page of the guide that holds these words.
    Guide(&'a str),
    Mode(ApprovalMode),
    /// A model by its name, or words to look for in the list of models.
    Models(&'a str),
    /// A new conversation, which begins with this prompt.
    New(&'a str),
    Queue(&'a str),
    Remember(&'a str),
    Rename(&'a str),
    Review(&'a str),
    /// Words to look for in the conversation.
    Search(&'a str),
    /// Words to look for in the list of conversations.
    Sessions(&'a str),
    /// Undo this many turns.
    Undo(usize),
}

impl<'a> TypedAction<'a> {
    /// Whether it stays in the composer if it cannot run.
    pub fn may_stay(self) -> bool {
        matches!(
            self,
            Self::Compact { .. }
                | Self::Effort(_)
                | Self::Export { .. }
                | Self::Guide(_)
                | Self::Queue(_)
                | Self::Review(_)
                | Self::Undo(_)
        )
    }

    /// Reads the argument of a command, as it was named.
    ///
    /// # Errors
    ///
    /// Says which arguments the command takes, if this is none of them.
    pub fn parse(entry: &ActionEntry, name: &str, rest: &'a str) -> Result<Self, String> {
        if rest.is_empty() {
            return Ok(Self::Act(entry.action));
        }
        Ok(match entry.action {
            KeyAction::Approvals => match ApprovalMode::named(rest) {
                // This mode asks for confirmation.
                Some(ApprovalMode::Full) => Self::Act(KeyAction::Approvals),
                Some(mode) => Self::Mode(mode),
                None => {
                    let modes = "The approval modes are `read-only`, `ask`, `auto` and `full`";
                    return Err(modes.to_owned());
                }
            },
            KeyAction::Compact => Self::Compact { focus: rest },
            KeyAction::Copy => match rest.parse() {
                Ok(number @ 1..) => Self::CopyCode(Some(number)),
                _ if rest == CODE => Self::CopyCode(None),
                _ => {
                    let ways =
                        "`/copy` copies the last answer, `/copy code` one of its code blocks";
                    return Err(ways.to_owned());
                }
            },
            KeyAction::Diff => Self::Diff(
                DiffBase::named(rest).ok_or("`/diff head` and `/diff start` are all there is")?,
            ),
            KeyAction::Export => Self::Export { path: rest },
            KeyAction::Help => Self::Guide(rest),
            KeyAction::Models if name == EFFORT => Self::Effort(rest),
            KeyAction::Models => Self::Models(rest),
            KeyAction::New => Self::New(rest),
            KeyAction::Queue => Self::Queue(rest),
            KeyAction::Remember => Self::Remember(rest),
            KeyAction::Rename => Self::Rename(rest),
            KeyAction::Review => Self::Review(rest),
            KeyAction::Search => Self::Search(rest),
            KeyAction::Sessions => Self::Sessions(rest),
            KeyAction::Undo => match rest.parse() {
                Ok(turns @ 1..) => Self::Undo(turns),
                _ => return Err("`/undo` takes a number of turns, such as `/undo 2`".to_owned()),
            },
            _ => {
                let name = entry.slash;
                return Err(format!("`/{name}` takes no argument: type `/{name}` alone"));
            }
        })
    }
}

/// The values that the menu offers for the command that is being typed.
pub fn values(typed: &str, facts: &Facts, in_use: Option<&ModelRef>) -> Vec<ArgumentValue> {
    match (SlashCommand::parse(typed), typed.split_once(' ')) {
        (Some(SlashCommand::Known(entry, name, _)), Some((_, rest))) => {
            arguments::values(entry, &name.to_lowercase(), rest, facts, in_use)
        }
        _ => Vec::new(),
    }
}

/// The file of an export, or the folder if the path ends with `/`. A relative path begins at the
/// conversation's folder.
pub fn export_to(typed: &str, folder: &Path, home: Option<&Path>) -> ExportTo {
    let path = match (typed.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folder.join(typed),
    };
    if typed.ends_with('/') { ExportTo::Folder(path) } else { ExportTo::File(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_from_a_prompt_and_a_path() {
        for (text, name, rest) in [
            ("/undo 2", "undo", "2"),
            ("/MODELS\n x ", "models", "x"),
            ("/resume", "sessions", ""),
            ("/model", "models", ""),
        ] {
            assert!(
                matches!(SlashCommand::parse(text), Some(SlashCommand::Known(entry, _, after)) if entry.slash == name && after == rest),
                "{text}"
            );
        }
        for text in
            ["/usr/bin is missing", " /models x", "/ x", "//", "/1st", "/tmp/x", "what is /etc", ""]
        {
            assert!(SlashCommand::parse(text).is_none(), "{text}");
        }
        for text in ["/modles", "/etc is missing", "/frobnicate now"] {
            assert!(matches!(SlashCommand::parse(text), Some(SlashCommand::Unknown(_))), "{text}");
        }
    }

    #[test]
    fn an_argument_is_read_with_its_command() {
        let parse = |text| match SlashCommand::parse(text) {
            Some(SlashCommand::Known(entry, name, rest)) => TypedAction::parse(entry, name, rest),
            _ => Err("no command".to_owned()),
        };
        for (text, action) in [
            ("/undo", TypedAction::Act(KeyAction::Undo)),
            ("/undo 2", TypedAction::Undo(2)),
            ("/approvals full", TypedAction::Act(KeyAction::Approvals)),
            ("/approvals ask", TypedAction::Mode(ApprovalMode::Ask)),
            ("/copy code", TypedAction::CopyCode(None)),
            ("/copy 2", TypedAction::CopyCode(Some(2))),
            ("/effort high", TypedAction::Effort("high")),
            ("/model high", TypedAction::Models("high")),
            ("/diff start", TypedAction::Diff(DiffBase::Start)),
        ] {
            assert_eq!(parse(text), Ok(action), "{text}");
        }
        for (text, words) in [
            ("/undo 0", "number of turns"),
            ("/copy 0", "`/copy code`"),
            ("/diff tail", "`/diff head`"),
            ("/approvals none", "`read-only`"),
            ("/exit now", "`/exit` takes no argument"),
        ] {
            let why = parse(text).unwrap_err();
            assert!(why.contains(words), "{text}: {why}");
        }
    }

    #[test]
    fn the_nearest_name_is_offered() {
        for (name, words) in [
            ("modles", "Did you mean `/models`?"),
            ("sumary", "Did you mean `/compact`?"),
            ("plan", "`tab` does that"),
            ("agents", "`tab` does that"),
            ("editor", "`ctrl+x e` does that"),
            ("frobnicate", "`/help` lists them"),
        ] {
            assert!(unknown(name).contains(words), "{}", unknown(name));
        }
    }
}
