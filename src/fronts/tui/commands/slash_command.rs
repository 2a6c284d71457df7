//! Slash commands typed into the composer: parsing them, their arguments, and the message for an
//! unknown one.

use std::path::{Path, PathBuf};

use crate::base::nearest;
use crate::fronts::tui::app::App;
use crate::fronts::tui::app::toast::Tone;
use crate::fronts::tui::commands::arguments::{self, CODE, EFFORT};
use crate::fronts::tui::commands::{ACTIONS, ActionEntry, KeyAction, search_keys};
use crate::fronts::tui::messages::Cmd;
use crate::fronts::tui::overlay::{ChoiceDialog, GuideDialog, Overlay, add_guidance};
use crate::protocol::{
    ApprovalMode, Command, DiffBase, Effort, ExportTo, ModelName, SettingsCommand,
};

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

impl App {
    /// Runs a typed command. If it cannot run, says why and leaves it in the composer.
    pub(in crate::fronts::tui) fn command(
        &mut self,
        entry: &'static ActionEntry,
        name: &str,
        rest: &str,
    ) -> Vec<Cmd> {
        if rest.is_empty() {
            self.prompt.clear();
            return self.act(entry.action);
        }
        match entry.action {
            KeyAction::Models if name == EFFORT => {
                let Some(model) = self.talk.settings().map(|settings| settings.model.clone())
                else {
                    self.say(
                        Tone::Plain,
                        "The model in use is not known yet: try again in a moment",
                    );
                    return Vec::new();
                };
                self.prompt.clear();
                let effort = Some(Effort(rest.to_lowercase()));
                let command = SettingsCommand::Model { model: ModelName::from(model), effort };
                vec![Cmd::Send(Command::Settings(self.talk.id().clone(), command))]
            }
            KeyAction::Compact => {
                let cmds = self.compact(rest);
                self.clear_if_done(cmds)
            }
            KeyAction::Review => {
                let cmds = self.review(rest);
                self.clear_if_done(cmds)
            }
            KeyAction::New => {
                self.prompt.clear();
                let mut cmds = self.new_conversation();
                // Enter would have sent it: where it cannot be, it waits in the composer.
                self.prompt.set(rest);
                cmds.extend(self.submit());
                cmds
            }
            KeyAction::Queue => {
                self.prompt.set(rest);
                self.act(KeyAction::Queue)
            }
            KeyAction::Models | KeyAction::Sessions => {
                self.prompt.clear();
                let named = self.named_model(rest).filter(|_| entry.action == KeyAction::Models);
                if let Some((model, effort)) = named {
                    let command = SettingsCommand::Model { model, effort };
                    return vec![Cmd::Send(Command::Settings(self.talk.id().clone(), command))];
                }
                let mut cmds = self.act(entry.action);
                if let Some(dialog @ (Overlay::Models(_) | Overlay::Sessions(_))) =
                    self.dialogs.top_mut()
                {
                    cmds.extend(dialog.paste(rest).cmds);
                }
                cmds
            }
            KeyAction::Approvals => match ApprovalMode::named(rest) {
                // This mode asks for confirmation.
                Some(ApprovalMode::Full) => {
                    self.prompt.clear();
                    self.act(KeyAction::Approvals)
                }
                Some(mode) => {
                    self.prompt.clear();
                    vec![self.works_by(mode)]
                }
                None => {
                    self.say(
                        Tone::Warn,
                        "The approval modes are `read-only`, `ask`, `auto` and `full`",
                    );
                    Vec::new()
                }
            },
            KeyAction::Diff => match DiffBase::named(rest) {
                Some(base) => {
                    self.prompt.clear();
                    self.show_diff(base)
                }
                None => {
                    self.say(Tone::Warn, "`/diff head` and `/diff start` are all there is");
                    Vec::new()
                }
            },
            KeyAction::Help => {
                if let Some(page) = GuideDialog::of(rest) {
                    self.prompt.clear();
                    self.dialogs.open(Overlay::Guide(Box::new(page)));
                } else {
                    self.say(
                        Tone::Warn,
                        format!(
                            "The guide says nothing about `{rest}`: `/help guide` lists its topics"
                        ),
                    );
                }
                Vec::new()
            }
            KeyAction::Copy => {
                let number = rest.parse::<usize>().ok().filter(|number| *number > 0);
                if number.is_none() && rest != CODE {
                    self.say(
                        Tone::Warn,
                        "`/copy` copies the last answer, `/copy code` one of its code blocks",
                    );
                    return Vec::new();
                }
                let cmds = self.copy_code(number);
                self.prompt.clear();
                cmds
            }
            KeyAction::Search => {
                self.prompt.clear();
                search_keys::begin(self, rest);
                Vec::new()
            }
            KeyAction::Remember => {
                self.prompt.clear();
                let (folder, line) = (self.conversation_folder(), rest.to_owned());
                match self.facts.remembers_in {
                    Some(place) => vec![add_guidance(folder, place, line)],
                    None => {
                        let dialog = ChoiceDialog::of_guidance(folder, line);
                        self.dialogs.open(Overlay::Choice(dialog));
                        Vec::new()
                    }
                }
            }
            KeyAction::Rename => {
                self.prompt.clear();
                self.rename(rest)
            }
            KeyAction::Undo => match rest.parse() {
                Ok(turns @ 1..) => {
                    let cmds = self.undo_turns(turns);
                    self.clear_if_done(cmds)
                }
                _ => {
                    self.say(Tone::Warn, "`/undo` takes a number of turns, such as `/undo 2`");
                    Vec::new()
                }
            },
            KeyAction::Export => {
                let to = self.export_to(rest);
                let cmds = self.export(to);
                self.clear_if_done(cmds)
            }
            _ => {
                let name = entry.slash;
                self.say(Tone::Warn, format!("`/{name}` takes no argument: type `/{name}` alone"));
                Vec::new()
            }
        }
    }

