//! The menu of slash commands: those of the program, then those that files and MCP servers define.

use std::sync::Arc;
use std::time::Duration;

use crate::base::Timestamp;
use crate::protocol::{OfferedCommand, OfferedExtensions};
use crate::tui::commands::arguments::ArgumentValue;
use crate::tui::commands::{self, ActionEntry};

/// How long a list of commands stays valid.
const KEPT: Duration = Duration::from_secs(5);

/// A row of the menu.
#[derive(Clone, Copy, Debug)]
pub enum MenuEntry<'a> {
    BuiltIn(&'static ActionEntry),
    Offered(&'a OfferedCommand),
    /// A value that can stand after the command that was typed.
    Value(&'a ArgumentValue),
}

/// The commands of files, as they were listed last.
#[derive(Debug, Default)]
pub struct OfferedCommandList {
    pub list: Arc<OfferedExtensions>,
    /// The prompts of the conversation's MCP servers.
    pub of_servers: Vec<OfferedCommand>,
    asked: Option<Timestamp>,
    /// A prompt that begins with a name which may be one of theirs: enter was pressed before they
    /// were known.
    waiting: Option<String>,
    is_known: bool,
}

impl OfferedCommandList {
    /// Whether to request the list now, because a command is being typed.
    pub fn is_wanted(&mut self, now: Timestamp) -> bool {
        if self.asked.is_some_and(|asked| now.since(asked) < KEPT) {
            return false;
        }
        self.asked = Some(now);
        true
    }

    pub fn know(&mut self, list: Arc<OfferedExtensions>) {
        (self.list, self.is_known) = (list, true);
    }

    /// Whether a name may be one of theirs, as they are not known yet: enter counts once they are.
    pub fn wait(&mut self, prompt: String) -> bool {
        self.waiting = Some(prompt).filter(|_| !self.is_known);
        self.waiting.is_some()
    }

    /// Whether enter was pressed on this prompt too early, and counts now.
    pub fn take_waiting(&mut self, prompt: &str) -> bool {
        self.waiting.take().is_some_and(|waiting| waiting == prompt)
    }

    /// The rows for what is typed after the slash: names that begin with it; if there is none,
    /// those that contain it.
    pub fn matching(&self, typed: &str) -> Vec<MenuEntry<'_>> {
        let begins = commands::beginning(typed);
        let lower = plain(typed).to_lowercase();
        let named = |fits: &dyn Fn(&str) -> bool| {
            self.all()
                .filter(|command| fits(&plain(&command.name).to_lowercase()))
                .map(MenuEntry::Offered)
                .collect::<Vec<_>>()
        };
        let files = named(&|name| name.starts_with(&lower));
        if begins.is_empty() && files.is_empty() {
            let built_in = commands::containing(typed).into_iter().map(MenuEntry::BuiltIn);
            return built_in.chain(named(&|name| name.contains(&lower))).collect();
        }
        begins.into_iter().map(MenuEntry::BuiltIn).chain(files).collect()
    }

    /// Whether a name is one of theirs.
    pub fn has(&self, name: &str) -> bool {
        self.all().any(|command| plain(&command.name) == plain(name))
    }

    fn all(&self) -> impl Iterator<Item = &OfferedCommand> {
        self.list.commands.iter().chain(&self.of_servers)
    }
}

/// A name as it is compared: some write the parts with `:` between them.
fn plain(name: &str) -> String {
    name.replace(':', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_commands_come_first_and_those_of_files_after_them() {
        let offered = |name: &str| OfferedCommand {
            name: name.into(),
            description: String::new(),
            hint: None,
            origin: format!("{name}.md"),
        };
        let commands = ["agents", "git/commit", "commit"].map(offered).into();
        let list = Arc::new(OfferedExtensions { commands, ..OfferedExtensions::default() });
        let of_servers = vec![offered("mcp:docs:explain")];
        let list = OfferedCommandList { list, of_servers, ..OfferedCommandList::default() };
        let names = |typed: &str| {
            let name = |entry: MenuEntry<'_>| match entry {
                MenuEntry::BuiltIn(entry) => entry.slash.to_owned(),
                MenuEntry::Offered(command) => format!("{}*", command.name),
                MenuEntry::Value(value) => value.value.clone(),
            };
            list.matching(typed).into_iter().map(name).collect::<Vec<_>>().join(" ")
        };
        assert!(
            names("").ends_with("exit agents* git/commit* commit* mcp:docs:explain*"),
            "{}",
            names("")
        );
        for (typed, found) in [
            ("co", "connect compact copy context commit*"),
            ("git:c", "git/commit*"),
            ("ommi", "git/commit* commit*"),
            ("AGE", "agents*"),
            ("mcp:d", "mcp:docs:explain*"),
            ("el", "models help"),
            ("zz", ""),
        ] {
            assert_eq!(names(typed), found, "{typed}");
        }
        assert!(list.has("git:commit") && list.has("mcp:docs:explain") && !list.has("git"));
    }
}
