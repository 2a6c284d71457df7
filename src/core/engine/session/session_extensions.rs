//! The extensions of a session: which slash commands and skills its folder and the person have, and
//! the words that a prompt which names one stands for.

use std::path::Path;
use std::sync::Arc;

use crate::base::{Advice, text};
use crate::extensions::{
    self, Definition, DefinitionKind, ExtensionPlaces, FileCommand, FilledCommand, ShellCommand,
    SkillFolders, SkillReading, TrustState, TrustStore,
};
use crate::protocol::{
    CallId, Notice, OfferedCommand, OfferedExtensions, OfferedSkill, PromptExpansion, PromptShell,
    UntrustedCommand, UserPrompt,
};
use crate::tools;

/// Where a session's extensions are read from, and which of them may run.
#[derive(Clone, Debug)]
pub(crate) struct SessionExtensions {
    places: Arc<ExtensionPlaces>,
    trust: TrustStore,
}

impl SessionExtensions {
    pub(crate) fn new(places: ExtensionPlaces, state: &Path) -> Self {
        Self { places: Arc::new(places), trust: TrustStore::new(state) }
    }

    /// Whether a prompt may name a command or a skill.
    pub(crate) fn may_be_named(prompt: &UserPrompt) -> bool {
        prompt.review.is_none()
            && (prompt.text.trim_start().starts_with('/') || prompt.text.contains('$'))
    }

    /// Adds what a prompt stands for that names a command or skills. Blocks.
    pub(crate) fn expand(&self, prompt: UserPrompt) -> (UserPrompt, Vec<Notice>) {
        let commands = extensions::commands(&self.places);
        let (mut notes, mut shell, mut notices) = (Vec::new(), Vec::new(), Vec::new());
        let found = commands.of_prompt(&prompt.text);
        if let Some((command, arguments)) = found {
            let FilledCommand { text, shell: wanted } = command.fill(arguments, &self.places);
            let head = head(command, wanted.len());
            // White space before the last output belongs to the text.
            let end = wanted.last().map_or(0, |last| last.at).max(text.trim_end().len());
            notes.push(format!("{head}{}\n", &text[..end]));
            for ShellCommand { line, at, definition } in wanted {
                let untrusted = definition.and_then(|it| self.untrusted(command, it, &mut notices));
                let call = tools::shell_call(CallId::from("command"), &line);
                shell.push(PromptShell { call, line, at: head.len() + at, untrusted });
            }
        }
        let skills = extensions::skills(&self.places);
        let first = prompt.text.trim_start().strip_prefix('/');
        let first = first.and_then(|rest| rest.split_whitespace().next());
        let called = first.filter(|_| found.is_none()).and_then(|name| skills.named(name));
        let mentioned = skills.mentioned(&prompt.text);
        for skill in called.iter().copied().chain(mentioned) {
            notes.push(format!(
                "(The user's next message names the skill `{}`. Follow it.)\n\n{}",
                skill.name,
                skill.text()
            ));
        }
        if notes.is_empty() {
            return (prompt, notices);
        }
        let expansion = Some(Box::new(PromptExpansion { note: notes.join("\n"), shell }));
        (UserPrompt { expansion, ..prompt }, notices)
    }

    /// The question that a person has to answer before a project's command runs.
    fn untrusted(
        &self,
        command: &FileCommand,
        definition: Definition,
        notices: &mut Vec<Notice>,
    ) -> Option<UntrustedCommand> {
        let (name, origin) = (&command.name, &command.origin);
        let why = match self.trust.state(&self.places.root, &definition) {
            Ok(TrustState::Trusted) => return None,
            Ok(TrustState::New) => {
                format!(
                    "`/{name}` of this project runs it, and you have not allowed that yet ({origin})"
                )
            }
            Ok(TrustState::Changed { before }) => {
                let before = text::reveal(&before).into_owned();
                format!(
                    "`/{name}` of this project has changed since you allowed it ({origin}): it was `{before}`"
                )
            }
            Err(error) => {
                let message = text::sentence(&error.to_string()).into_owned();
                let notice = Notice { message, next: error.next_step() };
                if !notices.contains(&notice) {
                    notices.push(notice);
                }
                format!("`/{name}` of this project runs it, and what you allowed cannot be read")
            }
        };
        Some(UntrustedCommand { name: definition.name, text: definition.text, why })
    }