    /// Clears the composer for a command that could run; otherwise leaves it there.
    fn clear_if_done(&mut self, cmds: Vec<Cmd>) -> Vec<Cmd> {
        if !cmds.is_empty() {
            self.prompt.clear();
        }
        cmds
    }

    /// The model that a text names completely, with its provider or by an id that the present
    /// provider knows, and the effort behind it, if there is one.
    fn named_model(&self, text: &str) -> Option<(ModelName, Option<Effort>)> {
        let mut words = text.split_whitespace();
        let name = ModelName::parse(words.next()?);
        let effort = words.next().map(|effort| Effort(effort.to_lowercase()));
        let is_known = name.provider.is_some()
            || self.facts.model(&name.clone().of(&self.provider())).is_some();
        (is_known && words.next().is_none()).then_some((name, effort))
    }

    /// Offers values for the command that is being typed.
    pub(in crate::fronts::tui) fn offer_arguments(&mut self) {
        let typed = self.prompt.composer.text();
        let values = match SlashCommand::parse(&typed) {
            Some(SlashCommand::Known(entry, name, _)) if typed.contains(' ') => {
                let rest = typed.split_once(' ').map_or("", |(_, rest)| rest);
                let in_use = self.talk.settings().map(|settings| &settings.model);
                arguments::values(entry, &name.to_lowercase(), rest, &self.facts, in_use)
            }
            _ => Vec::new(),
        };
        self.prompt.know_arguments(values);
    }

    /// The file or folder of an export, relative to the conversation's folder.
    fn export_to(&self, typed: &str) -> ExportTo {
        let folder = self.conversation_folder();
        let home = self.facts.start.home.as_deref();
        let path = match (typed.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => folder.join(typed),
        };
        if typed.ends_with('/') { ExportTo::Folder(path) } else { ExportTo::File(path) }
    }

    pub(in crate::fronts::tui) fn conversation_folder(&self) -> PathBuf {
        self.talk.folder().map_or_else(|| self.facts.start.folder.clone(), Path::to_path_buf)
    }
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