    /// Says yes to all commands of a shell that the project's commands hold now. Blocks; a notice
    /// for each says which.
    pub(crate) fn trust_all(&self) -> Vec<Notice> {
        let definitions = extensions::commands(&self.places).definitions();
        trusted(&self.trust, &self.places.root, &definitions)
    }

    /// Remembers that a person said yes. Blocks; a notice says that it failed.
    pub(crate) fn trust(&self, command: UntrustedCommand) -> Option<Notice> {
        let UntrustedCommand { name, text, .. } = command;
        let definition = Definition { kind: DefinitionKind::ShellInCommand, name, text };
        let error = self.trust.trust(&self.places.root, &[definition]).err()?;
        let message = format!("It is asked about again next time: {error}");
        Some(Notice { message, next: error.next_step() })
    }

    /// All of them, for people. Blocks.
    pub(crate) fn offered(&self) -> OfferedExtensions {
        let commands = extensions::commands(&self.places);
        let skills = extensions::skills_for_people(&self.places);
        let of_file = |command: FileCommand| OfferedCommand {
            name: command.name,
            description: command.description,
            hint: command.hint,
            origin: command.origin,
        };
        let mut offered: Vec<OfferedCommand> = commands.list.into_iter().map(of_file).collect();
        let mut listed = Vec::new();
        for skill in skills.list {
            if !offered.iter().any(|command| command.name == skill.name) {
                offered.push(OfferedCommand {
                    name: skill.name.clone(),
                    description: skill.description.clone(),
                    hint: None,
                    origin: skill.origin.clone(),
                });
            }
            listed.push(OfferedSkill {
                name: Some(skill.name),
                description: skill.description,
                origin: skill.origin,
                problems: skill.problems,
            });
        }
        listed.extend(skills.broken.into_iter().map(|(origin, why)| OfferedSkill {
            name: None,
            description: String::new(),
            origin,
            problems: vec![why],
        }));
        OfferedExtensions { commands: offered, skills: listed, problems: commands.problems }
    }

    /// Which skills there are, for the model, in at most `room` bytes. Blocks.
    pub(crate) fn catalogue(&self, room: usize, reading: SkillReading) -> Option<String> {
        extensions::skills(&self.places).catalogue(room, reading)
    }

    /// Whether there are skills, and the folders of the person's own that commands may read.
    /// Blocks.
    pub(crate) fn skill_folders(&self) -> SkillFolders {
        extensions::skill_folders(&self.places)
    }

    pub(crate) fn places(&self) -> Arc<ExtensionPlaces> {
        Arc::clone(&self.places)
    }
}

/// The beginning of the note for the model about a command.
fn head(command: &FileCommand, shell: usize) -> String {
    let ran = if shell > 0 { " Its commands have run: their outputs stand in it." } else { "" };
    let FileCommand { name, origin, .. } = command;
    format!(
        "(The user's next message is the slash command `/{name}` of `{origin}`, which stands for this prompt.{ran})\n\n"
    )
}

/// Says yes to these definitions of a project, and tells what was said yes to.
pub(super) fn trusted(
    trust: &TrustStore,
    project: &Path,
    definitions: &[Definition],
) -> Vec<Notice> {
    let new = |it: &&Definition| !matches!(trust.state(project, it), Ok(TrustState::Trusted));
    let new: Vec<Definition> = definitions.iter().filter(new).cloned().collect();
    if let Err(error) = trust.trust(project, &new) {
        let message = text::sentence(&error.to_string()).into_owned();
        return vec![Notice { message, next: error.next_step() }];
    }
    let say = |it: &Definition| Notice {
        message: format!(
            "Trusted from now on: {} `{}`, SHA-256 {}",
            it.kind.as_str(),
            it.name,
            it.hash()
        ),
        next: None,
    };
    new.iter().map(say).collect()
}
